"""Loading the official registers of counties, municipalities and postal codes that the project carries."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from stemportal.places.models import County, Municipality, PostalCode

DATA = Path(__file__).parent / "data"


def read(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of one of the project's CSV files."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def load_places() -> None:
    """Create or update all counties, municipalities and postal codes; safe to run again."""
    County.objects.bulk_create(
        [County(number=row["number"], name=row["name"]) for row in read(DATA / "counties.csv")],
        update_conflicts=True,
        unique_fields=["country", "number", "valid_from"],
        update_fields=["name"],
    )
    counties = {county.number: county for county in County.objects.filter(country="NO", valid_to=None)}
    Municipality.objects.bulk_create(
        [
            Municipality(
                number=row["number"],
                name=row["name"],
                official_name=row["official_name"],
                county=counties[row["county"]],
                language_form=row["language_form"],
                centre=row["centre"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
            )
            for row in read(DATA / "municipalities.csv")
        ],
        update_conflicts=True,
        unique_fields=["number", "valid_from"],
        update_fields=["name", "official_name", "county", "language_form", "centre", "latitude", "longitude"],
    )
    municipalities = dict(Municipality.objects.filter(valid_to=None).values_list("number", "pk"))
    PostalCode.objects.bulk_create(
        [
            PostalCode(code=row["code"], place=row["place"], municipality_id=municipalities.get(row["municipality"]))
            for row in read(DATA / "postal_codes.csv")
        ],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=["place", "municipality"],
    )
