"""The white spots: map and tables of what was met, inviting schools, asking partners; and who was asked to act."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from stemportal.lib.ratelimit import allowed
from stemportal.partners.queries.members import owners_of
from stemportal.reports.admin.white_spot_forms import Asked, AskForm, InviteForm
from stemportal.reports.models import Nudge
from stemportal.reports.services import nudges
from stemportal.reports.white_spots import choosing, letters, pictures, spots
from stemportal.reports.white_spots.reach import offers_for

PAGE_SIZE = 25


@admin.register(Nudge)
class NudgeAdmin(ModelAdmin):
    """Who was invited or asked to act, by whom and in which words; and the pages that say whom to ask."""

    list_display = ["sent_at", "kind", "receiver", "mails", "sent_by"]
    list_filter = ["kind", "sent_at"]
    list_select_related = ["school", "partner", "sent_by"]
    search_fields = ["school__name", "partner__display_name"]
    list_per_page = 50

    @admin.display(description=_("receiver"))
    def receiver(self, nudge: Nudge) -> str:
        return str(nudge.school or nudge.partner)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Nudge | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Nudge | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        """The pages of the white spots before the admin's own."""

        def page(route: str, view: Any, name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"reports_nudge_{name}")

        own = [
            page("map/", self.country_view, "whitespots"),
            page("map/<slug:number>/", self.place_view, "place"),
            page("unmet/", self.unmet_view, "unmet"),
            page("invite/", self.invite_view, "invite"),
            page("by-hand/", self.by_hand_view, "by_hand"),
            page("ask/", self.ask_view, "ask"),
        ]
        return [*own, *super().get_urls()]

    def country_view(self, request: HttpRequest) -> HttpResponse:
        """The country: its counties as a map and as a table."""
        self._authorise(request)
        asked = Asked(request)
        found = spots.country(asked.period, asked.kind_id)
        context = {"asked": asked, "found": found, "picture": pictures.country_picture(found, asked.measure)}
        return self._page(request, "white_spots", gettext("White spots"), context)

    def place_view(self, request: HttpRequest, number: str) -> HttpResponse:
        """A county with its kommuner, or a kommune with its schools."""
        self._authorise(request)
        asked, place = Asked(request), spots.find_place(number)
        if place is None:
            raise Http404("no such place")
        if place.is_municipality or place.number == spots.NOWHERE:
            return self._schools(request, asked, place)
        found = spots.county_map(place, asked.period, asked.kind_id)
        context = {
            "asked": asked,
            "place": place,
            "found": found,
            "picture": pictures.county_picture(found, asked.measure),
        }
        return self._page(request, "white_spots", place.name, context)

    def _schools(self, request: HttpRequest, asked: Asked, place: spots.Place) -> HttpResponse:
        whole, schools = spots.school_list(place, asked.period, asked.kind_id)
        page = Paginator(schools, PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"asked": asked, "place": place, "whole": whole, "page_obj": page}
        return self._page(request, "white_spot_schools", place.name, context)

    def unmet_view(self, request: HttpRequest) -> HttpResponse:
        """Schools that nobody has met for two years, with what they can have."""
        self._authorise(request)
        place = self._place(request)
        page = Paginator(choosing.unmet_schools(place), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"place": place, "page_obj": page, "rows": choosing.with_reach(page)}
        return self._page(request, "white_spot_unmet", gettext("Schools nobody has met for two years"), context)

    def invite_view(self, request: HttpRequest) -> HttpResponse:
        """Invite the schools that come first; the mail is shown as it will arrive before it is sent."""
        self._authorise_acting(request)
        place = self._place(request)
        form = InviteForm(request.POST if request.method == "POST" else None)
        is_ready = request.method == "POST" and form.is_valid()
        if is_ready and "send" in request.POST:
            return self._invite(request, form, place)
        rows = choosing.schools_to_invite(place)
        chosen = request.POST.getlist("schools") if request.method == "POST" else [str(row.school.pk) for row in rows]
        context = {
            "place": place,
            "form": form,
            "rows": rows,
            "chosen": chosen,
            "quiet_days": nudges.QUIET.days,
            "preview": self._invitation(request, form) if is_ready else None,
        }
        return self._page(request, "white_spot_invite", gettext("Invite schools"), context)

    def _invitation(self, request: HttpRequest, form: InviteForm) -> dict[str, Any]:
        """What will be sent: how many schools by mail and by hand, and the first mail as it will arrive."""
        schools = list(form.cleaned_data["schools"])
        known = [(school, teachers) for school in schools if (teachers := nudges.teachers_of(school))]
        letter = None
        if known:
            school, teachers = known[0]
            offers = offers_for(school, nudges.OFFERS_NAMED)
            letter = letters.invitation(
                teacher=teachers[0],
                school=school,
                offers=offers,
                text=form.cleaned_data["text"],
                sender=request.user,  # type: ignore[arg-type]  # staff
            )
        mails = sum(len(teachers) for _school, teachers in known)
        return {"letter": letter, "schools": len(known), "mails": mails, "by_hand": len(schools) - len(known)}

    def _invite(self, request: HttpRequest, form: InviteForm, place: spots.Place | None) -> HttpResponse:
        if not self._may_send(request):
            return redirect(_address("invite", place))
        asked = [
            nudges.invite_school(school=school, text=form.cleaned_data["text"], by=request.user)  # type: ignore[arg-type]
            for school in form.cleaned_data["schools"]
        ]
        sent = [nudge for nudge in asked if nudge]
        by_mail = sum(1 for nudge in sent if nudge.mails)
        if by_mail:
            words = ngettext(
                "%(count)s school was invited by mail.", "%(count)s schools were invited by mail.", by_mail
            )
            messages.success(request, words % {"count": by_mail})
        if left := len(asked) - len(sent):
            words = ngettext(
                "%(count)s school was left out: somebody has just invited it, or it is closed.",
                "%(count)s schools were left out: somebody has just invited them, or they are closed.",
                left,
            )
            messages.warning(request, words % {"count": left})
        if by_hand := len(sent) - by_mail:
            words = ngettext(
                "At %(count)s school the portal knows nobody: here is what to write by hand.",
                "At %(count)s schools the portal knows nobody: here is what to write by hand.",
                by_hand,
            )
            messages.warning(request, words % {"count": by_hand})
            return redirect("admin:reports_nudge_by_hand")
        return redirect(_address("whitespots", place))

    def by_hand_view(self, request: HttpRequest) -> HttpResponse:
        """Schools that were invited, and at which there is nobody to mail: a list to print and to copy from."""
        self._authorise(request)
        found = choosing.nudged(Nudge.Kind.INVITE_SCHOOL).filter(mails=0)
        listed = Paginator(found.select_related("school__municipality__county", "sent_by"), PAGE_SIZE)
        page = listed.get_page(request.GET.get("page"))
        context = {
            "page_obj": page,
            "rows": [(nudge, letters.by_hand(nudge.school, nudge.text)) for nudge in page if nudge.school],
            "quiet_days": nudges.QUIET.days,
        }
        return self._page(request, "white_spot_by_hand", gettext("Invitations to write by hand"), context)

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """Ask partners to hold on screen what they offer on site; shown as it will arrive before it is sent."""
        self._authorise_acting(request)
        place = self._place(request)
        rows = choosing.partners_to_ask(place)
        form = AskForm(request.POST if request.method == "POST" else None, offers=[row.offer for row in rows])
        is_ready = request.method == "POST" and form.is_valid()
        if is_ready and "send" in request.POST:
            return self._ask(request, form, place)
        context = {
            "place": place,
            "form": form,
            "rows": rows,
            "chosen": request.POST.getlist("offers") if request.method == "POST" else [],
            "quiet_days": nudges.QUIET.days,
            "preview": self._question(request, form) if is_ready else None,
        }
        return self._page(request, "white_spot_ask", gettext("Ask partners to offer online"), context)

    def _question(self, request: HttpRequest, form: AskForm) -> dict[str, Any]:
        offers = form.cleaned_data["offers"]
        owners = owners_of(offers[0].partner)
        letter = owners and letters.ask_online(
            partner=offers[0].partner,
            offer=offers[0],
            owner=owners[0],
            text=form.cleaned_data["text"],
            sender=request.user,  # type: ignore[arg-type]  # staff
        )
        return {"letter": letter, "partners": len(offers)}

    def _ask(self, request: HttpRequest, form: AskForm, place: spots.Place | None) -> HttpResponse:
        if not self._may_send(request):
            return redirect(_address("ask", place))
        asked = [
            nudges.ask_to_offer_online(offer=offer, text=form.cleaned_data["text"], by=request.user)  # type: ignore[arg-type]
            for offer in form.cleaned_data["offers"]
        ]
        done = sum(1 for nudge in asked if nudge)
        if done:
            words = ngettext("%(count)s partner was written to.", "%(count)s partners were written to.", done)
            messages.success(request, words % {"count": done})
        if left := len(asked) - done:
            words = ngettext(
                "%(count)s partner was left out: it was written to lately, or has no owner who can log in.",
                "%(count)s partners were left out: they were written to lately, or have no owner who can log in.",
                left,
            )
            messages.warning(request, words % {"count": left})
        return redirect(_address("whitespots", place))

    def _may_send(self, request: HttpRequest) -> bool:
        if allowed(request, "nudge", key=str(request.user.pk)):
            return True
        messages.error(request, gettext("That was a lot of mail in one hour. Go on a little later."))
        return False

    def _place(self, request: HttpRequest) -> spots.Place | None:
        """The place in the address; none is the whole country."""
        number = request.GET.get("place", "")
        if not number:
            return None
        place = spots.find_place(number[:4].replace("\x00", ""))
        if place is None:
            raise Http404("no such place")
        return place

    def _authorise(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _authorise_acting(self, request: HttpRequest) -> None:
        self._authorise(request)
        if not request.user.has_perm("reports.add_nudge"):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, title: str, context: dict[str, Any]) -> TemplateResponse:
        whole = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "may_act": request.user.has_perm("reports.add_nudge"),
            "credit": gettext("© Kartverket, CC BY 4.0, simplified"),
            **context,
        }
        return TemplateResponse(request, f"admin/reports/{name}.html", whole)


def _address(name: str, place: spots.Place | None) -> str:
    """Return the address of one of these pages for a place, or for the whole country."""
    if name == "whitespots" and place:
        return reverse("admin:reports_nudge_place", args=[place.number])
    query = f"?place={place.number}" if place else ""
    return reverse(f"admin:reports_nudge_{name}") + query
