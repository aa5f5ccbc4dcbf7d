"""Pots for journeys, what they may pay, and their ledger, on the desk of the secretariat."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.admin import ModelAdmin
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from stemportal.lib.money import ORE, KronerField, kroner_words
from stemportal.lib.school_year import label
from stemportal.lib.spreadsheets import csv_lines, write_workbook
from stemportal.partners.admin.exporting import FORMATS, WORKBOOK, download, note
from stemportal.schools.models import GrantPot, LedgerEntry, TransportRate
from stemportal.schools.queries.transport import bars
from stemportal.schools.services import pots

MOST_OF_A_RATE = 100_000_000
CHUNK = 500


def kroner_field(title: Any, *, most: int, least: int = 0) -> KronerField:
    """Return a field of the admin for an amount in kroner, whose value is øre."""
    return KronerField(label=title, least=least, most=most, widget=UnfoldAdminTextInputWidget)


# Rates


class RateForm(forms.ModelForm):
    """A rate, its prices in kroner."""

    start_ore = kroner_field(gettext_lazy("Start, kroner"), most=MOST_OF_A_RATE)
    per_km_ore = kroner_field(gettext_lazy("A kilometre, kroner"), most=MOST_OF_A_RATE)
    per_person_ore = kroner_field(gettext_lazy("A person, kroner"), most=MOST_OF_A_RATE)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("valid_from") and data.get("valid_to") and data["valid_to"] < data["valid_from"]:
            self.add_error("valid_to", _("The last day is before the first one."))
        if data.get("seats") == 0:
            self.add_error("seats", _("Nobody fits into it."))
        return data


@admin.register(TransportRate)
class TransportRateAdmin(ModelAdmin):
    form = RateForm
    list_display = [
        "mode",
        "seats",
        "start",
        "kilometre",
        "person",
        "longest_km",
        "valid_from",
        "valid_to",
        "is_example",
    ]
    list_filter = ["mode", "is_example"]
    list_before_template = "schools/admin/rates_note.html"

    @display(description=gettext_lazy("start"), ordering="start_ore")
    def start(self, rate: TransportRate) -> str:
        return kroner_words(rate.start_ore)

    @display(description=gettext_lazy("a kilometre"), ordering="per_km_ore")
    def kilometre(self, rate: TransportRate) -> str:
        return kroner_words(rate.per_km_ore)

    @display(description=gettext_lazy("a person"), ordering="per_person_ore")
    def person(self, rate: TransportRate) -> str:
        return kroner_words(rate.per_person_ore)


# Pots


class PotForm(forms.ModelForm):
    """A pot, its amount in kroner; it cannot be made smaller than what is paid and reserved."""

    amount_ore = kroner_field(gettext_lazy("Amount, kroner"), most=pots.MOST_ORE, least=ORE)

    def clean_amount_ore(self) -> int:
        ore: int = self.cleaned_data["amount_ore"]
        if self.instance.pk:
            # The page's transaction keeps the lock, so that nothing is approved between this and the saving.
            pot = pots.lock_pot(self.instance.pk)
            used = pot.reserved_ore + pot.paid_ore
            if ore < used:
                text = _("%(amount)s of this pot is paid or set aside already.")
                raise forms.ValidationError(text % {"amount": kroner_words(used)})
        return ore


@admin.register(GrantPot)
class GrantPotAdmin(ModelAdmin):
    form = PotForm
    list_display = ["name", "partner", "county", "year", "amount", "how_it_stands", "state"]
    list_filter = ["is_open", "school_year", ("opened_at", admin.EmptyFieldListFilter), "county"]
    search_fields = ["name", "partner__display_name"]
    list_select_related = ["partner", "county"]
    autocomplete_fields = ["partner", "county"]
    fields = ["name", "partner", "county", "school_year", "amount_ore", "is_open", "how_it_stands", "ledger"]
    readonly_fields = ["how_it_stands", "ledger"]
    actions = ["open_chosen", "close_chosen"]

    def get_readonly_fields(self, request: HttpRequest, obj: GrantPot | None = None) -> list[str]:
        """Whose pot it is and for when is settled once money of it is promised."""
        fixed = ["partner", "county", "school_year"] if obj and obj.entries.exists() else []
        return [*fixed, "how_it_stands", "ledger"]

    def has_delete_permission(self, request: HttpRequest, obj: GrantPot | None = None) -> bool:
        """What the ledger tells of stays; an unused pot may go, one at a time."""
        unused = obj is not None and not obj.entries.exists() and not obj.grants.exists()
        return unused and super().has_delete_permission(request, obj)

    @display(description=gettext_lazy("school year"), ordering="school_year")
    def year(self, pot: GrantPot) -> str:
        return label(pot.school_year)

    @display(description=gettext_lazy("amount"), ordering="amount_ore")
    def amount(self, pot: GrantPot) -> str:
        return kroner_words(pot.amount_ore)

    @display(description=gettext_lazy("how it stands"))
    def how_it_stands(self, pot: GrantPot) -> str:
        return render_to_string("schools/admin/pot_bars.html", {"pot": pot, "bars": bars(pot)}) if pot.pk else "–"

    @display(description=gettext_lazy("state"), label={"open": "success", "closed": "info", "pledged": "warning"})
    def state(self, pot: GrantPot) -> tuple[str, str]:
        if pot.is_open:
            return "open", _("Open")
        return ("closed", _("Closed")) if pot.opened_at else ("pledged", _("Pledged, to be opened"))

    @display(description=gettext_lazy("ledger"))
    def ledger(self, pot: GrantPot) -> str:
        """A check of the sums, and the way to the entries."""
        return (
            render_to_string("schools/admin/pot_ledger.html", {"pot": pot, "adds_up": pots.adds_up(pot)})
            if pot.pk
            else "–"
        )

    def save_model(self, request: HttpRequest, obj: GrantPot, form: forms.ModelForm, change: bool) -> None:
        """Write only what was changed: the sums of the ledger may be newer than this page."""
        if not change:
            obj.opened_at = timezone.now() if obj.is_open else None
            obj.save()
            return
        changed = [name for name in form.changed_data if name != "is_open"]
        if changed:
            obj.save(update_fields=changed)
        if "is_open" in form.changed_data:
            (pots.open_pot if obj.is_open else pots.close_pot)(pot_id=obj.pk)

    @admin.action(description=gettext_lazy("Open the chosen pots"), permissions=["change"])
    def open_chosen(self, request: HttpRequest, queryset: QuerySet[GrantPot]) -> None:
        count = sum(pots.open_pot(pot_id=pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        text = ngettext("%(count)s pot is open now.", "%(count)s pots are open now.", count)
        messages.success(request, text % {"count": count})

    @admin.action(description=gettext_lazy("Close the chosen pots"), permissions=["change"])
    def close_chosen(self, request: HttpRequest, queryset: QuerySet[GrantPot]) -> None:
        count = sum(pots.close_pot(pot_id=pk) for pk in queryset.order_by("pk").values_list("pk", flat=True))
        text = ngettext("%(count)s pot is closed now.", "%(count)s pots are closed now.", count)
        messages.success(request, text % {"count": count})


# Ledger


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ModelAdmin):
    list_display = ["at", "pot", "kind", "amount", "grant", "by"]
    list_filter = ["kind", "pot__school_year", "pot"]
    search_fields = ["pot__name", "grant__booking__school__name"]
    list_select_related = ["pot", "by", "grant__booking__school", "grant__booking__activity"]
    ordering = ["-at", "-id"]
    show_full_result_count = False
    list_after_template = "schools/admin/ledger_export.html"

    @display(description=gettext_lazy("amount"), ordering="ore")
    def amount(self, entry: LedgerEntry) -> str:
        return kroner_words(entry.ore)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: LedgerEntry | None = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export_view), name="schools_ledgerentry_export")
        return [export, *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """POST: everything that the list shows with the same query string, on all its pages."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        wanted = request.POST.get("format", "")
        if request.method != "POST" or wanted not in FORMATS:
            return redirect("admin:schools_ledgerentry_changelist")
        entries = self.get_changelist_instance(request).queryset.order_by("at", "pk")
        count = entries.count()
        note(request, LedgerEntry, ngettext("%(count)s entry", "%(count)s entries", count) % {"count": count}, wanted)
        name = f"ledger-{timezone.localdate():%Y-%m-%d}.{wanted}"
        if wanted == "xlsx":
            return FileResponse(ledger_workbook(entries), as_attachment=True, filename=name, content_type=WORKBOOK)
        return download(csv_lines(ledger_rows(entries)), name)


def ledger_rows(entries: QuerySet[LedgerEntry]) -> Iterator[list[Any]]:
    """Give the titles and then a row for each entry, its amount in kroner; memory does not grow with their number."""
    yield [
        _("Entry"), _("Date"), _("Pot"), _("School year"), _("Movement"), _("Kroner"), _("School"),
        _("Organisation number"), _("Visit"), _("Booking"),
    ]  # fmt: skip
    rows: Iterable[LedgerEntry] = entries.select_related("pot", "grant__booking__school", "grant__booking__activity")
    for entry in rows.iterator(chunk_size=CHUNK):  # type: ignore[attr-defined]
        booking = entry.grant.booking
        yield [
            entry.pk,
            timezone.localtime(entry.at).date(),
            entry.pot.name,
            label(entry.pot.school_year),
            entry.get_kind_display(),
            entry.ore / ORE,
            booking.school.name,
            booking.school.number,
            booking.activity.title,
            booking.pk,
        ]


def ledger_workbook(entries: QuerySet[LedgerEntry]) -> IO[bytes]:
    """Return an .xlsx workbook as a temporary file."""
    return write_workbook([(_("Ledger"), ledger_rows(entries), [8, 12, 28, 12, 14, 12, 34, 20, 40, 10])])
