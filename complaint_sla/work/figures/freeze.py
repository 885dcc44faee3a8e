"""Freezing a quarter's figure once it is final, and telling what has changed since.

The figure is frozen once for the whole tree of offices, whoever does it and however often it is tried; a later change
never alters it. A restatement is the next version, with what is otherwise: target, books and offices first, then the list
of complaints that count otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.errors import NotFound, NotPossible
from complaint_sla.core.figures import COMPLAINTS, about_figure, figure_of, gathered
from complaint_sla.core.frozen import (
    CaseLine,
    Change,
    Frozen,
    Ground,
    PinnedBook,
    Restated,
    compared,
    digest,
    read_cases,
    read_content,
    restated,
    write_cases,
    write_content,
)
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.rulediff import decide_alike
from complaint_sla.store import books, figures, movements, offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.store.types import legible, whole
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import (
    before_all,
    ended,
    first_served,
    frame,
    ground_of,
    is_final,
    offices_of,
)
from complaint_sla.work.people import figure_record

Seen = TypeVar("Seen")

# What can make a complaint count otherwise.
_DECISIVE = (
    EventKind.LOGGED,
    EventKind.CLOSED,
    EventKind.WITHDRAWN,
    EventKind.DUPLICATE,
    EventKind.REOPENED,
    EventKind.RECLASSIFIED,
    EventKind.CORRECTED,
    EventKind.TRANSFERRED,
)


def freeze(
    desk: Desk,
    quarter: Quarter,
    seen: Frozen | None = None,
    also: Callable[[Session], object] = lambda _: None,
) -> Frozen:
    """Freezes the figure as version 1, or restates it as the next version if it has changed. One transaction.

    `seen` is what it was to be when somebody looked (`rehearsed`): exactly that is frozen, or nothing is. `also` is what
    is done in the same transaction. Raises BadValue (`before-first-book`), BookRefused (`book-unreadable`), NotPossible:
    `not-final-yet`, `nothing-to-restate`, `quarter-damaged`, `changed-meanwhile`.
    """

    def job(session: Session) -> Frozen:
        movements.freeze_alone(session)
        made = _frozen_now(session, desk, quarter, seen.frozen_at if seen is not None else desk.clock())
        if seen is not None and made.digest != seen.digest:
            raise NotPossible("changed-meanwhile", quarter=str(quarter))
        also(session)
        return made

    return desk.store.write(job)


def rehearsed(desk: Desk, quarter: Quarter, look: Callable[[Session], Seen]) -> Seen:
    """What `look` makes of the database as it will be once the figure is frozen; nothing is. Raises as `freeze`.

    Nobody who writes waits for it.
    """

    def job(session: Session) -> Seen:
        movements.freeze_alone(session)
        _frozen_now(session, desk, quarter, desk.clock())
        return look(session)

    return desk.store.rehearse(job)


def freeze_final(desk: Desk) -> list[Frozen]:
    """Freezes every quarter that has become final, and ended after a complaint was first logged by hand. One transaction each.

    Notes that the job ran. A quarter that can't be counted is set aside.
    """
    with desk.store.read() as session:
        known = figures.versions(session)
        waiting = [
            one
            for one in ended(session, desk)
            if str(one) not in known and not before_all(session, desk, one)
        ]
        # Looked for where something waits only: it may stand behind all that sheets have brought.
        first = first_served(session, desk) if waiting else None
        waiting = [
            one for one in waiting if first is not None and first <= one and is_final(session, desk, one)
        ]
    made = []
    for quarter in waiting:
        with desk.apart(str(quarter)):
            made.append(desk.store.write(lambda session, q=quarter: _first(session, desk, q)))  # type: ignore[misc]
    desk.beat("quarter")
    return [one for one in made if one is not None]


def _first(session: Session, desk: Desk, quarter: Quarter) -> Frozen | None:
    movements.freeze_alone(session)
    if figures.frozen(session, str(quarter)) is not None or not is_final(session, desk, quarter):
        # Another process got there first, or something has come in that is not due yet.
        return None
    return _frozen_now(session, desk, quarter, desk.clock())


def _frozen_now(session: Session, desk: Desk, quarter: Quarter, frozen_at: datetime) -> Frozen:
    """Freezes the figure as things stand, as the next version."""
    # In one order everywhere: figures, the house, the books.
    journal.hold(session)
    desk.shelf.require_whole()
    framed = frame(session, desk, quarter)
    directory = offices.directory(session)
    lines, broken = figures.cases(session, directory, quarter.months, None, desk.now)
    if broken:
        raise NotPossible("quarter-damaged", quarter=str(quarter), numbers=list(broken))
    row = figures.frozen(session, str(quarter))
    version = figures.last_version(session, str(quarter)) + 1
    _, codes, _ = offices_of(directory, None)
    figure = figure_of(gathered(line.part for line in lines), framed, None, codes, version)
    if not figure.is_final:
        raise NotPossible("not-final-yet", quarter=str(quarter), final_at=framed.final_at)
    ground = ground_of(
        desk, directory, quarter, row.digest if row is not None else None, figures.newest(session)
    )
    differing: tuple[Restated, ...] = ()
    changes: tuple[Change, ...] = ()
    if row is not None:
        with readable(row):
            earlier, then = read_content(row.content, row.frozen_at), read_cases(row.cases)
        ground = _by_books_of(session, desk, ground, earlier)
        differing = restated(earlier, framed.target, framed.final_at, ground, desk.zone)
        changes = _changes(session, then, lines)
        if not differing and not changes:
            raise NotPossible("nothing-to-restate", quarter=str(quarter), version=row.version)
    # The target is that of the book in force now, for good.
    books.hold(session, desk.shelf)
    cases = write_cases(lines)
    content = write_content(figure, desk.zone, ground, cases, differing, changes)
    keep(session, desk, COMPLAINTS, quarter, version, frozen_at, content, cases, is_first=row is None)
    return read_content(content, frozen_at)


def keep(
    session: Session,
    desk: Desk,
    measure: str,
    quarter: Quarter,
    version: int,
    frozen_at: datetime,
    content: str,
    cases: str,
    *,
    is_first: bool,
) -> None:
    """Puts a figure down as it was frozen, and into the journal. Whoever got there first with this version makes the
    transaction begin anew."""
    row = FrozenFigure(
        measure=measure,
        quarter=str(quarter),
        version=version,
        frozen_at=frozen_at,
        content=content,
        cases=cases,
        digest=digest(content),
    )
    session.add(row)
    # Of the row itself nothing is asked: the moment is told as it was given, whatever the database makes of it.
    said = {name: getattr(row, name) for name in ("measure", "quarter", "version", "digest", "frozen_at")}
    session.flush()
    kind = JournalKind.FROZEN if is_first else JournalKind.RESTATED
    journal.record(session, desk, kind, figure_record(said))


def differing(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, frozen: Frozen
) -> tuple[Restated, ...]:
    """What is otherwise today than in a frozen figure, beside its complaints. Raises BadValue (`before-first-book`).

    While a book is lost nobody knows what the books would give today: then only of the offices.
    """
    framed = frame(session, desk, quarter)
    ground = _by_books_of(session, desk, ground_of(desk, directory, quarter), frozen)
    found = restated(frozen, framed.target, framed.final_at, ground, desk.zone)
    return tuple(one for one in found if one.name == "office" or not desk.shelf.lost)


def _by_books_of(session: Session, desk: Desk, ground: Ground, frozen: Frozen) -> Ground:
    """The ground, in which a book that decides as it did when a figure was frozen goes by the digest that it had then."""
    then = {one.id: one.digest for one in frozen.ground.books if one.digest is not None}
    now = {one.id: one for one in desk.shelf.books}
    known = books.pinned(session, then.values())

    def named(one: PinnedBook) -> PinnedBook:
        digest = then.get(one.id)
        if digest is None or digest == one.digest or digest not in known:
            return one
        return PinnedBook(one.id, digest) if decide_alike(known[digest], now[one.id]) else one

    return replace(ground, books=tuple(map(named, ground.books)))


def _changes(session: Session, then: Sequence[CaseLine], now: Sequence[CaseLine]) -> tuple[Change, ...]:
    pairs = compared(then, now)
    since = {new.number: old.seq if old else 0 for old, new in pairs if new is not None}
    kinds = movements.kinds_since(session, since, _DECISIVE)
    changes = []
    for old, new in pairs:
        number = (new or old).number  # type: ignore[union-attr]
        why = kinds.get(number, ())
        if old is None or new is None or old.part.channel == new.part.channel:
            # Nothing else that is corrected counts.
            why = tuple(kind for kind in why if kind != EventKind.CORRECTED)
        changes.append(Change(number, old.part if old else None, new.part if new else None, why))
    return tuple(changes)


def kept(
    session: Session, quarter: Quarter, version: int | None, measure: str = COMPLAINTS
) -> FrozenFigure | None:
    """A frozen figure as it was, the newest unless a version is named; None if the quarter is not frozen.

    Raises NotFound (`no-such-version`).
    """
    row = figures.frozen(session, str(quarter), version, measure)
    if row is None and version is not None:
        known = figures.last_version(session, str(quarter), measure)
        raise NotFound("no-such-version", quarter=str(quarter), version=version, known=known)
    return row


@contextmanager
def readable(row: FrozenFigure) -> Iterator[None]:
    """Reads a frozen figure. Raises NotPossible (`record-damaged`) where a hand has made something else of it."""
    about = about_figure(row.measure, row.quarter, row.version)
    with legible(about):
        whole(about, row)
        yield


def moved(
    session: Session, desk: Desk, directory: Directory, quarter: Quarter, cases: Sequence[CaseLine]
) -> tuple[Change, ...]:
    """What counts otherwise today than in the frozen figure with these cases."""
    lines, broken = figures.cases(session, directory, quarter.months, None, desk.now)
    return _changes(session, [one for one in cases if one.number not in broken], lines)
