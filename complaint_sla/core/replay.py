"""A complaint's events, folded into what must stand of it: its facts, deadline, state, stages raised, rows of the ledger.

Pure, and from the books: nothing that an event says of a deadline or a stage is believed, only the facts in it and
the people chosen. What it says otherwise is a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from complaint_sla.core import fates
from complaint_sla.core.calendars import local_day, month_key
from complaint_sla.core.chain import FORMAT, Link, format_of, read
from complaint_sla.core.complaints import ENDS, EventKind, Replaced, State, Status
from complaint_sla.core.corrections import fields_of
from complaint_sla.core.deadlines import deadline, stated
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import DatabaseUnusable, Error
from complaint_sla.core.healing import Settled
from complaint_sla.core.ledgerreplay import LedgerReplay, named
from complaint_sla.core.roster import Role
from complaint_sla.core.rulebook import Book, Facts
from complaint_sla.core.timeline import Timeline

# What a hand may have made of an event's data.
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError)


class Replay(LedgerReplay):
    """The state after all events. `state` is None, and nothing else is there, where the first one is not the logging.

    `books` are those that can be trusted, by digest; without its book the deadlines of a complaint are taken from its
    events, and its stages are not derived. `is_whole` is False if an event could not be read, or is of a newer
    release: it and all after it are left out.
    """

    number: str
    digest: str
    office: str
    owner: str | None
    recorded_at: datetime
    # The columns of the deadline.
    _term: Mapping[str, Any]

    def __init__(self, books: Mapping[str, Book], events: Iterable[Link]) -> None:
        super().__init__()
        self._books = books
        self.state: State | None = None
        self.is_whole = True
        self.acknowledged_at: datetime | None = None
        self.responded_at: datetime | None = None
        self.original: str | None = None
        # Whether who complained is to be erased at the end, and the last event that did so (0: none).
        self.erase_at_end = False
        self.erased_by = 0
        # The fields that each correction names, by its event.
        self.corrected: dict[int, Sequence[str]] = {}
        # The other system's number, where it is no word of the first event: its digest, or what old events hold for good.
        self._elsewhere: Mapping[str, str | None] = {}
        self.logged_id: str | None = None
        # Which office handed it over last, and the event that holds the words of the outcome.
        self.came_from: str | None = None
        self.ended_by: int | None = None
        # The first generation whose deadline had passed when it gave way.
        self.missed: int | None = None
        for event in events:
            self.is_whole = self._took(event) and self.state is not None
            if not self.is_whole:
                break

    def _took(self, event: Link) -> bool:
        """Whether the event could be read; if not, it is noted as a difference."""
        try:
            self._take(event)
        except DatabaseUnusable as newer:
            self._differ(Check.NEWER, f"{event.seq} {event.kind}", newer.values["format"], FORMAT)
            return False
        except _UNREADABLE:
            self._differ(Check.UNREADABLE, f"{event.seq} {event.kind}")
            return False
        return True

    @property
    def book(self) -> Book | None:
        return self._books.get(self.digest)

    def columns(self) -> dict[str, object]:
        """The columns of the complaint that follow from its events: offices, people and an original by what names them."""
        state = self.state
        if state is None:
            return {}
        columns: dict[str, object] = {
            "number": self.number,
            "office": self.office,
            "came_from": self.came_from,
            "owner": self.owner,
            "recorded_at": self.recorded_at,
            "book": self.digest,
            **self.facts.columns(),
            **self._term,
            **state.columns(),
            "acknowledged_at": self.acknowledged_at,
            "responded_at": self.responded_at,
            "duplicate_of": self.original,
            "erase_at_end": self.erase_at_end,
            **self._elsewhere,
        }
        if self.month is not None:
            columns["month"] = self.month
        return columns

    @property
    def month(self) -> str | None:
        """The month of receipt (2017-03); None without the book, whose zone it is of."""
        return month_key(local_day(self.facts.received_at, self.book.zone)) if self.book is not None else None

    def looks(self, through: datetime | None, next_at: datetime | None) -> Iterable[Difference]:
        """Whether `alerted_through` and `next_alert_at` (UTC) can be so: no stage passed unraised, none to come forgotten.

        A look at which nothing had passed leaves no event, so that `through` may lie anywhere before the next stage.
        """
        if self.state is None or self._timeline is None:
            return
        timeline = self._timeline
        if self.through is not None and (through is None or through < self.through):
            yield Difference(Check.COLUMN, "alerted_through", through, self.through)
            through = self.through
        if through is not None and (passed := timeline.settle(self.through, through).passed):
            names = ", ".join(named(entry.stage.key, entry.occurrence) for entry in passed)
            yield Difference(Check.UNRAISED, names, through)
        expected = None
        if self.state.status is Status.OPEN:
            expected = timeline.first_at() if through is None else timeline.settle(through, through).next_at
        if next_at != expected:
            yield Difference(Check.COLUMN, "next_alert_at", next_at, expected)

    # --- one event after the other

    def _take(self, event: Link) -> None:
        said = read(event.kind, event.data)
        kind = EventKind(event.kind)
        if kind is EventKind.LOGGED:
            if self.state is None and event.seq == 1:
                self._logged(event, said)
            else:
                self._differ(Check.ORDER, f"{event.seq} {event.kind}")
            return
        state = self.state
        if state is None:
            return
        if kind is EventKind.ALERTS:
            self._alerts(event, said, state)
        elif kind in ENDS:
            self._ended(event, said, state, Status(kind.value))
        elif kind is EventKind.REOPENED:
            self._reopened(event, said, state)
        elif kind is EventKind.RECLASSIFIED:
            self._reclassified(event, said, state)
        elif kind is EventKind.CORRECTED:
            self._corrected(event, said, state)
        elif kind in (EventKind.ASSIGNED, EventKind.TRANSFERRED):
            self._handed_on(event, said, kind)
        elif kind in (EventKind.ERASURE_DUE, EventKind.ERASED):
            self._erasure(event, said, state, kind)
        else:
            self._touched(event, kind)

    def _handed_on(self, event: Link, said: Mapping[str, Any], kind: EventKind) -> None:
        if kind is EventKind.TRANSFERRED:
            self._expect(event, "from", said["from"], self.office)
            self.came_from, self.office = self.office, said["to"]
        self.owner = said["owner"]
        fates.moved_on(self.ledger, Role.SUPERVISOR if kind is EventKind.TRANSFERRED else "owner")

    def _touched(self, event: Link, kind: EventKind) -> None:
        if kind is EventKind.ACKNOWLEDGED:
            self.acknowledged_at = event.happened_at
        elif kind is EventKind.RESPONDED and self.responded_at is None:
            self.responded_at = event.happened_at

    def _logged(self, event: Link, said: Mapping[str, Any]) -> None:
        received_at = datetime.fromisoformat(said["received_at"])
        self.number = said["number"]
        self.office = said["office"]
        self.owner = said["owner"]
        self.digest = said["digest"]
        self._elsewhere = _elsewhere(said)
        self.logged_id = said.get("external_id")
        self.recorded_at = event.recorded_at
        self.facts = Facts(received_at, said["group"], said["urgent"], said["channel"], said["category"])
        self._term = self._due(event, said)
        self._timeline = self._new_timeline()
        self._expect(event, "happened_at", event.happened_at, received_at)
        if self.book is not None:
            self._expect(event, "rule_book", said["rule_book"], self.book.id)
        self.state = State.begin(received_at, self._term["rule"], self._term["due_at"])

    def _due(self, event: Link, said: Mapping[str, Any]) -> Mapping[str, Any]:
        """The deadline that the facts give; differences to the one that the event states are noted."""
        as_stated = stated(said)
        if self.book is None:
            return as_stated
        try:
            derived = deadline(self.book, self.facts).columns()
        except Error as problem:
            self._differ(Check.EVENT, f"{event.seq} {event.kind}.rule", as_stated["rule"], str(problem.key))
            return as_stated
        for name, value in derived.items():
            self._expect(event, name, as_stated[name], value)
        return derived

    def _new_timeline(self) -> Timeline | None:
        term = self._term
        if self.book is None:
            return None
        return Timeline(self.book, term["rule"], term["days"], self.facts.received_at, term["due_on"])

    def _ended(self, event: Link, said: Mapping[str, Any], state: State, status: Status) -> None:
        self._require(event, state, is_open=True)
        self.state = state.ended(status, event.happened_at)
        self._expect(event, "on_time", said["on_time"], not self.state.is_late(event.happened_at))
        self.original = said.get("of")
        self.ended_by = event.seq
        fates.ended(self.ledger)

    def _reopened(self, event: Link, said: Mapping[str, Any], state: State) -> None:
        self._require(event, state, is_open=False)
        self._expect(event, "was", said["was"], state.status.value)
        self.state = state.reopened(event.happened_at)
        self.original = self.ended_by = None
        # Said where the owner had retired.
        self.owner = said.get("owner", self.owner)

    def _reclassified(self, event: Link, said: Mapping[str, Any], state: State) -> None:
        self._require(event, state, is_open=True)
        self.facts = replace(
            self.facts,
            group=said["group"],
            urgent=said["urgent"],
            channel=said["channel"] or self.facts.channel,
            category=said["category"],
        )
        self._term = self._due(event, said)
        self.state = state.reclassified(self._term["rule"], self._term["due_at"], event.happened_at)
        self._expect(event, "generation", said["generation"], self.state.generation)
        if self.state.generation != state.generation:
            if self.missed is None and Replaced(state.generation, state.due_at, event.happened_at).was_missed:
                self.missed = state.generation
            if not state.is_late(event.happened_at) or _took_back_what_was_missed(event):
                fates.ended(self.ledger, surely=not state.is_late(event.happened_at))
            self.through = None
            self._settled = Settled()
            self._timeline = self._new_timeline()

    def _corrected(self, event: Link, said: Mapping[str, Any], state: State) -> None:
        """A correction leaves the deadline as it is, and what counts in figures of what has ended; nothing is left to correct
        once it has been erased."""
        fields = self.corrected[event.seq] = fields_of(said)
        if self.erased_by:
            self._differ(Check.ORDER, f"{event.seq} {event.kind}")
        if "external_id" in fields:
            # Its words say it from now on, whatever said it before.
            self._elsewhere = {}
        if "channel" not in fields:
            return
        self._require(event, state, is_open=True)
        self._expect(event, "was", said["was"]["channel"], self.facts.channel)
        self.facts = replace(self.facts, channel=said["channel"])
        if self.book is not None:
            self._expect(event, "rule", self._term["rule"], self._rule_of(self.book))

    def _rule_of(self, book: Book) -> str:
        try:
            return book.rule_for(self.facts).key
        except Error as problem:
            return problem.key

    def _erasure(self, event: Link, said: Mapping[str, Any], state: State, kind: EventKind) -> None:
        self._require(event, state, is_open=kind is EventKind.ERASURE_DUE)
        self.erase_at_end = kind is EventKind.ERASURE_DUE
        if kind is EventKind.ERASED:
            self.erased_by = event.seq
            self._elsewhere = _elsewhere(said) or self._elsewhere

    def _require(self, event: Link, state: State, *, is_open: bool) -> None:
        """Whether the event can have happened then: the status before it, and the moment of the last change."""
        if (state.status is Status.OPEN) is not is_open or event.happened_at < state.changed_at:
            self._differ(Check.ORDER, f"{event.seq} {event.kind}")


def _took_back_what_was_missed(event: Link) -> bool:
    """Whether it was written before what was owed of a missed deadline outlived another: up to format 2."""
    return format_of(event.data) < 3


def _elsewhere(said: Mapping[str, Any]) -> Mapping[str, str | None]:
    """The other system's number, if the event says it."""
    return {"external_id": said["external_id"]} if "external_id" in said else {}
