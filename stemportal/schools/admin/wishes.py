"""Wishes for the secretariat: how old they are, what nobody offers, asking a partner, writing to the teacher.

A regional coordinator sees the wishes of the own counties, other staff all of them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.partners.models import Partner
from stemportal.schools.admin.bookings import ReadOnlyInline
from stemportal.schools.emails.wish_facts import theme_words, weeks_words
from stemportal.schools.errors import BookingError
from stemportal.schools.models import Offer, RegionalCoordinator, Wish, WishMatch
from stemportal.schools.services import wishes as services
from stemportal.schools.services.matching import ranked

BEST = 25
FACTS = [
    "text", "theme", "weeks", "where", "school", "group_name", "grade", "pupils", "teacher", "status", "created_at",
    "handed_on_at",
]  # fmt: skip
AGES = {"week": 7, "fortnight": 14, "month": 30}


class AgeFilter(admin.SimpleListFilter):
    """How long a wish has waited."""

    title = _("age")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("week", _("More than a week")),
            ("fortnight", _("More than two weeks")),
            ("month", _("More than a month")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Wish]) -> QuerySet[Wish]:
        days = AGES.get(self.value() or "")
        return queryset.filter(created_at__lt=timezone.now() - timedelta(days=days)) if days else queryset


class OffersFilter(admin.SimpleListFilter):
    """Open wishes that no offer waits for; those that were handed on are the secretariat's to help with."""

    title = _("offers")
    parameter_name = "offers"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("none", _("Open, without an offer")), ("handed_on", _("Handed on, without an offer"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Wish]) -> QuerySet[Wish]:
        if self.value() not in {"none", "handed_on"}:
            return queryset
        found = queryset.filter(pk__in=services.waiting_in_vain().values("pk"))
        return found if self.value() == "none" else found.exclude(handed_on_at=None)


class MatchInline(ReadOnlyInline):
    model = WishMatch
    fields = ["rank", "partner", "role_model", "told_at", "not_now_at"]


class OfferInline(ReadOnlyInline):
    model = Offer
    fields = ["activity", "starts_at", "note", "status", "offered_at", "booking"]


class HelpForm(forms.ModelForm):
    """What staff can do about an open wish: ask a partner they know, and write to the teacher."""

    partner = forms.ModelChoiceField(
        Partner.objects.approved(),
        required=False,
        label=_("Ask a partner"),
        help_text=_("Saving tells those who answer for it, as if it had been chosen by itself."),
        widget=UnfoldAdminSelectWidget,
    )
    line = forms.CharField(
        required=False,
        max_length=3_000,
        label=_("A line to the teacher"),
        help_text=_("Saving sends it by mail. It is kept nowhere else."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 6}),
    )

    class Meta:
        model = Wish
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "partner" not in self.fields or self.instance.pk is None:
            return
        best = list(ranked(self.instance)[:BEST])
        asked = WishMatch.objects.filter(wish=self.instance).values("partner")
        others = Partner.objects.approved().exclude(pk__in=asked).exclude(pk__in=[item.pk for item in best])
        self.fields["partner"].choices = [  # type: ignore[attr-defined]
            ("", "–"),
            (gettext("Best matches"), [(item.pk, _with_distance(item)) for item in best]),
            (gettext("All others"), list(others.order_by("display_name").values_list("pk", "display_name"))),
        ]

    def clean_line(self) -> str:
        return without_personal_number(self.cleaned_data["line"])


def _with_distance(partner: Partner) -> str:
    km: float | None = partner.km  # type: ignore[attr-defined]  # from ranked()
    if km is None:
        return partner.display_name
    return gettext("%(partner)s, about %(km)s km away") % {"partner": partner.display_name, "km": round(km)}


@admin.register(Wish)
class WishAdmin(ModelAdmin):
    form = HelpForm
    list_display = ["what", "school", "grade", "weeks", "asked", "offered", "status", "created_at", "handed_on_at"]
    list_filter = ["status", OffersFilter, AgeFilter, "school__municipality__county"]
    search_fields = ["text", "school__name", "teacher__email"]
    list_select_related = ["school", "kind", "subject", "goal"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["created_at"]
    date_hierarchy = "created_at"
    readonly_fields = FACTS
    inlines = [MatchInline, OfferInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Wish]:
        wishes = (
            super()
            .get_queryset(request)
            .annotate(
                asked_count=Count("matches", distinct=True),
                offered_count=Count("offers", filter=Q(offers__status=Offer.Status.OPEN), distinct=True),
            )
        )
        if request.user.is_superuser:
            return wishes
        counties = RegionalCoordinator.objects.filter(person=request.user.pk).values("county")
        if counties.exists():
            return wishes.filter(school__municipality__county__in=counties)
        return wishes

    def get_fieldsets(self, request: HttpRequest, obj: Wish | None = None) -> Any:
        facts = (None, {"fields": FACTS})
        if obj and obj.status == Wish.Status.OPEN and self.has_change_permission(request, obj):
            return [(_("Help"), {"fields": ["partner", "line"]}), facts]
        return [facts]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Wish | None = None) -> bool:
        return False

    @display(description=_("wish"))
    def what(self, wish: Wish) -> str:
        return str(wish) or theme_words(wish)

    @display(description=_("what"))
    def theme(self, wish: Wish) -> str:
        return theme_words(wish)

    @display(description=_("weeks"), ordering="first_week")
    def weeks(self, wish: Wish) -> str:
        return weeks_words(wish.first_week, wish.last_week)

    @display(description=_("asked"), ordering="asked_count")
    def asked(self, wish: Any) -> int:
        number: int = wish.asked_count
        return number

    @display(description=_("open offers"), ordering="offered_count")
    def offered(self, wish: Any) -> int:
        number: int = wish.offered_count
        return number

    def save_model(self, request: HttpRequest, obj: Wish, form: Any, change: bool) -> None:
        """Write nothing to the wish itself: a partner is asked, a line is mailed."""
        if partner := form.cleaned_data.get("partner"):
            try:
                asked = services.ask_directly(wish=obj, partner=partner)
            except BookingError as error:
                messages.warning(request, error.words)
            else:
                text = gettext("%(partner)s was asked.") if asked else gettext("%(partner)s was asked before.")
                messages.success(request, text % {"partner": partner})
        if text := form.cleaned_data.get("line"):
            services.write_to_teacher(wish=obj, text=text)
            messages.success(request, gettext("Your line is on its way to the teacher."))


@admin.register(RegionalCoordinator)
class RegionalCoordinatorAdmin(ModelAdmin):
    list_display = ["county", "person"]
    list_select_related = ["county", "person"]
    search_fields = ["county__name", "person__email", "person__full_name"]
    autocomplete_fields = ["county", "person"]
