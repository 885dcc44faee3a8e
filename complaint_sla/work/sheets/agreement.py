"""Whether a row of a sheet agrees with a complaint: with what was first logged of it, or with what stands now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from complaint_sla.core.chain import read
from complaint_sla.core.complaints import State
from complaint_sla.core.corrections import Correction, in_data, in_words
from complaint_sla.core.deadlines import stated
from complaint_sla.core.errors import BadValue
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint, Customer, Event
from complaint_sla.work.casefile import IDENTITY, PERSONAL
from complaint_sla.work.complaints.filing import Due
from complaint_sla.work.sheets.rows import TEXTS, Statement


def differences(
    one: Statement,
    row: Complaint,
    directory: Directory,
    customer: Customer | None,
    first: Event | None,
    corrections: Sequence[Event] = (),
) -> list[str]:
    """Columns that say neither what stands now nor, where `first` is given, what that event logged, or what stood there until
    one of the `corrections`.

    An empty column says nothing. What has been erased can't be compared, and passes.
    """
    said = _said(one)
    now: dict[str, object] = {
        "office": directory.code(row.office_id),
        "owner": directory.email(row.owner_id),
        **{name: getattr(customer, column, None) for name, column in IDENTITY.items()},
    }
    now |= {name: getattr(row, name) for name in said.keys() - now.keys()}
    differing = [name for name, value in said.items() if value is not None and not is_same(now[name], value)]
    if not differing or first is None:
        return differing
    logged: dict[str, object] = read(first.kind, first.data) | json.loads(first.words or "{}")
    erased = PERSONAL if first.words is None and first.words_digest is not None else frozenset()
    stood = [one for event in corrections for one in corrected(event)]
    return [
        name
        for name in differing
        if not is_same(logged.get(name), said[name])
        and name not in erased
        and not any(one.field == name and is_same(one.was, said[name]) for one in stood)
    ]


def is_same(stands: object, said: object) -> bool:
    """Whether a sheet says what stands. A cell of a spreadsheet has no fractions of a second."""
    if isinstance(stands, datetime) and isinstance(said, datetime) and not said.microsecond:
        return stands.replace(microsecond=0) == said
    return stands == said


def corrected(event: Event) -> Sequence[Correction]:
    """What an event corrected."""
    said = read(event.kind, event.data)
    return (*in_data(said), *in_words(said["fields"], json.loads(event.words or "{}")))


def _said(one: Statement) -> Mapping[str, object]:
    said: dict[str, object] = {name: getattr(one.intake, name) for name in (*TEXTS, "owner", "received_at")}
    said["urgent"] = one.urgent
    said["acknowledged_at"] = one.acknowledged_at
    said["responded_at"] = one.responded_at
    return said


def standing_deadline(row: Complaint, book_id: str) -> Mapping[str, object]:
    """The columns that follow from book and facts, as they stand."""
    return {"rule_book": book_id} | {
        name: getattr(row, name) for name in ("rule", "days", "due_on", "due_at")
    }


def deadline_of(due: Due) -> Mapping[str, object]:
    """The same for a complaint that is to be logged."""
    book, _, answer = due
    return {"rule_book": book.id} | answer.columns()


def first_deadline(first: Event) -> Mapping[str, object]:
    """The same as they were logged."""
    logged = read(first.kind, first.data)
    return {"rule_book": logged["rule_book"]} | stated(logged)


def check_derived(
    one: Statement, deadlines: Sequence[Mapping[str, object]], states: Sequence[State], now: datetime
) -> None:
    """Whether the columns that follow from others agree with one of these. Raises BadValue (`derived-differs`)."""
    for name, value in one.derived.items():
        if name == "on_time":
            possible: list[object] = [state.on_time(now) for state in states]
        elif name == "breached_at":
            if any(_breach_fits(state, value, now) for state in states):
                continue
            possible = [states[0].breached_at]
        else:
            possible = [deadline[name] for deadline in deadlines]
        if value not in possible:
            raise BadValue("derived-differs", column=name, value=value, expected=possible[0])


def _breach_fits(state: State, value: object, now: datetime) -> bool:
    """Whether a breach can have been recorded then; which change recorded it, a sheet doesn't tell."""
    if not isinstance(value, datetime) or value == state.breached_at:
        return value == state.breached_at
    return state.is_late(now) and state.due_at <= value <= (state.ended_at or now)
