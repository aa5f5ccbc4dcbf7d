"""The life of the index: it follows changes, is replaced as a whole, survives crashes, never shows what is hidden."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from stemportal.activities import tasks
from stemportal.activities.finding import results
from stemportal.activities.models import Activity
from stemportal.activities.search import store, writer
from stemportal.activities.search.criteria import Criteria
from stemportal.activities.search.engine import run_search
from stemportal.activities.services import activities as services
from stemportal.activities.tests.conftest import at
from stemportal.activities.tests.test_search import search, titles
from stemportal.embedded.process import wait_until
from stemportal.partners.models import Partner
from stemportal.testing.factories import PartnerFactory

pytestmark = pytest.mark.django_db


# What a company visit needs to be published.
COMPLETE = {"learning": "Sensorer", "practical": "Støvler", "place": "Resepsjonen"}


@pytest.fixture
def folder(settings):
    return Path(settings.SEARCH_DIR)


def generations(folder):
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


# --- Following changes


def test_index_follows_publishing_changing_and_hiding(offer):
    activity = offer("Bygg en drone", status="draft", **COMPLETE)
    assert titles("q=drone") == []
    services.publish_activity(activity=activity)
    assert titles("q=drone") == ["Bygg en drone"]
    services.update_activity(activity=activity, facts={"title": "Bygg en robot"})
    assert (titles("q=drone"), titles("q=robot")) == ([], ["Bygg en robot"])
    services.unpublish_activity(activity=activity)
    assert titles("q=robot") == []
    assert search("").facets["kind"] == []


def test_worker_finds_what_was_published_within_seconds(celery_worker_process, transactional_db, offer):
    writer.rebuild()
    celery_worker_process()
    activity = offer("Bygg en drone", status="draft", **COMPLETE)
    services.publish_activity(activity=activity)
    assert wait_until(lambda: titles("q=drone") == ["Bygg en drone"], seconds=20)
    services.archive_activity(activity=activity)
    assert wait_until(lambda: search("").total == 0, seconds=20)


def test_sweep_finds_what_nobody_told(offer, search_index):
    activity = offer("Bygg en drone")
    other = offer("Bygg en robot", partner=PartnerFactory(display_name="Annen"))
    search_index.flush()
    Activity.objects.filter(pk=activity.pk).update(title="Bygg en båt", updated_at=timezone.now())
    Partner.objects.filter(pk=other.partner_id).update(status=Partner.Status.PAUSED)
    tasks.sweep_search()
    assert titles("") == ["Bygg en båt"]
    assert search("").total == 1


def test_sweep_builds_an_index_that_is_missing(offer, search_index, folder, monkeypatch):
    offer("Bygg en drone")
    search_index.flush()
    monkeypatch.setattr(tasks.rebuild_search, "delay", tasks.rebuild_search)
    (folder / store.CURRENT).unlink()
    tasks.sweep_search()
    assert titles("") == ["Bygg en drone"]


# --- Never shows what is hidden


def test_offer_that_the_index_still_holds_is_not_shown_and_the_page_is_filled(offer, search_index):
    offers = [offer(f"Tilbud {number:02}") for number in range(30)]
    search_index.flush()
    hidden = [activity.pk for activity in offers[-5:]]
    Activity.objects.filter(pk__in=hidden).update(status=Activity.Status.ARCHIVED)
    shown = search("").page.object_list
    assert len(shown) == results.PER_PAGE
    assert not {activity.pk for activity in shown} & set(hidden)
    # The search has told the index, which has forgotten them by now.
    assert search("").total == 25


def test_offer_of_a_partner_that_left_is_not_shown(offer, partner, search_index):
    offer("Bygg en drone", partner=partner)
    search_index.flush()
    Partner.objects.filter(pk=partner.pk).update(status=Partner.Status.ENDED)
    assert "Bygg en drone" not in Client().get(at("search")).content.decode()


# --- Replaced as a whole


def test_rebuild_replaces_the_index_and_removes_the_old_one(offer, search_index, folder):
    offer("Bygg en drone")
    search_index.flush()
    (folder / "1-0000.20200101T000000").mkdir()  # a rebuild that was killed
    before = store.folder().name
    assert writer.rebuild() == 1
    assert store.folder().name != before
    assert generations(folder) == [store.folder().name]
    assert titles("q=drone") == ["Bygg en drone"]


def test_reader_with_the_old_index_still_answers(offer, search_index):
    offer("Bygg en drone")
    search_index.flush()
    searcher = store.reader.searcher()
    writer.rebuild()
    assert searcher.num_docs == 1
    assert titles("q=drone") == ["Bygg en drone"]


def test_searches_go_on_while_the_index_is_built_anew(offer, search_index):
    offer("Bygg en drone")
    search_index.flush()
    built = threading.Event()

    def look() -> set[int]:
        found = set()
        while not built.is_set():
            found.add(run_search(Criteria(text="drone"), count=("kind",), now=timezone.now()).total)
        return found

    with ThreadPoolExecutor(3) as visitors:
        looking = [visitors.submit(look) for _ in range(3)]
        for _ in range(5):
            assert writer.rebuild() == 1
        built.set()
    assert [visitor.result() for visitor in looking] == [{1}] * 3


def test_rebuild_that_fails_leaves_the_old_index(offer, search_index, folder, monkeypatch):
    offer("Bygg en drone")
    search_index.flush()
    before = generations(folder)
    monkeypatch.setattr(writer, "documents_of", lambda ids: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        writer.rebuild()
    assert generations(folder) == before
    assert titles("q=drone") == ["Bygg en drone"]


def test_only_one_writes_at_a_time(offer, folder):
    activity = offer("Bygg en drone")
    with writer._writing(0):
        with pytest.raises(writer.WriterBusy):
            writer.update([activity.pk], wait_seconds=0)
        with pytest.raises(writer.WriterBusy):
            writer.rebuild(wait_seconds=0)
        tasks.rebuild_search()  # another one is at it: nothing to do, and no error
        tasks.sweep_search()
    writer.update([activity.pk], wait_seconds=0)


def test_command_rebuilds_and_does_so_only_where_needed(offer, folder, capsys):
    offer("Bygg en drone")
    call_command("rebuild_search")
    assert "1 offers in the search index" in capsys.readouterr().out
    before = store.folder().name
    call_command("rebuild_search", if_missing=True)
    assert store.folder().name == before
    (folder / store.CURRENT).write_text("0-something.20200101T000000")
    call_command("rebuild_search", if_missing=True)
    assert titles("q=drone") == ["Bygg en drone"]


# --- Without an index


def break_files(pattern):
    def spoil(folder):
        files = [file for file in store.folder().iterdir() if file.match(pattern)]
        assert files
        for file in files:
            os.truncate(file, file.stat().st_size // 2)

    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / store.CURRENT).unlink(),
        lambda folder: (folder / store.CURRENT).write_text(""),
        lambda folder: (folder / store.CURRENT).write_text("0-old.20200101T000000"),
        lambda folder: (store.folder() / store.META).unlink(),
        break_files("meta.json"),
        break_files("*.fast"),
        break_files("*.term"),
    ],
    ids=["absent", "empty", "other version", "no meta", "half a meta", "half a column", "half the terms"],
)
def test_missing_or_broken_index_is_told_and_healed(offer, search_index, folder, spoil, monkeypatch):
    offer("Bygg en drone")
    search_index.flush()
    spoil(folder)
    monkeypatch.setattr(store, "reader", store.Reader())
    monkeypatch.setattr("stemportal.activities.search.engine.reader", store.reader)
    assert writer.is_missing()
    asked = []
    monkeypatch.setattr(tasks.rebuild_search, "delay", lambda **options: asked.append(options))
    response = Client(raise_request_exception=False).get(at("search"))
    assert response.status_code == 503
    assert response["Retry-After"]
    for options in asked:
        tasks.rebuild_search(**options)
    assert titles("q=drone") == ["Bygg en drone"]


def test_change_without_an_index_has_it_built_once(offer, search_index, folder, monkeypatch):
    activity = offer("Bygg en drone")
    search_index.flush()
    (folder / store.CURRENT).unlink()
    monkeypatch.setattr(tasks.rebuild_search, "delay", tasks.rebuild_search)
    tasks.index_activities([activity.pk])
    built = store.folder()
    tasks.rebuild_search(if_missing=True)
    assert store.folder() == built


def test_pages_without_a_search_need_no_index(offer, folder):
    activity = offer("Bygg en drone", days=5)
    (folder / store.CURRENT).unlink(missing_ok=True)
    assert Client().get(activity.get_absolute_url()).status_code == 200
    assert Client().get("/en/").status_code == 200
    writer.rebuild()


# --- Several processes

READER = """
import sys
import django
django.setup()
from stemportal.activities.search.store import reader
print(reader.searcher().num_docs, flush=True)
for line in sys.stdin:
    print(reader.searcher().num_docs, flush=True)
"""
WRITER = """
import sys, time
import django
django.setup()
from stemportal.activities.search import store, writer
with writer._writing(5):
    index = store.open_index().writer(15_000_000, 1)
    print("writing", flush=True)
    time.sleep(60)
"""


def process(code):
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "stemportal.settings.test"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_other_processes_see_a_change_and_a_new_index_at_their_next_search(offer, search_index):
    offer("Bygg en drone")
    search_index.flush()
    with process(READER) as other:
        assert other.stdout.readline() == "1\n"
        for number, change in ((2, search_index.flush), (3, writer.rebuild)):
            offer(f"Tilbud {number}")
            change()
            other.stdin.write("again\n")
            other.stdin.flush()
            assert other.stdout.readline() == f"{number}\n"
        other.stdin.close()


def test_killed_writer_holds_nobody_up_and_spoils_nothing(offer, search_index):
    activity = offer("Bygg en drone")
    search_index.flush()
    with process(WRITER) as other:
        assert other.stdout.readline() == "writing\n"
        with pytest.raises(writer.WriterBusy):
            writer.update([activity.pk], wait_seconds=0)
        os.kill(other.pid, signal.SIGKILL)
    Activity.objects.filter(pk=activity.pk).update(title="Bygg en båt")
    writer.update([activity.pk])
    assert titles("") == ["Bygg en båt"]
