"""What a row of a sheet says about a complaint: its columns, made regular or refused. No database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from complaint_sla.core import fields as regular
from complaint_sla.core.calendars import parse_day, parse_moment
from complaint_sla.core.chain import canonical
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue
from complaint_sla.work.casefile import IDENTITY, PERSONAL
from complaint_sla.work.complaints.filing import Intake
from complaint_sla.work.complaints.view import ComplaintView
from complaint_sla.work.sheets.formats import Row

# The keys of the contract, then who complained.
COLUMNS = (*(one.name for one in fields(ComplaintView)), *IDENTITY)
# Without the moment of receipt there is no deadline, and guessing it would make a figure that can't be proved.
REQUIRED = ("group", "channel", "category", "subject", "received_at")
# Columns that say what has been typed in or chosen; the end, number and derived columns are none of them.
TEXTS = ("group", "channel", "category", *PERSONAL, "office")

_YES = frozenset({"true", "1", "yes", "ใช่"})
_NO = frozenset({"false", "0", "no", "ไม่", "ไม่ใช่"})


@dataclass(frozen=True, slots=True)
class End:
    """A closing, withdrawal or duplicate at a moment (UTC). `of` names the original as the sheet does."""

    status: Status
    at: datetime
    outcome: str
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A row, understood. `named`: the sheet gives the external id; otherwise it is made of the receipt columns.

    `urgent` is None where nothing is said. `number` is the one in the sheet, of whatever database it came from.
    `derived` holds what the sheet says of columns that follow from others.
    """

    row: Row
    intake: Intake
    named: bool
    urgent: bool | None
    number: str | None
    end: End | None
    acknowledged_at: datetime | None
    responded_at: datetime | None
    derived: Mapping[str, object]

    @property
    def id(self) -> str:
        """The external id, given or made."""
        return self.intake.external_id or ""


class Reader:
    """Understands the rows of one sheet, in their order. It remembers which receipts it has seen, as digests."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._equals: dict[bytes, int] = {}

    def read(self, row: Row) -> Statement:
        """Raises Error for what can't be understood or contradicts itself."""
        if row.fault is not None:
            raise row.fault
        cells = row.cells
        for name in REQUIRED:
            if name not in cells:
                raise BadValue("empty-text", name=name)
        urgent = _truth("urgent", cells["urgent"]) if "urgent" in cells else None
        received_at = parse_moment(cells["received_at"], self._zone)
        intake = Intake(
            group=cells["group"].strip(),
            channel=cells["channel"].strip(),
            category=cells["category"].strip(),
            subject=cells["subject"],
            urgent=bool(urgent),
            received_at=received_at,
            **{name: cells.get(name) for name in ("detail", *IDENTITY, "office", "owner", "external_id")},
        ).regular()
        named = intake.external_id is not None
        if not named:
            # Before anything else can go wrong: the count among equals must not depend on the rest of the row.
            intake = replace(intake, external_id=self._id_of(intake, received_at))
        return Statement(
            row=row,
            intake=intake,
            named=named,
            urgent=urgent,
            number=regular.number(cells["number"]) if "number" in cells else None,
            end=self._end(cells),
            acknowledged_at=self._moment(cells, "acknowledged_at"),
            responded_at=self._moment(cells, "responded_at"),
            derived=self._derived(cells),
        )

    def _id_of(self, intake: Intake, received_at: datetime) -> str:
        """A digest of the receipt columns; of rows that are equal in them, the second and so on have their own."""
        said: dict[str, object] = {name: getattr(intake, name) for name in TEXTS}
        said |= {"urgent": intake.urgent, "received_at": received_at.isoformat()}
        digest = hashlib.sha256(canonical(said).encode()).digest()[:16]
        count = self._equals.get(digest, 0) + 1
        self._equals[digest] = count
        return f"row-{digest.hex()}" if count == 1 else f"row-{digest.hex()}-{count}"

    def _end(self, cells: Mapping[str, str]) -> End | None:
        """None for a complaint of which the sheet says no end."""
        given = cells.get("status", "").strip().lower()
        if given and given not in set(Status):
            raise BadValue("unknown-status", value=given, known=[status.value for status in Status])
        of = cells.get("duplicate_of")
        ends = [name for name in ("closed_at", "outcome", "duplicate_of") if name in cells]
        status = Status(given) if given else (Status.CLOSED if ends else Status.OPEN)
        if status is Status.OPEN and ends:
            raise BadValue("status-contradicts", status=given, columns=ends)
        if status is Status.OPEN:
            return None
        if of is not None and status is not Status.DUPLICATE:
            raise BadValue("status-contradicts", status=given, columns=["duplicate_of"])
        needed = ("closed_at", "outcome", *(("duplicate_of",) if status is Status.DUPLICATE else ()))
        missing = [name for name in needed if name not in cells]
        if missing:
            raise BadValue("end-incomplete", status=status.value, columns=missing)
        return End(
            status,
            parse_moment(cells["closed_at"], self._zone),
            regular.page("outcome", cells["outcome"]),
            regular.line("duplicate_of", of, 200) if of is not None else None,
        )

    def _moment(self, cells: Mapping[str, str], name: str) -> datetime | None:
        return parse_moment(cells[name], self._zone) if name in cells else None

    def _derived(self, cells: Mapping[str, str]) -> Mapping[str, object]:
        moment = partial(parse_moment, zone=self._zone)
        kinds: Mapping[str, Callable[[str], object]] = {
            "rule_book": str.strip,
            "rule": str.strip,
            "days": _days,
            "due_on": parse_day,
            "due_at": moment,
            "breached_at": moment,
            "on_time": partial(_truth, "on_time"),
        }
        return {name: read(cells[name]) for name, read in kinds.items() if name in cells}


def _truth(name: str, text: str) -> bool:
    plain = text.strip().casefold()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise BadValue("bad-yes-no", name=name, value=text)


def _days(text: str) -> int | str:
    """What is no number agrees with no number of days."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 10 else plain
