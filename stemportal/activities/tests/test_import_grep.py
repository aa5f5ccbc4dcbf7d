"""Curricula and goals from Grep, read from a server on loopback in the register's shape."""

from __future__ import annotations

from datetime import date
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from stemportal.activities import tasks
from stemportal.activities.models import CurriculumPlan, Goal
from stemportal.activities.services.curriculum import import_grep
from stemportal.activities.services.seeding import load_curriculum, load_subjects
from stemportal.lib import grep
from stemportal.lib.grep import GrepAway
from stemportal.lib.tests.fake_grep import OVER, REAL, FakeGrep, running_grep, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(settings):
    """Two versions of natural science as in autumn 2026, and mathematics."""
    with running_grep() as fake:
        settings.GREP_BASE_URL = fake.url
        settings.GREP_REQUESTS_PER_SECOND = 10_000
        settings.GREP_RETRY_SECONDS = 0.001
        settings.GREP_RETRIES = 2
        fake.add_plan("NAT01-05", ["KV1078", "KV1077"], first="2026-08-01T00:00:00", erstatter=[{"kode": "NAT01-04"}])
        fake.add_set("KV1078", ["KM13854", "KM13860"])
        fake.add_set("KV1077", ["KM100"], after="aarstrinn7")
        fake.add_goal(
            "KM13854", text("stille spørsmål", nob="stille spørsmål", nno="stille  spørsmål ", eng="ask questions")
        )
        fake.add_goal("KM13860", text("bruke programmering til å utforske naturfaglige fenomener"))
        fake.add_goal("KM100", text("for sjuende trinn"))
        over = {"status": f"{REAL}/status/{OVER}", "erstattes-av": [{"referanse": {"kode": "NAT01-05"}}]}
        fake.add_plan("NAT01-04", ["KV77"], first="2020-08-01T00:00:00", last="2026-07-31T00:00:00", **over)
        fake.add_set("KV77", ["KM831", "KM837"])
        fake.add_goal("KM831", text("stille spørsmål og lage hypoteser"))
        fake.add_goal("KM837", text("bruke programmering til å utforske naturfaglige fenomener"))
        fake.add_plan("MAT01-06", ["KV1027"], first="2026-08-01T00:00:00")
        fake.add_set("KV1027", ["KM13300"], after="aarstrinn8")
        fake.add_goal("KM13300", text("utforske korleis", nno="utforske korleis", nob="utforske hvordan"))
        # Not the portal's matter: never asked about by itself.
        fake.add_plan("NOR01-08", ["KV1110"], first="2026-08-01T00:00:00")
        yield fake


@pytest.fixture
def plans(db):
    """What the portal has before: one plan of each subject, without goals."""
    load_subjects()
    return [
        CurriculumPlan.objects.create(code=code, title=title, level="grunnskole")
        for code, title in (("NAT01-04", "Naturfag"), ("MAT01-06", "Matematikk 1.–10. trinn"))
    ]


@pytest.fixture(autouse=True)
def autumn():
    with time_machine.travel("2026-11-20 10:00:00+01:00", tick=True):
        yield


def goal(code: str) -> Goal:
    return Goal.objects.select_related("plan", "successor").get(code=code)


def test_goals_come_with_texts_grade_set_and_validity(server, plans):
    report = import_grep()
    assert set(report.plans) == {"NAT01-05", "NAT01-04", "MAT01-06"}
    assert report.new_plans == ["NAT01-05"]
    asked = goal("KM13854")
    assert (asked.text_nb, asked.text_nn, asked.text_en) == ("stille spørsmål", "stille spørsmål", "ask questions")
    assert (asked.goal_set, asked.after_grade, asked.plan.valid_from) == ("KV1078", "10", date(2026, 8, 1))
    assert goal("KM13300").text_nb == "utforske hvordan"
    assert goal("KM13860").text_nn == ""
    assert report.failed == {}


def test_goals_of_younger_pupils_and_other_subjects_stay_away(server, plans):
    import_grep()
    assert not Goal.objects.filter(code="KM100").exists()
    assert not CurriculumPlan.objects.filter(code="NOR01-08").exists()
    assert not [path for path in server.asked if "KM100" in path or "NOR01" in path]


def test_a_plan_that_is_over_points_to_its_successor(server, plans):
    report = import_grep()
    old = CurriculumPlan.objects.get(code="NAT01-04")
    # Grep names the last day in force; the portal keeps the first day after it.
    assert (old.valid_to, old.successor.code) == (date(2026, 8, 1), "NAT01-05")
    assert set(report.expired) == {"NAT01-04 KM831", "NAT01-04 KM837"}
    assert {item.code for item in Goal.objects.expired()} == {"KM831", "KM837"}
    assert CurriculumPlan.objects.get(code="NAT01-05").title == "Naturfag"


def test_goals_find_what_came_after_them(server, plans):
    server.elements[grep.GOALS]["KM13854"]["gjenbruk-av"] = {"kode": "KM831"}
    import_grep(plans=["NAT01-05"])
    report = import_grep()
    assert goal("KM837").successor.code == "KM13860", "the very same words"
    assert "NAT01-04 KM837" in report.succeeded
    # KM13854 was read before KM831 was there; the next change of it tells.
    server.elements[grep.GOALS]["KM13854"]["sist-endret"] = "2026-11-01T00:00:00"
    import_grep()
    assert goal("KM831").successor.code == "KM13854"


def test_replaced_by_is_believed_where_the_register_tells_it(server, plans):
    server.elements[grep.GOALS]["KM831"]["erstattes-av"] = [{"referanse": {"kode": "KM13860"}}]
    import_grep()
    assert goal("KM831").successor.code == "KM13860"


def test_running_again_changes_and_asks_nothing_new(server, plans):
    import_grep()
    before = list(Goal.objects.order_by("pk").values())
    server.asked.clear()
    report = import_grep()
    assert (report.added, report.changed, report.expired, report.succeeded) == ([], [], [], [])
    assert list(Goal.objects.order_by("pk").values()) == before
    assert not [path for path in server.asked if path.startswith(f"/{grep.GOALS}/")]


def test_only_what_changed_since_is_asked_for(server, plans):
    import_grep()
    server.add_goal("KM13300", text("nye ord"), changed="2026-11-10T00:00:00")
    server.asked.clear()
    report = import_grep()
    assert report.changed == ["MAT01-06 KM13300"]
    assert [path for path in server.asked if path.startswith(f"/{grep.GOALS}/")] == [f"/{grep.GOALS}/KM13300"]


def test_a_goal_that_moved_is_over_here_and_in_force_there(server, plans):
    import_grep()
    server.add_set("KV1027", ["KM13299"], after="aarstrinn8")
    server.add_goal("KM13299", text("nytt mål"))
    server.add_set("KV1078", ["KM13854", "KM13860", "KM13300"])
    import_grep(plans=["NAT01-05"])
    report = import_grep()
    old = Goal.objects.get(plan__code="MAT01-06", code="KM13300")
    assert (old.valid_to, old.successor.plan.code) == (date(2026, 11, 20), "NAT01-05")
    assert "MAT01-06 KM13300" in report.expired
    assert Goal.objects.in_force().get(code="KM13300").plan.code == "NAT01-05"


def test_a_goal_without_any_text_is_left_out(server, plans):
    server.add_goal("KM13854", {"tekst": [{"spraak": "nob", "verdi": "  "}, {"spraak": "sme"}, None]})
    report = import_grep()
    assert report.without_text == ["NAT01-05 KM13854"]
    assert not Goal.objects.filter(code="KM13854").exists()


def test_lists_in_pages_are_read_to_the_end(server, plans):
    server.page_size = 2
    assert len(import_grep().plans) == 3


def test_a_missing_goal_keeps_what_the_portal_has(server, plans):
    import_grep()
    del server.elements[grep.GOALS]["KM13300"]
    report = import_grep()
    assert report.failed == {}
    assert goal("KM13300").text_nb == "utforske hvordan"
    assert goal("KM13300").expired_on is None


@pytest.mark.parametrize(
    ("path", "bad"),
    [
        (f"/{grep.PLANS}/NAT01-05", [404]),
        (f"/{grep.SETS}/KV1078", [404]),
        (f"/{grep.SETS}/KV1078", [500]),
        (f"/{grep.GOALS}/KM13854", [500]),
        (f"/{grep.GOALS}/KM13854", [b'{"kode": "KM13854", "tit']),
        (f"/{grep.GOALS}/KM13854", [b'{"kode": "KM1"}']),
        (f"/{grep.SETS}/KV1078", [b'{"kode": "KV1078", "kompetansemaal": null}']),
    ],
)
def test_a_bad_answer_leaves_its_plan_as_it_was(server, plans, path, bad):
    import_grep()
    server.trouble[path] = bad
    server.elements[grep.GOALS]["KM13854"]["sist-endret"] = "2026-11-10T00:00:00"
    before = list(Goal.objects.filter(plan__code="NAT01-05").order_by("pk").values())
    report = import_grep()
    assert list(report.failed) == ["NAT01-05"]
    assert "MAT01-06" in report.plans
    assert list(Goal.objects.filter(plan__code="NAT01-05").order_by("pk").values()) == before


def test_a_register_that_stumbles_is_asked_again(server, plans):
    server.trouble[f"/{grep.GOALS}/KM13854"] = [503, b"{", 0]
    assert import_grep().failed == {}
    assert server.asked.count(f"/{grep.GOALS}/KM13854") == 3


def test_a_register_that_goes_away_ends_the_run_and_the_next_goes_on(server, plans):
    for code in ("NAT01-05", "NAT01-04"):
        server.trouble[f"/{grep.PLANS}/{code}"] = [500]
    report = import_grep()
    assert (list(report.failed), report.plans, report.left) == (["NAT01-05", "NAT01-04"], ["MAT01-06"], [])
    server.trouble[f"/{grep.PLANS}/MAT01-06"] = [500]
    report = import_grep()
    assert (report.plans, report.left) == ([], ["NAT01-04"])
    server.trouble.clear()
    assert len(import_grep().plans) == 3


@pytest.mark.parametrize("bad", [[500], [b"<html>"], [b"[]"], [b'{"kode": "x"}']])
def test_without_the_lists_nothing_happens_and_the_command_says_so(server, plans, bad):
    server.trouble[f"/{grep.PLANS}"] = bad
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("import_grep", stdout=StringIO())
    assert not Goal.objects.exists()


def test_the_command_reports_and_fails_when_a_plan_failed(server, plans):
    out, err = StringIO(), StringIO()
    call_command("import_grep", stdout=out)
    assert "3 plans read, 1 of them new" in out.getvalue()
    assert "5 new goals" in out.getvalue()
    server.trouble[f"/{grep.PLANS}/MAT01-06"] = [500]
    with pytest.raises(CommandError, match="Run the command again"):
        call_command("import_grep", "--plans", "mat01", stdout=out, stderr=err)
    assert "MAT01-06 is as it was" in err.getvalue()


def test_named_plans_only(server, plans):
    assert import_grep(plans=["mat01 ", ""]).plans == ["MAT01-06"]
    assert import_grep(plans=["NAT01-05"]).plans == ["NAT01-05"]


def test_no_page_leads_to_another_host(server, plans, monkeypatch):
    monkeypatch.setattr(
        FakeGrep, "answer", lambda self, path: (200, b"[]", {"Link": '<https://evil.example/x>; rel="next"'})
    )
    with pytest.raises(GrepAway, match="another host"):
        import_grep()


def test_the_file_of_the_portal_does_not_undo_an_import(server):
    load_subjects()
    load_curriculum()
    server.add_goal("KM13300", text("nyere ord"), changed="2026-11-10T00:00:00")
    import_grep(plans=["MAT01-06"])
    assert goal("KM13300").text_nb == "nyere ord"
    load_curriculum()
    assert goal("KM13300").text_nb == "nyere ord"
    assert CurriculumPlan.objects.get(code="MAT01-06").subject.code == "MAT"


def test_the_monthly_task_goes_on_with_what_was_left(server, plans, monkeypatch):
    later: list[list[str]] = []
    monkeypatch.setattr(tasks.import_curriculum, "apply_async", lambda args, countdown: later.append(args[0]))
    monkeypatch.setattr(tasks, "IMPORT_SECONDS", -1)
    tasks.import_curriculum()
    assert later == [["MAT01-06", "NAT01-05", "NAT01-04"]]


def test_the_monthly_task_survives_a_missing_register(settings, plans):
    settings.GREP_BASE_URL, settings.GREP_RETRIES = "http://127.0.0.1:9", 0
    tasks.import_curriculum()
    assert not Goal.objects.exists()
