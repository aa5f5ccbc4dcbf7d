"""Charts of a partner's report as numbers and words: the PDF and the page draw them, each in its own way.

Lengths are thousandths of the longest bar, so that no language writes a decimal comma into a drawing. Each chart has a
text that says the same to those who do not see it; a hidden count has no length and says so.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _

from stemportal.reports.documents import tables, words
from stemportal.reports.documents.material import Material
from stemportal.reports.figures.figures import Figures

HIDDEN = "*"
# What is compared in bars: what grows with effort. The table beside it has the other figures, too.
IN_BARS = ("pupils", "visits", "hours", "schools")


@dataclass(frozen=True)
class Bar:
    """One bar: short and long name, what it says, how long it is, and how long the one of the year before."""

    label: str
    long: str
    shown: str
    length: int
    is_hidden: bool = False
    before: int = 0


@dataclass(frozen=True)
class Chart:
    """Bars with a title, the text for those who do not see them, names of the two years, and a note."""

    title: str
    alt: str
    bars: list[Bar]
    now: str = ""
    before: str = ""
    note: str = ""


def plain(chart: Chart | None) -> dict[str, Any] | None:
    """Return a chart as JSON-able data."""
    return asdict(chart) if chart else None


def month_chart(figures: Figures, before: Figures | None = None) -> Chart | None:
    """Return pupils by month, with those of the year before; None for a year without visits."""
    if not figures.visits:
        return None
    earlier = [row["pupils"] or 0 for row in before.months] if before and before.visits else []
    counts = [row["pupils"] for row in figures.months]
    most = max([count or 0 for count in counts] + earlier + [1])
    bars = []
    for place, row in enumerate(figures.months):
        count = row["pupils"]
        short, long = words.month_names(row["month"])
        shown = HIDDEN if count is None else (words.number(count) if count else "")
        was = words.length(earlier[place], most) if earlier else 0
        bars.append(Bar(short, long, shown, words.length(count, most), count is None, was))
    said = ", ".join(f"{bar.long} {words.number(count)}" for bar, count in zip(bars, counts, strict=True) if count != 0)
    alt = _("Bar chart of pupils by month: %(months)s. None in the other months.") % {"months": said or words.NOTHING}
    note = _("* not shown, because it is a small number or would tell one") if None in counts else ""
    return Chart(
        _("Pupils by month"),
        alt,
        bars,
        figures.period.label,
        before.period.label if before and earlier else "",
        note,
    )


def compared(material: Material) -> list[Chart]:
    """Return a small chart a figure: this year, the year before, the median of the level. Empty without either."""
    if material.before is None and material.medians is None:
        return []
    decimals = dict(tables.COMPARED)
    made = (_compared(material, key, decimals[key]) for key in IN_BARS)
    return [chart for chart in made if chart]


def _compared(material: Material, key: str, decimals: int) -> Chart | None:
    now, before, medians = material.figures, material.before, material.medians
    values = [(now.period.label, getattr(now, key), decimals)]
    if before:
        values.append((before.period.label, getattr(before, key), decimals))
    if medians and medians.get(key) is not None:
        values.append((_("Median"), medians[key], max(decimals, 1)))
    most = max(value or 0 for _name, value, _decimals in values)
    if not most:
        return None
    bars = [
        Bar(name, name, words.number(value, places), words.length(value, most), value is None)
        for name, value, places in values
    ]
    title = tables.name_of(key)
    said = ", ".join(f"{bar.label} {bar.shown}" for bar in bars)
    return Chart(title, _("Bar chart, %(title)s: %(values)s.") % {"title": title, "values": said}, bars)
