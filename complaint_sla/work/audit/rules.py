"""What was published: texts against their digests, what is in force against what the journal says."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date

from sqlmodel import Session

from complaint_sla.core.bookfile import digest_of
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.rulebook import Book, RuleKind
from complaint_sla.core.servicefile import read_service
from complaint_sla.store import books
from complaint_sla.store.tables import Book as BookRow
from complaint_sla.work.audit.journal import Journal

Found = Iterator[tuple[str, Difference]]


class Rules:
    """`trusted` are the rule books whose text is as it was published, by digest; `digests` all that is there."""

    def __init__(self, session: Session, journal: Journal) -> None:
        self._session = session
        self._journal = journal
        self.trusted: dict[str, Book] = {}
        self.digests: set[str] = set()
        self.books = 0

    def all(self) -> Found:
        yield from self._rows(set(self._journal.in_force.values()), self._journal.published)

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


def _no_holidays(_country: str, _first: int, _last: int) -> Mapping[date, str]:
    """Settings are read for their form only."""
    return {}
