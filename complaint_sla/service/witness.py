"""Before alerts are raised and figures frozen: whether the clock can be right, and whom to ask where that is in doubt.

What can be undone is not asked about: mail goes out, and officers work. A rehearsal may have any clock.
"""

from __future__ import annotations

import ctypes
import re
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

from sqlmodel import Session

from complaint_sla.core.doubt import DRIFT, Statement, decide, doubt
from complaint_sla.core.journal import JournalKind
from complaint_sla.store import figures, heartbeats
from complaint_sla.store.heartbeats import Mark
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.voiding import void_early

# Whoever can say what time it is, or can't (None).
Witness = Callable[[], Statement | None]
# Which start of which machine, and the seconds since.
Boot = tuple[str, float]

# What is done by the clock and can't be taken back.
GUARDED = ("sweep", "quarter", "retention", "notices")
# Seconds for a mail server to say its first line: asked only in doubt, and again a minute later.
PATIENCE = 3.0
# So often the machine's own count of seconds is noted beside the clock.
_NOTED = timedelta(hours=1)
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_DATE = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (?:[+-]\d{4}|GMT|UTC?)\b")
# Of `adjtimex(2)`: the clock is not kept by a time server.
_UNSYNCHRONISED = 0x40
_TIME_ERROR = 5


def boot_clock() -> Boot | None:
    """Which start of which machine this is, and the seconds since then, sleep included; None where nobody counts them."""
    with suppress(OSError, AttributeError):
        return _BOOT_ID.read_text("ascii").strip(), time.clock_gettime(time.CLOCK_BOOTTIME)
    return None


def require_right(
    desk: Desk, witnesses: Iterable[Witness] = (), boot: Callable[[], Boot | None] = boot_clock
) -> None:
    """Asks witnesses if `desk.now` does not go with the heartbeats: the database's server, these, and the boot clock.

    Also while a figure stands that was frozen later than now: it is void once one of them has proved the clock.
    Raises NotPossible: `clock-contradicted` (now, beat, by, at), `clock-unconfirmed` (now, beat).
    """
    if desk.store.is_rehearsal:
        return
    with desk.store.read() as session:
        doubted, mark = _doubted(session, desk), heartbeats.mark(session)
    started, proof = boot(), None
    was = _leapt_from(mark, started, doubted, desk.now)
    if doubted is not None:
        # The boot clock last, since it counts from a moment that was only believed.
        asked: tuple[Witness, ...] = (partial(_server, desk), *witnesses, partial(_since_boot, mark, started))
        statements = (witness() for witness in asked)
        proof = decide(desk.now, doubted, (one for one in statements if one is not None))

    def job(session: Session) -> None:
        if proof is not None:
            # Both may be right, as far as anybody can tell.
            void_early(session, desk, max(desk.now, proof.at))
        if was is not None:
            journal.record(session, desk, JournalKind.CLOCK_LEAPT, {"was": was, "now": desk.now})
        heartbeats.trust(session, desk.now, started)

    if doubted is not None or was is not None or _is_stale(mark, started, desk.now):
        desk.store.write(job)


def confirm(desk: Desk) -> None:
    """Somebody says that the clock is right: it is, from now on, and the journal says who said so.

    What was frozen later than now is void.
    """

    def job(session: Session) -> None:
        beat = _doubted(session, desk)
        if beat is not None:
            void_early(session, desk, desk.now)
            journal.record(session, desk, JournalKind.CLOCK_CONFIRMED, {"beat": beat, "now": desk.now})
            heartbeats.trust(session, desk.now, boot_clock())

    if not desk.store.is_rehearsal:
        desk.store.write(job)


def _doubted(session: Session, desk: Desk) -> datetime | None:
    """The heartbeat beside which the clock needs a witness, or else the last moment of freezing of what stands."""
    beat = doubt(desk.now, heartbeats.trusted(session))
    return beat or max(figures.moments_after(session, desk.now + DRIFT), default=None)


def _is_stale(mark: Mark | None, started: Boot | None, now: datetime) -> bool:
    # One of another machine is left for as long: two that serve one database would else take turns each minute.
    return started is not None and (mark is None or now - mark.at > _NOTED)


def _leapt_from(
    mark: Mark | None, started: Boot | None, doubted: datetime | None, now: datetime
) -> datetime | None:
    """What time it would be, had the clock gone on as it was last believed; None if it has.

    Where another machine, or another start, was believed last, it has where no heartbeat lies ahead.
    """
    counted = _since_boot(mark, started)
    if counted is not None:
        return counted.at if abs(counted.at - now) > DRIFT else None
    return doubted if doubted is not None and doubted > now else None


def _since_boot(mark: Mark | None, started: Boot | None) -> Statement | None:
    """The moment that was last believed, and the seconds that this machine has counted since."""
    if mark is None or started is None or started[0] != mark.boot_id:
        return None
    return Statement("boot clock", mark.at + timedelta(seconds=started[1] - mark.seconds), counted=True)


def _server(desk: Desk) -> Statement | None:
    if not desk.store.is_postgresql:
        return None
    with desk.store.read() as session:
        at, elsewhere = heartbeats.server_clock(session)
    return Statement("PostgreSQL", at, independent=elsewhere)


class _Timex(ctypes.Structure):
    """The head of Linux's `struct timex`, and room for the rest of it."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        *((name, ctypes.c_long) for name in ("offset", "freq", "maxerror", "esterror")),
        ("status", ctypes.c_int),
        *((name, ctypes.c_long) for name in ("constant", "precision", "tolerance", "seconds", "fraction")),
        ("rest", ctypes.c_byte * 256),
    )


def kernel() -> Statement | None:
    """The kernel's clock: a witness of its own only while a time server keeps it, but a program may be shown another one."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, AttributeError):
        # As no `modes` are named, nothing is set.
        found = _Timex()
        state = ctypes.CDLL(None).adjtimex(ctypes.byref(found))
        if state >= 0:
            kept = state != _TIME_ERROR and not found.status & _UNSYNCHRONISED
            return Statement("kernel", datetime.fromtimestamp(found.seconds, UTC), independent=kept)
    return None


def greeting(
    host: str, port: int, *, tls: ssl.SSLContext | None = None, elsewhere: bool = True
) -> Statement | None:
    """The date in a mail server's first line, where it says one. One on this machine (not `elsewhere`) has the same clock."""
    with suppress(OSError, ValueError):
        with socket.create_connection((host, port), PATIENCE) as plain:
            speaking = tls.wrap_socket(plain, server_hostname=host) if tls is not None else plain
            with speaking:
                line = speaking.recv(512).decode("ascii", "replace")
        said = _DATE.search(line)
        if line.startswith("220") and said:
            return Statement(host, parsedate_to_datetime(said[0]).astimezone(UTC), independent=elsewhere)
    return None
