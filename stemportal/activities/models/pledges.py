"""What partners promise for a year. Here and not with the levels, because a pledge is for a kind of activity."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.kinds import Kind
from stemportal.lib.history import keep_history
from stemportal.partners.models import Partner

MOST = 100_000_000


@keep_history("PledgeChange")
class Pledge(models.Model):
    """How much of one kind a partner means to give in a programme year, in the kind's ``pledge_unit``."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="pledges", verbose_name=_("partner"))
    school_year = models.PositiveSmallIntegerField(_("programme year starts in"))
    kind = models.ForeignKey(Kind, on_delete=models.PROTECT, related_name="pledges", verbose_name=_("kind"))
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MinValueValidator(1), MaxValueValidator(MOST)])
    pledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("pledged by"),
    )
    pledged_at = models.DateTimeField(_("pledged"), default=timezone.now)

    class Meta:
        verbose_name = _("pledge")
        verbose_name_plural = _("pledges")
        ordering = ["-school_year", "kind__order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "school_year", "kind"], name="activities_pledge_unique"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="activities_pledge_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.partner} · {self.kind}: {self.quantity}"
