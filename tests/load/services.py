"""Services side by side that are killed and started at random, while complaints are logged and closed.

By hand: `python -m tests.load services [--database postgresql]`.
"""

from __future__ import annotations

import asyncio
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Collection
from contextlib import redirect_stderr
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

from sqlalchemy import select

from complaint_sla.core.editions import earlier
from complaint_sla.core.roster import Role
from complaint_sla.mail.delivery import Delivered, PostOffice, deliver
from complaint_sla.mail.servers import parse_mail_url
from complaint_sla.mail.transports import open_transport
from complaint_sla.store.tables import Alert, Complaint, Message
from complaint_sla.wording import Words
from tests.cli.runner import without_mark
from tests.load.crew import begin
from tests.load.simulated import SimulatedClock, serve_by
from tests.servers.smtp import Letter, Phase, Postbox
from tests.work.desks import SUNDAY, House, accounted_by_events, entries, moment, verify_chains

SENDER = "Complaints <complaints@pea.example>"
NUMBER = re.compile(r"C-\d{4}-\d{5}")
# A round of each service in half a second, a delivery in a quarter.
PACE = 120
GROUPS = ("residential", "key-account")
# How long is waited for a letter after a leap, in seconds: there may be none.
PATIENCE = 3.0


@dataclass(frozen=True)
class Unrest:
    """So many services; so many leaps of the clock, of a day or two each, with kills and new complaints after each."""

    services: int = 8
    leaps: int = 10
    logged: int = 3
    killed: int = 3


@dataclass(frozen=True)
class Outcome:
    kills: int
    complaints: int
    alerts: int
    letters: int
    twice: int
    recipients: int

    def shown(self) -> dict[str, object]:
        return {
            "services killed and started again": self.kills,
            "complaints": self.complaints,
            "alerts raised, each once": self.alerts,
            "letters that arrived": self.letters,
            "of those a second time, under one Message-ID": self.twice,
            "recipients, all with the newest of each complaint": self.recipients,
        }


def serve_into(said: Path, clock: SimulatedClock, url: str, mail: str) -> None:
    """The service; what it says goes into a file."""
    with said.open("a", encoding="utf-8", buffering=1) as file, redirect_stderr(file):
        serve_by(clock, url, mail, PACE)


def unrest(url: str, box: Postbox, folder: Path, kind: Unrest, seed: int = 1) -> Outcome:
    """Raises AssertionError for a twin, for anything never told, and for anybody who was left behind."""
    chance, house = random.Random(seed), House(url, SUNDAY)
    for name, role in (("sup", Role.SUPERVISOR), ("deputy", Role.SUPERVISOR), ("boss", Role.MANAGER)):
        house.hire(name, role)
    owner = house.hire("owner", Role.AGENT)
    jumped = RawValue("d", 0.0)
    clock = SimulatedClock(moment(SUNDAY), time.monotonic(), 1.0, jumped)
    mail = f"smtp+plain://{box.host}:{box.port}"

    said = folder / "services.err"

    def started() -> BaseProcess:
        return begin(serve_into, said, clock, url, mail)

    services = [started() for _ in range(kind.services)]
    numbers: list[str] = []
    kills = 0
    try:
        for _ in range(kind.leaps):
            house.clock.at = clock()
            numbers += [
                # One is urgent: there is something to tell after every leap.
                house.log(chance.choice(GROUPS), owner=chance.choice([None, owner]), urgent=not index)
                for index in range(kind.logged)
            ]
            if chance.random() < 0.5:
                house.shut(numbers.pop(chance.randrange(len(numbers))))
            if chance.random() < 0.5:
                # The server takes a letter, and nobody is told.
                box.drop(Phase.ACCEPTED, times=1)
            before = len(box.received)
            jumped.value += chance.randrange(20, 50) * 3600
            wait_until(lambda: len(box.received) > before)  # noqa: B023 - called before `before` changes
            # They are at work, and are killed in the midst of it.
            for victim in chance.sample(range(kind.services), kind.killed):
                time.sleep(chance.random() / 20)
                assert services[victim].exitcode is None
                services[victim].kill()
                services[victim].join()
                services[victim] = started()
                kills += 1
        for one in services:
            one.terminate()
        for one in services:
            one.join(30)
        # Those that were still starting end as any program does.
        assert {one.exitcode for one in services} <= {0, -signal.SIGTERM}
        # A round that fails is tried again; here none may.
        words = without_mark(said.read_text(encoding="utf-8"))
        faults = [line for line in words.splitlines() if "The service" not in line]
        assert not faults, faults
    finally:
        for one in services:
            one.kill()
    house.clock.at = clock()
    settle_down(house, box)
    assert_told(house, box.received)
    letters = {letter.message_id for letter in box.received}
    outcome = Outcome(
        kills,
        len(numbers),
        len(all_alerts(house)),
        len(box.received),
        len(box.received) - len(letters),
        len({letter.recipients for letter in box.received}),
    )
    house.close()
    return outcome


def wait_until(happened: Callable[[], bool]) -> None:
    """Waits for what is likely to happen; if nothing is due, it does not."""
    until = time.monotonic() + PATIENCE
    while not happened() and time.monotonic() < until:
        time.sleep(0.01)


async def delivered(house: House, box: Postbox) -> Delivered:
    """One round of deliveries into the postbox."""
    transport = open_transport(parse_mail_url(f"smtp+plain://{box.host}:{box.port}", SENDER))
    try:
        return await deliver(house.desk, PostOffice(transport, SENDER, Words))
    finally:
        await transport.close()


def settle_down(house: House, box: Postbox) -> None:
    """Quiet rounds, an hour apart, until nothing is left to do."""
    for _ in range(10):
        house.later(hours=1)
        raised = house.sweep()
        if asyncio.run(delivered(house, box)) == Delivered() and raised.due == 0:
            return
    raise AssertionError("there is still something to do after ten quiet rounds")


def all_alerts(house: House) -> list[Alert]:
    with house.store.read() as session:
        return list(session.execute(select(Alert).order_by(Alert.stage_at, Alert.id)).scalars())


def assert_told(house: House, letters: Collection[Letter]) -> None:
    """Each stage was raised once, everybody has the newest of each complaint, and no letter has a twin."""
    verify_chains(house.store)
    rows = all_alerts(house)
    keys = [(row.complaint_id, row.generation, row.stage, row.occurrence, row.recipient) for row in rows]
    assert len(set(keys)) == len(keys)
    with house.store.read() as session:
        complaints = list(session.execute(select(Complaint)).scalars())
        # A letter that had to be written otherwise after an unheard copy goes on under its next Message-ID.
        outbox = {
            id_: one
            for one in session.execute(select(Message)).scalars()
            for id_ in (*earlier(one.message_id), one.message_id)
        }
    for complaint in complaints:
        told = Counter(accounted_by_events(house.events(complaint.number), complaint.generation))
        until = complaint.closed_at or house.clock.at
        assert told == Counter((stage, many) for _, stage, many in entries(complaint, until)), (
            complaint.number
        )
    # Of those that are open everybody was sent the newest, and nothing older afterwards.
    still_open = {one.id: one.number for one in complaints if one.status == "open"}
    newest = {(row.complaint_id, row.recipient): row for row in rows if row.complaint_id in still_open}
    nobody = [pair for pair, row in newest.items() if row.state == "unalertable"]
    assert [(*pair, newest[pair].state) for pair in newest if newest[pair].state != "sent"] == [
        (*pair, "unalertable") for pair in nobody
    ]
    # A letter that came twice is one letter: the same Message-ID, person and complaints.
    by_id: dict[str, list[Letter]] = {}
    for letter in letters:
        by_id.setdefault(letter.message_id, []).append(letter)
    for id_, same in by_id.items():
        assert len({letter.recipients for letter in same}) == 1
        # What a summary says is how things stand when it is written.
        if outbox[id_].kind != "alerts":
            continue
        about = [sorted(complaints_in(letter)) for letter in same]
        assert about == about[:1] * len(about), about
    # What arrived is what the outbox says was sent: nothing went out in a letter that was broken up, to go again.
    assert {id_: outbox[id_].state for id_ in by_id} == dict.fromkeys(by_id, "sent")
    assert set(by_id) >= {one.message_id for one in outbox.values() if one.state == "sent"}
    # And the letter that the ledger names is the one that told of it.
    told_in = {
        one.id: complaints_in(by_id[one.message_id][0]) for one in outbox.values() if one.message_id in by_id
    }
    for (complaint_id, _), row in newest.items():
        if row.state == "sent":
            assert still_open[complaint_id] in told_in[row.message_id]


def complaints_in(letter: Letter) -> frozenset[str]:
    """The numbers of the complaints that a letter is about."""
    body = letter.message.get_body(("plain",))
    assert body is not None
    return frozenset(NUMBER.findall(f"{letter.message['Subject']} {body.get_content()}"))
