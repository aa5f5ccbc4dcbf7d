"""The part of `make bench` about partners' reports: building them, beside compiling the same documents with bare Typst.

Each side is a process of its own, with nothing in memory from before; each makes one report first that does not count,
so that neither is charged for reading fonts. The portal's side counts the figures, makes three PDFs, three spreadsheets
and the data, stores the files and writes the rows; the bare side compiles the three PDFs from ready inputs and writes
them to disk, one half of them before and one half after the portal's turn.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REPORTS, BOOKINGS_A_PARTNER = 1_000, 100
# What `bench_reports.grow` adds, so that it can add another number of it afterwards.
FORGET = (
    "TRUNCATE schools_booking CASCADE",
    "DELETE FROM activities_session WHERE link = 'bench'",
    "DELETE FROM activities_ownword WHERE title = 'bench'",
    "DELETE FROM schools_grantpot WHERE name = 'bench'",
)


def measure_partner_reports(folder: Path, reports: int = REPORTS) -> dict[str, float]:
    """Build last school year's report of so many partners with a hundred bookings each; seconds, ratio, megabytes.

    ``folder`` takes the files. All bookings are gone afterwards.
    """
    from django.db import connection

    from scripts.bench_reports import grow

    grow(reports * BOOKINGS_A_PARTNER, BOOKINGS_A_PARTNER)
    run_id, count = begin(reports)
    (folder / "inputs").mkdir()
    in_a_process("record", folder, run_id)
    before = in_a_process("bare", folder, 0)
    built = in_a_process("build", folder, run_id)
    after = in_a_process("bare", folder, 1)
    with connection.cursor() as cursor:
        for statement in FORGET:
            cursor.execute(statement)
    bare = before["seconds"] + after["seconds"]
    found = {
        "reports": count,
        "seconds": built["seconds"],
        "bare_seconds": bare,
        "ratio": built["seconds"] / bare,
        "peak_mb": built["peak_mb"],
        "bare_peak_mb": max(before["peak_mb"], after["peak_mb"]),
    }
    print(
        f"  reports      {count:,} in {found['seconds']:.0f} s ({1000 * found['seconds'] / count:.0f} ms each, seven "
        f"files), {found['ratio']:.2f} times bare Typst ({bare:.0f} s for their PDFs); {found['peak_mb']:.0f} MB at "
        f"most, bare {found['bare_peak_mb']:.0f} MB"
    )
    return found


def begin(reports: int) -> tuple[int, int]:
    """Start a run for the partners with the most visits; its reports wait. Return its id and how many they are."""
    from django.db.models import Count, Q

    from stemportal.lib.periods import Period
    from stemportal.partners.models import Partner
    from stemportal.reports.models import PartnerReport, ReportRun
    from stemportal.schools.models import Visit

    period = Period.current().previous
    visits = Visit.objects.in_period(period).values("partner").annotate(number=Count("pk")).order_by("-number")
    chosen = list(visits.values_list("partner", flat=True)[:reports])
    had = PartnerReport.objects.of_period(period).values_list("partner", flat=True)
    partners = Partner.objects.filter(Q(pk__in=chosen) & ~Q(pk__in=had)).values_list("pk", flat=True)
    run = ReportRun.objects.create(period_kind=period.kind, year=period.year)
    PartnerReport.objects.bulk_create(
        PartnerReport(run=run, partner_id=pk, period_kind=period.kind, year=period.year) for pk in partners
    )
    return run.pk, len(partners)


def in_a_process(what: str, folder: Path, number: int) -> dict[str, float]:
    """Do one side's work in a process of its own, and return what it says about it."""
    args = [sys.executable, str(Path(__file__)), what, str(folder), str(number)]
    env = os.environ | {"PORTAL_VAR": str(folder / "var"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(args, env=env, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def record(folder: Path, run_id: int) -> float:
    """Write down what Typst is given for each report of the run, without compiling it."""
    import django

    django.setup()
    from stemportal.lib import pdf
    from stemportal.reports.documents import files, material
    from stemportal.reports.models import PartnerReport

    given: list[str] = []

    def note(template: Path, text: str) -> bytes:
        given.append(text)
        return b""

    pdf._compile = note
    for report in PartnerReport.objects.filter(run=run_id).select_related("partner", "run").order_by("pk"):
        given.clear()
        for _made in files.make_files(material.material_of(report)):
            pass
        (folder / "inputs" / f"{report.pk}.json").write_text(json.dumps(given))
    return 0


def build(folder: Path, run_id: int) -> float:
    """Build the run's reports as a worker does; return seconds."""
    import django

    django.setup()
    from stemportal.reports.models import PartnerReport
    from stemportal.reports.services import building, runs

    first, *ids = PartnerReport.objects.filter(run=run_id).order_by("pk").values_list("pk", flat=True)
    building.build_report(first)
    began = time.perf_counter()
    built = sum(building.build_reports(ids[at : at + runs.AT_A_TIME]) for at in range(0, len(ids), runs.AT_A_TIME))
    seconds = time.perf_counter() - began
    assert built == len(ids), f"{len(ids) - built} were not built"
    return seconds


def bare(folder: Path, half: int) -> float:
    """Compile every second report's inputs with Typst and nothing else; return seconds."""
    import typst

    from stemportal.lib import pdf
    from stemportal.reports.documents.files import TEMPLATE

    compiler = typst.Compiler(str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=[str(pdf.FONTS)])

    def compile_all(inputs: Path) -> None:
        for number, text in enumerate(json.loads(inputs.read_text())):
            content = compiler.compile(format="pdf", sys_inputs={"data": text}, pdf_standards=[*pdf.STANDARDS])
            (folder / f"bare-{number}.pdf").write_bytes(content)  # type: ignore[arg-type]  # one file

    first, *others = sorted((folder / "inputs").iterdir())
    compile_all(first)
    began = time.perf_counter()
    for inputs in others[half::2]:
        compile_all(inputs)
    return time.perf_counter() - began


if __name__ == "__main__":
    side, place, number = sys.argv[1:]
    if side == "bare":
        import django

        django.setup()
    took = {"record": record, "build": build, "bare": bare}[side](Path(place), int(number))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "peak_mb": peak}))
