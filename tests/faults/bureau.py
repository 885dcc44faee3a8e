"""A small office with a postbox, at which faults are forced: its days, its workers, and how it recovers."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from complaint_sla.core.roster import Role
from complaint_sla.mail.servers import Patience, Security, SmtpServer
from complaint_sla.store import complaints
from complaint_sla.store.tables import Alert, Message
from complaint_sla.work import offices
from complaint_sla.work.desk import in_force
from complaint_sla.work.letters import outbox
from complaint_sla.work.letters.outbox import LEASE
from tests.faults.nursery import PATIENCE, Worker, start
from tests.faults.oracle import AREA_MANAGER, MANAGER, OWNER, SUPERVISOR, Arrived, Oracle, arrived
from tests.faults.worker import SENDER, Errand, carry_out, round_of
from tests.published import rehearse
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import Postbox, authority
from tests.work.desks import House, entries

# Seconds for one attempt: a server that hangs is left soon.
TIMEOUT = 0.4
# Seconds that a locked database is waited for where that is to be in vain.
IMPATIENT = 0.2

GROUPS = ("residential", "industrial-commercial", "key-account", "spp-area")
OPEN_AT_ONCE = 4


class Bureau:
    """One database, one postbox or mail folder, a handful of people. Days pass by `morning`."""

    def __init__(
        self, url: str, box: Postbox, folder: Path, seed: int = 1, server: PostgresServer | None = None
    ) -> None:
        self.box = box
        self.server = server
        self.folder = folder
        self.house = House(url)
        self.oracle = Oracle(self.house)
        self.chance = random.Random(seed)
        self.mail: SmtpServer | Path = SmtpServer(
            box.host, box.port, Security.PLAIN, SENDER, patience=Patience.of(TIMEOUT)
        )
        self.authority = folder / "authority.pem"
        self._diaries = itertools.count(1)
        self._arrived: list[Arrived] = []
        self._taken = 0
        self.open: list[str] = []
        self.ended: list[str] = []
        desk = self.house.desk
        offices.add_office(desk, "AREA", "เขต", "Area")
        offices.set_office(desk, "MAIN", parent="AREA")
        for email, office, role in (
            (AREA_MANAGER, "AREA", Role.MANAGER),
            (MANAGER, "MAIN", Role.MANAGER),
            (OWNER, "MAIN", Role.AGENT),
            (SUPERVISOR, "MAIN", Role.SUPERVISOR),
        ):
            offices.add_staff(desk, email, email.partition("@")[0].title(), office, role)

    # --- days

    def log(self, **more: Any) -> str:
        chance = self.chance
        owner = OWNER if chance.random() < 0.5 else None
        given = {"office": "MAIN", "owner": owner, "urgent": chance.random() < 0.3, **more}
        # What somebody has published meanwhile, whoever died over it.
        self.house.shelf = in_force(self.house.store)[0]
        number = self.house.log(chance.choice(GROUPS), **given)
        self.open.append(number)
        self.oracle.see(self.house.complaint(number))
        return number

    def morning(self) -> None:
        """Something new is logged, and the clock goes on to a moment at which something becomes due."""
        while len(self.open) < OPEN_AT_ONCE:
            self.log()
        now = self.house.clock.at
        coming = [
            at
            for number in self.open
            for at, _, _ in entries(self.house.complaint(number), now + timedelta(days=40))
            if at > now
        ]
        self.house.clock.at = min(coming) + timedelta(seconds=self.chance.randrange(1, 3600))

    def change(self) -> tuple[str, ...]:
        """Something that an officer, or an administrator, might do now."""
        kind = self.chance.choice(["close", "close", "reclassify", "reopen", "publish"])
        if kind == "publish":
            # In force long after all that is played here: it has to be there, and its entry, or neither.
            day = self.house.clock.at.date() + timedelta(days=self.chance.randrange(4000, 9000))
            return "publish", f"book-{self.chance.randrange(9)}", day.isoformat()
        if kind == "reopen" and self.ended:
            return "reopen", self.ended[-1]
        number = self.chance.choice(self.open)
        if kind == "reclassify":
            others = [group for group in GROUPS if group != self.house.complaint(number).group]
            return "reclassify", number, self.chance.choice(others)
        return "close", number

    def do(self, command: tuple[str, ...]) -> None:
        """An officer does it, whatever else goes on."""
        carry_out(self.house, *command)
        self.notice()

    def urgent_matter(self) -> str:
        """Something of which the supervisor, and nobody else, must hear at once: one letter."""
        for number in self.open[:]:
            self.do(("close", number))
        self.house.clock.at += timedelta(minutes=1)
        return self.log(urgent=True)

    # --- workers

    def errand(self, **more: Any) -> Errand:
        diary = self.folder / f"diary-{next(self._diaries)}"
        given = {"mail": self.mail, "authority": self.authority, **more}
        return Errand(self.house.url, self.house.clock.at, diary=diary, **given)

    def send_out(self, **more: Any) -> tuple[Worker, Path]:
        """A worker, started."""
        # What the dead one leaves behind must be found by somebody who opens the file anew.
        self.house.store.close()
        errand = self.errand(**more)
        return start(errand), errand.diary

    def work(self, **more: Any) -> tuple[int, list[str]]:
        """A worker's round to its end, whatever that is: the exit code, and the steps that were reached."""
        worker, diary = self.send_out(**more)
        code = worker.ended()
        steps = read(diary)
        diary.unlink(missing_ok=True)
        self.settle_post()
        self.notice()
        return code, steps

    def notice(self) -> None:
        """Takes in what has become of the complaints, after somebody else was at work."""
        for number in (*self.open, *self.ended[-1:]):
            row = self.house.complaint(number)
            self.oracle.see(row)
            if row.status != "open" and number in self.open:
                self.open.remove(number)
                self.ended.append(number)
            elif row.status == "open" and number not in self.open:
                self.ended.remove(number)
                self.open.append(number)

    def settle_post(self) -> None:
        """Mends the postbox, and waits until nobody talks with it: what a dead worker had handed over is taken by then."""
        self.box.mend()
        wait_until(lambda: not self.box._open)

    # --- afterwards

    def survive(self) -> None:
        """A worker whom nothing happens to goes on until nothing is left to send, leases and pauses let run out."""
        for _ in range(12):
            self.house.sweep()
            asyncio.run(round_of(self.house, self.mail, self.authority))
            again = self._next_try()
            if again is None:
                break
            self.house.clock.at = max(self.house.clock.at + LEASE + timedelta(seconds=1), again)
        self.notice()

    def _next_try(self) -> datetime | None:
        """When to look again: what is not sent yet may be tried then, what is not raised is raised. None if all is done."""
        now = self.house.clock.at
        with self.house.store.read() as session:
            pending = select(func.max(Message.not_before)).where(Message.state.in_(["waiting", "sending"]))  # type: ignore[attr-defined]
            waiting = select(func.count()).where(Alert.state == "waiting", Alert.message_id.is_(None))  # type: ignore[union-attr,arg-type]
            latest = session.execute(pending).scalar()
            # A complaint may still be locked by a dead worker's connection, which the server ends in its own time.
            more = session.execute(waiting).scalar() or complaints.anything_due(session, now)
        if latest is not None and latest > now + 4 * outbox.PAUSES[-1]:
            # The clock was set back since: such a pause counts as over.
            latest = now
        return latest or (now if more else None)

    def received(self) -> list[Arrived]:
        """All letters that ever came, in order."""
        for letter in self.box.received[self._taken :]:
            self._arrived.append(arrived(letter.content, letter.recipients[0]))
            self._taken += 1
        if isinstance(self.mail, Path):
            for file in sorted(self.mail.glob("*.eml")):
                # Read once and taken away: if it comes again, it came twice.
                content = file.read_bytes()
                to = message_from_bytes(content, policy=policy.default)["To"].addresses[0].addr_spec
                self._arrived.append(arrived(content, to))
                file.unlink()
        return self._arrived

    def check(self) -> None:
        """Recovers, and holds everything against what should have come of it."""
        self.survive()
        keep = {*self.open, *self.ended[-1:]}
        self.oracle.check(self.house.clock.at, self.received(), keep)
        self.oracle.refused.clear()
        for person in offices.list_staff(self.house.desk):
            if person.failed_at is not None:
                offices.set_staff(self.house.desk, person.email, reachable=True)

    def in_sight(self) -> bool:
        """Whether what could not be sent is where people look: the list of failed letters, and what doctor reads."""
        return self.oracle.in_sight()

    def close(self) -> None:
        self.house.close()


def read(diary: Path) -> list[str]:
    return diary.read_text().splitlines() if diary.exists() else []


def wait_until(done: Callable[[], bool]) -> None:
    """Looks again and again; what another process does comes without a word."""
    until = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > until:
            raise TimeoutError("What was waited for did not come")
        time.sleep(0.002)


@contextmanager
def bureau_at(url: str, seed: int = 1, server: PostgresServer | None = None) -> Iterator[Bureau]:
    """A bureau with a postbox of its own; the diaries and the mail lie in a folder that goes with it."""
    # aiosmtpd says of what comes without TLS where it should, and the other way round, that it is no SMTP.
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    postbox = Postbox()
    postbox.start()
    with tempfile.TemporaryDirectory(prefix="faults-") as name:
        authority().cert_pem.write_to_path(os.fspath(Path(name) / "authority.pem"))
        bureau = Bureau(rehearse(url), postbox, Path(name), seed, server)
        try:
            yield bureau
        finally:
            bureau.close()
            postbox.stop()
    if postbox.errors:
        raise postbox.errors[0]
