"""Whether a row of a sheet agrees with a complaint: with what was first logged of it, or with what stands now."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from complaint_sla.core.errors import BadValue
from complaint_sla.core.figure import bucket
from complaint_sla.core.lifecycle import State
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Complaint, Customer, Event
from complaint_sla.work.drafts import Due
from complaint_sla.work.statements import PERSONAL, TEXTS, Statement
from complaint_sla.work.views import ON_TIME


def differences(
    one: Statement, row: Complaint, directory: Directory, customer: Customer | None, first: Event | None
) -> list[str]:
    """Columns that say neither what stands now nor, where `first` is given, what that event logged.

    An empty column says nothing. What has been erased can't be compared, and passes.
    """
    now: dict[str, object] = {
        "group": row.group,
        "channel": row.channel,
        "category": row.category,
        "subject": row.subject,
        "detail": row.detail,
        "customer": customer.name if customer is not None else None,
        "phone": customer.phone if customer is not None else None,
        "account": customer.account if customer is not None else None,
        "email": customer.email if customer is not None else None,
        "office": directory.code(row.office_id),
        "owner": directory.email(row.owner_id),
        "urgent": row.urgent,
        "received_at": row.received_at,
        "acknowledged_at": row.acknowledged_at,
        "responded_at": row.responded_at,
    }
    said = _said(one)
    differing = [name for name, value in said.items() if value is not None and value != now[name]]
    if not differing or first is None:
        return differing
    logged: dict[str, object] = json.loads(first.data) | json.loads(first.words or "{}")
    erased = PERSONAL if first.words is None and first.words_digest is not None else frozenset()
    return [name for name in differing if said[name] != logged.get(name) and name not in erased]


def _said(one: Statement) -> Mapping[str, object]:
    said: dict[str, object] = {name: getattr(one.intake, name) for name in (*TEXTS, "owner", "received_at")}
    said["urgent"] = one.urgent
    said["acknowledged_at"] = one.acknowledged_at
    said["responded_at"] = one.responded_at
    return said


def standing_deadline(row: Complaint, book_id: str) -> Mapping[str, object]:
    """The columns that follow from book and facts, as they stand."""
    return {
        "rule_book": book_id,
        "rule": row.rule,
        "days": row.days,
        "due_on": row.due_on,
        "due_at": row.due_at,
    }


def deadline_of(due: Due) -> Mapping[str, object]:
    """The same for a complaint that is to be logged."""
    book, _, answer = due
    return {
        "rule_book": book.id,
        "rule": answer.rule.key,
        "days": answer.rule.days,
        "due_on": answer.due_on,
        "due_at": answer.due_at,
    }


def first_deadline(first: Event) -> Mapping[str, object]:
    """The same as they were logged."""
    logged = json.loads(first.data)
    return {
        "rule_book": logged["rule_book"],
        "rule": logged["rule"],
        "days": logged["days"],
        "due_on": date.fromisoformat(logged["due_on"]),
        "due_at": datetime.fromisoformat(logged["due_at"]),
    }


def check_derived(
    one: Statement, deadlines: Sequence[Mapping[str, object]], states: Sequence[State], now: datetime
) -> None:
    """Whether the columns that follow from others agree with one of these. Raises BadValue (`derived-differs`)."""
    for name, value in one.derived.items():
        if name == "on_time":
            possible: list[object] = [_on_time(state, now) for state in states]
        elif name == "breached_at":
            if any(_breach_fits(state, value, now) for state in states):
                continue
            possible = [states[0].breached_at]
        else:
            possible = [deadline[name] for deadline in deadlines]
        if value not in possible:
            raise BadValue("derived-differs", column=name, value=value, expected=possible[0])


def _on_time(state: State, now: datetime) -> bool | None:
    found = bucket(
        state.status,
        breached=state.breached_at is not None,
        ended_before_due=state.ended_at is not None and state.ended_at < state.due_at,
        due_passed=state.due_at <= now,
    )
    return ON_TIME.get(found)


def _breach_fits(state: State, value: object, now: datetime) -> bool:
    """Whether a breach can have been recorded then; which change recorded it, a sheet doesn't tell."""
    if not isinstance(value, datetime) or value == state.breached_at:
        return value == state.breached_at
    return state.is_late(now) and state.due_at <= value <= (state.ended_at or now)
