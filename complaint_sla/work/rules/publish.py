"""Publishing: drafts are put in force, all of them or none; who did it and when stands in the journal.

Only what is published decides anything. A rule book that a complaint has used is followed by another, never replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from complaint_sla.bookshelf import Drafts
from complaint_sla.core.bookfile import digest_of
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.rulebook import RuleKind
from complaint_sla.store import books
from complaint_sla.store.house import the_house
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Draft:
    """A text that can be put in force, with the holidays that it was resolved to."""

    kind: RuleKind
    id: str
    text: str
    effective_from: date | None = None
    holidays: Mapping[date, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest_of(self.text, self.holidays)


def begin(desk: Desk, drafts: Drafts) -> list[Draft]:
    """Publishes what the drafts have of each kind of which nothing is in force; what was published. One transaction.

    Books that complaints had pinned before there was a journal are entered there, too.
    """

    def job(session: Session) -> list[Draft]:
        if the_house(session).events == 0:
            for row in books.in_force(session, RuleKind.BOOK):
                book = books.book_of(row)
                _enter(
                    session, desk, Draft(RuleKind.BOOK, book.id, book.text, book.effective_from), row.digest
                )
        missing = {kind for kind in RuleKind if not books.in_force(session, kind)}
        put = [one for one in _each(drafts) if one.kind in missing]
        for one in put:
            _put(session, desk, one)
        return put

    return desk.store.write(job)


def _each(drafts: Drafts) -> Iterator[Draft]:
    for book in drafts.books:
        yield Draft(RuleKind.BOOK, book.id, book.text, book.effective_from, book.counting.holidays)
    for plan, text in drafts.plans:
        yield Draft(RuleKind.PLAN, plan.id, text, plan.effective_from)
    if drafts.service is not None:
        yield Draft(RuleKind.SERVICE, books.SERVICE, drafts.service[1])


def _put(session: Session, desk: Desk, draft: Draft) -> None:
    books.put(session, draft.kind, draft.id, draft.digest, draft.text, draft.holidays, desk.now)
    _enter(session, desk, draft, draft.digest)


def _enter(session: Session, desk: Desk, draft: Draft, digest: str) -> None:
    data = {
        "kind": draft.kind.value,
        "id": draft.id,
        "digest": digest,
        "effective_from": draft.effective_from,
    }
    journal.record(session, desk, JournalKind.PUBLISHED, data)
