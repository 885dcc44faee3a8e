"""The desk at which something is done: which database, which books, who acts, and when; and what had to be set aside."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from complaint_sla.bookshelf import drafts, public_holidays
from complaint_sla.core.calendars import local_day
from complaint_sla.core.errors import BookRefused, DatabaseLocked, DatabaseUnusable
from complaint_sla.core.permissions import UNBOUND, Standing
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.servicefile import ServiceRules
from complaint_sla.resources import rules
from complaint_sla.store import books, heartbeats
from complaint_sla.store.engine import Store

# Nobody's own fault: they befall whatever is done, and go through.
PASSING = (DatabaseUnusable, OperationalError, InterfaceError)
# Given by Message-ID the numbers of complaints that a letter may name: empties those on this machine that do. Answers with
# the Message-IDs of the letters that lie here, and whether each was emptied.
Recall = Callable[[Mapping[str, Collection[str]]], Mapping[str, bool]]
# As many as a heartbeat names.
MOST_NAMED = 500


@dataclass(frozen=True)
class Aside:
    """Something that could not be handled, by its number or name, and why: its neighbours were handled all the same."""

    about: str
    problem: Exception


def in_force(store: Store) -> tuple[Shelf, ServiceRules]:
    """The rule books and the settings of the service that are published. Raises BookRefused (`no-books-published`).

    Where none of the books can be read, what ships stands in for them: lists are read and letters go out, but no
    deadline is given.
    """
    with store.read() as session:
        try:
            shelf = books.shelf(session)
        except BookRefused as problem:
            if problem.key != "book-unreadable":
                raise
            shelf = replace(drafts(rules()).shelf, lost=(str(problem.values["book"]),))
        return shelf, books.service(session, public_holidays)


@dataclass(frozen=True)
class Desk:
    """What every piece of work is given. Each function of `work` runs its own transactions on `store`.

    `now` (UTC) is the moment that the work is done at, and may be rehearsed; `clock` tells the real one, which is kept
    beside it in the record and which leases, retries and heartbeats follow. `actor` is who is said to act, a claim;
    `system_user` is whom the machine knows. `shelf` and `service` are the books and settings in force. Into `aside` goes
    what is broken, so that all else is done; whoever asked for the work names it. `drafts` is the folder that the office
    keeps its books in, None if it has none of its own; `recall` is None where no mail lies on this machine. `standing` is
    what whoever sits here may do.
    """

    store: Store
    shelf: Shelf
    now: datetime
    clock: Callable[[], datetime]
    actor: str
    system_user: str
    service: ServiceRules = field(default_factory=ServiceRules)
    aside: list[Aside] = field(default_factory=list, compare=False)
    drafts: Path | None = None
    recall: Recall | None = field(default=None, compare=False)
    standing: Standing = UNBOUND

    @property
    def zone(self) -> ZoneInfo:
        return self.shelf.zone

    @property
    def today(self) -> date:
        """The local day of `now`."""
        return local_day(self.now, self.zone)

    def at(self, now: datetime) -> Desk:
        """The same desk at another moment."""
        return replace(self, now=now)

    def renewed(self) -> Desk:
        """The same desk at the moment of its clock, with what is in force by then, and nothing set aside."""
        shelf, service = in_force(self.store)
        return replace(self, now=self.clock(), shelf=shelf, service=service, aside=[])

    def set_aside(self, about: str, problem: Exception) -> None:
        """Once for each thing, with what was wrong first."""
        if about not in {one.about for one in self.aside}:
            self.aside.append(Aside(about, problem))

    @contextmanager
    def apart(self, about: str, session: Session | None = None) -> Iterator[None]:
        """What fails within is set aside, and goes on after it; in a `session`, what it wrote is taken back."""
        try:
            with nullcontext() if session is None else session.begin_nested():
                yield
        except DatabaseLocked as problem:
            # What one thing needs is in other hands; what the others need may be free.
            self.set_aside(about, problem)
        except PASSING:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever is wrong with one thing keeps no other from being done
            self.set_aside(about, problem)

    def beat(self, job: str, fault: str | None = None, *, locked: int = 0) -> None:
        """Notes that a job of the service ran, what stopped it, or what it set aside, and how much was in other hands."""
        aside = ", ".join(one.about for one in self.aside[:MOST_NAMED])
        self.store.write(
            lambda session: heartbeats.beat(
                session, job, self.clock(), fault or aside or None, worked=not fault, locked=locked
            )
        )
