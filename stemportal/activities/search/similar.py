"""Offers like another one, from the index: the page of an offer costs the same among 300 offers and a million."""

from __future__ import annotations

from collections.abc import Sequence

from tantivy import Occur, Query

from stemportal.activities.models import Activity
from stemportal.activities.search import conditions as make
from stemportal.activities.search import schema as fields
from stemportal.activities.search.store import reader

SAME_COUNTY, SAME_KIND, DIGITAL = 4, 2, 1
# So many are taken by their rough order, to be put in their exact one.
TAKEN = 100


def similar_ids(activity: Activity, subjects: Sequence[int], *, limit: int) -> list[int]:
    """Return offers that share a subject: same kind and county first, then the county, then digital ones.

    Equals are ordered fairly. Raises SearchNotReady where there is no index.
    """
    if not subjects:
        return []
    searcher = reader.searcher()
    digital = make.number("format", fields.FORMATS[Activity.Format.DIGITAL])
    near = [make.worth(digital, DIGITAL)]
    if activity.municipality:
        county = make.number("county", activity.municipality.county_id)
        both = make.all_of([county, make.number("kind", activity.kind_id)])
        near += [make.worth(county, SAME_COUNTY), make.worth(both, SAME_KIND)]
    shared = make.worth(make.any_of(make.number("subject", pk) for pk in subjects), 1)
    parts = [(Occur.Must, shared), (Occur.Must, make.any_of(near)), (Occur.MustNot, make.number("id", activity.pk))]
    hits = searcher.search(Query.boolean_query(parts), limit=TAKEN, count=False, weight_by_field="fairness").hits
    addresses = [address for _score, address in hits]
    fair, ids = (searcher.fast_field_values(name, addresses) for name in ("fair", "id"))
    rows = [
        (-int(score + fields.ROUNDING), -(share or 0), -(pk or 0))
        for (score, _address), share, pk in zip(hits, fair, ids, strict=True)
    ]
    return [int(-pk) for _level, _share, pk in sorted(rows)[:limit]]
