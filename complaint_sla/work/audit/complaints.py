"""One complaint as it is stored, held against what its events say: every column, every text, every row of its ledger."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from complaint_sla.core import fates, fields, owed
from complaint_sla.core.chain import COVERED, Flaw, Link, Sealed, flaws
from complaint_sla.core.complaints import EventKind, State, Status
from complaint_sla.core.corrections import in_words
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.fates import AlertKey
from complaint_sla.core.ledger import compare_alerts
from complaint_sla.core.owed import AlertState
from complaint_sla.core.replay import Replay
from complaint_sla.core.rulebook import Book
from complaint_sla.store.archive import Row
from complaint_sla.store.outbox import ALERTS, PENDING, MessageState
from complaint_sla.work.casefile import IDENTITY

# Events whose words an erasure leaves: they say why it was done, and name nobody.
KEPT = (EventKind.ERASED,)
FLAWS = {Flaw.MISSING: Check.MISSING, Flaw.HASH: Check.HASH, Flaw.WORDS: Check.WORDS}


@dataclass(frozen=True)
class Registers:
    """What ids stand for, and the books whose text is as it was when they were pinned, by digest.

    `hesitated`: whether a letter to somebody was ever refused for a time, given up, or not heard of.
    """

    offices: Mapping[int, str]
    staff: Mapping[int, str]
    books: Mapping[str, Book]
    hesitated: Callable[[str], bool]


@dataclass(frozen=True)
class Filed:
    """A complaint and all rows that belong to it, as they are stored; events in the order of seq."""

    row: Row
    events: Sequence[Row]
    alerts: Sequence[Row]
    customers: Sequence[Row]
    original: str | None


class Comparison:
    """One complaint, replayed. `differences` is empty if all is as it must be.

    `latest`: nothing can have been written down after it; None where any clock may be.
    """

    def __init__(
        self, filed: Filed, registers: Registers, now: datetime, latest: datetime | None = None
    ) -> None:
        self._filed = filed
        self._registers = registers
        self._chain = _chain(filed)
        self.replay = Replay(registers.books, [sealed.link for sealed in self._chain])
        self.differences = [*self._compare(now), *(() if latest is None else self._to_come(latest))]

    @property
    def number(self) -> str:
        """The number under which it was logged; the stored one where that can't be read."""
        return self._chain[0].link.number if self._chain else self._filed.row["number"]

    @property
    def first(self) -> str:
        """The hash of its first event; empty where there is none."""
        return self._chain[0].hash if self._chain else ""

    @property
    def is_begun(self) -> bool:
        """Whether its first event is there, and as it was written down."""
        if not self._chain or self._chain[0].link.seq != 1:
            return False
        return not any(one.check is Check.HASH and one.name.startswith("1 ") for one in self.differences)

    def _compare(self, now: datetime) -> Iterator[Difference]:
        filed, replay = self._filed, self.replay
        yield from self._chain_differences()
        yield from replay.differences
        yield from self._erasure()
        # What a broken record would lead to says nothing: it is the record that has to be mended first.
        if replay.state is None or not replay.is_whole:
            return
        stored = self._stored()
        for name, derived in replay.columns().items():
            if stored[name] != derived:
                yield Difference(Check.COLUMN, name, stored[name], derived)
        yield from self._texts()
        yield from replay.looks(filed.row["alerted_through"], filed.row["next_alert_at"])
        yield from self._alerts()
        yield from self._bucket(replay.state, now)

    def _to_come(self, latest: datetime) -> Iterator[Difference]:
        """What a clock that ran ahead has dated. What it raised is in order, once it has been taken back."""
        for link in (one.link for one in self._chain):
            at = max(link.happened_at, link.recorded_at)
            if at > latest and not (link.kind == EventKind.ALERTS and link.seq < self.replay.healed_by):
                yield Difference(Check.TO_COME, f"{link.seq} {link.kind}", at)
        through = self._filed.row["alerted_through"]
        if through is not None and through > latest:
            yield Difference(Check.TO_COME, "alerted_through", through)

    def _chain_differences(self) -> Iterator[Difference]:
        row, chain = self._filed.row, self._chain
        if not chain:
            yield Difference(Check.MISSING, "1")
            return
        yield from broken(chain)
        if row["events"] != len(chain):
            yield Difference(Check.LENGTH, "events", row["events"], len(chain))
        if row["head"] != chain[-1].hash:
            yield Difference(Check.HEAD, "head", row["head"], chain[-1].hash)

    def _stored(self) -> Mapping[str, object]:
        row, registers = self._filed.row, self._registers
        owner_id, came_from_id = row["owner_id"], row["came_from_id"]
        return {
            **row,
            "office": registers.offices.get(row["office_id"], row["office_id"]),
            "came_from": registers.offices.get(came_from_id, came_from_id),
            "owner": registers.staff.get(owner_id, owner_id),
            "duplicate_of": self._filed.original or row["duplicate_of_id"],
        }

    def _bucket(self, state: State, now: datetime) -> Iterator[Difference]:
        row = self._filed.row
        if row["status"] not in set(Status):
            # That the column is wrong has been said.
            return
        stored = replace(
            state,
            status=Status(row["status"]),
            due_at=row["due_at"],
            breached_at=row["breached_at"],
            ended_at=row["closed_at"],
        )
        as_stored, derived = stored.bucket(now), state.bucket(now)
        if as_stored is not derived:
            yield Difference(Check.BUCKET, "bucket", as_stored.value, derived.value)

    # --- personal texts: that they differ is said, never what they are

    def _texts(self) -> Iterator[Difference]:
        row = self._filed.row
        wrong, said = self._said()
        if said is not None:
            if "external_id" not in self.replay.columns() and row["external_id"] != said.get("external_id"):
                wrong.append("external_id")
            wrong += [name for name in ("subject", "detail") if row[name] != said.get(name)]
            wrong += self._identity(said)
        if row["subject_search"] != fields.fold(row["subject"]):
            wrong.append("subject_search")
        ends = (one for one in self._chain if one.link.seq == self.replay.ended_by)
        ended = next(map(_words, ends), {})
        if ended is not None and row["outcome"] != ended.get("outcome"):
            wrong.append("outcome")
        for name in wrong:
            yield Difference(Check.TEXT, name)

    def _said(self) -> tuple[list[str], Mapping[str, str | None] | None]:
        """What was said of it when it was logged, with every correction; None where words are gone or changed, which is said
        elsewhere. Before it corrections that do not follow from what was said until then.
        """
        logged = _words(self._chain[0])
        if logged is None or not self.replay.corrected:
            return [], logged
        wrong: list[str] = []
        # What old events hold for good is no word.
        said: dict[str, str | None] = {"external_id": self.replay.logged_id, **logged}
        for one in self._chain:
            if one.link.seq not in self.replay.corrected:
                continue
            words = _words(one)
            if words is None:
                return wrong, None
            for correction in in_words(self.replay.corrected[one.link.seq], words):
                if correction.was != said.get(correction.field):
                    wrong.append(f"{one.link.seq} {one.link.kind}.{correction.field}")
                said[correction.field] = correction.now
        return wrong, said

    def _identity(self, logged: Mapping[str, str | None]) -> list[str]:
        said = {word: logged.get(word) for word in IDENTITY}
        if not self._filed.customers:
            return ["customer"] if any(said.values()) else []
        customer = self._filed.customers[0]
        wrong = [word for word, column in IDENTITY.items() if customer[column] != said[word]]
        name = customer["name"]
        if customer["name_search"] != (fields.fold(name) if name else None):
            wrong.append("name_search")
        # What was taken away by corrections leaves an empty row.
        return wrong or ([] if any(said.values()) or self.replay.corrected else ["customer"])

    # --- erasure

    def _erasure(self) -> Iterator[Difference]:
        """Words go with an erasure only, and with it nothing personal stays: what is of before it is empty."""
        erasures = [one.link.seq for one in self._chain if one.link.kind == EventKind.ERASED]
        last = max(erasures, default=0)
        for one in self._chain:
            name = f"{one.link.seq} {one.link.kind}"
            if one.link.kind in KEPT or one.link.seq > last:
                if one.is_erased:
                    yield Difference(Check.NOT_ERASED, name)
            elif one.words is not None or one.salt is not None:
                yield Difference(Check.ERASED, f"words of {name}")
        if last:
            yield from (Difference(Check.ERASED, name) for name in self._left(last))

    def _left(self, erased_by: int) -> list[str]:
        """What an erasure must have emptied, and is there."""
        row = self._filed.row
        left = [name for name in ("subject", "subject_search", "detail") if row[name]]
        # That of an end after it is of a person who has not been erased.
        if row["outcome"] is not None and (self.replay.ended_by or 0) < erased_by:
            left.append("outcome")
        return [*left, *(["customer"] if self._filed.customers else [])]

    # --- the ledger

    def _alerts(self) -> Iterator[Difference]:
        stored = {
            AlertKey(one["generation"], one["stage"], one["occurrence"], one["recipient"]): one
            for one in self._filed.alerts
        }
        ledger = self.replay.ledger
        yield from compare_alerts(ledger, stored)
        for key in [key for key in stored if key not in ledger]:
            del stored[key]
        for key, one in stored.items():
            if not owed.can_be(one["state"], key.recipient):
                yield Difference(Check.ALERT, f"{key}: state", one["state"])
                continue
            letter = list(_letter(key, one))
            yield from letter
            if letter:
                continue
            if not fates.follows(key, ledger, stored, self._registers.hesitated):
                derived = ledger[key].fate.states(key.recipient)
                yield Difference(Check.ALERT, f"{key}: state", one["state"], derived)
            elif not self._runs(key) and owed.may_change(
                one["state"], one["letter_state"] == MessageState.SENDING
            ):
                yield Difference(Check.ALERT, f"{key}: state", one["state"], AlertState.DROPPED.value)

    def _runs(self, key: AlertKey) -> bool:
        now = self.replay.state
        assert now is not None
        return owed.runs(now.status, now.generation, self.replay.missed, key.generation)


def _letter(key: AlertKey, one: Row) -> Iterator[Difference]:
    """What an alert's state says of its letter, and that of its alert."""
    state, letter = one["state"], one["letter_state"]
    is_mine = (one["letter_kind"], one["letter_to"]) == (ALERTS, key.recipient)
    if state == AlertState.SENT:
        if not is_mine or letter != MessageState.SENT:
            yield Difference(Check.LETTER, str(key), state, letter)
    elif letter == MessageState.SENT:
        yield Difference(Check.ALERT, f"{key}: state", state, AlertState.SENT.value)
    elif one["message_id"] is not None:
        # In a letter that never goes it would wait for ever.
        is_tried = letter in PENDING and one["letter_attempts"]
        fits = letter in PENDING if state == AlertState.WAITING else letter == MessageState.FAILED or is_tried
        if not is_mine or not fits:
            yield Difference(Check.ALERT, f"{key}: message", one["message_id"])


def _chain(filed: Filed) -> list[Sealed]:
    number = _logged_number(filed)
    return chain_of(number, filed.events)


def chain_of(number: str, events: Iterable[Row]) -> list[Sealed]:
    """Stored events of a complaint, or of the journal, as the links of its chain."""
    return [sealed_of(number, one) for one in events]


def sealed_of(number: str, event: Row) -> Sealed:
    """A stored event as a link of its chain."""
    return Sealed(link_of(number, event), event["words"], event["salt"], event["hash"])


def broken(chain: Sequence[Sealed]) -> Iterator[Difference]:
    """What has been changed in a chain with the link beside it untouched."""
    kinds = {sealed.link.seq: sealed.link.kind for sealed in chain}
    for seq, flaw in flaws(chain):
        kind = kinds.get(seq) if flaw is not Flaw.MISSING else None
        yield Difference(FLAWS[flaw], f"{seq} {kind}" if kind else str(seq))


def link_of(number: str, event: Row) -> Link:
    """A stored event as its hash sees it."""
    return Link(number, **{name: event[name] for name in COVERED})


def _logged_number(filed: Filed) -> str:
    """The number that the hashes cover; where a hand has changed the stored one, that is one fault and not one an event."""
    stored: str = filed.row["number"]
    try:
        return str(json.loads(filed.events[0]["data"])["number"])
    except (IndexError, KeyError, TypeError, ValueError):
        return stored


def _words(sealed: Sealed) -> Mapping[str, str] | None:
    """The personal words of an event; None if they have been erased, or changed, which is said elsewhere."""
    if sealed.words is None:
        return None if sealed.link.words_digest is not None else {}
    try:
        words: Mapping[str, str] = json.loads(sealed.words)
        return words if isinstance(words, dict) else None
    except ValueError:
        return None
