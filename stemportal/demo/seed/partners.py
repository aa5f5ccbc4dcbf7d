"""Partners of the demo world with members and signatures, the declaration, and two applications that wait."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from stemportal.demo.seed import world
from stemportal.demo.seed.people import ensure_users
from stemportal.lib.organisation_numbers import synthetic
from stemportal.partners.models import Declaration, Membership, Partner, PartnerEvent, Signature
from stemportal.places.models import Municipality, PostalCode

WAITING = ("Fjordkraft Verksted", "Polar Sensor")


def seed_declaration() -> Declaration:
    """The declaration in force; kept as it is when staff have written a newer one."""
    texts = world.read("pages")["declaration"]
    declaration, _created = Declaration.objects.get_or_create(
        version=1, defaults={"text_nb": texts["nb"], "text_nn": texts["nn"], "text_en": texts["en"]}
    )
    return declaration


def seed_partners() -> None:
    """All partners of the world, each with its contact person as owner."""
    rows = world.read("partners")
    declaration = seed_declaration()
    existing = set(Partner.objects.values_list("slug", flat=True))
    missing = [(n, row) for n, row in enumerate(rows) if row["key"] not in existing]
    places = dict(PostalCode.objects.values_list("code", "place"))
    municipalities = {m.number: m for m in Municipality.objects.select_related("county")}
    users = ensure_users(
        [
            (row["contact_email"], row["contact_name"], _language(municipalities[row["municipality"]]))
            for _n, row in missing
        ],
        password=world.PASSWORD,
    )
    dice = world.dice("partners")
    now = timezone.now()
    partners = []
    for n, row in missing:
        applied = now - timedelta(days=dice.randint(800, 1400))
        partners.append(
            Partner(
                organisation_number=synthetic(n),
                legal_name=row["legal_name"],
                display_name=row["display_name"],
                slug=row["key"],
                kind=row["kind"],
                sector_code=row["sector_code"],
                employees=row["employees"],
                address=row["address"],
                postal_code=row["postal_code"],
                postal_place=places.get(row["postal_code"], ""),
                municipality=municipalities[row["municipality"]],
                website=row["website"],
                about=row["about"],
                contact_name=row["contact_name"],
                contact_email=row["contact_email"],
                register_status="found",
                # Who has not signed is not in yet.
                status=Partner.Status.APPROVED if row["signed"] else Partner.Status.APPLIED,
                applied_at=applied if row["signed"] else now - timedelta(days=4),
                decided_at=applied + timedelta(days=2) if row["signed"] else None,
            )
        )
    Partner.objects.bulk_create(partners)
    Membership.objects.bulk_create(
        [Membership(partner=p, user=users[p.contact_email], role=Membership.Role.OWNER) for p in partners]
    )
    Signature.objects.bulk_create(
        [
            Signature(
                partner=partner,
                declaration=declaration,
                signed_by=users[partner.contact_email],
                signed_name=partner.contact_name,
                signed_at=partner.applied_at,
            )
            for partner, (_n, row) in zip(partners, missing, strict=True)
            if row["signed"]
        ]
    )
    PartnerEvent.objects.bulk_create(
        [
            PartnerEvent(
                partner=p,
                at=p.applied_at + timedelta(days=2),
                from_status=Partner.Status.APPLIED,
                to_status=Partner.Status.APPROVED,
            )
            for p in partners
            if p.is_approved
        ]
    )
    _seed_applications(municipalities, declaration)


def _language(municipality: Municipality) -> str:
    return "nn" if municipality.language_form == "nn" else "nb"


def _seed_applications(municipalities: dict[str, Municipality], declaration: Declaration) -> None:
    """Two companies that wait in the secretariat's queue."""
    for n, name in enumerate(WAITING):
        slug = world.ascii_slug(name)
        if Partner.objects.filter(slug=slug).exists():
            continue
        email = f"kontakt@{slug}.example.no"
        users = ensure_users([(email, "Sigrid Haugen" if n else "Arne Dahl", "nb")])
        partner = Partner.objects.create(
            organisation_number=synthetic(9000 + n),
            legal_name=f"{name.upper()} AS",
            display_name=name,
            slug=slug,
            municipality=municipalities["5501" if n else "4626"],
            contact_name=users[email].full_name,
            contact_email=email,
            register_status="found",
            status=Partner.Status.APPLIED,
            applied_at=timezone.now() - timedelta(days=n + 1, hours=3),
        )
        Membership.objects.create(partner=partner, user=users[email], role=Membership.Role.OWNER)
        Signature.objects.create(
            partner=partner, declaration=declaration, signed_by=users[email], signed_name=users[email].full_name
        )
        PartnerEvent.objects.create(partner=partner, to_status=Partner.Status.APPLIED, at=partner.applied_at)
