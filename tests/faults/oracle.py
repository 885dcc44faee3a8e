"""What should have come of it all, worked out from outside: from the rule book as a person reads it, and the postbox.

An alert here is one occurrence of one stage of one deadline, owed to one person. It must be accounted for exactly once
in the ledger, and the person must have a letter that says it or something newer.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

from sqlalchemy import select

from complaint_sla.core.roster import is_nobody
from complaint_sla.store.tables import Alert, Complaint, Message
from complaint_sla.work.health.facts import vitals
from complaint_sla.work.letters import listing
from tests.work.desks import STAGES, House, accounted_by_rows, entries, verify_chains
from tests.work.findings import findings

AREA_MANAGER, MANAGER = "area@example.org", "manager@example.org"
SUPERVISOR, OWNER = "supervisor@example.org", "owner@example.org"
# Who hears instead where somebody can't be reached: anybody above.
ABOVE = {
    OWNER: (SUPERVISOR, MANAGER, AREA_MANAGER),
    SUPERVISOR: (MANAGER, AREA_MANAGER),
    MANAGER: (AREA_MANAGER,),
    AREA_MANAGER: (),
}
ROLES = {"owner": OWNER, "supervisor": SUPERVISOR, "manager": MANAGER, "parent:manager": AREA_MANAGER}
_NUMBER = re.compile(r"C-\d{4}-\d{5}")
LONG_AGO = datetime.min.replace(tzinfo=UTC)
FINAL = {"sent", "superseded", "dropped", "failed"}

Generation = tuple[str, int]


@dataclass(frozen=True)
class Arrived:
    """A letter as the mail server has it: to whom, under which Message-ID, about which complaints, and of which bytes."""

    recipient: str
    message_id: str
    numbers: frozenset[str]
    digest: str


def _editions(message_id: str) -> list[str]:
    """A letter's Message-ID, and those under which it may have gone before with other words: <a.3@b>, <a.2@b>, <a@b>."""
    found = re.fullmatch(r"(<[0-9a-f]+)\.(\d+)(@.*>)", message_id)
    if found is None:
        return [message_id]
    head, number, tail = found.groups()
    return [f"{head}{f'.{one}' if one > 1 else ''}{tail}" for one in range(int(number), 0, -1)]


def arrived(content: bytes, recipient: str) -> Arrived:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    numbers = frozenset(_NUMBER.findall(body.get_content()))
    digest = hashlib.sha256(content).hexdigest()
    return Arrived(recipient, str(message["Message-ID"]).strip(), numbers, digest)


@dataclass
class Count:
    """Alerts by what became of them; `stages` is how many different occurrences they are, `doubled` counts letters."""

    stages: int = 0
    due: int = 0
    queued: int = 0
    delivered: int = 0
    ended: int = 0
    letters: int = 0
    doubled: int = 0
    lost: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))


@dataclass
class Oracle:
    """Watches the complaints of one house. `problems` says in words what was lost or told falsely."""

    house: House
    problems: list[str] = field(default_factory=list)
    _facts: dict[Generation, Complaint] = field(default_factory=dict)
    _through: dict[Generation, datetime] = field(default_factory=dict)
    _due: set[tuple[Generation, str, int]] = field(default_factory=set)
    # Each alert by what has become of it.
    _alerts: dict[tuple[Generation, str, int, str], str] = field(default_factory=dict)
    # Those whose person could not be reached when they became due: somebody above has them for good.
    _excused: set[tuple[Generation, str, int, str]] = field(default_factory=set)
    _unqueued: set[tuple[Generation, str, int, str]] = field(default_factory=set)
    _letters: dict[str, Arrived] = field(default_factory=dict)
    # Whom a server has been made to refuse for good: somebody above hears instead.
    refused: set[str] = field(default_factory=set)
    _read: int = 0
    _seen: int = 0
    _doubled: int = 0
    _last_message: int = 0
    _latest: dict[Generation, datetime] = field(default_factory=dict)
    _furthest: datetime = LONG_AGO

    def see(self, row: Complaint) -> None:
        """Notes the facts of a complaint as they are now, and when a deadline of it ended."""
        now = self.house.clock.at
        self._furthest = max(now, self._furthest)
        key = (row.number, row.generation)
        self._facts[key] = row
        before = (row.number, row.generation - 1)
        if before in self._facts:
            self._through.setdefault(before, now)
        if row.status == "open":
            self._through.pop(key, None)
        else:
            self._through.setdefault(key, now)

    def check(self, now: datetime, received: Sequence[Arrived], keep: Collection[str]) -> None:
        """Everything, once nothing is left to send. Complaints that are not kept are not looked at again."""
        self._furthest = max(now, self._furthest)
        self._take_in(received)
        self._check_letters()
        for key in list(self._facts):
            self._check_deadline(key, now)
            if key[0] not in keep:
                del self._facts[key]

    def count(self) -> Count:
        fates = Counter(self._alerts.values())
        return Count(
            stages=len(self._due),
            due=len(self._alerts),
            queued=len(self._alerts) - len(self._unqueued),
            delivered=fates["delivered"],
            ended=fates["ended"],
            letters=len(self._letters),
            doubled=self._doubled,
            lost=max(fates["lost"], len(self._unqueued)),
        )

    def check_chains(self) -> None:
        verify_chains(self.house.store)
        # With the journal, and all that it holds.
        assert findings(self.house) == []

    def in_sight(self) -> bool:
        """Whether everybody who should have a letter and has none stands in the list of failed letters and in `doctor`."""
        failed = {
            letter.recipient for letter in listing.letters(self.house.desk, failed_only=True, most=1000)
        }
        with self.house.store.read() as session:
            untold = set(
                session.execute(
                    select(Alert.recipient).where(Alert.state.in_(["waiting", "failed"]))
                ).scalars()  # type: ignore[attr-defined]
            )
        found = vitals(self.house.desk)
        told = found.pending > 0 or found.refused > 0 or any(beat.fault for beat in found.beats)
        return not untold or (told and bool(untold & failed))

    def _take_in(self, received: Sequence[Arrived]) -> None:
        for letter in received[self._read :]:
            known = self._letters.setdefault(letter.message_id, letter)
            if known is letter:
                continue
            self._doubled += 1
            if known != letter:
                self.problems.append(f"{letter.message_id} came twice and differs: {known} {letter}")
        self._read = len(received)

    def _check_letters(self) -> None:
        """Every letter that came is called sent, with the members it came with; every letter called sent came."""
        with self.house.store.read() as session:
            query = select(Message).where(Message.id > self._last_message).order_by(Message.id)  # type: ignore[operator,arg-type]
            messages = list(session.execute(query).scalars())
            ids = [message.id for message in messages]
            members: dict[int, list[tuple[str, str]]] = {}
            rows = (
                session.execute(
                    select(Alert.message_id, Complaint.number, Alert.state)  # type: ignore[call-overload]
                    .join(Complaint, Complaint.id == Alert.complaint_id)
                    .where(Alert.message_id.in_(ids))  # type: ignore[union-attr]
                ).all()
                if ids
                else []
            )
        for message_id, number, state in rows:
            members.setdefault(message_id, []).append((number, state))
        known = {one for message in messages for one in _editions(message.message_id)}
        for message in messages:
            letter = self._letters.get(message.message_id)
            mine = members.get(message.id or 0, [])
            if message.state in ("waiting", "sending"):
                self.problems.append(f"letter {message.id} never came to rest: {message.state}")
            elif letter is not None and message.state == "failed":
                # The first copy was taken and nobody heard of it, the second was refused for good: to those above, it is
                # as if it had never come.
                if message.answer not in ("no-address", "refused") or message.unheard_at is None:
                    self.problems.append(f"letter {message.id} came, and is called failed: {message.answer}")
            elif (letter is not None) != (message.state == "sent"):
                self.problems.append(f"letter {message.id} is called {message.state}, and {letter=}")
            elif letter is not None and letter.recipient != message.recipient:
                self.problems.append(
                    f"letter {message.id} for {message.recipient} went to {letter.recipient}"
                )
            elif message.kind != "alerts":
                # A summary owes nobody anything that the ledger knows of.
                continue
            elif letter is not None and letter.numbers != {number for number, _ in mine}:
                self.problems.append(
                    f"letter {message.id} told {sorted(letter.numbers)}, its members are {mine}"
                )
            elif letter is not None and {state for _, state in mine} != {"sent"}:
                self.problems.append(f"letter {message.id} came, and its members are called {mine}")
            self._check_replaced(message, {number for number, _ in mine})
        fresh = [letter for letter in self._fresh() if letter.message_id not in known]
        if fresh:
            self.problems.append(f"nobody knows of {fresh}")
        self._last_message = max((message.id or 0 for message in messages), default=self._last_message)

    def _check_replaced(self, message: Message, numbers: set[str]) -> None:
        """What came before with other words told of the same complaints."""
        for one in _editions(message.message_id)[1:]:
            letter = self._letters.get(one)
            if letter is not None and message.state == "sent" and letter.numbers != numbers:
                self.problems.append(f"letter {message.id} is about {numbers} and replaces {letter}")

    def _fresh(self) -> list[Arrived]:
        """The letters taken in since the last look, first copies only."""
        letters = list(self._letters.values())
        fresh, self._seen = letters[self._seen :], len(letters)
        return fresh

    def _check_deadline(self, key: Generation, now: datetime) -> None:
        generation = key[1]
        facts = self._facts[key]
        over = self._through.get(key)
        latest = max(over or now, self._latest.get(key, over or now))
        if over is None and latest > now + timedelta(minutes=5):
            # A clock that was set back makes nothing undone that was sent; all else is told at its own time.
            latest = now
        self._latest[key] = latest
        due = entries(facts, latest)
        with self.house.store.read() as session:
            rows = list(
                session.execute(
                    select(Alert, Message.message_id)  # type: ignore[call-overload]
                    .outerjoin(Message, Message.id == Alert.message_id)
                    .where(Alert.complaint_id == facts.id, Alert.generation == generation)
                ).all()
            )
        healed = any('"healed":' in one.data for one in self.house.events(facts.number))
        told = accounted_by_rows([row for row, _ in rows], healed=healed)
        if healed:
            # A letter of a wrong clock stands for stages that are told at their own time all the same.
            told = list(set(told))
        accounted = Counter(told)
        wanted = Counter((stage, occurrence) for _, stage, occurrence in due)
        # Somebody who died before all was told may have been at work when the clock stood later.
        allowed = Counter(
            (stage, occurrence) for _, stage, occurrence in entries(facts, max(latest, self._furthest))
        )
        missing, beyond = wanted - accounted, accounted - allowed
        if missing or beyond:
            self.problems.append(f"{key}: missing {dict(missing)}, too many {dict(beyond)}")
        # What reaches nobody, since the top could not be reached for a day, stays in sight until somebody takes the post.
        unrest = [row for row, _ in rows if row.state not in FINAL and not is_nobody(row.recipient)]
        if unrest:
            self.problems.append(f"{key}: never came to rest: {unrest}")
        has, failed = self._told(key, rows)
        for at, stage, occurrence in due:
            self._due.add((key, stage, occurrence))
            for person in self._owed(stage, facts):
                alert = (key, stage, occurrence, person)
                if accounted[stage, occurrence] != 1:
                    self._unqueued.add(alert)
                if person in failed or person in self.refused:
                    self._excused.add(alert)
                above = ABOVE[person] if alert in self._excused else ()
                if any(who in has and has[who] >= at for who in (person, *above)):
                    self._alerts[alert] = "delivered"
                elif self._alerts.get(alert) == "delivered":
                    self.problems.append(f"{alert} was delivered, and the ledger has forgotten it")
                    self._alerts[alert] = "lost"
                elif over is not None:
                    self._alerts[alert] = "ended"
                else:
                    self._alerts[alert] = "lost"
                    self.problems.append(
                        f"{alert} reached nobody: {[(r.recipient, r.stage, r.state) for r, _ in rows]}"
                    )

    def _told(
        self, key: Generation, rows: list[tuple[Alert, str | None]]
    ) -> tuple[dict[str, datetime], set[str]]:
        """What each person has really been sent, by the moment of the latest stage; and who could not be reached."""
        has: dict[str, datetime] = {}
        failed: set[str] = set()
        for row, message_id in rows:
            letter = self._letters.get(message_id or "")
            if row.state == "failed":
                failed.add(row.recipient)
            elif row.state == "sent" and (letter is None or key[0] not in letter.numbers):
                self.problems.append(f"{key}: {row.stage} is called sent to {row.recipient}, who has nothing")
            elif row.state == "sent" and row.stage != "handed-over":
                has[row.recipient] = max(row.stage_at, has.get(row.recipient, row.stage_at))
        return has, failed

    def _owed(self, stage: str, facts: Complaint) -> list[str]:
        roles = next(one.roles for one in STAGES if one.key == stage)
        people = [ROLES[role] for role in roles]
        return [person for person in people if person != OWNER or facts.owner_id is not None]
