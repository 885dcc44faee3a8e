"""Complaints, their customers and their events: numbers, locks, queries. Which of it is allowed is decided above."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, case, func, not_, or_, text, union_all, update
from sqlalchemy import select as columns
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, col, select

from complaint_sla.core.chain import read
from complaint_sla.core.complaints import NOTES, EventKind, Replaced, Status
from complaint_sla.core.doubt import DRIFT
from complaint_sla.core.erasure import digest_of_id
from complaint_sla.store.house import salt
from complaint_sla.store.tables import (
    ENDED_WITH_WORDS,
    Book,
    Complaint,
    Customer,
    Event,
    Office,
    Staff,
)
from complaint_sla.store.types import moment

IS_OPEN = col(Complaint.status) == Status.OPEN
# The word stands in the query itself: SQLite takes the partial index only where it sees the index's own condition.
_OPEN = col(Complaint.status) == bindparam("open", Status.OPEN.value, literal_execute=True)


def late(now: datetime) -> ColumnElement[bool]:
    """Whether an open complaint counts as not closed in time, as of `now`: in the core, `State.is_late`."""
    return or_(col(Complaint.breached_at).is_not(None), col(Complaint.due_at) <= now)


def of_kinds(kinds: Collection[str]) -> ColumnElement[bool]:
    """That an event of complaints named beside it is of one of these kinds."""
    # Not by the index of the kinds: SQLite would read all events of the kind that were ever recorded.
    return col(Event.kind).concat("").in_(kinds)


def offices_of_numbers(session: Session, numbers: Collection[str]) -> Sequence[int]:
    """The ids of the offices where the complaints with these numbers are today."""
    query = select(Complaint.office_id).where(col(Complaint.number).in_(numbers))
    return session.exec(query).all() if numbers else []


@contextmanager
def moved_last(session: Session, row: Complaint, office_id: int) -> Iterator[None]:
    """Another office for a complaint in hand, which all that is done within goes by, and which is written at its end: where
    each office sees its own, whoever hands it over may write to it no more from then on.
    """
    columns = {"office_id": office_id, "came_from_id": row.office_id}
    for name, value in columns.items():
        set_committed_value(row, name, value)
    yield
    session.flush()
    session.connection().execute(update(Complaint).where(col(Complaint.id) == row.id).values(**columns))


def locked(session: Session, number: str) -> Complaint | None:
    """The complaint with that number; nobody else changes it until the transaction ends."""
    query = select(Complaint).where(Complaint.number == number).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).first()


def locked_all(session: Session, ids: Collection[int]) -> Sequence[Complaint]:
    """These complaints, locked in the order of their ids, so that two such calls can't wait for each other."""
    query = select(Complaint).where(col(Complaint.id).in_(ids)).order_by(col(Complaint.id)).with_for_update()
    return session.exec(query.execution_options(populate_existing=True)).all() if ids else []


def newly_due(
    session: Session, now: datetime, most: int, without: Collection[int] = ()
) -> Sequence[Complaint]:
    """Open complaints with a stage to raise by `now`, longest due first, locked; those in other hands are left to them.

    `without` are ids that are passed over.
    """
    query = select(Complaint).where(col(Complaint.next_alert_at) <= now)
    if without:
        query = query.where(col(Complaint.id).not_in(without))
    query = query.order_by(col(Complaint.next_alert_at)).limit(most).with_for_update(skip_locked=True)
    return session.exec(query.execution_options(populate_existing=True)).all()


def settled_ahead(
    session: Session, now: datetime, most: int, without: Collection[int] = ()
) -> Sequence[Complaint]:
    """Open complaints that a wrong clock has settled beyond `now`, locked; those in other hands are left to them.

    `without` are ids that are passed over. Costs nothing where there are none.
    """
    query = select(Complaint).where(_OPEN, col(Complaint.alerted_through) > now + DRIFT)
    if without:
        query = query.where(col(Complaint.id).not_in(without))
    query = query.order_by(col(Complaint.alerted_through)).limit(most).with_for_update(skip_locked=True)
    return session.exec(query.execution_options(populate_existing=True)).all()


def count_due(session: Session, now: datetime, without: Collection[int] = ()) -> int:
    """Open complaints with a stage to raise by `now`, in whosever hands. `without` are ids that are passed over."""
    query = select(func.count()).select_from(Complaint).where(col(Complaint.next_alert_at) <= now)
    if without:
        query = query.where(col(Complaint.id).not_in(without))
    return int(session.exec(query).one())


def count_settled_ahead(session: Session, now: datetime) -> int:
    query = select(func.count()).select_from(Complaint)
    return int(session.exec(query.where(_OPEN, col(Complaint.alerted_through) > now + DRIFT)).one())


def offices_with_open(session: Session) -> set[int]:
    """Ids of the offices that have open complaints."""
    query = select(Complaint.office_id).where(col(Complaint.status) == Status.OPEN).distinct()
    return set(session.exec(query).all())


def events_to_come(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """(events of complaints that are dated later than `now`, the latest such moment); alerts are taken back, see above."""
    kinds = [kind for kind in EventKind if kind is not EventKind.ALERTS]
    query = select(func.count(), func.max(col(Event.happened_at)))
    # By kind, as the index has them.
    count, latest = session.exec(
        query.where(col(Event.kind).in_(kinds), col(Event.happened_at) > now + DRIFT)
    ).one()
    return int(count), moment(latest)


def anything_due(session: Session, now: datetime, without: Collection[str] = ()) -> bool:
    """`without` are numbers that are passed over."""
    query = select(Complaint.id).where(col(Complaint.next_alert_at) <= now)
    if without:
        query = query.where(col(Complaint.number).not_in(without))
    return session.exec(query.limit(1)).first() is not None


def waiting_to_be_raised(session: Session, until: datetime) -> tuple[int, datetime | None]:
    """(complaints with a stage that was to be raised by `until`, the earliest such moment)."""
    query = select(func.count(), func.min(col(Complaint.next_alert_at)))
    count, earliest = session.exec(query.where(col(Complaint.next_alert_at) <= until)).one()
    return int(count), moment(earliest)


def count_open(session: Session, now: datetime) -> tuple[int, int]:
    """(open complaints, those of them that are overdue at `now` or were once)."""
    query = select(func.count(), func.sum(case((late(now), 1), else_=0))).where(IS_OPEN)
    count, overdue = session.exec(query).one()
    return int(count), int(overdue or 0)


def astray(session: Session, most: int) -> Sequence[str]:
    """Numbers of open complaints whose office, owner or book is not there."""
    query = select(Complaint.number).where(
        IS_OPEN,
        or_(
            col(Complaint.office_id).not_in(select(Office.id)),
            # No owner is in no list, and not in an empty one either.
            and_(col(Complaint.owner_id).is_not(None), col(Complaint.owner_id).not_in(select(Staff.id))),
            col(Complaint.book).not_in(select(Book.digest)),
        ),
    )
    return session.exec(query.order_by(col(Complaint.due_at), col(Complaint.id)).limit(most)).all()


def open_by_owner(session: Session) -> dict[int, int]:
    """How many open complaints each owner has, by the owner's id."""
    query = (
        select(col(Complaint.owner_id), func.count())
        .where(IS_OPEN, col(Complaint.owner_id).is_not(None))
        .group_by(col(Complaint.owner_id))
    )
    return {id_ or 0: count for id_, count in session.exec(query).all()}


def first_recorded_at(session: Session) -> datetime | None:
    """When the first complaint of all was written down, by the real clock."""
    return moment(session.exec(select(Complaint.recorded_at).order_by(col(Complaint.id)).limit(1)).first())


def first_by_hand(session: Session, *, rehearsal: bool) -> datetime | None:
    """When a complaint was first logged by hand, by the real clock; in a `rehearsal`, where that says nothing, when it was
    received. None if none ever was.

    By hand is what bears no external id: a sheet always gives one, as it says or as a digest of the row, and an erasure
    leaves a digest of it. Whoever types the id of another system at the counter, and never leaves it out, is that system's.
    """
    moments = Complaint.received_at if rehearsal else Complaint.recorded_at
    query = select(moments).where(col(Complaint.external_id).is_(None)).order_by(col(Complaint.id)).limit(1)
    return moment(session.exec(query).first())


def last_event_at(session: Session) -> datetime | None:
    """The latest moment at which anything has happened to a complaint; None if there is none."""
    # Asked for each kind, it is one step into the index; asked for all at once, it would be all of the table.
    latest = [
        select(func.max(col(Event.happened_at)).label("at")).where(col(Event.kind) == kind.value)
        for kind in EventKind
    ]
    return moment(
        session.connection().execute(columns(func.max(union_all(*latest).subquery().c.at))).scalar()
    )


def with_number(session: Session, number: str) -> Complaint | None:
    return session.exec(select(Complaint).where(Complaint.number == number)).first()


def with_ids(session: Session, ids: Collection[int]) -> Sequence[Complaint]:
    return session.exec(select(Complaint).where(col(Complaint.id).in_(ids))).all() if ids else []


def with_external_ids(session: Session, ids: Collection[str]) -> dict[str, Complaint]:
    """The complaints with these external ids, by them, though they have been erased."""
    meant = as_kept(session, ids)
    rows = session.exec(select(Complaint).where(col(Complaint.external_id).in_(meant))).all() if meant else []
    return {meant[row.external_id]: row for row in rows if row.external_id is not None}


def named_at(session: Session, moments: Collection[datetime]) -> Sequence[tuple[int, str, datetime]]:
    """The complaints with an external id that were received at these moments: id, external id, moment."""
    if not moments:
        return []
    # Of moments of receipt the events have an index, under the kind and the moment of the first.
    query = (
        select(col(Complaint.id), col(Complaint.external_id), col(Event.happened_at))
        .join(Complaint, col(Complaint.id) == col(Event.complaint_id))
        .where(
            col(Event.kind) == EventKind.LOGGED.value,
            col(Event.happened_at).in_(moments),
            col(Complaint.external_id).is_not(None),
        )
    )
    return [(id_, name, at) for id_, name, at in session.exec(query).all() if name is not None]


def external_ids_among(session: Session, ids: Collection[str]) -> set[str]:
    """Those of these external ids that are taken."""
    meant = as_kept(session, ids)
    query = select(Complaint.external_id).where(col(Complaint.external_id).in_(meant))
    return {meant[one] for one in session.exec(query).all() if one is not None} if meant else set()


def as_kept(session: Session, ids: Collection[str]) -> dict[str, str]:
    """These external ids by themselves, and by the digest that is left of one that has been erased."""
    if not ids:
        return {}
    grain = salt(session)
    return {digest_of_id(one, grain): one for one in ids} | {one: one for one in ids}


def with_numbers(session: Session, numbers: Collection[str]) -> dict[str, Complaint]:
    if not numbers:
        return {}
    rows = session.exec(select(Complaint).where(col(Complaint.number).in_(numbers))).all()
    return {row.number: row for row in rows}


def first_events(session: Session, ids: Collection[int]) -> dict[int, Event]:
    """The event under which each of these complaints was logged."""
    if not ids:
        return {}
    rows = session.exec(select(Event).where(col(Event.complaint_id).in_(ids), Event.seq == 1)).all()
    return {row.complaint_id: row for row in rows}


def customer_of(session: Session, complaint: Complaint) -> Customer | None:
    return session.get(Customer, complaint.id)


def customers_of(session: Session, ids: Collection[int]) -> dict[int, Customer]:
    rows = session.exec(select(Customer).where(col(Customer.complaint_id).in_(ids))).all()
    return {row.complaint_id: row for row in rows}


def events_of(session: Session, complaint: Complaint) -> Sequence[Event]:
    return session.exec(
        select(Event).where(Event.complaint_id == complaint.id).order_by(col(Event.seq))
    ).all()


def events_of_kind(session: Session, complaint: Complaint, kind: str) -> Sequence[Event]:
    """In the order in which they were recorded."""
    query = select(Event).where(Event.complaint_id == complaint.id, of_kinds([kind]))
    return session.exec(query.order_by(col(Event.seq))).all()


def touched_by(session: Session, ids: Collection[int], actor: str) -> set[int]:
    """Those of these complaints to which somebody has done something."""
    query = select(Event.complaint_id).where(col(Event.complaint_id).in_(ids), col(Event.actor) == actor)
    return set(session.exec(query.distinct()).all()) if ids else set()


def noted(session: Session, ids: Collection[int]) -> set[int]:
    """Those of these complaints of which anything has been noted."""
    query = select(Event.complaint_id).where(col(Event.complaint_id).in_(ids), of_kinds(NOTES))
    return set(session.exec(query.distinct()).all()) if ids else set()


def missed(session: Session, ids: Collection[int]) -> dict[int, Replaced]:
    """Of these complaints the first deadline that had passed when it gave way, by complaint, as their events tell."""
    query = select(Event).where(col(Event.complaint_id).in_(ids), of_kinds([EventKind.RECLASSIFIED]))
    found: dict[int, Replaced] = {}
    generations: dict[int, int] = {}
    for event in session.exec(query.order_by(col(Event.seq))) if ids else ():
        id_, generation = event.complaint_id, generations.get(event.complaint_id, 1)
        # What a hand has made unreadable is named by the audit.
        with suppress(LookupError, TypeError, ValueError, AttributeError):
            said = read(event.kind, event.data)
            generations[id_] = said["generation"]
            one = Replaced(generation, datetime.fromisoformat(said["was"]["due_at"]), event.happened_at)
            if id_ not in found and said["generation"] != generation and one.was_missed:
                found[id_] = one
    return found


def handings_over(session: Session, ids: Collection[int]) -> dict[int, list[Event]]:
    """The assignments and transfers of each of these complaints, in their order."""
    found: dict[int, list[Event]] = {id_: [] for id_ in ids}
    if ids:
        kinds = (EventKind.ASSIGNED, EventKind.TRANSFERRED)
        query = select(Event).where(col(Event.complaint_id).in_(ids), of_kinds(kinds))
        for event in session.exec(query.order_by(col(Event.complaint_id), col(Event.seq))).all():
            found[event.complaint_id].append(event)
    return found


def page_after(session: Session, last_id: int, most: int) -> Sequence[Complaint]:
    """The next complaints in the order of their ids: all of them, a page at a time."""
    query = select(Complaint).where(col(Complaint.id) > last_id).order_by(col(Complaint.id)).limit(most)
    return session.exec(query).all()


def open_of_owner(session: Session, owner_id: int, *, lock: bool = False) -> Sequence[Complaint]:
    query = select(Complaint).where(Complaint.owner_id == owner_id, IS_OPEN).order_by(col(Complaint.id))
    return session.exec(query.with_for_update() if lock else query).all()


def pending_of(
    session: Session,
    months: Collection[str],
    office_ids: Collection[int] | None,
    now: datetime,
    most: int,
) -> tuple[int, Sequence[Complaint]]:
    """Of what was received in these months and is open and not late: how many, and the first to become due."""
    here = [col(Complaint.month).in_(months), IS_OPEN, not_(late(now))]
    if office_ids is not None:
        here.append(col(Complaint.office_id).in_(office_ids))
    count = session.exec(select(func.count()).select_from(Complaint).where(*here)).one()
    query = select(Complaint).where(*here).order_by(col(Complaint.due_at), col(Complaint.id)).limit(most)
    return int(count), session.exec(query).all()


def duplicates_of(session: Session, id_: int | None) -> Sequence[str]:
    """The numbers of those that have ended as duplicates of a complaint."""
    query = select(Complaint.number).where(
        col(Complaint.duplicate_of_id) == id_, col(Complaint.status) == Status.DUPLICATE
    )
    return session.exec(query.order_by(col(Complaint.id))).all()


def numbers_of(session: Session, ids: Collection[int]) -> dict[int, str]:
    query = select(Complaint.id, Complaint.number).where(col(Complaint.id).in_(ids))
    return dict(session.exec(query).all()) if ids else {}


def ended_since(session: Session, since: datetime, most: int) -> Sequence[Complaint]:
    """Those that have ended since a moment and still say what they were about, the latest first."""
    # The index is of these words; an erased one has none but, perhaps, its outcome.
    query = select(Complaint).where(
        text(ENDED_WITH_WORDS), col(Complaint.closed_at) >= since, Complaint.subject != ""
    )
    return session.exec(query.order_by(col(Complaint.closed_at).desc()).limit(most)).all()
