"""What the journal speaks of, held against it: people and offices, figures, letters that were sent, and all events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session

from complaint_sla.core.anchor import Reach
from complaint_sla.core.delivery import digest_of
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.figures import about_figure, figure_called
from complaint_sla.core.journal import JOURNAL
from complaint_sla.core.people import Record
from complaint_sla.store import deliveries, figures, heartbeats, offices
from complaint_sla.store.deliveries import SETTLED
from complaint_sla.store.sequence import events_between
from complaint_sla.work.audit.journal import FigureKey, Journal
from complaint_sla.work.people import figure_record, office_record, staff_record

Found = Iterator[tuple[str, Difference]]
# What was sent is entered at the end of the round, and clocks differ.
AT_ONCE = timedelta(minutes=10)


def of_people(session: Session, journal: Journal) -> Found:
    """Offices and people against the register. Nothing where stock was never taken: then nobody knows."""
    register = journal.register
    if not register.known:
        return
    directory = offices.directory(session)
    places = {one.code: office_record(directory, one) for one in directory.offices.values()}
    yield from _compared("office", places, register.offices)
    people = {one.email: staff_record(directory, one) for one in directory.staff.values()}
    yield from _compared("staff", people, register.staff)
    for person in directory.staff.values():
        name = register.names.get(person.email)
        if name is not None and name != person.name:
            yield f"staff {person.email}", Difference(Check.REGISTER, "name")


def _compared(what: str, there: Mapping[str, Record], said: Mapping[str, Record]) -> Found:
    for key, one in said.items():
        if key not in there:
            yield f"{what} {key}", Difference(Check.REGISTER_MISSING, key)
            continue
        for name, value in one.items():
            if there[key].get(name) != value:
                yield f"{what} {key}", Difference(Check.REGISTER, name, there[key].get(name), value)
    for key in there.keys() - said.keys():
        yield f"{what} {key}", Difference(Check.REGISTER_SURPLUS, key)


def of_figures(session: Session, journal: Journal, named: Collection[str]) -> Found:
    """Frozen figures against what was frozen. What is wrong with those in `named` has been said."""
    if not journal.register.known:
        return
    there: dict[FigureKey, Mapping[str, Any]] = {
        (row["measure"], row["quarter"], row["version"]): row for row in figures.register(session)
    }
    for key, said in journal.figures.items():
        about = about_figure(*key)
        if key not in there:
            # Where a later one is there, the version that is missing has been named.
            if about_figure(key[0], key[1]) not in named:
                yield about, Difference(Check.FIGURE_GONE, str(key[2]))
        elif about not in named:
            kept = figure_record(there[key])
            for name, value in said.items():
                if kept[name] != value:
                    yield about, Difference(Check.FIGURE_JOURNAL, name, kept[name], value)
    for key, row in there.items():
        about = about_figure(*key)
        if key not in journal.figures and about not in named:
            yield about, Difference(Check.FIGURE_SURPLUS, str(key[2]))
        is_void = figure_called(*key) in journal.voided
        if (row["voided_at"] is not None) is not is_void and journal.all_voided_are_named:
            yield about, Difference(Check.FIGURE_JOURNAL, "voided_at", row["voided_at"], None)


def of_letters(session: Session, journal: Journal) -> Found:
    """Letters that were sent against the entries that hold them."""
    delivered = heartbeats.last_success(session).get("deliver")
    seen: set[int] = set()
    rows = (row for page in deliveries.entered(session) for row in page)
    for entry, group in groupby(rows, key=lambda row: row["entry"]):
        if entry is None:
            yield from _unentered(group, delivered)
            continue
        seen.add(entry)
        said = journal.delivered.get(entry)
        if said is None or not _is_as_entered(session, list(group), said):
            yield f"{JOURNAL} {entry}", Difference(Check.LETTERS, str(entry))
    for entry in sorted(journal.delivered.keys() - seen):
        yield f"{JOURNAL} {entry}", Difference(Check.LETTERS, str(entry))


def _unentered(letters: Iterable[deliveries.Row], delivered: datetime | None) -> Found:
    """Those of these letters that rounds of deliveries, of which the last one was `delivered`, would have entered."""
    for row in letters:
        sent_at = row["sent_at"]
        if isinstance(sent_at, datetime) and (delivered is None or sent_at + AT_ONCE >= delivered):
            continue
        yield f"message {row['id']}", Difference(Check.LETTER_SURPLUS, str(row["id"]))


def _is_as_entered(session: Session, letters: list[deliveries.Row], said: Mapping[str, Any]) -> bool:
    ids = [row["id"] for row in letters]
    if len(ids) != said.get("letters"):
        return False
    members = deliveries.members(session, ids)
    try:
        found = digest_of(
            ({name: row[name] for name in SETTLED}, members.get(row["id"], ())) for row in letters
        )
    except (TypeError, ValueError, AttributeError):
        return False
    return found == said.get("digest")


def of_events(session: Session, journal: Journal) -> Found:
    """All events of all complaints against the anchors."""
    before = Reach()
    for seq, made in journal.anchors.items():
        if made is None:
            before = Reach()
            continue
        day, reach = made
        if before.on(reach.through, events_between(session, before.through, reach.through)) != reach:
            yield f"{JOURNAL} {seq}", Difference(Check.ANCHORED, day)
        before = reach
