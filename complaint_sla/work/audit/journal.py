"""The journal, read once from end to end: its own chain, and what follows from it for all that it speaks of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from json import loads
from typing import Any

from sqlmodel import Session

from complaint_sla.core.anchor import Anchor, Reach
from complaint_sla.core.chain import UNREADABLE, Sealed, flaws, read
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import Error
from complaint_sla.core.journal import JOURNAL, JournalKind
from complaint_sla.core.people import Register
from complaint_sla.store import archive
from complaint_sla.store.house import the_house
from complaint_sla.store.types import unreadable
from complaint_sla.work.audit.complaints import FLAWS, sealed_of
from complaint_sla.work.audit.surveys import SurveyEntry

Found = Iterator[tuple[str, Difference]]
# Measure, quarter and version.
FigureKey = tuple[object, object, object]


class Journal:
    """What the journal says, once `all` has been read to its end.

    `in_force` are the digests of what is published by kind and id, `published` all that ever was. `register` are people
    and offices, `figures` the frozen figures and `voided` the names of the void ones. `delivered` are the entries that hold
    letters, `anchors` those that hold events, both by their number; `surveys` are
    those of the surveys, in order. `is_healed`: a clock was wrong once, and what it had
    done has been put right.
    """

    def __init__(self, session: Session, anchor: Anchor | None = None) -> None:
        self._session = session
        self._anchor = anchor
        self._fits = False
        self.entries = 0
        # Whether the database is a rehearsal; None as long as nothing says it.
        self.rehearsal: object = None
        self.in_force: dict[tuple[str, str], str] = {}
        self.published: dict[str, str] = {}
        self.register = Register()
        self.figures: dict[FigureKey, Mapping[str, Any]] = {}
        self.voided: set[str] = set()
        self.all_voided_are_named = True
        self.is_healed = False
        self.delivered: dict[int, Mapping[str, Any]] = {}
        self.anchors: dict[int, tuple[str, Reach] | None] = {}
        self.surveys: list[SurveyEntry] = []
        self._unreadable: list[tuple[str, Difference]] = []
        self._last: Sealed | None = None

    def all(self) -> Found:
        """Reads it, and yields what is wrong with it."""
        for seq, flaw in flaws(self._links()):
            kind = self._last.link.kind if self._last is not None and self._last.link.seq == seq else None
            yield JOURNAL, Difference(FLAWS[flaw], f"{seq} {kind}" if kind else str(seq))
        yield from self._unreadable
        if self._anchor is not None and not self._fits:
            yield JOURNAL, Difference(Check.ANCHOR, str(self._anchor))
        try:
            house = the_house(self._session)
        except Error:
            yield "house", Difference(Check.RECORD, "house")
            return
        if self.rehearsal is not None and house.rehearsal is not self.rehearsal:
            yield "house", Difference(Check.REGISTER, "rehearsal", house.rehearsal, self.rehearsal)
        if house.events != self.entries:
            yield JOURNAL, Difference(Check.LENGTH, "events", house.events, self.entries)
        if house.head != (self._last.hash if self._last is not None else ""):
            yield JOURNAL, Difference(Check.HEAD, "head")

    def _links(self) -> Iterator[Sealed]:
        for row in archive.journal(self._session):
            if damaged := unreadable(archive.JOURNAL, row):
                self._unreadable.append(
                    (f"{JOURNAL} {row['seq']}", Difference(Check.RECORD, ", ".join(damaged)))
                )
                continue
            self.entries += 1
            self._last = sealed_of(JOURNAL, row)
            try:
                self._take(row)
            except UNREADABLE:
                self._unreadable.append(
                    (JOURNAL, Difference(Check.UNREADABLE, f"{row['seq']} {row['kind']}"))
                )
            yield self._last

    def _take(self, row: archive.Row) -> None:
        seq, kind = row["seq"], row["kind"]
        if kind == JournalKind.ANCHORED:
            # One that can't be read makes the next begin anew, as it did when that was made.
            self.anchors[seq] = None
        said = read(kind, row["data"])
        self.register.take(kind, said, None if row["words"] is None else loads(row["words"]))
        match kind:
            case JournalKind.PUBLISHED:
                of, id_, digest = (str(said[name]) for name in ("kind", "id", "digest"))
                self.in_force[of, id_] = digest
                self.published[digest] = f"{of} {id_}"
            case JournalKind.RESTORED:
                self.rehearsal = said.get("rehearsal", self.rehearsal)
            case JournalKind.STOCK_TAKEN:
                self.rehearsal = said.get("rehearsal", self.rehearsal)
                self.figures = dict(map(_figure, said["figures"]))
            case JournalKind.FROZEN | JournalKind.RESTATED:
                key, figure = _figure(said)
                self.figures[key] = figure
            case JournalKind.HEALED:
                self.is_healed = True
                self.voided.update(said["figures"])
                self.all_voided_are_named &= len(said["figures"]) == said["void"]
            case JournalKind.SURVEY_LISTED | JournalKind.SURVEY_DRAWN | JournalKind.SURVEY_ASKED:
                self.surveys.append(SurveyEntry(seq, kind, row["happened_at"], said))
            case JournalKind.DELIVERED:
                self.delivered[seq] = said
            case JournalKind.ANCHORED:
                reach = Reach.read(said)
                self.anchors[seq] = str(said["day"]), reach
                made = Anchor.of(reach.complaints, seq, row["hash"])
                self._fits = self._fits or made == self._anchor
            case _:
                pass


def _figure(said: Mapping[str, Any]) -> tuple[FigureKey, Mapping[str, Any]]:
    """Which figure was frozen, and what is told of it."""
    key = said["measure"], said["quarter"], said["version"]
    return key, {name: said[name] for name in ("digest", "frozen_at")}
