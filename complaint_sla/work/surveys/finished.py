"""What the rows of a list of finished requests say: made regular or refused. Nothing is written."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from complaint_sla.core import fields
from complaint_sla.core.calendars import Quarter, parse_day
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.sheets import kept
from complaint_sla.core.terms import said
from complaint_sla.store import books, offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Office
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.formats import Row
from complaint_sla.work.whom import own_office, own_office_meant

COLUMNS = ("office", "reference", "service", "finished_on", "customer", "phone", "left_out")
REQUIRED = ("reference", "service", "finished_on")
# A reference is what another system gives; a reason is a few words.
REFERENCE, REASON = 60, 200

_NOT_LEFT_OUT = frozenset({"false", "0", "no", "ไม่", "ไม่ใช่"})
# It must be said why.
_NO_REASON = frozenset({"true", "1", "yes", "ใช่", "x"})


@dataclass(frozen=True, slots=True)
class Finished:
    """A row, understood."""

    row: Row
    office_id: int
    reference: str
    service: str
    finished_on: date
    left_out: str | None
    name: str | None
    phone: str | None

    @property
    def said(self) -> tuple[str, str, str | None]:
        """What is for good."""
        return self.service, self.finished_on.isoformat(), self.left_out


class Reading:
    """What the rows of a list say, by office; what can't be understood is rejected."""

    def __init__(self, desk: Desk, through: date, office: str | None, services: Collection[str]) -> None:
        self._desk, self._through = desk, through
        with desk.store.read() as session:
            self.directory = offices.directory(session)
            self._plan = books.plan_in(session, Quarter.of(through))
        known = [one.key for one in self._plan.services]
        for one in services:
            if one not in known:
                raise BadValue("unknown-service", value=one, known=known)
        # A list speaks of all services: that there was nothing of one is said by its having no row.
        self.services = tuple(services) or tuple(known)
        self._only = own_office_meant(desk, self.directory, office) if office is not None else None
        self.by_office: dict[int, list[Finished]] = {}
        self.rejected: list[tuple[Row, Error]] = []
        # Offices of which a row was rejected; None if nobody knows of which.
        self.incomplete: set[int | None] = set()

    def read(self, rows: Sequence[Row]) -> None:
        default = self._only
        if default is None and not any("office" in row.cells for row in rows):
            default = _own(self._desk, self.directory)
        if default is not None and default.id is not None:
            self.by_office[default.id] = []
        for row in rows:
            office_id = None
            try:
                if row.fault is not None:
                    raise row.fault
                office_id = self._office(row, default)
                self.by_office.setdefault(office_id, [])
                self.by_office[office_id].append(self._finished(row, office_id))
            except Error as problem:
                self.reject(row, problem, office_id)

    def reject(self, row: Row, problem: Error, office_id: int | None) -> None:
        self.rejected.append((row, problem.with_traceback(None)))
        # What was finished later is none of what the list is complete of.
        if problem.key != "finished-after-through":
            self.incomplete.add(office_id)

    def _office(self, row: Row, default: Office | None) -> int:
        code = row.cells.get("office")
        if code is None and default is None:
            raise BadValue("empty-text", name="office")
        office = default if code is None else own_office(self._desk, self.directory, code)
        assert office is not None and office.id is not None  # noqa: PT018 - for the type checker
        if self._only is not None and office.id != self._only.id:
            raise BadValue("list-of-another-office", value=office.code, office=self._only.code)
        return office.id

    def _finished(self, row: Row, office_id: int) -> Finished:
        cells = row.cells
        for column in REQUIRED:
            if column not in cells:
                raise BadValue("empty-text", name=column)
        finished_on = parse_day(cells["finished_on"], self._desk.today)
        if finished_on > self._through:
            raise BadValue("finished-after-through", value=finished_on, through=self._through)
        service = self._service(cells["service"].strip())
        left_out = self._left_out(cells)
        # Of who is left out nobody is asked: nothing is kept of them.
        is_asked = left_out is None
        name = fields.line("customer", cells["customer"], 200) if "customer" in cells else None
        phone = _phone(cells["phone"]) if "phone" in cells else None
        return Finished(
            row=row,
            office_id=office_id,
            reference=fields.line("reference", cells["reference"], REFERENCE),
            service=service,
            finished_on=finished_on,
            left_out=left_out,
            name=name if is_asked else None,
            phone=phone if is_asked else None,
        )

    def _service(self, text: str) -> str:
        """By its key, or its title in either language."""
        typed = said(text)
        titled = [one.key for one in self._plan.services if typed in (said(one.title.th), said(one.title.en))]
        service = titled[0] if len(titled) == 1 else text
        if service not in self.services:
            raise BadValue("unknown-service", value=text, known=list(self.services))
        return service

    def _left_out(self, cells: Mapping[str, str]) -> str | None:
        if "left_out" not in cells:
            return None
        reason = fields.line("left_out", cells["left_out"], REASON)
        if reason.casefold() in _NOT_LEFT_OUT:
            return None
        if reason.casefold() in _NO_REASON:
            raise BadValue("left-out-without-reason", value=reason)
        return reason


def _phone(text: str) -> str | None:
    """The first that can be read, as a spreadsheet has left it; None where the cell says that there is none."""
    found = kept.phone(text)
    return found.value if found.value is not None or kept.says_none(text) else fields.phone(text)


def _own(desk: Desk, directory: Directory) -> Office:
    """The office of whoever acts, else the only one. Raises BadValue (`office-needed`)."""
    person = directory.person(desk.actor)
    if person is not None and person.office_id in directory.offices:
        return directory.offices[person.office_id]
    if len(directory.offices) == 1:
        return next(iter(directory.offices.values()))
    raise BadValue("office-needed", known=sorted(one.code for one in directory.offices.values()))
