"""Working groups of the demo world: an open one that talks, a closed one with documents, and one to come into."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from openpyxl import Workbook

from stemportal.accounts.models import User
from stemportal.demo.seed import world
from stemportal.lib.documents import Document
from stemportal.network.models import DocumentVersion, GroupDocument, GroupMember, Post, WorkingGroup
from stemportal.network.services.group_documents import FOLDER
from stemportal.partners.models import Membership, Partner


@dataclass(frozen=True)
class Said:
    """A thread and its answers: who wrote (a number among the members), so many hours ago."""

    title: str
    lines: tuple[tuple[int, float, str], ...]


@dataclass(frozen=True)
class Shared:
    """A spreadsheet with its versions, so many hours ago; ``by`` is a number among the members."""

    title: str
    by: int
    versions: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Grouped:
    """A group; ``people`` is how many partners' people take part, the first of them leads."""

    slug: str
    names: tuple[str, str, str]
    texts: tuple[str, str, str]
    is_open: bool
    people: int
    with_ingrid: bool
    asked: str = ""
    said: tuple[Said, ...] = ()
    shared: tuple[Shared, ...] = ()


GROUPS = (
    Grouped(
        "rollemodeller-i-klasserommet",
        ("Rollemodeller i klasserommet", "Rollemodellar i klasserommet", "Role models in the classroom"),
        (
            "Hva gjør at et møte med en rollemodell blir husket? Vi samler det som virker, og lager en enkel "
            "forberedelse som nye rollemodeller kan bruke.\n\n- Ett møte i måneden, på skjerm\n- Et opplegg på to "
            "sider, klart før sommeren",
            "Kva gjer at eit møte med ein rollemodell blir hugsa? Vi samlar det som verkar, og lagar ei enkel "
            "førebuing som nye rollemodellar kan bruke.\n\n- Eitt møte i månaden, på skjerm\n- Eit opplegg på to "
            "sider, klart før sommaren",
            "What makes a class remember meeting a role model? We collect what works, and write a short preparation "
            "for new role models.\n\n- One meeting a month, online\n- Two pages, ready before the summer",
        ),
        is_open=True, people=5, with_ingrid=True,
        said=(
            Said(
                "Hva spør elevene om?",
                (
                    (0, 190, "Hos oss spør de nesten alltid om det samme: hva tjener du, og var du god i matte? Skal "
                        "vi lage en liste, så nye rollemodeller kan tenke gjennom svarene på forhånd?"),
                    (1, 171, "God idé! Vi får mange spørsmål om *hvor lenge man må gå på skole*. De blir overrasket "
                        "når de hører at fagbrev er en vei inn."),
                    (2, 52, "Og «har du gjort noe feil noen gang?». Det er det beste spørsmålet vi får. Ta med en "
                        "ordentlig tabbe."),
                ),
            ),
            Said(
                "Hvor langt skal et besøk på skjerm være?",
                (
                    (3, 75, "Vi har prøvd 20, 30 og 45 minutter. Etter en halvtime blir det stille. Hva er erfaringen "
                        "deres?"),
                    (0, 26, "Vi holder 25 minutter, og lar elevene styre de siste ti."),
                ),
            ),
        ),
        shared=(
            Shared("Spørsmål fra elever", 0, ((168, "Første utkast"), (50, "Med spørsmålene fra tråden"))),
        ),
    ),
    Grouped(
        "elevtransport-i-distriktene",
        ("Elevtransport i distriktene", "Elevtransport i distrikta", "Getting pupils there"),
        (
            "Bussen er ofte det som avgjør om en klasse kommer. Vi ser på hvordan partnere kan dele buss, og hva som "
            "skal til for at skoler langt unna får de samme sjansene.",
            "Bussen er ofte det som avgjer om ein klasse kjem. Vi ser på korleis partnarar kan dele buss, og kva som "
            "skal til for at skular langt unna får dei same sjansane.",
            "The bus often decides whether a class can come. We look at how partners can share one, and at what it "
            "takes to give schools far away the same chances.",
        ),
        is_open=False, people=4, with_ingrid=True,
        asked="Vi har selv kjørt tre klasser fra øyene i høst og deler gjerne tallene.",
        said=(
            Said(
                "Kan to partnere dele en bussdag?",
                ((1, 96, "Vi ligger ti minutter fra hverandre. Om klassen besøker begge på samme dag, blir bussen "
                    "halvparten så dyr. Er det noen som har prøvd?"),),
            ),
        ),
        shared=(Shared("Busspriser høsten", 1, ((90, ""),)),),
    ),
    Grouped(
        "kunstig-intelligens-i-undervisningen",
        ("Kunstig intelligens i undervisningen", "Kunstig intelligens i undervisinga", "AI in teaching"),
        (
            "Hva bør elever på ungdomstrinnet ha sett av kunstig intelligens i arbeidslivet? Vi lager tre opplegg som "
            "en bedrift kan ha med seg til en klasse.",
            "Kva bør elevar på ungdomstrinnet ha sett av kunstig intelligens i arbeidslivet? Vi lagar tre opplegg som "
            "ei bedrift kan ha med seg til ein klasse.",
            "What should pupils have seen of artificial intelligence at work? We make three lessons that a company "
            "can bring to a class.",
        ),
        is_open=True, people=3, with_ingrid=False,
        said=(
            Said(
                "Tre ideer til opplegg",
                ((0, 30, "1. Finn feilen modellen gjør\n2. Hvem bestemmer hva som er riktig svar?\n3. Lær en "
                    "maskin å kjenne igjen tre blader\n\nHva mangler?"),),
            ),
        ),
    ),
)  # fmt: skip
ROWS = (("Spørsmål", "Hvor ofte"), ("Hva tjener du?", "Alltid"), ("Var du god i matte?", "Ofte"))


def seed_groups() -> None:
    """Three groups with their people, threads and documents; runs once. No mails: everything was told long ago."""
    ingrid = Membership.objects.get(user__email=world.PARTNER_EMAIL)
    others = list(
        Membership.objects.filter(role=Membership.Role.OWNER, partner__status=Partner.Status.APPROVED)
        .exclude(user=ingrid.user)
        .select_related("user", "partner")
        .order_by("pk")
    )
    for grouped in GROUPS:
        taken, others = others[: grouped.people], others[grouped.people :]
        if not WorkingGroup.objects.filter(slug=grouped.slug).exists():
            _seed(grouped, taken, ingrid, others)


def _seed(grouped: Grouped, people: list[Membership], ingrid: Membership, others: list[Membership]) -> None:
    since = timezone.now() - timedelta(days=40)
    (name_nb, name_nn, name_en), (text_nb, text_nn, text_en) = grouped.names, grouped.texts
    group = WorkingGroup.objects.create(
        slug=grouped.slug, is_open=grouped.is_open, created_at=since, lead=people[0].user,
        name_nb=name_nb, name_nn=name_nn, name_en=name_en, text_nb=text_nb, text_nn=text_nn, text_en=text_en,
    )  # fmt: skip
    members = [*people, *([ingrid] if grouped.with_ingrid else [])]
    now = timezone.now()
    for membership in members:
        facts = {"asked_at": since, "joined_at": since, "told_until": now}
        _member(group, membership, status=GroupMember.Status.MEMBER, **facts)
    if grouped.asked and others:
        asked_at = now - timedelta(days=2)
        _member(group, others[-1], status=GroupMember.Status.APPLIED, message=grouped.asked, asked_at=asked_at)
    for said in grouped.said:
        _write(group, said, [membership.user for membership in people])
    for shared in grouped.shared:
        _share(group, shared, people[shared.by].user)


def _member(group: WorkingGroup, membership: Membership, **facts: object) -> None:
    GroupMember.objects.create(group=group, user=membership.user, partner=membership.partner, **facts)


def _write(group: WorkingGroup, said: Said, people: list[User]) -> None:
    thread = None
    for who, hours, text in said.lines:
        at = timezone.now() - timedelta(hours=hours)
        post = Post.objects.create(
            group=group, thread=thread, title="" if thread else said.title, text=text, by=people[who], at=at,
            told_at=at, request_key=uuid.uuid4(),
        )  # fmt: skip
        thread = thread or post


def _share(group: WorkingGroup, shared: Shared, by: User) -> None:
    first = timezone.now() - timedelta(hours=shared.versions[0][0])
    document = GroupDocument.objects.create(group=group, title=shared.title, added_by=by, added_at=first)
    for number, (hours, note) in enumerate(shared.versions, start=1):
        at = timezone.now() - timedelta(hours=hours)
        file = Document(name=f"{shared.title}.xlsx", content=_sheet(number), extension="xlsx")
        name = default_storage.save(f"{FOLDER}/{file.random_name()}", ContentFile(file.content))
        DocumentVersion.objects.create(
            document=document, number=number, file=name, name=file.name, size=len(file.content), note=note, by=by,
            at=at, told_at=at,
        )  # fmt: skip


def _sheet(number: int) -> bytes:
    """A spreadsheet that has a line more with each version."""
    book, target = Workbook(), BytesIO()
    for row in ROWS[: number + 1]:
        book.active.append(row)
    book.save(target)
    return target.getvalue()
