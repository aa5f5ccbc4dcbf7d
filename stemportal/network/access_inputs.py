"""Who reads, writes and supports input: people of approved partners, always those of its own, and staff."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.network.models import Hearing, Input, InputQuerySet, Recommendation
from stemportal.partners.access import HIDDEN
from stemportal.partners.models import Membership, Partner


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A person before input: its memberships (partners loaded), and whether it belongs to the secretariat."""

    user: User
    memberships: tuple[Membership, ...]
    is_staff: bool

    @property
    def may_read_shared(self) -> bool:
        return self.is_staff or any(membership.partner.is_approved for membership in self.memberships)

    @property
    def partner_ids(self) -> set[int]:
        """All partners that the person acts for, also as a reader."""
        return {membership.partner_id for membership in self.memberships}

    @property
    def writes_for(self) -> list[Partner]:
        """Approved partners for which the person may send and support input, by name."""
        found = [row.partner for row in self.memberships if row.may_edit and row.partner.is_approved]
        return sorted(found, key=lambda partner: (partner.display_name.casefold(), partner.pk))

    def acts_for(self, partner_id: int) -> bool:
        return partner_id in self.partner_ids

    def may_withdraw(self, found: Input) -> bool:
        """Whether the person is an owner or editor of the input's partner, and nothing is decided yet."""
        mine = [row for row in self.memberships if row.partner_id == found.partner_id and row.may_edit]
        return bool(mine) and found.is_open

    def may_read_answer(self, found: Input) -> bool:
        """A closed answer is for the input's own partner and the secretariat."""
        return bool(found.answer) and (found.answer_is_public or self.is_staff or self.acts_for(found.partner_id))


def reader_of(user: User) -> Reader:
    """Return the person as a reader of input. Raises Http404 for whoever is no partner's and not of the secretariat."""
    memberships = Membership.objects.select_related("partner").filter(user=user)
    mine = tuple(memberships.exclude(partner__status__in=HIDDEN).order_by("pk"))
    is_staff = user.is_staff and user.has_perm("network.view_input")
    if not mine and not is_staff:
        raise Http404("input is for partners")
    return Reader(user=user, memberships=mine, is_staff=is_staff)


def reader_of_shared(user: User) -> Reader:
    """Return a person who may read what partners share. Raises Http404, and PermissionDenied where no partner is in."""
    reader = reader_of(user)
    if not reader.may_read_shared:
        raise PermissionDenied(_("Input is for approved partners. You can read and send it as soon as you are in."))
    return reader


def writer_of(user: User) -> Reader:
    """Return a person who may send input for a partner. Raises Http404, PermissionDenied."""
    reader = reader_of_shared(user)
    if not reader.writes_for:
        raise PermissionDenied(_("You may read here, but not change anything. Ask an owner to give you the right."))
    return reader


def readable(reader: Reader) -> InputQuerySet:
    """Return the input that the person may read: what is shared, and all of its own partners'."""
    rights = Q(partner__in=reader.partner_ids)
    if reader.may_read_shared:
        rights |= Q(is_shared=True) & ~Q(status=Input.Status.WITHDRAWN)
    return Input.objects.filter(rights)


def input_for(user: User, pk: int) -> tuple[Input, Reader]:
    """Return an input with the person as its reader. Raises Http404 for whoever may not read it.

    The secretariat reads all of it; for the rest see ``readable``.
    """
    reader = reader_of(user)
    found = Input.objects.all() if reader.is_staff else readable(reader)
    one = found.select_related("partner", "by", "hearing", "recommendation").filter(pk=pk).first()
    if one is None:
        raise Http404("no such input for this person")
    return one, reader


def input_to_support(user: User, pk: int) -> tuple[Input, Reader]:
    """Return a shared input for a person who may support it for some partner. Raises Http404, PermissionDenied."""
    found, reader = input_for(user, pk)
    if not reader.writes_for or not found.is_shared:
        raise PermissionDenied(_("You may read here, but not change anything. Ask an owner to give you the right."))
    return found, reader


def input_to_withdraw(user: User, pk: int) -> Input:
    """Return an input for an owner or editor of its partner. Raises Http404; PermissionDenied for other readers."""
    found, reader = input_for(user, pk)
    if not any(row.partner_id == found.partner_id and row.may_edit for row in reader.memberships):
        raise PermissionDenied(_("Only owners and editors of the partner that sent it may withdraw it."))
    return found


def hearing_for(user: User, pk: int) -> tuple[Hearing, Reader]:
    """Return a hearing that has begun. Raises Http404, PermissionDenied; the secretariat sees those to come, too."""
    reader = reader_of_shared(user)
    found = Hearing.objects.all() if reader.is_staff else Hearing.objects.announced()
    hearing = found.filter(pk=pk).first()
    if hearing is None:
        raise Http404("no such hearing")
    return hearing, reader


def published_recommendation(pk: int) -> Recommendation:
    """Return a recommendation that everybody may read. Raises Http404."""
    found = Recommendation.objects.published().filter(pk=pk).first()
    if found is None:
        raise Http404("no such recommendation")
    return found
