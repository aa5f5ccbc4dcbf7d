"""The radar's pages: trends, every row of a matter, writing to silent partners."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextareaWidget

from stemportal.lib.line_charts import line_chart
from stemportal.lib.ratelimit import allowed
from stemportal.partners.models import Partner
from stemportal.reports.models import RadarDay
from stemportal.reports.radar import days, weekly
from stemportal.reports.radar.matters import BY_CODE, silent_partners
from stemportal.reports.services import nudges

PAGE_SIZE = 25
# More letters at once than this are not written by a person who knows whom they go to.
MOST_AT_ONCE = 25


class WakeForm(forms.Form):
    """Which silent partners to write to, and what."""

    partners = forms.ModelMultipleChoiceField(label=_("Partners"), queryset=Partner.objects.none())
    text = forms.CharField(
        label=_("Your words"),
        max_length=2000,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("The mail greets each owner by name, ends with your name, and has a button to the partner's room."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["partners"].queryset = silent_partners()  # type: ignore[attr-defined]

    def clean_partners(self) -> Any:
        chosen = self.cleaned_data["partners"]
        if len(chosen) > MOST_AT_ONCE:
            raise forms.ValidationError(gettext("Choose %(count)s partners at most.") % {"count": MOST_AT_ONCE})
        return chosen


@admin.register(RadarDay)
class RadarDayAdmin(ModelAdmin):
    """The radar. Its list is the page of trends; a day's row has no page of its own."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: RadarDay | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RadarDay | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """The radar's own pages before the admin's."""
        own = [
            path("wake/", self.admin_site.admin_view(self.wake_view), name="reports_radarday_wake"),
            path("mail/", self.admin_site.admin_view(self.mail_view), name="reports_radarday_mail"),
            path("<slug:code>/all/", self.admin_site.admin_view(self.matter_view), name="reports_radarday_matter"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What stands on the radar now, and how it went in the last half year."""
        self._authorise(request)
        trends = {trend.matter.code: trend.points for trend in days.trends(request.user)}
        shown = [
            (reading, trends[reading.matter.code], line_chart([count for _day, count in trends[reading.matter.code]]))
            for reading in days.readings(request.user)
        ]
        context = {"shown": shown, "wants_mail": weekly.wants_mail(request.user)}  # type: ignore[arg-type]  # staff
        return self._page(request, "radar", gettext("Radar"), context)

    def matter_view(self, request: HttpRequest, code: str) -> HttpResponse:
        """Every row of one matter, the most pressing first."""
        self._authorise(request)
        matter = BY_CODE.get(code)
        if matter is None:
            raise Http404("no such matter")
        if not request.user.has_perm(matter.permission):
            raise PermissionDenied
        page = Paginator(matter.rows(), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"matter": matter, "page_obj": page, "lines": [matter.line(row) for row in page]}
        return self._page(request, "radar_matter", str(matter.title), context)

    def wake_view(self, request: HttpRequest) -> HttpResponse:
        """Choose silent partners and write to them; the words are shown as they will arrive before they are sent."""
        self._authorise(request)
        if not request.user.has_perm("reports.add_nudge"):
            raise PermissionDenied
        form = WakeForm(request.POST if request.method == "POST" else None, initial={"text": _suggested()})
        is_ready = request.method == "POST" and form.is_valid()
        if is_ready and "send" in request.POST:
            return self._send(request, form)
        partners = Paginator(silent_partners(), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {
            "form": form,
            "preview": form.cleaned_data if is_ready else None,
            "page_obj": partners,
            "rows": [(partner, BY_CODE["silent"].line(partner)) for partner in partners],
            "chosen": request.POST.getlist("partners"),
            "quiet_days": nudges.QUIET.days,
        }
        return self._page(request, "radar_wake", gettext("Write to silent partners"), context)

    def _send(self, request: HttpRequest, form: WakeForm) -> HttpResponse:
        if not allowed(request, "nudge", key=str(request.user.pk)):
            messages.error(request, gettext("That was a lot of mail in one hour. Go on a little later."))
            return redirect("admin:reports_radarday_wake")
        text = form.cleaned_data["text"]
        asked = [
            nudges.wake_partner(partner=partner, text=text, by=request.user)  # type: ignore[arg-type]  # staff
            for partner in form.cleaned_data["partners"]
        ]
        written = sum(1 for nudge in asked if nudge)
        if written:
            done = ngettext("%(count)s partner was written to.", "%(count)s partners were written to.", written)
            messages.success(request, done % {"count": written})
        if left := len(asked) - written:
            words = ngettext(
                "%(count)s partner was left out: it was written to lately, or has no owner who can log in.",
                "%(count)s partners were left out: they were written to lately, or have no owner who can log in.",
                left,
            )
            messages.warning(request, words % {"count": left})
        return redirect("admin:reports_radarday_matter", code="silent")

    def mail_view(self, request: HttpRequest) -> HttpResponse:
        """Switch the weekly mail on or off for oneself. POST only: a link to it just leads back."""
        self._authorise(request)
        if request.method == "POST":
            wants = request.POST.get("wants") == "yes"
            weekly.switch_mail(person=request.user, wants_mail=wants)  # type: ignore[arg-type]  # staff
            messages.success(
                request,
                gettext("You get the radar by mail on Monday mornings.")
                if wants
                else gettext("You get no mail of the radar any more."),
            )
        return redirect("admin:reports_radarday_changelist")

    def _authorise(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        whole = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return TemplateResponse(request, f"admin/reports/{name}.html", whole)


def _suggested() -> str:
    return gettext(
        "It is a while since we heard from you, and we wonder how it goes.\n\n"
        "Is something in the way? Perhaps the dates do not fit, or somebody else has taken over. Answer this mail, or "
        "open your room: five minutes are enough to put up a date. Schools near you are waiting for it."
    )
