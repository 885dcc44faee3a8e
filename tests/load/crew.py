"""Processes that are started by the dozen: forked from one server that has imported everything."""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import traceback
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

# What the commands of the program would import one after the other, in each process.
PRELOADED = [
    "tests.load.crowd",
    "tests.load.services",
    "tests.work.rivals",
    "complaint_sla.cli.service",
    "complaint_sla.contract",
    "complaint_sla.cli.tables",
    "complaint_sla.cli.answers",
    "complaint_sla.mail.compose",
    "complaint_sla.mail.smtp",
    "complaint_sla.service.rounds",
    "complaint_sla.store.backup",
    "complaint_sla.work.sheets.exchange",
    "complaint_sla.work.complaints.look",
]
SETTINGS = ("HOME", "LANG", "COLUMNS", "NO_COLOR", "COMPLAINT_SLA_", "XDG_")
PATIENCE = 60.0

# Windows has no such server.
context: Any = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")


def begin(job: Callable[..., object], *given: object, answer: Path | None = None) -> BaseProcess:
    """Starts `job` in a process of its own, with this process's settings; what it returns is written as JSON to `answer`."""
    if sys.platform != "win32":
        context.set_forkserver_preload(PRELOADED)
    # The server has the surroundings of the moment at which it was started: perhaps another test's.
    surroundings = {name: value for name, value in os.environ.items() if name.startswith(SETTINGS)}
    process: BaseProcess = context.Process(target=_run, args=(surroundings, job, given, answer), daemon=True)
    process.start()
    return process


def _run(
    surroundings: dict[str, str], job: Callable[..., object], given: tuple[object, ...], answer: Path | None
) -> None:
    os.environ.update(surroundings)
    try:
        result = job(*given)
    except BaseException:
        if answer is not None:
            answer.write_text(traceback.format_exc(), encoding="utf-8")
        raise
    if answer is not None:
        answer.write_text(json.dumps(result), encoding="utf-8")


def ended(process: BaseProcess, answer: Path, patience: float = PATIENCE) -> Any:
    """Waits for a process that must end well; what it returned."""
    process.join(patience)
    said = answer.read_text(encoding="utf-8") if answer.exists() else "nothing"
    assert process.exitcode == 0, f"a process ended with {process.exitcode}: {said}"
    return json.loads(said)
