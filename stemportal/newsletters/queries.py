"""How far newsletters are, for the editor."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from stemportal.newsletters.models import Delivery, Newsletter
from stemportal.outbox.models import Mail


@dataclass(frozen=True)
class Progress:
    """Counts of one newsletter: who gets it, mails written, mails the mail server took, mails given up."""

    receivers: int
    written: int
    sent: int
    failed: int

    @property
    def percent(self) -> int:
        """Share of the receivers whose mail is out or given up, 0-100."""
        return 100 * (self.sent + self.failed) // self.receivers if self.receivers else 0

    @property
    def is_finished(self) -> bool:
        return self.sent + self.failed >= self.receivers


def with_progress(newsletters: QuerySet[Newsletter]) -> QuerySet[Newsletter]:
    """Add ``receivers`` and ``written`` to each newsletter, in the same query."""
    rows = Delivery.objects.filter(newsletter=OuterRef("pk")).order_by().values("newsletter")

    def count(of: QuerySet) -> Coalesce:
        return Coalesce(Subquery(of.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)

    return newsletters.annotate(receivers=count(rows), written=count(rows.filter(mail__isnull=False)))


def progress(newsletter: Newsletter) -> Progress:
    """Count one newsletter's mails by state, in one query."""
    counts = newsletter.deliveries.aggregate(
        receivers=Count("pk"),
        written=Count("mail"),
        sent=Count("pk", filter=Q(mail__status=Mail.Status.SENT)),
        failed=Count("pk", filter=Q(mail__status=Mail.Status.FAILED)),
    )
    return Progress(**counts)
