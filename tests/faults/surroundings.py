"""What a program stands on gives way: the database is locked or gone, disks are full, templates broken, clocks wrong."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from complaint_sla import resources
from tests.faults.bureau import IMPATIENT, Bureau, read, wait_until
from tests.faults.worker import TURNED_AWAY
from tests.servers.smtp import Phase

# Bytes that a file may grow to: too few to open the database at all (SQLite's index of its log takes 32 kB), and such
# that room runs out while something is raised, gathered, recorded.
DISKS = (20_000, 33_000, 60_000, 160_000)


def database_file(bureau: Bureau) -> Path:
    """Where SQLite keeps the bureau's database."""
    return Path(str(make_url(bureau.house.url).database))


@contextmanager
def locked(bureau: Bureau) -> Iterator[Callable[[], bool]]:
    """Somebody else holds the database; yields whether anybody waits for it."""
    if bureau.server is None:
        with closing(sqlite3.connect(database_file(bureau), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            # SQLite does not tell who waits.
            yield lambda: True
            other.execute("ROLLBACK")
        return
    waiting = sql.SQL("SELECT 1 FROM pg_locks WHERE NOT granted")
    server = bureau.server
    with psycopg.connect(bureau.house.url.replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE complaint, alert, message IN ACCESS EXCLUSIVE MODE")
        yield lambda: bool(server.execute(waiting))
        other.rollback()


def _expect(bureau: Bureau, code: int, wanted: int, diary: Path) -> None:
    if code != wanted:
        bureau.oracle.problems.append(f"a worker ended with {code}, not {wanted}: {read(diary)[-1:]}")


def _finish(bureau: Bureau) -> None:
    bureau.settle_post()
    bureau.notice()
    bureau.check()


def _locked_from_the_start(bureau: Bureau, in_vain: bool) -> None:
    bureau.urgent_matter()
    if in_vain:
        bureau.house.store.close()
        with locked(bureau):
            worker, diary = bureau.send_out(lock_seconds=IMPATIENT)
            code = worker.ended()
        _expect(bureau, code, TURNED_AWAY, diary)
    else:
        bureau.house.store.close()
        with locked(bureau) as somebody_waits:
            worker, diary = bureau.send_out()
            wait_until(lambda: bool(read(diary)) and somebody_waits())
        _expect(bureau, worker.ended(), 0, diary)
    _finish(bureau)


def _locked_with_letters_in_hand(bureau: Bureau, in_vain: bool) -> None:
    """The server has taken the letters, and that can't be written down."""
    bureau.urgent_matter()
    hold = bureau.box.hold(Phase.BODY, times=None)
    worker, diary = bureau.send_out(lock_seconds=IMPATIENT if in_vain else None)
    hold.wait()
    with locked(bureau) as somebody_waits:
        bureau.box.mend()
        wait_until(lambda: "record: before" in read(diary) and somebody_waits())
        if in_vain:
            code = worker.ended()
    if not in_vain:
        code = worker.ended()
    _expect(bureau, code, TURNED_AWAY if in_vain else 0, diary)
    _finish(bureau)


def _letters_in_hand(bureau: Bureau, meanwhile: Callable[[], None], afterwards: Callable[[], None]) -> int:
    """Something happens while the server holds a letter; how the worker ended."""
    bureau.urgent_matter()
    hold = bureau.box.hold(Phase.BODY, times=None)
    worker, diary = bureau.send_out()
    hold.wait()
    meanwhile()
    bureau.box.mend()
    code = worker.ended()
    if code not in (0, TURNED_AWAY):
        bureau.oracle.problems.append(f"a worker ended with {code}: {read(diary)[-1:]}")
    afterwards()
    _finish(bureau)
    return code


def _connections_cut(bureau: Bureau) -> None:
    code = _letters_in_hand(bureau, lambda: cut(bureau), lambda: None)
    # It takes new ones.
    assert code == 0


def _connections_cut_in_a_transaction(bureau: Bureau) -> None:
    bureau.urgent_matter()
    bureau.house.store.close()
    with locked(bureau) as somebody_waits:
        worker, diary = bureau.send_out()
        wait_until(somebody_waits)
        cut(bureau)
        _expect(bureau, worker.ended(), TURNED_AWAY, diary)
    _finish(bureau)


def cut(bureau: Bureau) -> None:
    """Ends every connection that the program has to the database server."""
    assert bureau.server is not None
    bureau.server.execute(
        sql.SQL(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = {} AND application_name = 'complaint-sla'"
        ).format(sql.Literal(str(make_url(bureau.house.url).database)))
    )


def _server_restarted(bureau: Bureau) -> None:
    server = bureau.server
    assert server is not None
    bureau.house.store.close()
    assert _letters_in_hand(bureau, server.halt, server.resume) == TURNED_AWAY


def _folder_moved(bureau: Bureau) -> None:
    home = database_file(bureau).parent
    away = home.with_name(f"{home.name}-away")
    _letters_in_hand(bureau, lambda: _move(home, away), lambda: _move(away, home))


def _file_moved(bureau: Bureau) -> None:
    """The file alone; what SQLite keeps beside it stays where it was."""
    file = database_file(bureau)
    away = file.with_suffix(".away")
    _letters_in_hand(bureau, lambda: _move(file, away), lambda: _move(away, file))


def _move(what: Path, to: Path) -> None:
    what.rename(to)


def _disk_full(bureau: Bureau, size: int) -> None:
    bureau.morning()
    code, steps = bureau.work(largest_file=size)
    if code not in (0, TURNED_AWAY):
        bureau.oracle.problems.append(f"a full disk brought down a worker: {steps[-1:]}")
    bureau.check()


def _mail_folder_full(bureau: Bureau) -> None:
    by_mail, bureau.mail = bureau.mail, bureau.folder / "mail"
    bureau.urgent_matter()
    code, _ = bureau.work(full_mail_folder=True)
    if code != 0 or list((bureau.folder / "mail").iterdir()):
        bureau.oracle.problems.append("a full mail folder brought down a worker")
    if not bureau.in_sight():
        bureau.oracle.problems.append("that the mail folder is full is nowhere to be seen")
    bureau.check()
    bureau.mail = by_mail


def _template(bureau: Bureau, spoil: Callable[[Path], None]) -> None:
    folder = bureau.folder / "templates"
    shutil.copytree(resources.templates(), folder)
    for file in (folder / "email").iterdir():
        if file.stem in ("one", "many"):
            spoil(file)
    bureau.urgent_matter()
    code, steps = bureau.work(templates=folder)
    if code != 0:
        bureau.oracle.problems.append(f"a broken template brought down a worker: {steps[-1]}")
    if not bureau.in_sight():
        bureau.oracle.problems.append("that a template is broken is nowhere to be seen")
    shutil.rmtree(folder)
    bureau.check()


def _clock(bureau: Bureau, step: str, **span: float) -> None:
    """A worker dies with letters in hand; then the clock is another, and after a while the right one again."""
    bureau.morning()
    bureau.work(fate=signal.SIGKILL, at=step)
    right = bureau.house.clock.at
    bureau.house.later(**span)
    bureau.check()
    latest = max(right, bureau.house.clock.at)
    bureau.house.clock.at = right + timedelta(hours=4)
    bureau.check()
    bureau.house.clock.at = max(latest, bureau.house.clock.at)


def _either() -> Iterator[tuple[str, Callable[[Bureau], None]]]:
    for in_vain, words in ((False, "for a while"), (True, "for too long")):
        yield f"database locked {words}", partial(_locked_from_the_start, in_vain=in_vain)
        yield (
            f"database locked {words}, letters in hand",
            partial(_locked_with_letters_in_hand, in_vain=in_vain),
        )
    yield "mail folder full", _mail_folder_full
    yield (
        "template with a fault of syntax",
        partial(_template, spoil=lambda file: file.write_text("{% if %}")),
    )
    yield (
        "template with an unknown name",
        partial(_template, spoil=lambda file: file.write_text("{{ letter.nobody.knows }}")),
    )
    yield "template missing", partial(_template, spoil=Path.unlink)
    for step in ("begin: after commit", "send: after the 250"):
        for words, span in (
            ("back 30 s", {"seconds": -30}),
            ("back 3 h", {"hours": -3}),
            ("back 9 days", {"days": -9}),
            ("forward 3 h", {"hours": 3}),
            ("forward 40 days", {"days": 40}),
        ):
            yield f"clock set {words} after «{step}»", partial(_clock, step=step, **span)


EITHER: dict[str, Callable[[Bureau], None]] = dict(_either())
SQLITE: dict[str, Callable[[Bureau], None]] = {
    "database folder gone and back, letters in hand": _folder_moved,
    "database file gone and back, letters in hand": _file_moved,
    **{f"disk full at {size} bytes": partial(_disk_full, size=size) for size in DISKS},
}
POSTGRESQL: dict[str, Callable[[Bureau], None]] = {
    "connections cut, letters in hand": _connections_cut,
    "connections cut in a transaction": _connections_cut_in_a_transaction,
    "database server gone and back, letters in hand": _server_restarted,
}
