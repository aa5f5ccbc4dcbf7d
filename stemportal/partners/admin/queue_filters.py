"""Filters of the list of partners that need more than a field's values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from stemportal.accounts.models import User
from stemportal.partners.admin.common import staff
from stemportal.partners.models import Note, Partner

Status = Partner.Status


class StatusFilter(admin.SimpleListFilter):
    """By status; without a choice the list is the queue of applications that wait."""

    title = _("status")
    parameter_name = "status__exact"
    everything = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Status.choices, (self.everything, _("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        chosen = self.value() or Status.APPLIED
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": value == chosen, "query_string": query, "display": title}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        chosen = self.value() or Status.APPLIED
        return queryset if chosen == self.everything else queryset.filter(status=chosen)


class ResponsibleFilter(admin.SimpleListFilter):
    """Mine, nobody's, or those of one colleague."""

    title = _("responsible in the secretariat")
    parameter_name = "responsible"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        people = User.objects.filter(partners_looked_after__isnull=False).exclude(pk=staff(request).pk)
        named = [(str(person.pk), str(person)) for person in people.distinct().order_by("full_name", "email")]
        return [("me", _("Me")), ("nobody", _("Nobody")), *named]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        chosen = self.value()
        if chosen == "me":
            return queryset.filter(responsible=staff(request))
        if chosen == "nobody":
            return queryset.filter(responsible=None)
        return queryset.filter(responsible=int(chosen)) if chosen and chosen.isdecimal() else queryset


class FollowUpFilter(admin.SimpleListFilter):
    """Partners that somebody meant to come back to by now."""

    title = _("follow-up")
    parameter_name = "follow_up"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("due", _("To come back to now"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Partner]) -> QuerySet[Partner]:
        if self.value() != "due":
            return queryset
        return queryset.filter(Exists(Note.objects.due().order_by().filter(partner=OuterRef("pk"))))
