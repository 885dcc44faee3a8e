"""What the journal tells: who did what that is no complaint's, newest first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from json import loads
from typing import Any

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.chain import UNREADABLE, read
from complaint_sla.core.journal import OF_PLAN
from complaint_sla.core.people import OF_OFFICES, OF_STAFF, WAS
from complaint_sla.store import house, offices
from complaint_sla.store.complaints import offices_of_numbers
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import JournalEntry
from complaint_sla.store.types import mended
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import office_meant

# As many entries as are read at once.
_PAGE = 500


@dataclass(frozen=True)
class EntryView:
    """An entry of the journal: `happened_at` by the clock of who did it, `recorded_at` by the real one (UTC).

    `actor` is a claim; `system_user` is whom the system knew, `server_user` whom the database server knew. `said` is its
    data, None where a hand has made something else of it; `words` are names, empty where they were erased. `hash` links it.
    """

    seq: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    actor: str
    system_user: str
    server_user: str | None
    said: Mapping[str, Any] | None
    words: Mapping[str, Any]
    hash: str = ""


def entries(
    desk: Desk,
    *,
    office: str | None = None,
    since: datetime | None = None,
    most: int | None,
) -> list[EntryView]:
    """The last entries, all or so many, newest first, written down `since` a moment (UTC).

    Of an `office`: what is about it, those below it, their people, their plan, or complaints that are there today.
    Raises BadValue (`unknown-office`).
    """
    with desk.store.read() as session:
        of = None
        if office is not None:
            directory = offices.directory(session)
            of = _Within(
                session, directory, set(directory.roster.below(office_meant(directory, office).code))
            )
        found: list[EntryView] = []
        before: int | None = None
        while most is None or len(found) < most:
            page = house.page_before(session, before, since, _PAGE)
            if not page:
                break
            found += (one for one in map(view, page) if of is None or of.holds(one))
            before = page[-1].seq
        return found[:most]


def of_kinds_after(session: Session, kinds: Collection[str], after: int, through: int) -> list[EntryView]:
    """The entries of these kinds with a number above `after` up to `through`, in order."""
    return [view(one) for one in house.entries_between(session, kinds, after, through)]


def view(entry: JournalEntry) -> EntryView:
    mended(entry)
    try:
        said: Mapping[str, Any] | None = read(entry.kind, entry.data)
        words = loads(entry.words) if entry.words is not None else {}
    except UNREADABLE:
        said, words = None, {}
    return EntryView(
        seq=entry.seq,
        kind=entry.kind,
        happened_at=entry.happened_at,
        recorded_at=entry.recorded_at,
        actor=entry.actor,
        system_user=entry.system_user,
        server_user=entry.server_user,
        said=said,
        words=words if isinstance(words, dict) else {},
        hash=entry.hash,
    )


@dataclass(frozen=True)
class _Within:
    """Whether an entry is about one of these offices."""

    session: Session
    directory: Directory
    codes: set[str]

    def holds(self, one: EntryView) -> bool:
        # What a hand has made of its data is about no office.
        with suppress(*UNREADABLE):
            return self._is_about(one)
        return False

    def _is_about(self, one: EntryView) -> bool:
        said = one.said or {}
        was = said.get(WAS) or {}
        if one.kind in OF_OFFICES:
            return not self.codes.isdisjoint({said.get("code"), said.get("parent"), was.get("parent")})
        if one.kind in OF_STAFF:
            return not self.codes.isdisjoint({said.get("office"), was.get("office")})
        if one.kind in OF_PLAN:
            return said.get("office") in self.codes
        numbers = [said["number"]] if "number" in said else said.get("numbers") or []
        numbers = list(map(fields.number, numbers))
        return not self.codes.isdisjoint(
            self.directory.code(id_) for id_ in offices_of_numbers(self.session, numbers)
        )
