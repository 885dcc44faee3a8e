"""What comes of a call: a complaint logged, or a note to one that was there, or that one reopened; and once only."""

from __future__ import annotations

import json
from datetime import datetime

from sqlmodel import Session

from complaint_sla.store import complaints, offices, person
from complaint_sla.store.tables import Complaint, Event
from complaint_sla.work.casefile import LOGGED_WORDS
from complaint_sla.work.complaints import change, log
from complaint_sla.work.complaints.filing import Intake
from complaint_sla.work.complaints.log import Logged
from complaint_sla.work.complaints.view import ComplaintView, view
from complaint_sla.work.counter.questions import ACTS, Form, Part

Done = Logged | ComplaintView


def do(form: Form) -> Done:
    """Does it. Raises as `log.log` and `change.do` do."""
    if form.act is None:
        return log.log(form.desk, intake(form))
    part, number = form.act
    text = form.values[part]
    return change.do(form.desk, number, change.note(text) if part is Part.NOTE else change.reopen(text))


def intake(form: Form) -> Intake:
    said = {name: text for name, text in form.values.items() if name not in ACTS}
    received_at = said.pop("received_at", None)
    return Intake(
        group=said.pop(Part.GROUP),
        channel=said.pop(Part.CHANNEL),
        category=said.pop(Part.CATEGORY),
        subject=said.pop(Part.SUBJECT),
        urgent=said.pop(Part.URGENT, "n") == "y",
        received_at=datetime.fromisoformat(received_at) if received_at is not None else None,
        **said,
    )


def done_since(form: Form, since: datetime) -> Done | None:
    """What the same person has done with the very same words since a moment: the answer was lost, and not the deed."""
    desk = form.desk
    with desk.store.read() as session:
        directory = offices.directory(session)
        if form.act is not None:
            row = _noted(session, form, *form.act, since)
            return view(session, directory, row, desk.now) if row is not None else None
        row = _logged(session, form, since)
        return (
            Logged(view(session, directory, row, desk.now), True, (), (), False) if row is not None else None
        )


def _noted(session: Session, form: Form, part: Part, number: str, since: datetime) -> Complaint | None:
    row = complaints.with_number(session, number)
    events = complaints.events_of_kind(session, row, ACTS[part]) if row is not None else []
    mine = [one for one in events if one.actor == form.desk.actor and one.recorded_at >= since]
    return row if any(_words(one) == {part: form.values[part]} for one in mine) else None


def _logged(session: Session, form: Form, since: datetime) -> Complaint | None:
    wanted = intake(form).regular()
    facts = (wanted.group, wanted.urgent, wanted.channel, wanted.category)
    words = {name: said for name in LOGGED_WORDS if (said := getattr(wanted, name)) is not None}
    for row, event in person.logged_with(session, form.desk.actor, since, wanted.subject):
        if (row.group, row.urgent, row.channel, row.category) == facts and _words(event) == words:
            return row
    return None


def _words(event: Event) -> object:
    return json.loads(event.words) if event.words is not None else None
