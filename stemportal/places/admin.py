"""Counties, municipalities and postal codes from the registers, to look up; school holidays, to keep."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin

from stemportal.lib.school_year import label
from stemportal.places.holiday_proposals import propose_school_year
from stemportal.places.models import County, Municipality, PostalCode, SchoolHoliday
from stemportal.places.school_calendar import coming_school_year, counties_without_calendar, unchecked_holidays


class CalendarFilter(admin.SimpleListFilter):
    """Counties without school holidays for the coming school year; the queue on the first page links here."""

    title = gettext_lazy("school holidays")
    parameter_name = "holidays"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("missing", gettext_lazy("None for the coming school year"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[County]) -> QuerySet[County]:
        return queryset.filter(pk__in=counties_without_calendar().values("pk")) if self.value() else queryset


@admin.register(County)
class CountyAdmin(ModelAdmin):
    list_display = ["number", "name", "country", "valid_from", "valid_to"]
    list_filter = [CalendarFilter]
    search_fields = ["name", "number"]
    actions = ["propose_holidays"]

    @admin.action(
        description=gettext_lazy("Propose school holidays for the coming school year"), permissions=["propose_holidays"]
    )
    def propose_holidays(self, request: HttpRequest, queryset: QuerySet[County]) -> None:
        """Work them out from the weeks of the year before; they stay unchecked until somebody compares them."""
        year = coming_school_year()
        proposed = len(propose_school_year(year, queryset))
        if proposed:
            text = ngettext(
                "%(number)s school holiday proposed for %(year)s. Compare it with the county's calendar.",
                "%(number)s school holidays proposed for %(year)s. Compare them with the counties' calendars.",
                proposed,
            )
            self.message_user(request, text % {"number": proposed, "year": label(year)}, messages.SUCCESS)
        else:
            text = _("Nothing to propose: %(year)s is there already, or there is no year before it to go by.")
            self.message_user(request, text % {"year": label(year)}, messages.WARNING)

    def has_propose_holidays_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("places.add_schoolholiday")


class ToCompareFilter(admin.SimpleListFilter):
    """Holidays of this and the coming school year that nobody has compared with the county's calendar."""

    title = gettext_lazy("to compare")
    parameter_name = "compare"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("This and the coming school year"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[SchoolHoliday]) -> QuerySet[SchoolHoliday]:
        return queryset.filter(pk__in=unchecked_holidays().values("pk")) if self.value() else queryset


@admin.register(SchoolHoliday)
class SchoolHolidayAdmin(ModelAdmin):
    list_display = ["name_nb", "county", "year", "first_day", "last_day", "state"]
    list_filter = [ToCompareFilter, "is_checked", "school_year", "county"]
    search_fields = ["name_nb", "county__name"]
    list_select_related = ["county"]
    list_per_page = 75
    ordering = ["school_year", "county__number", "first_day"]
    actions = ["mark_checked"]
    fields = ["county", "school_year", "code", "name_nb", "name_nn", "name_en", "first_day", "last_day", "is_checked"]

    @admin.display(description=gettext_lazy("school year"), ordering="school_year")
    def year(self, obj: SchoolHoliday) -> str:
        return label(obj.school_year)

    @admin.display(description=gettext_lazy("state"), ordering="is_checked")
    def state(self, obj: SchoolHoliday) -> str:
        if obj.is_checked:
            return _("Compared with the county's calendar")
        return _("Usual weeks, not compared with the county's calendar yet")

    @admin.action(description=gettext_lazy("Compared with the county's calendar"), permissions=["change"])
    def mark_checked(self, request: HttpRequest, queryset: QuerySet[SchoolHoliday]) -> None:
        """Somebody has looked at the county's own calendar, and the days are right."""
        number = queryset.filter(is_checked=False).update(is_checked=True)
        text = ngettext("%(number)s school holiday is checked.", "%(number)s school holidays are checked.", number)
        self.message_user(request, text % {"number": number}, messages.SUCCESS)


@admin.register(Municipality)
class MunicipalityAdmin(ModelAdmin):
    list_display = ["number", "name", "county", "language_form"]
    list_filter = ["county", "language_form"]
    search_fields = ["name", "number"]
    list_select_related = ["county"]


@admin.register(PostalCode)
class PostalCodeAdmin(ModelAdmin):
    list_display = ["code", "place", "municipality"]
    search_fields = ["code", "place"]
    list_select_related = ["municipality"]
    autocomplete_fields = ["municipality"]
