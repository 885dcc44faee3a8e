"""One person to whom a thousand complaints come due at once, and a mail server that is away for three days.

By hand: `python -m tests.load digest` and `python -m tests.load outage`, each `[--database postgresql]`.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from complaint_sla.core.roster import Role
from complaint_sla.mail.compose import compose
from complaint_sla.mail.delivery import Delivered
from complaint_sla.mail.room import SHOWN
from complaint_sla.wording import Words
from complaint_sla.work.letters import outbox
from complaint_sla.work.letters.alert_letter import Letter
from complaint_sla.work.sheets.exchange import import_file
from tests.load.services import SENDER, all_alerts, assert_told, complaints_in, delivered
from tests.servers.smtp import Phase, Postbox
from tests.work.desks import DOMAIN, House
from tests.work.sheet_desk import GOOD, write_csv

# Gmail shows so much of a letter, in bytes.
GMAIL = 102_000


@dataclass(frozen=True)
class Digest:
    """A letter about many complaints: bytes as sent, and seconds for each step of making it."""

    complaints: int
    size: int
    html: int
    swept: float
    gathered: float
    written: float
    composed: float

    def shown(self) -> dict[str, object]:
        return {
            "complaints due at once, in one letter": self.complaints,
            "the letter as sent (kB)": self.size / 1000,
            f"its HTML (kB; Gmail cuts at {GMAIL // 1000})": self.html / 1000,
            "raising the alerts (s)": self.swept,
            "gathering (s)": self.gathered,
            "reading what it says (s)": self.written,
            "composing (s)": self.composed,
        }


def digest(url: str, box: Postbox, folder: Path, many: int) -> Digest:
    """Raises AssertionError unless one letter comes, which is about all of them and names the worst."""
    house = House(url)
    to = house.hire("sup")
    rows = [
        GOOD | {"external_id": str(index), "subject": f"ไฟดับทั้งหมู่บ้าน {index} หลังฝนตกหนัก หม้อแปลงเสียงดังผิดปกติ"}
        for index in range(many)
    ]
    # A whole letter, as the greatest is: the customers can be called back.
    rows = [row | {"phone": f"081{index:07d}", "customer": "สมชาย ใจดี"} for index, row in enumerate(rows)]
    import_file(house.at("2017-03-06 09:00"), write_csv(folder / "sheet.csv", rows))
    house.at("2017-03-30 08:00")
    times = [time.perf_counter()]

    def clocked() -> float:
        times.append(time.perf_counter())
        return times[-1] - times[-2]

    raised = house.sweep()
    swept = clocked()
    assert raised.alerts == many
    assert outbox.gather(house.desk, DOMAIN) == 1
    gathered = clocked()
    (held,) = outbox.claim(house.desk, 10)
    clocked()
    letter = outbox.write(house.desk, held)
    assert isinstance(letter, Letter)
    written = clocked()
    message = compose(letter, SENDER, Words(letter.language))
    composed = clocked()
    # It was only looked at: when the lease has run out, somebody sends it.
    house.later(minutes=5)
    assert asyncio.run(delivered(house, box)).sent == 1
    (came,) = box.received
    assert came.recipients == (to,)
    assert len(letter.cases) == many
    assert len(complaints_in(came)) == min(many, SHOWN)
    assert {row.state for row in all_alerts(house) if row.stage == "due-today" and row.recipient == to} == {
        "sent"
    }
    assert asyncio.run(delivered(house, box)) == Delivered()
    body = came.message.get_body(("html",))
    assert body is not None
    found = Digest(many, len(message), len(body.get_content().encode()), swept, gathered, written, composed)
    house.close()
    return found


@dataclass(frozen=True)
class Outage:
    rounds: int
    tried: int
    recipients: int
    letters: int
    stages: int

    def shown(self) -> dict[str, object]:
        return {
            "rounds in three days without a mail server": self.rounds,
            "attempts in them": self.tried,
            "stages raised meanwhile": self.stages,
            "recipients": self.recipients,
            "letters afterwards": self.letters,
        }


def outage(url: str, box: Postbox, *, answers: bool, many: int = 40, hours: int = 1) -> Outage:
    """Three days of a server that answers and refuses everything, or of none at all, with a round every so many hours.

    Then raises AssertionError unless one letter comes to each, about the newest stage of each complaint, and nothing after it.
    """
    house = House(url)
    house.hire("sup"), house.hire("boss", Role.MANAGER)
    owners = [house.hire(f"owner{index}", Role.AGENT) for index in range(3)]
    numbers = []
    for index in range(many):
        # Received on many days: each of the three brings new stages.
        house.later(hours=5)
        numbers.append(house.log(owner=owners[index % 3]))
    house.at("2017-03-29 20:00")
    while asyncio.run(delivered(house, box)).sent or house.sweep().due:
        pass
    before, raised = len(box.received), len(all_alerts(house))
    if answers:
        box.answer(Phase.GREETING, "554 5.3.2 Not today")
    else:
        box.stop()
    tried = 0
    rounds = 72 // hours
    for _ in range(rounds):
        house.later(hours=hours)
        house.sweep()
        round_ = asyncio.run(delivered(house, box))
        assert round_.sent == 0
        tried += round_.retried
    if answers:
        box.mend()
    else:
        box.start()
    house.clock.at += timedelta(hours=1)
    asyncio.run(delivered(house, box))
    came = box.received[before:]
    assert len({letter.recipients for letter in came}) == len(came) > 0
    # Nothing of what was missed comes later.
    for _ in range(6):
        house.later(minutes=10)
        assert asyncio.run(delivered(house, box)) == Delivered()
    assert_told(house, box.received)
    told = {number for letter in came for number in complaints_in(letter)}
    stages = len(all_alerts(house)) - raised
    assert told <= set(numbers)
    house.close()
    return Outage(rounds, tried, len({letter.recipients for letter in came}), len(came), stages)
