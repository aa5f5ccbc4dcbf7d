"""Loading the school register that the project carries."""

from __future__ import annotations

from pathlib import Path

from stemportal.places.models import Municipality
from stemportal.places.services import read
from stemportal.schools.models import School

DATA = Path(__file__).parents[1] / "data"


def load_schools() -> int:
    """Create or update every school of the snapshot; safe to run again. Returns how many the snapshot has."""
    municipalities = dict(Municipality.objects.filter(valid_to=None).values_list("number", "pk"))
    schools = [
        School(
            number=row["number"],
            name=row["name"],
            municipality_id=municipalities.get(row["municipality"]),
            address=row["address"],
            ownership=row["ownership"],
            language_form=row["language_form"],
            grade_from=int(row["grade_from"]),
            grade_to=int(row["grade_to"]),
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            point_is_exact=row["exact"] == "1",
        )
        for row in read(DATA / "schools.csv")
    ]
    School.objects.bulk_create(
        schools,
        update_conflicts=True,
        unique_fields=["number"],
        update_fields=[
            "name",
            "municipality",
            "address",
            "ownership",
            "language_form",
            "grade_from",
            "grade_to",
            "latitude",
            "longitude",
            "point_is_exact",
        ],
    )
    return len(schools)
