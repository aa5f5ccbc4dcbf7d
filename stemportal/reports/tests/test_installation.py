"""An archive of the installation goes out of one database and into another, or is refused and changes nothing."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import Max
from django.utils import timezone

from stemportal.accounts.models import User
from stemportal.activities.models import Activity, FilmPlays, OwnWord
from stemportal.lib.periods import Period, PeriodKind
from stemportal.outbox.models import Mail
from stemportal.partners.models import Membership, Partner
from stemportal.reports.exports import contents
from stemportal.reports.exports.loading import load_installation
from stemportal.reports.exports.reading import ArchiveRefused
from stemportal.reports.exports.writing import write_installation
from stemportal.reports.figures.counting import figures_of, partner_figures
from stemportal.reports.tests.databases import at_work_in, copy_of_test_database
from stemportal.reports.tests.visits import YEAR, partner_with_owner, visit
from stemportal.schools.models import GrantPot, LedgerEntry, Pulse, PulseCount, Visit
from stemportal.testing.factories import GrantPotFactory, StaffFactory, TransportGrantFactory
from stemportal.testing.network_factories import DocumentVersionFactory, MeetingFactory, RsvpFactory, StoryFactory

PERIOD = Period(PeriodKind.SCHOOL, YEAR)
# Two installations: the database and the folder of files of each.
Place = tuple[str, Path]


# --- Which tables there are


@pytest.mark.django_db
def test_archive_knows_every_table_of_the_database():
    """Carried, left out with a reason, or migrate's own: nothing is forgotten."""
    statement = (
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'm')"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        there = {name for (name,) in cursor.fetchall()}
    left_out = {apps.get_model(label)._meta.db_table for label in contents.LEFT_OUT}
    carried = {contents.table_of(model) for model in contents.carried_models()}
    assert there == carried | left_out | {contents.OF_MIGRATE}
    assert not carried & left_out


def test_archive_carries_no_secret_that_nobody_looked_at():
    """A new column that sounds like a secret: decide, and write it down here or in ``contents``."""
    # Addresses that mails and printed codes lead to: they go on to work after an import. Hashes say nothing.
    carried_on_purpose = {
        "partners_partner.confirm_token",
        "partners_invitation.token_hash",
        "activities_rolemodelconsent.token_hash",
        "activities_savedsearch.stop_token",
        "schools_pulse.token",
        "network_rsvp.token",
        "newsletters_subscriber.confirm_token",
        "newsletters_subscriber.unsubscribe_token",
    }
    found = {
        f"{contents.table_of(model)}.{field.column}"
        for model in contents.carried_models()
        for field in model._meta.concrete_fields
        if any(word in field.column for word in ("token", "_secret", "password", "session_key"))
        and (contents.table_of(model), field.column) not in contents.WITHOUT_VALUE
    }
    assert found == carried_on_purpose


# --- From one installation to another


@pytest.fixture(scope="module")
def old(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An installation in which something happened."""
    folder = tmp_path_factory.mktemp("old")
    with django_db_blocker.unblock(), copy_of_test_database("old") as database:
        with at_work_in(database, folder):
            _live()
        yield database, folder


@pytest.fixture
def new(old: Place, django_db_blocker: Any, tmp_path: Path) -> Iterator[Place]:
    """A fresh installation, empty and migrated; Django is at work in it."""
    folder = tmp_path / "new"
    with django_db_blocker.unblock(), copy_of_test_database("new") as database, at_work_in(database, folder):
        yield database, folder


@pytest.fixture(scope="module")
def archive(old: Place, django_db_blocker: Any) -> bytes:
    """What the old installation wrote."""
    with django_db_blocker.unblock(), at_work_in(*old):
        target = io.BytesIO()
        write_installation(target)
    return target.getvalue()


def _live() -> None:
    """Visits of three partners, money, a meeting, a story, files, history, and what is no archive's business."""
    for number in range(3):
        partner = partner_with_owner(display_name=f'Æther {number}; "quoted"\nline', answers={"why": ["a", None]})
        visits = [visit(partner, at=f"2024-1{part}-05 09:00", pupils=11 + 7 * part) for part in range(3)]
        OwnWord.objects.create(
            partner=partner, kind=visits[0].activity.kind, title="Messe", held_on="2025-02-01", pupils=30, hours=2
        )
        FilmPlays.objects.create(activity=visits[0].activity, day="2025-02-02", number=4)
    few = visit(partner, at="2025-01-10 09:00", pupils=3, girls=1)
    pulse = Pulse.objects.create(booking=few, closes_at=timezone.now())
    PulseCount.objects.create(pulse=pulse, moment="before", question=1, answer=4, number=6)
    _spend(TransportGrantFactory(booking=few, pot=GrantPotFactory(partner=partner)))
    RsvpFactory(meeting=MeetingFactory(), partner=partner, status="attending", came=2)
    StoryFactory(partner=partner)
    DocumentVersionFactory(file=default_storage.save("groups/empty.pdf", ContentFile(b"")))
    Partner.objects.filter(pk=partner.pk).update(
        logo=default_storage.save("logos/mark æ.png", ContentFile(b"\x89PNG" + bytes(range(256)) * 5000)), about=""
    )
    StaffFactory(password="pbkdf2$secret-hash")
    # An id that was given and is gone is not given again.
    Mail.objects.create(to_email="kari@example.org", subject="Kode 123456", text="", html="")
    Activity.objects.filter(pk=Activity.objects.aggregate(last=Max("pk"))["last"]).update(title="Siste")


def _spend(grant: Any) -> None:
    LedgerEntry.objects.create(pot=grant.pot, grant=grant, kind="reserve", ore=50_000)
    GrantPot.objects.filter(pk=grant.pot_id).update(reserved_ore=50_000)


def _figures() -> dict[Any, Any]:
    found = figures_of(PERIOD, list(Partner.objects.values_list("pk", flat=True)))
    return {pk: figures.as_json() for pk, figures in found.items()} | {0: partner_figures(period=PERIOD).as_json()}


def _counts() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in contents.carried_models()}


def test_archive_makes_an_empty_database_the_same_installation(old, new, tmp_path):
    with at_work_in(*old):
        figures, counts, rows = _figures(), _counts(), list(Visit.objects.order_by("pk").values())
        partners = list(Partner.objects.order_by("pk").values())
        history = list(apps.get_model("partners.PartnerChange").objects.order_by("pgh_id").values())
        last_user = User.objects.aggregate(last=Max("pk"))["last"]
        call_command("export_portal", tmp_path / "all.zip", stdout=io.StringIO())
    with at_work_in(*new):
        assert not Partner.objects.exists()
        said = io.StringIO()
        call_command("import_portal", tmp_path / "all.zip", stdout=said)

        assert "rows and 2 files have been read" in said.getvalue()
        assert _figures() == figures
        assert figures[0]["pupils"] == 3 * (11 + 18 + 25) + 3
        assert _counts() == counts
        assert list(Visit.objects.order_by("pk").values()) == rows
        assert list(Partner.objects.order_by("pk").values()) == partners
        # No history is written of what was read, and the triggers are at work again.
        assert list(apps.get_model("partners.PartnerChange").objects.order_by("pgh_id").values()) == history
        with pytest.raises(DatabaseError), transaction.atomic():
            LedgerEntry.objects.all().delete()
        Partner.objects.update(about="new")
        assert apps.get_model("partners.PartnerChange").objects.count() == len(history) + len(partners)
        with pytest.raises(DatabaseError), transaction.atomic():
            Membership.objects.filter(role="owner").delete()
        # Numbers go on, passwords and mails stayed behind, files are there.
        assert partner_with_owner().memberships.get().user_id > last_user
        assert not User.objects.get(pk=last_user).has_usable_password()
        assert not Mail.objects.exists()
        with default_storage.open("logos/mark æ.png") as file:
            assert file.size == 4 + 256 * 5000
        with pytest.raises(CommandError, match="is not empty.*Nothing has been changed"):
            call_command("import_portal", tmp_path / "all.zip", stdout=io.StringIO())


def test_archive_has_a_manifest_that_is_true_of_it(archive):
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        manifest = json.loads(parts.read("manifest.json"))
        for part in (*manifest["tables"], manifest["file_list"]):
            assert hashlib.sha256(parts.read(part["part"])).hexdigest() == part["sha256"], part["part"]
        assert b"secret-hash" not in b"".join(parts.read(name) for name in parts.namelist())
        assert "Kode 123456" not in str([parts.read(name) for name in parts.namelist()])
        visits = next(table for table in manifest["tables"] if table["table"] == "schools_booking")
        assert visits["rows"] == 10
        assert manifest["file_list"]["files"] == 2
        assert manifest["migrations"]["reports"]


def test_archive_of_a_file_that_is_gone_says_so(old, tmp_path):
    with at_work_in(*old):
        lost = Partner.objects.order_by("pk").first()
        Partner.objects.filter(pk=lost.pk).update(logo="logos/lost.png")
        said = io.StringIO()
        call_command("export_portal", tmp_path / "all.zip", stdout=said)
        Partner.objects.filter(pk=lost.pk).update(logo="")
        with pytest.raises(CommandError, match="is there already"):
            call_command("export_portal", tmp_path / "all.zip")
    assert "1 files that rows name were not there" in said.getvalue()
    assert [path.name for path in tmp_path.iterdir()] == ["all.zip"]


# --- What is refused


def _changed(archive: bytes, change: Callable[[dict[str, bytes], dict[str, Any]], None]) -> bytes:
    """Write the archive anew with other parts, or another manifest."""
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        contained = {name: parts.read(name) for name in parts.namelist()}
    manifest = json.loads(contained["manifest.json"])
    change(contained, manifest)
    if "manifest.json" in contained:
        contained["manifest.json"] = json.dumps(manifest).encode()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in contained.items():
            made.writestr(name, content)
    return target.getvalue()


def _rewrite(contained: dict[str, bytes], entry: dict[str, Any], content: bytes) -> None:
    """Give a part other content, with a fingerprint that fits."""
    contained[entry["part"]] = content
    entry.update(size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _table(manifest: dict[str, Any], name: str) -> dict[str, Any]:
    return next(table for table in manifest["tables"] if table["table"] == name)


def _other_bytes(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    contained["data/partners_partner.csv"] = contained["data/partners_partner.csv"].replace(b"quoted", b"forged")


def _without_table(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del contained["data/partners_partner.csv"]


def _without_manifest(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    del contained["manifest.json"]


def _foreign(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["format"] = "something-else"


def _newer_format(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["format_version"] = 2


def _newer(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["migrations"]["reports"].append("0099_of_the_future")


def _older(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["migrations"]["reports"].pop()


def _something_more(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    contained["data/extra.csv"] = b"id\n1\n"


def _bent_manifest(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    manifest["tables"][0]["rows"] = "many"


def _climbing(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    name = "../outside.png"
    line = {"part": f"files/{name}", "size": 1, "sha256": hashlib.sha256(b"x").hexdigest(), "name": name}
    contained[f"files/{name}"] = b"x"
    _rewrite(contained, manifest["file_list"], json.dumps(line).encode() + b"\n")


def _other_columns(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    _table(manifest, "partners_partner")["columns"][1][0] = "is_superuser"


def _system_table(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    entry = _table(manifest, "partners_partner")
    contained["data/pg_authid.csv"] = contained.pop(entry["part"])
    entry.update(table="pg_authid", part="data/pg_authid.csv")


def _unreadable_row(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    entry = _table(manifest, "schools_booking")
    _rewrite(contained, entry, contained[entry["part"]] + b"not,a,row\n")


def _row_too_few(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    _table(manifest, "schools_booking")["rows"] += 1


def _row_that_points_nowhere(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    entry = _table(manifest, "accounts_user")
    header = contained[entry["part"]].split(b"\n")[0]
    entry["rows"] = 0
    _rewrite(contained, entry, header + b"\n")


def _bomb(contained: dict[str, bytes], manifest: dict[str, Any]) -> None:
    contained["data/bomb.csv"] = bytes(300 * 1024 * 1024)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_other_bytes, "is not as it was written"),
        (_without_table, "is missing"),
        (_without_manifest, "no archive of an installation"),
        (_foreign, "archive of something else"),
        (_newer_format, "newer version"),
        (_newer, "newer version.*0099_of_the_future"),
        (_older, "older version"),
        (_something_more, "manifest does not name"),
        (_bent_manifest, "lacks something"),
        (_climbing, "impossible name"),
        (_other_columns, "other columns"),
        (_system_table, "other columns"),
        (_unreadable_row, "does not take"),
        (_row_too_few, "rows, not"),
        (_row_that_points_nowhere, "does not take"),
        (_bomb, "unpack to far more"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else "",
)
def test_archive_that_is_not_right_is_refused_and_changes_nothing(change, reason, archive, target, tmp_path):
    with pytest.raises(ArchiveRefused, match=reason):
        load_installation(io.BytesIO(_changed(archive, change)))
    _nothing_happened(target)


@pytest.mark.parametrize("part", [0, 0.5, 0.999], ids=["empty", "half", "almost"])
def test_archive_that_is_cut_off_is_refused(part, archive, target):
    with pytest.raises(ArchiveRefused, match="its end is missing"):
        load_installation(io.BytesIO(archive[: int(len(archive) * part)]))
    _nothing_happened(target)


def test_archive_with_a_flipped_bit_is_refused(archive, target):
    with zipfile.ZipFile(io.BytesIO(archive)) as parts:
        middle = parts.getinfo("data/schools_booking.csv").header_offset + 120
    bent = bytearray(archive)
    bent[middle] ^= 0x10
    with pytest.raises(ArchiveRefused, match="damaged"):
        load_installation(io.BytesIO(bytes(bent)))
    _nothing_happened(target)


def test_archive_whose_files_cannot_be_stored_changes_nothing(archive, target, monkeypatch):
    """The disk is full after the first file: rows are taken back, and that file is removed."""
    real, saved = default_storage.save, []

    def save(name: str, content: Any) -> str:
        if saved:
            raise OSError("No space left on device")
        saved.append(name)
        return real(name, content)

    monkeypatch.setattr(default_storage._wrapped, "save", save)
    with pytest.raises(OSError, match="No space"):
        load_installation(io.BytesIO(archive))
    assert saved
    _nothing_happened(target)


def test_archive_is_not_read_over_other_files(archive, target):
    name = default_storage.save("groups/empty.pdf", ContentFile(b"another portal's"))
    with pytest.raises(ArchiveRefused, match="another file"):
        load_installation(io.BytesIO(archive))
    default_storage.delete(name)
    _nothing_happened(target)


@pytest.fixture(scope="module")
def empty(old: Place, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A fresh installation for all that is refused: nothing ever gets into it."""
    with django_db_blocker.unblock(), copy_of_test_database("empty") as database:
        yield database, tmp_path_factory.mktemp("empty")


@pytest.fixture
def target(empty: Place, django_db_blocker: Any) -> Iterator[Place]:
    """Django is at work in it."""
    with django_db_blocker.unblock(), at_work_in(*empty):
        yield empty


def _nothing_happened(place: Place) -> None:
    assert [label for label, count in _counts().items() if count] == ["auth.Permission", "contenttypes.ContentType"]
    assert not [path for path in place[1].rglob("*") if path.is_file()]
    assert not list(place[1].parent.glob("outside*"))
