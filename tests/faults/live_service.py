"""The service itself, running all the while: what it stands on goes and comes back. Only a moved file ends it."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from complaint_sla import resources
from tests.faults.bureau import IMPATIENT, Bureau, wait_until
from tests.faults.nursery import Worker
from tests.faults.surroundings import cut, database_file, locked
from tests.faults.worker import TURNED_AWAY
from tests.load.simulated import SimulatedClock

# Minutes pass in a second, and the rounds of each minute with them.
PACE = 240.0
# Seconds without what is gone: some rounds.
GONE = 0.5


def _started(bureau: Bureau, templates: Path | None = None) -> tuple[Worker, Callable[[], None]]:
    """The service, and what sets the bureau's clock by the service's."""
    clock = SimulatedClock(bureau.house.clock.at, time.monotonic(), PACE)

    def set_clock() -> None:
        bureau.house.clock.at = clock()

    bureau.house.store.close()
    service, _ = bureau.send_out(service=clock, pace=PACE, lock_seconds=IMPATIENT, templates=templates)
    return service, set_clock


@contextmanager
def _running(bureau: Bureau, templates: Path | None = None) -> Iterator[Callable[[], None]]:
    """The service at work; yields what sets the bureau's clock by the service's."""
    service, set_clock = _started(bureau, templates)
    try:
        yield set_clock
    finally:
        service.signal(signal.SIGTERM)
        code = service.ended()
        set_clock()
    if code != 0:
        bureau.oracle.problems.append(f"the service ended with {code}")
    bureau.settle_post()
    bureau.notice()
    bureau.check()


def _survives(
    bureau: Bureau, goes: Callable[[], None], comes_back: Callable[[], None], *, before: bool, **more: Path
) -> None:
    """Something goes and comes back; the matter of the moment is logged before it goes, if nobody can log without it."""
    with _running(bureau, **more) as set_clock:
        before_all = _letters(bureau)
        bureau.urgent_matter()
        wait_until(lambda: _letters(bureau) > before_all)
        set_clock()
        if before:
            bureau.log(urgent=True)
            bureau.house.store.close()
        goes()
        if not before:
            set_clock()
            bureau.log(urgent=True)
        time.sleep(GONE)
        comes_back()
        wait_until(lambda: _letters(bureau) > before_all + 1)


def _letters(bureau: Bureau) -> int:
    return len({letter.message_id for letter in bureau.box.received})


def _mail_server(bureau: Bureau) -> None:
    _survives(bureau, bureau.box.stop, bureau.box.start, before=False)


def _locked(bureau: Bureau) -> None:
    with ExitStack() as lock:
        _survives(bureau, lambda: lock.enter_context(locked(bureau)) and None, lock.close, before=True)


def _gone(bureau: Bureau) -> None:
    if bureau.server is not None:
        _survives(bureau, bureau.server.halt, bureau.server.resume, before=True)
        return
    _moved(bureau)


def _moved(bureau: Bureau) -> None:
    """A service serves no file that is elsewhere by now: it ends, and the next one does what was left."""
    service, set_clock = _started(bureau)
    before_all = _letters(bureau)
    bureau.urgent_matter()
    wait_until(lambda: _letters(bureau) > before_all)
    set_clock()
    bureau.log(urgent=True)
    bureau.house.store.close()
    home = database_file(bureau).parent
    away = home.with_name(f"{home.name}-away")
    home.rename(away)
    code = service.ended()
    if code != TURNED_AWAY:
        bureau.oracle.problems.append(f"the service ended with {code}")
    away.rename(home)
    set_clock()
    with _running(bureau) as set_clock:
        wait_until(lambda: _letters(bureau) > before_all + 1)
        # The one before may have told of that ere it saw that the file had gone: this one is at work, and hears what ends it,
        # once it has told of a matter of its own.
        set_clock()
        bureau.log(urgent=True)
        wait_until(lambda: _letters(bureau) > before_all + 2)


def _cut(bureau: Bureau) -> None:
    _survives(bureau, partial(cut, bureau), lambda: None, before=True)


def _template(bureau: Bureau) -> None:
    folder = bureau.folder / "templates"
    shutil.copytree(resources.templates(), folder)
    file = folder / "email" / "one.txt"
    good = file.read_text()
    _survives(
        bureau,
        lambda: file.write_text("{% if %}") and None,
        lambda: file.write_text(good) and None,
        before=False,
        templates=folder,
    )


EITHER: dict[str, Callable[[Bureau], None]] = {
    "running service: mail server gone and back": _mail_server,
    "running service: database locked and free again": _locked,
    "running service: database gone and back": _gone,
    "running service: template broken and mended": _template,
}
POSTGRESQL: dict[str, Callable[[Bureau], None]] = {"running service: connections cut": _cut}
