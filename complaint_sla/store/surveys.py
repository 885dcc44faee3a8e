"""Finished requests, who of them was drawn, and how many of which kind there are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Table,
    and_,
    case,
    exists,
    func,
    literal,
    literal_column,
    select,
    update,
)
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from complaint_sla.core.journal import JournalKind
from complaint_sla.store.tables import Drawn, JournalEntry, Listed, Lot, Request
from complaint_sla.store.types import ByBytes, Day, moment, unreadable

_REQUEST: Table = Request.__table__  # type: ignore[attr-defined]
_DRAWN: Table = Drawn.__table__  # type: ignore[attr-defined]
_LISTED: Table = Listed.__table__  # type: ignore[attr-defined]
_WORDED = _REQUEST.c.name.is_not(None) | _REQUEST.c.phone.is_not(None)
# Office and service.
Place = tuple[int, str]


def requests(session: Session, office_id: int, references: Collection[str]) -> dict[str, Request]:
    """Those of an office that are known, by reference."""
    query = select_rows(Request).where(Request.office_id == office_id, col(Request.reference).in_(references))
    return {one.reference: one for one in session.exec(query).all()}


def with_reference(session: Session, reference: str) -> Sequence[Request]:
    """The requests of this reference, of whatever office."""
    return session.exec(
        select_rows(Request).where(Request.reference == reference).order_by(col(Request.office_id))
    ).all()


def listed(session: Session, office_ids: Collection[int] | None = None) -> dict[Place, Listed]:
    """Since and through when the lists of offices are complete, by office and service."""
    query = select_rows(Listed)
    if office_ids is not None:
        query = query.where(col(Listed.office_id).in_(office_ids))
    found = session.exec(query).all()
    # What a hand has made unreadable is as if it had never come in; the audit names it.
    return {(one.office_id, one.service): one for one in found if not unreadable(_LISTED, vars(one))}


def begun_at(session: Session) -> datetime | None:
    """When the first list came in (UTC); None if none ever did."""
    first = select(func.min(_REQUEST.c.listed)).scalar_subquery()
    query = select(col(JournalEntry.happened_at)).where(col(JournalEntry.seq) == first)
    return moment(session.connection().execute(query).scalar())


def lots(
    session: Session, periods: Collection[str], office_ids: Collection[int] | None
) -> dict[tuple[int, str, str, str], Lot]:
    """The lots of these periods, by office, survey, service and period."""
    query = select_rows(Lot).where(col(Lot.period).in_(periods))
    if office_ids is not None:
        query = query.where(col(Lot.office_id).in_(office_ids))
    found = session.exec(query).all()
    return {(one.office_id, one.survey, one.service, one.period): one for one in found}


def drawn_of(session: Session, request: Request) -> Sequence[Drawn]:
    """In which surveys it was drawn."""
    query = select_rows(Drawn).where(Drawn.request_id == request.id)
    return session.exec(query.order_by(col(Drawn.survey))).all()


def undrawn(session: Session, place: Place, survey: str, first: date, last: date) -> Mapping[str, int]:
    """The references of requests finished from `first` to `last` that the lot has not fallen on yet, with their ids."""
    table = _REQUEST.c
    query = select(table.reference, table.id).where(
        table.office_id == place[0],
        table.service == place[1],
        table.finished_on.between(first, last),
        table.left_out.is_(None),
        ~exists().where(_DRAWN.c.request_id == table.id, _DRAWN.c.survey == survey),
    )
    return {one.reference: one.id for one in session.connection().execute(query)}


def count_requests(
    session: Session, first: date, last: date, fresh: date, office_ids: Collection[int] | None
) -> Iterator[tuple[int, str, date, bool, int]]:
    """(office, service, day, is left out, how many) of the requests finished from `first` to `last` that the lists which are
    complete hold. Of those finished before `fresh` the day is the first of their month."""
    table = _REQUEST.c
    inner = (
        select(
            table.office_id,
            table.service,
            _day(first, last, fresh).label("day"),
            table.left_out.is_not(None).label("out"),
        )
        .join(_LISTED, _is_listed())
        .where(table.finished_on.between(first, last), table.finished_on <= _LISTED.c.through)
    )
    for office, service, day, out, n in session.connection().execute(_grouped(inner, office_ids)):
        yield office, service, day, bool(out), n


def count_drawn(
    session: Session, first: date, last: date, fresh: date, office_ids: Collection[int] | None
) -> Iterator[tuple[int, str, date, str, str | None, int, int]]:
    """(office, service, day, survey, outcome, how many, sum of their scores) of those drawn; days as in `count_requests`."""
    table = _REQUEST.c
    inner = (
        select(
            table.office_id,
            table.service,
            _day(first, last, fresh).label("day"),
            _DRAWN.c.survey,
            _DRAWN.c.outcome,
            _DRAWN.c.score,
        )
        .join(_DRAWN, _DRAWN.c.request_id == table.id)
        .where(table.finished_on.between(first, last))
    )
    sum_of_scores: Any = func.coalesce(func.sum(literal_column("score")), 0)
    query = _grouped(inner, office_ids, sum_of_scores)
    for office, service, day, survey, outcome, n, scores in session.connection().execute(query):
        yield office, service, day, survey, outcome, n, int(scores)


def _grouped(inner: Select[Any], office_ids: Collection[int] | None, *what: Any) -> Select[Any]:
    """Rows counted by all that they say. Grouped by names: the server would take a day that is given twice for two."""
    sub = (inner if office_ids is None else inner.where(_REQUEST.c.office_id.in_(office_ids))).subquery()
    keys = [column for column in sub.c if column.name != "score"]
    return select(*keys, func.count(), *what).group_by(*keys)


def _is_listed() -> ColumnElement[bool]:
    return and_(_LISTED.c.office_id == _REQUEST.c.office_id, _LISTED.c.service == _REQUEST.c.service)


def _day(first: date, last: date, fresh: date) -> ColumnElement[Any]:
    """The day on which a request was finished; before `fresh` the first of its month."""
    starts = [first.replace(day=1)]
    while (following := _next_month(starts[-1])) <= last:
        starts.append(following)
    finished = _REQUEST.c.finished_on
    months = [(finished < end, literal(begin, Day)) for begin, end in pairwise(starts)]
    return case((finished >= fresh, finished), *months, else_=literal(starts[-1], Day))


def _next_month(first: date) -> date:
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def waiting(
    session: Session, office_ids: Collection[int] | None, request_ids: Collection[int] | None = None
) -> Sequence[tuple[Request, Drawn]]:
    """Who was drawn, and has not been asked to an end; by the day of the service. Without those whom a hand has made
    unreadable."""
    query = select_rows(Request, Drawn).join(Drawn, col(Drawn.request_id) == col(Request.id))
    query = query.where(col(Drawn.outcome).is_(None))
    if office_ids is not None:
        query = query.where(col(Request.office_id).in_(office_ids))
    if request_ids is not None:
        query = query.where(col(Request.id).in_(request_ids))
    found = session.exec(query.order_by(col(Request.finished_on), ByBytes(col(Request.reference)))).all()
    return [
        (request, drawn)
        for request, drawn in found
        if not unreadable(_REQUEST, vars(request)) and not unreadable(_DRAWN, vars(drawn))
    ]


def ended(session: Session, request_id: int) -> set[str]:
    """The surveys that have asked of a request to an end."""
    query = select(_DRAWN.c.survey).where(_DRAWN.c.request_id == request_id, _DRAWN.c.outcome.is_not(None))
    return set(session.connection().execute(query).scalars())


def worded(session: Session) -> Sequence[Request]:
    """Requests that still tell of somebody, oldest first."""
    found = session.exec(select_rows(Request).where(_WORDED).order_by(col(Request.finished_on))).all()
    return [one for one in found if not unreadable(_REQUEST, vars(one))]


def services_worded(session: Session, through: date) -> Sequence[str]:
    """Of which services requests that were finished by a day still tell of somebody."""
    query = select(_REQUEST.c.service).where(_WORDED, _REQUEST.c.finished_on <= through).distinct()
    return session.connection().execute(query).scalars().all()


def forget(session: Session, service: str, through: date) -> int:
    """Empties names and telephones of what was finished by a day; of how many."""
    query = update(_REQUEST).where(_WORDED, _REQUEST.c.service == service, _REQUEST.c.finished_on <= through)
    return int(session.connection().execute(query.values(name=None, phone=None)).rowcount)


def of_phone(session: Session, phone: str) -> Sequence[Request]:
    """The requests that tell of a telephone."""
    query = select_rows(Request).where(Request.phone == phone)
    return session.exec(query.order_by(col(Request.finished_on), col(Request.id))).all()


def asked_entries(session: Session, request_ids: Collection[int]) -> Sequence[JournalEntry]:
    """What the journal says of asking the customers of these requests, where it has words left."""
    # None was asked before the lot fell on it.
    first = select(func.min(_DRAWN.c.drawn)).where(_DRAWN.c.request_id.in_(request_ids)).scalar_subquery()
    query = select_rows(JournalEntry).where(
        JournalEntry.kind == JournalKind.SURVEY_ASKED,
        col(JournalEntry.words).is_not(None),
        col(JournalEntry.seq) > first,
    )
    return session.exec(query.order_by(col(JournalEntry.seq))).all()


def remarks_before(
    session: Session, at: datetime, most: int, *, lock: bool = False
) -> Sequence[JournalEntry]:
    """What the journal says of asking somebody before a moment, where it has words left; oldest first."""
    query = select_rows(JournalEntry).where(
        JournalEntry.kind == JournalKind.SURVEY_ASKED,
        col(JournalEntry.words).is_not(None),
        col(JournalEntry.happened_at) < at,
    )
    query = query.order_by(col(JournalEntry.seq)).limit(most)
    return session.exec(query.with_for_update() if lock else query).all()
