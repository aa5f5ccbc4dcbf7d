"""What became of a newsletter, in numbers. No person is in them, and nobody was watched to get them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count

from stemportal.newsletters.models import Bounce, ConsentEvent, Delivery, Link, Newsletter


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Counts of one newsletter. ``by_status`` has every state of a delivery; what came back was sent, too."""

    by_status: dict[str, int]
    unsubscribed: int
    complaints: int
    links: list[Link]

    @property
    def receivers(self) -> int:
        return sum(self.by_status.values())

    @property
    def sent(self) -> int:
        """Mails that the mail server took, with those that came back later."""
        return self.by_status[Delivery.Status.SENT] + self.by_status[Delivery.Status.BOUNCED]

    @property
    def waiting(self) -> int:
        return sum(self.by_status[status] for status in Delivery.OPEN)

    @property
    def done(self) -> int:
        return self.receivers - self.waiting

    @property
    def percent(self) -> int:
        """Share of the receivers that nothing is left to do for, 0-100."""
        return 100 * self.done // self.receivers if self.receivers else 0

    @property
    def refused(self) -> int:
        return self.by_status[Delivery.Status.FAILED]

    @property
    def came_back(self) -> int:
        return self.by_status[Delivery.Status.BOUNCED]

    @property
    def unknown(self) -> int:
        return self.by_status[Delivery.Status.UNKNOWN]

    @property
    def skipped(self) -> int:
        return self.by_status[Delivery.Status.SKIPPED]

    @property
    def clicks(self) -> int:
        return sum(link.clicks for link in self.links)


def statistics(newsletter: Newsletter) -> Statistics:
    """Count one newsletter, in four questions; from the kept counts where the deliveries are deleted already."""
    counted = dict(newsletter.deliveries.order_by().values_list("status").annotate(number=Count("pk")))
    kept = newsletter.kept_counts
    return Statistics(
        by_status={status: counted.get(status, 0) + kept.get(status, 0) for status in Delivery.Status.values},
        unsubscribed=ConsentEvent.objects.filter(newsletter=newsletter, kind=ConsentEvent.Kind.UNSUBSCRIBED).count(),
        complaints=Bounce.objects.filter(newsletter=newsletter, kind=Bounce.Kind.COMPLAINT).count(),
        links=list(newsletter.links.all()),
    )
