"""What was published, and the journal: texts against their digests, what is in force against what the journal says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from complaint_sla.core.bookfile import digest_of
from complaint_sla.core.chain import read
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import Error
from complaint_sla.core.journal import JOURNAL, JournalKind
from complaint_sla.core.rulebook import Book, RuleKind
from complaint_sla.core.servicefile import read_service
from complaint_sla.store import archive, books
from complaint_sla.store.house import the_house
from complaint_sla.store.tables import Book as BookRow
from complaint_sla.store.types import unreadable
from complaint_sla.work.audit.complaints import broken, chain_of

Found = Iterator[tuple[str, Difference]]


class Rules:
    """`trusted` are the rule books whose text is as it was published, by digest; `digests` all that is there.

    `is_healed`: a clock was wrong once, and what it had done has been put right.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self.trusted: dict[str, Book] = {}
        self.digests: set[str] = set()
        self.books = 0
        self.is_healed = False

    def all(self) -> Found:
        entries = archive.journal(self._session)
        damaged = {id(one): unreadable(archive.JOURNAL, one) for one in entries}
        for one in entries:
            if columns := damaged[id(one)]:
                yield f"{JOURNAL} {one['seq']}", Difference(Check.RECORD, ", ".join(columns))
        entries = [one for one in entries if not damaged[id(one)]]
        yield from self._chain(entries)
        # What is in force by the journal: kind and id → digest; and all that ever was.
        in_force: dict[tuple[str, str], str] = {}
        ever: dict[str, str] = {}
        for entry in entries:
            self.is_healed |= entry["kind"] == JournalKind.HEALED
            if entry["kind"] != JournalKind.PUBLISHED:
                continue
            try:
                said = read(entry["kind"], entry["data"])
                kind, id_, digest = (str(said[name]) for name in ("kind", "id", "digest"))
            except (Error, ValueError, TypeError, KeyError, AttributeError):
                yield JOURNAL, Difference(Check.UNREADABLE, f"{entry['seq']} {entry['kind']}")
                continue
            in_force[kind, id_] = digest
            ever[digest] = f"{kind} {id_}"
        yield from self._rows(set(in_force.values()), ever)

    def _rows(self, in_force: set[str], ever: Mapping[str, str]) -> Found:
        for row in books.rows(self._session):
            if row is None:
                # Its key is what can't be read.
                yield "book ?", Difference(Check.BOOK, "?")
                continue
            about = f"{row.kind} {row.book_id}"
            self.books += row.kind == RuleKind.BOOK
            self.digests.add(row.digest)
            if not self._is_whole(row):
                yield about, Difference(Check.BOOK, row.book_id)
            if row.digest not in ever:
                yield about, Difference(Check.PUBLISHED, row.digest[:12])
            elif (row.replaced_at is None) is not (row.digest in in_force):
                yield about, Difference(Check.IN_FORCE, row.digest[:12])
        for digest in ever.keys() - self.digests:
            yield ever[digest], Difference(Check.BOOK_MISSING, digest[:12])

    def _is_whole(self, row: BookRow) -> bool:
        """Whether text and holidays are those of the digest, and what they are kept as."""
        try:
            holidays = {date.fromisoformat(day): name for day, name in json.loads(row.holidays).items()}
            if digest_of(row.text, holidays) != row.digest:
                return False
            if row.kind == RuleKind.PLAN:
                return books.plan_of(row).id == row.book_id
            if row.kind == RuleKind.SERVICE:
                read_service(row.text, row.book_id, _no_holidays)
                return True
            book = books.book_of(row)
            if row.kind != RuleKind.BOOK or book.id != row.book_id:
                return False
            self.trusted[row.digest] = book
            return True
        except books.UNREADABLE:
            return False

    def _chain(self, entries: list[Mapping[str, Any]]) -> Found:
        chain = chain_of(JOURNAL, entries)
        for one in broken(chain):
            yield JOURNAL, one
        try:
            house = the_house(self._session)
        except Error:
            yield "house", Difference(Check.RECORD, "house")
            return
        if house.events != len(chain):
            yield JOURNAL, Difference(Check.LENGTH, "events", house.events, len(chain))
        if house.head != (chain[-1].hash if chain else ""):
            yield JOURNAL, Difference(Check.HEAD, "head")


def _no_holidays(_country: str, _first: int, _last: int) -> Mapping[date, str]:
    """Settings are read for their form only."""
    return {}
