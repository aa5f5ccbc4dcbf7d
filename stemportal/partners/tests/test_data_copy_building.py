"""A partner's copy of all its data: how it is built, mailed and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from stemportal.embedded.process import wait_until
from stemportal.outbox.models import Mail
from stemportal.partners import extensions, tasks
from stemportal.partners.models import (
    DataExport,
)
from stemportal.partners.services import exports
from stemportal.partners.tests.copies import copy_of, ordered
from stemportal.testing.factories import (
    MembershipFactory,
)
from stemportal.testing.together import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files")]

Status = DataExport.Status


def test_copy_is_ready_with_a_file_nobody_can_guess_and_the_owner_has_a_mail(partner, owner, files, settings):
    settings.DATA_EXPORT_DAYS = 7
    export = ordered(partner, owner)

    assert exports.build_copy(export.pk)

    export.refresh_from_db()
    assert (export.status, export.done, export.attempts) == (Status.READY, export.total, 1)
    assert export.expires_at - export.built_at == timedelta(days=7)
    assert files() == [export.file.name]
    assert partner.slug not in export.file.name
    assert export.size == len(export.file.read()) > 0
    [mail] = Mail.objects.filter(to_email=owner.email)
    assert f"/partner/{partner.pk}/data/" in mail.text


def test_two_presses_make_one_copy(partner, owner):
    first = ordered(partner, owner)

    assert ordered(partner, owner).pk == first.pk
    assert DataExport.objects.count() == 1


def test_new_copy_can_be_made_when_the_last_is_done(partner, owner):
    copy_of(partner)
    copy_of(partner)

    assert DataExport.objects.filter(status=Status.READY).count() == 2


def test_copy_is_built_once(partner, owner):
    export = ordered(partner, owner)

    assert exports.build_copy(export.pk)
    assert not exports.build_copy(export.pk)
    assert Mail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_build_one_copy(partner, owner, files):
    export = ordered(partner, owner)

    assert sorted(at_once(lambda _n: exports.build_copy(export.pk), 2)) == [False, True]
    assert len(files()) == 1


def test_broken_section_is_tried_three_times_and_then_shown(partner, owner, monkeypatch, files):
    def broken(_partner):
        raise RuntimeError("kaputt")

    section = extensions.DataSection(name="broken", about="broken", rows=broken)
    monkeypatch.setattr(extensions, "data_sections", [*extensions.data_sections, section])
    export = ordered(partner, owner)

    statuses = []
    for _ in range(3):
        assert not exports.build_copy(export.pk)
        export.refresh_from_db()
        statuses.append(export.status)

    assert statuses == [Status.WAITING, Status.WAITING, Status.FAILED]
    assert "kaputt" in export.error
    assert not files()
    assert not Mail.objects.exists()
    assert ordered(partner, owner).pk != export.pk, "it can be tried again"


def test_copy_of_a_dead_worker_is_built_by_the_next(partner, owner, files):
    export = ordered(partner, owner)
    exports._claim(export.pk)
    export.refresh_from_db()
    left_behind = default_storage.save(export.file.name, ContentFile(b"half"))
    DataExport.objects.update(claimed_at=timezone.now() - exports.CLAIM - timedelta(seconds=1))

    exports.sweep()
    assert exports.build_copy(export.pk)

    assert left_behind not in files()
    assert len(files()) == 1


def test_worker_that_lost_its_claim_leaves_nothing_behind(partner, owner, monkeypatch, files):
    export = ordered(partner, owner)
    real = default_storage.save

    def slow(name, content):
        DataExport.objects.update(status=Status.WAITING)  # the sweep took it for dead
        return real(name, content)

    monkeypatch.setattr(default_storage, "save", slow)

    assert not exports.build_copy(export.pk)
    assert not files()
    assert not Mail.objects.exists()


def test_worker_stops_when_the_copy_is_not_wanted_any_more(partner, owner, monkeypatch):
    export = ordered(partner, owner)
    asked: list[str] = []

    def rows(_partner):
        DataExport.objects.all().delete()
        yield {"a": 1}

    def never(_partner):
        asked.append("rows")
        return []

    sections = [
        extensions.DataSection(name="first", about="x", rows=rows),
        extensions.DataSection(name="second", about="x", rows=never),
    ]
    monkeypatch.setattr(extensions, "data_sections", sections)

    assert not exports.build_copy(export.pk)
    assert not asked


def test_worker_that_keeps_dying_is_given_up(partner, owner):
    export = ordered(partner, owner)
    for _ in range(exports.MAX_ATTEMPTS):
        exports._claim(export.pk)
        DataExport.objects.update(claimed_at=timezone.now() - exports.CLAIM - timedelta(seconds=1))
        exports.sweep()

    export.refresh_from_db()
    assert export.status == Status.FAILED


def test_owner_who_has_left_gets_no_mail(partner, owner):
    MembershipFactory(partner=partner)
    export = ordered(partner, owner)
    owner.memberships.all().delete()

    assert exports.build_copy(export.pk)
    assert not Mail.objects.exists()


def test_copies_are_deleted_when_their_days_are_over(partner, owner, files, settings):
    settings.DATA_EXPORT_DAYS = 7
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False):
        old = ordered(partner, owner)
        exports.build_copy(old.pk)
    with time_machine.travel(datetime(2026, 3, 5, 12, tzinfo=UTC), tick=False):
        new = ordered(partner, owner)
        exports.build_copy(new.pk)

    with time_machine.travel(datetime(2026, 3, 8, 13, tzinfo=UTC), tick=False):
        assert exports.expire_copies() == 1
        assert exports.expire_copies() == 0

    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.status, old.file.name, new.status) == (Status.EXPIRED, "", Status.READY)
    assert files() == [new.file.name]


@pytest.mark.django_db(transaction=True)
def test_copy_that_was_ordered_is_built_by_a_worker(partner, owner, celery_worker_process):
    celery_worker_process()

    export = ordered(partner, owner)

    assert wait_until(lambda: DataExport.objects.get(pk=export.pk).status == Status.READY, seconds=30)


def test_copy_waits_for_the_sweep_while_the_broker_is_away(
    partner, owner, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*_args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.build_copy, "delay", away)
    with django_capture_on_commit_callbacks(execute=True):
        export = ordered(partner, owner)
    assert DataExport.objects.get(pk=export.pk).status == Status.WAITING

    handed: list[int] = []
    monkeypatch.setattr(tasks.build_copy, "delay", handed.append)
    exports.sweep()
    assert handed == [export.pk]
