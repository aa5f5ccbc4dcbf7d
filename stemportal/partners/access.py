"""One function fetches and authorises: who may see and change a partner's room."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from stemportal.accounts.models import User
from stemportal.lib.images import NAME
from stemportal.partners import logos
from stemportal.partners.models import BrandMaterial, DataExport, Membership, Partner, Signature

# An application that nobody confirmed counts for nothing, also not for the one whose address was typed.
HIDDEN = [Partner.Status.UNCONFIRMED]
READ_ONLY = {Partner.Status.DECLINED, Partner.Status.ENDED}
# More registrations than this are never merged one after the other.
LONGEST_WAY = 5


def membership_of(user: AbstractBaseUser | AnonymousUser, pk: int) -> Membership:
    """Return the person's membership, with its partner loaded. Raises Http404 for strangers, staff included."""
    membership = (
        Membership.objects.select_related("partner", "partner__municipality__county")
        .exclude(partner__status__in=HIDDEN)
        .filter(partner_id=pk, user_id=user.pk)
        .first()
        if user.is_authenticated
        else None
    )
    if membership is None:
        raise Http404("no such partner for this person")
    return membership


def partner_for_member(user: AbstractBaseUser | AnonymousUser, pk: int, *, edit: bool = False) -> Partner:
    """Return the partner whose room the person may enter.

    Raises Http404 for everybody who is not a member (also staff, who have the admin), PermissionDenied when ``edit``
    is asked for by a reader or of a partner that was declined or has ended. Whether a partner is approved is not asked:
    a member may prepare listings while the application waits; publishing asks ``partner.is_approved``.
    """
    membership = membership_of(user, pk)
    partner = membership.partner
    if edit and not membership.may_edit:
        raise PermissionDenied(_("You may read here, but not change anything. Ask an owner to give you the right."))
    if edit and partner.status in READ_ONLY:
        raise PermissionDenied(_("This partnership is not active, so nothing can be changed."))
    return partner


def partner_for_owner(user: AbstractBaseUser | AnonymousUser, pk: int, *, also_inactive: bool = False) -> Partner:
    """Return the partner whose colleagues and declaration the person may change: its owners alone.

    Raises Http404 for everybody who is not a member, PermissionDenied for editors and readers, and for owners of a
    partner that was declined or has ended, unless ``also_inactive``: its owners may still fetch their data.
    """
    membership = membership_of(user, pk)
    if membership.role != Membership.Role.OWNER:
        raise PermissionDenied(_("Only an owner may do this. Your owners are listed under Colleagues."))
    if membership.partner.status in READ_ONLY and not also_inactive:
        raise PermissionDenied(_("This partnership is not active, so nothing can be changed."))
    return membership.partner


def copy_for_owner(user: AbstractBaseUser | AnonymousUser, pk: int) -> DataExport:
    """Return a finished copy of a partner's data for one of its owners. Raises Http404 also when its days are over."""
    ready = DataExport.objects.filter(status=DataExport.Status.READY, expires_at__gt=timezone.now())
    export = ready.select_related("partner").filter(pk=pk).first()
    if export is None:
        raise Http404("no such copy")
    partner_for_owner(user, export.partner_id, also_inactive=True)
    return export


def signature_for_member(user: AbstractBaseUser | AnonymousUser, pk: int) -> Signature:
    """Return a signature of a partner the person acts for. Raises Http404 for others."""
    signature = Signature.objects.select_related("partner", "declaration").filter(pk=pk).first()
    if signature is None:
        raise Http404("no such signature")
    membership_of(user, signature.partner_id)
    return signature


def visible_partner(user: AbstractBaseUser | AnonymousUser, slug: str) -> Partner:
    """Return a partner for its public page: approved, or one's own. Raises Http404 otherwise.

    The old address of a registration that was merged into another one leads there: the partner then has another slug
    than the one asked for.
    """
    partners = Partner.objects.select_related("municipality__county")
    partner = partners.filter(slug=slug).first()
    for _step in range(LONGEST_WAY):
        if partner is None or partner.merged_into_id is None:
            break
        partner = partners.get(pk=partner.merged_into_id)
    if partner is None:
        raise Http404("no such partner")
    if not partner.is_approved:
        membership_of(user, partner.pk)
    return partner


def partner_to_write_to(slug: str) -> Partner:
    """Return an approved partner whose contact person can be written to. Raises Http404 otherwise."""
    partner = Partner.objects.approved().filter(slug=slug).exclude(contact_email="").first()
    if partner is None:
        raise Http404("nobody to write to")
    return partner


def partner_of_logo(request: HttpRequest, name: str) -> Partner:
    """Return the partner whose logo has this file name: approved, or one's own. Raises Http404 otherwise."""
    if not NAME.fullmatch(name):
        raise Http404("no such logo")
    partner = Partner.objects.filter(logo=f"{logos.FOLDER}/{name}").first()
    if partner is None:
        raise Http404("no such logo")
    if not partner.is_approved:
        membership_of(request.user, partner.pk)
    return partner


def brand_material_for(user: AbstractBaseUser | AnonymousUser, pk: int) -> BrandMaterial:
    """Return material with a file for a member of an approved partner, or for staff who look after it.

    Raises Http404 for strangers and for what is not shown, PermissionDenied for members of partners that are not in.
    """
    is_keeper = isinstance(user, User) and user.has_perm("partners.view_brandmaterial")
    shown = BrandMaterial.objects.all() if is_keeper else BrandMaterial.objects.filter(is_active=True)
    material = shown.filter(pk=pk).exclude(file="").first()
    if material is None:
        raise Http404("no such material")
    if not is_keeper:
        mine = Partner.objects.exclude(status__in=HIDDEN).filter(memberships__user_id=user.pk or 0)
        if not mine.exists():
            raise Http404("not for this person")
        if not mine.approved().exists():
            raise PermissionDenied(_("Logos and texts are for approved partners."))
    return material
