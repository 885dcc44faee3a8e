"""Desks for tests: the shipped rule book, a clock that is set by hand, and looks behind the counter."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from complaint_sla.core import fields
from complaint_sla.core.calendars import Quarter, parse_moment
from complaint_sla.core.chain import Link, digest_of_words
from complaint_sla.core.figures import Figure
from complaint_sla.core.replies import Answer
from complaint_sla.core.review import Review
from complaint_sla.core.roster import Role
from complaint_sla.core.rulebook import Shelf
from complaint_sla.store import offices as rows_of_offices
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Alert, Complaint, Event, Message, Table
from complaint_sla.work import offices
from complaint_sla.work.alerts.sweep import Tally, sweep
from complaint_sla.work.complaints import change, log
from complaint_sla.work.complaints.view import ComplaintView
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import cohort
from complaint_sla.work.figures.review import review_in
from complaint_sla.work.letters import outbox
from tests.core.books import read_shelf
from tests.published import publish_only

RULES = Path(__file__).parents[2] / "rules" / "pea-2560.toml"
SUNDAY = "2017-03-05 10:00"
DOMAIN = "sla.example.org"

# A stage that speaks to the owner only, who may be nobody: the shipped book has none.
NUDGE = """
[[stage]]
key = "nudge"
th = "เตือนผู้รับผิดชอบ"
en = "Nudge"
days_before = 3
at = "08:00"
to = ["owner"]
"""


def _no_holidays(_country: str, _first: date, _last: date) -> Mapping[date, str]:
    return {}


def figure(desk: Desk, quarter: Quarter, office: str | None = None) -> Figure:
    """The figure of a quarter as things stand, in a transaction of its own."""
    with desk.store.read() as session:
        return cohort.figure_in(session, desk, rows_of_offices.directory(session), quarter, office)


def review(desk: Desk, quarter: Quarter, office: str | None = None) -> Review:
    with desk.store.read() as session:
        return review_in(session, desk, rows_of_offices.directory(session), quarter, office)


@cache
def shipped() -> Shelf:
    return read_shelf([("pea-2560.toml", RULES.read_text(encoding="utf-8"))], _no_holidays)


@cache
def shipped_with_nudge() -> Shelf:
    head, mark, tail = RULES.read_text(encoding="utf-8").partition("# --- Customer groups")
    text = head.replace('id = "pea-2560"', 'id = "pea-2560-nudge"') + NUDGE + mark + tail
    return read_shelf([("nudge.toml", text)], _no_holidays)


def moment(text: str) -> datetime:
    """A moment as people in Bangkok write it."""
    return parse_moment(text, shipped().zone)


def local(at: datetime) -> str:
    return at.astimezone(shipped().zone).strftime("%Y-%m-%d %H:%M")


class Clock:
    """Stands still until it is set."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class House:
    """A store with people at work in it. One clock is both the moment of work and the real one."""

    def __init__(self, url: str, start: str = SUNDAY, shelf: Shelf | None = None) -> None:
        self.url = url
        self.store = Store.open(url)
        if not self.store.is_postgresql:
            event.listen(self.store.engine, "connect", _do_not_wait_for_the_disk)
        self.shelf = shelf or shipped()
        if shelf is not None:
            publish_only(self.store, shelf)
        self.clock = Clock(moment(start))
        self.actor = "clerk@example.org"

    @property
    def desk(self) -> Desk:
        return Desk(self.store, self.shelf, self.clock.at, self.clock, self.actor, "root")

    def at(self, text: str) -> Desk:
        """Sets the clock; the desk at that moment."""
        self.clock.at = moment(text)
        return self.desk

    def later(self, **span: float) -> Desk:
        self.clock.at += timedelta(**span)
        return self.desk

    def close(self) -> None:
        self.store.close()

    # What is done often, in few words.

    def log(self, group: str = "residential", **more: Any) -> str:
        given = {"channel": "phone", "category": "outage", "subject": "ไฟดับ", **more}
        return log.log(self.desk, log.Intake(group, **given)).complaint.number

    def hire(self, name: str, role: Role = Role.SUPERVISOR, office: str = "MAIN") -> str:
        email = f"{name}@example.org"
        offices.add_staff(self.desk, email, name.title(), office, role)
        return email

    def sweep(self) -> Tally:
        return sweep(self.desk)

    def shut(self, number: str, at: datetime | None = None) -> ComplaintView:
        return change.do(self.desk, number, change.close("done", at))

    def gather(self) -> int:
        return outbox.gather(self.desk, DOMAIN)

    def post(
        self,
        answer: Answer = Answer.ACCEPTED,
        said: str | None = None,
        most: int = 100,
        only: Collection[str] | None = None,
    ) -> list[str]:
        """One round of deliveries in which every letter gets the same answer; to whom letters went.

        With `only`, theirs alone; those of all others are taken.
        """
        self.gather()
        to = []
        for held in outbox.claim(self.desk, most):
            letter = outbox.write(self.desk, held)
            if letter is not None and outbox.begin(self.desk, held, "its digest", letter.written_at):
                to.append(held.recipient)
                is_meant = only is None or held.recipient in only
                outbox.record(
                    self.desk, held, answer if is_meant else Answer.ACCEPTED, said if is_meant else None
                )
        return to

    def refuse(self, answer: Answer = Answer.REFUSED, said: str = "554 no") -> list[str]:
        """A day in which the server takes no letter; to whom letters went when it was over."""
        self.post(answer, said)
        self.later(days=1)
        return self.post(answer, said)

    # Looks behind the counter.

    def complaint(self, number: str) -> Complaint:
        with self.store.read() as session:
            return session.execute(
                select(Complaint).where(Complaint.number == fields.number(number))
            ).scalar_one()

    def rows(self, number: str) -> list[Alert]:
        with self.store.read() as session:
            return list(
                session.execute(
                    select(Alert)
                    .join(Complaint, Complaint.id == Alert.complaint_id)
                    .where(Complaint.number == fields.number(number))
                    .order_by(Alert.stage_at, Alert.id)
                ).scalars()
            )

    def owed(self, number: str) -> dict[tuple[str, str], str]:
        """(stage, recipient) → state, of the present generation."""
        generation = self.complaint(number).generation
        return {
            (row.stage, row.recipient): row.state for row in self.rows(number) if row.generation == generation
        }

    def messages(self) -> list[Message]:
        with self.store.read() as session:
            return list(session.execute(select(Message).order_by(Message.id)).scalars())

    def members(self, message_id: int | None) -> list[Alert]:
        with self.store.read() as session:
            return list(
                session.execute(
                    select(Alert).where(Alert.message_id == message_id).order_by(Alert.id)
                ).scalars()
            )

    def events(self, number: str) -> list[Event]:
        with self.store.read() as session:
            return list(
                session.execute(
                    select(Event)
                    .join(Complaint, Complaint.id == Event.complaint_id)
                    .where(Complaint.number == fields.number(number))
                    .order_by(Event.seq)
                ).scalars()
            )

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table."""
        with self.store.read() as session:
            return {
                table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
                for table in Table.metadata.sorted_tables
            }


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def verify_chains(store: Store) -> int:
    """Recomputes every hash of every complaint; how many events there were."""
    with store.read() as session:
        complaints = session.execute(select(Complaint)).scalars().all()
        events: dict[int, list[Event]] = {}
        for one in session.execute(select(Event).order_by(Event.complaint_id, Event.seq)).scalars():
            events.setdefault(one.complaint_id, []).append(one)
    for complaint in complaints:
        chain = events.get(complaint.id or 0, [])
        assert [one.seq for one in chain] == list(range(1, complaint.events + 1)), complaint.number
        before = ""
        for one in chain:
            if one.words is not None and one.salt is not None:
                assert digest_of_words(one.words, one.salt) == one.words_digest
            link = Link(
                complaint.number,
                one.seq,
                one.kind,
                one.happened_at,
                one.recorded_at,
                one.actor,
                one.system_user,
                one.data,
                one.words_digest,
                one.server_user,
            )
            before = link.hash(before)
            assert before == one.hash, (complaint.number, one.seq)
        assert before == complaint.head
    return sum(map(len, events.values()))


@dataclass(frozen=True)
class PlainStage:
    """A stage of the shipped book, read by a person: the oracle must not use the program's own reading."""

    key: str
    offset: int | None
    roles: tuple[str, ...]
    every: int | None = None
    urgent_only: bool = False
    from_days: int = 0


OWNER_AND_SUPERVISOR = ("owner", "supervisor")
LEVEL_2 = ("manager", "parent:manager")
STAGES = (
    PlainStage("receipt", None, ("supervisor",), urgent_only=True),
    PlainStage("warning-first", -7, OWNER_AND_SUPERVISOR, from_days=15),
    PlainStage("warning-last", -1, OWNER_AND_SUPERVISOR),
    PlainStage("due-today", 0, OWNER_AND_SUPERVISOR),
    PlainStage("overdue", 1, OWNER_AND_SUPERVISOR),
    PlainStage("escalation-1", 3, ("manager",)),
    PlainStage("escalation-2", 7, LEVEL_2),
    PlainStage("escalation-weekly", 14, LEVEL_2, every=7),
)
NUDGE_STAGE = PlainStage("nudge", -3, ("owner",))


def entries(
    row: Complaint, until: datetime, stages: tuple[PlainStage, ...] = STAGES
) -> list[tuple[datetime, str, int]]:
    """Every entry of a complaint's timeline up to a moment, day by day: (moment, stage, occurrence), earliest first."""
    found = []
    for stage in stages:
        if row.days < stage.from_days or (stage.urgent_only and row.rule != "urgent"):
            continue
        if stage.offset is None:
            found.append((row.received_at, stage.key, 1))
            continue
        day, occurrence = row.due_on + timedelta(days=stage.offset), 1
        while True:
            # 08:00 in Bangkok, which has had no summer time since 1920.
            at = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)
            if at > until:
                break
            if at >= row.received_at:
                found.append((at, stage.key, occurrence))
            if stage.every is None:
                break
            day, occurrence = day + timedelta(days=stage.every), occurrence + 1
    return sorted(item for item in found if item[0] <= until)


def of_stages(rows: list[Alert]) -> list[Alert]:
    """Without those that only say that the complaint was handed over."""
    return [row for row in rows if row.stage != "handed-over"]


def accounted_by_rows(rows: list[Alert], *, healed: bool = False) -> list[tuple[str, int]]:
    """(stage, occurrence) that the rows of one generation account for, each as often as it is.

    Where it was `healed`, what a wrong clock had sent may stand for more or fewer than what was raised at its own time.
    """
    occurrences = {(row.stage, row.occurrence, row.stands_for) for row in of_stages(rows)}
    assert healed or len({one[:2] for one in occurrences}) == len(occurrences)
    return [(stage, last - back) for stage, last, many in occurrences for back in range(many)]


def accounted_by_events(events: list[Event], generation: int) -> list[tuple[str, int]]:
    """(stage, occurrence) that have been raised, and not taken back as raised by a clock that was wrong."""
    found: list[tuple[datetime, str, int]] = []
    for one in events:
        data = json.loads(one.data)
        if one.kind != "alerts" or data["generation"] != generation:
            continue
        if "healed" in data:
            through = data["healed"]["through"]
            found = [item for item in found if through and item[0] <= datetime.fromisoformat(through)]
        for item in (data["raised"], *data["superseded"]) if "raised" in data else ():
            at = datetime.fromisoformat(item["stage_at"])
            found += [(at, item["stage"], item["occurrence"] - back) for back in range(item["stands_for"])]
    return [(stage, occurrence) for _, stage, occurrence in found]
