"""The built wheel is whole: it works from any folder, with its rule books, templates and both languages."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Built by the backend itself, so that nothing is fetched.
BUILD = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel unpacked, as an installer would lay it, away from the repository."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def run(installed: Path, folder: Path, *arguments: str) -> str:
    code = f"import sys; sys.path.insert(0, {str(installed)!r}); sys.argv[0] = 'complaint-sla'; "
    code += "import complaint_sla.__main__ as m; assert m.__file__.startswith(sys.path[0]); m.main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
        env={
            **os.environ,
            "COMPLAINT_SLA_DB": f"sqlite:///{folder}/c.db",
            "COMPLAINT_SLA_MAIL": f"folder:{folder}/mail",
        },
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_rule_books_templates_the_sample_and_the_compiled_catalogue(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "complaint_sla/rules/pea-2560.toml",
        "complaint_sla/rules/plan-2560.toml",
        "complaint_sla/templates/email/one.html",
        "complaint_sla/templates/report/quarter.html",
        "complaint_sla/locale/th/LC_MESSAGES/complaint_sla.mo",
        "complaint_sla/cli/demo/sample.toml",
        "complaint_sla/store/roles.sql",
        "complaint_sla/store/migrations/versions/0001_the_house.py",
        "complaint_sla/py.typed",
        "complaint_sla/cli/completion/candidates.awk",
        *(f"complaint_sla/cli/completion/complaint-sla.{shell}" for shell in ("bash", "zsh", "fish")),
        # Where an installer lays them, `man` finds them beside the program.
        "complaint_sla-0.1.0.data/data/share/man/man1/complaint-sla.1",
        "complaint_sla-0.1.0.data/data/share/man/th/man1/complaint-sla-log.1",
    ):
        assert name in names
    assert [name for name in names if name.startswith("tests/")] == []


def test_building_a_wheel_asks_for_what_the_program_needs_and_an_editable_install_does_not() -> None:
    code = "import hatch_build as b; print(b.get_requires_for_build_wheel(), b.get_requires_for_build_editable(), sep='|')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    wheel, editable = done.stdout.split("|")
    assert "typer>=" in wheel
    assert "typer" not in editable


def test_the_installed_program_logs_alerts_and_reports_in_thai_from_any_folder(
    installed: Path, tmp_path: Path
) -> None:
    assert "pea-2560, pea-plan-2560, service" in run(installed, tmp_path, "init", "--rehearsal")
    at = ("--lang", "th", "--now", "2560-03-05 10:00")
    staff = (
        "staff",
        "add",
        "sup@example.org",
        "--name",
        "หัวหน้าแผนก",
        "--office",
        "MAIN",
        "--role",
        "supervisor",
    )
    run(installed, tmp_path, *at, *staff)
    logged = run(
        installed, tmp_path, *at, "log", "--group", "residential", "--urgent", "--channel", "phone",
        "--category", "outage", "--subject", "ไฟดับ",
    )  # fmt: skip
    assert "8 มีนาคม 2560" in logged
    run(installed, tmp_path, *at, "sweep")
    run(installed, tmp_path, *at, "deliver")
    assert len(list((tmp_path / "mail").glob("*.eml"))) == 1
    page = run(installed, tmp_path, *at, "report", "1/2560", "--format", "html")
    assert '<html lang="th"' in page
    assert "ไตรมาสที่ 1/2560" in page
