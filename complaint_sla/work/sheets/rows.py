"""What a row of a sheet says about a complaint: its columns, made regular or refused. No database."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from complaint_sla.core import fields as regular
from complaint_sla.core.calendars import midnight, parse_day, parse_moment
from complaint_sla.core.chain import canonical
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue, Error
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

# More rows than this that are equal in their receipt are told apart by their order: one transaction takes them together.
MOST_TOGETHER = 1000

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

    `base` is what the ids of all rows begin with that are equal in those, as long as it is not known of which complaint
    the row speaks; then it is None. `says_open`: the sheet speaks of ends, and says none of this one.
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
    base: str | None = None
    says_open: bool = False

    def settled(self, external_id: str) -> Statement:
        """The same, of the complaint with this external id."""
        return replace(self, intake=replace(self.intake, external_id=external_id), base=None)

    @property
    def id(self) -> str:
        """The external id, given or made."""
        return self.intake.external_id or ""


class Reader:
    """Understands the rows of one sheet. It remembers which receipts are still to come how often, as digests.

    A sheet is gone through twice: `count` is shown every row, then `together` reads them.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._to_come: dict[bytes, int] = {}
        self._speaks_of_ends = False

    def count(self, row: Row) -> None:
        """What can't be understood so far is no receipt, and is not counted."""
        if row.fault is None and "external_id" not in row.cells:
            with suppress(Error):
                digest = _digest(self._intake(row.cells))
                self._to_come[digest] = self._to_come.get(digest, 0) + 1

    def together(
        self, rows: Iterable[Row], columns: Collection[str], reject: Callable[[Row, Error], None]
    ) -> Iterator[list[Statement]]:
        """The rows of a sheet that has these columns: those equal in their receipt together, once the last has come.

        Only they are held until then. What can't be understood, or contradicts itself, goes to `reject`.
        """
        self._speaks_of_ends = not {"status", "closed_at"}.isdisjoint(columns)
        held: dict[bytes, list[Statement]] = {}
        many: dict[bytes, int] = {}
        for row in rows:
            one = digest = None
            try:
                if row.fault is not None:
                    raise row.fault
                intake = self._intake(row.cells)
                digest = None if intake.external_id is not None else _digest(intake)
                one = self._statement(row, intake, digest)
            except Error as problem:
                reject(row, problem)
            if digest is None:
                if one is not None:
                    yield [one]
                continue
            if digest in many or self._to_come.get(digest, 0) > MOST_TOGETHER:
                ordinal = many[digest] = many.get(digest, 0) + 1
                if one is not None:
                    yield [one.settled(id_of(one.id, ordinal))]
                continue
            equals = held.setdefault(digest, [])
            equals += [one] if one is not None else []
            self._to_come[digest] = self._to_come.get(digest, 0) - 1
            if self._to_come[digest] <= 0 and held.pop(digest) and equals:
                yield equals
        # Somebody has shortened the file meanwhile.
        yield from filter(None, held.values())

    def _intake(self, cells: Mapping[str, str]) -> Intake:
        for name in REQUIRED:
            if name not in cells:
                raise BadValue("empty-text", name=name)
        return Intake(
            group=cells["group"].strip(),
            channel=cells["channel"].strip(),
            category=cells["category"].strip(),
            subject=cells["subject"],
            urgent="urgent" in cells and _truth("urgent", cells["urgent"]),
            received_at=parse_moment(cells["received_at"], self._zone),
            **{name: cells.get(name) for name in ("detail", *IDENTITY, "office", "owner", "external_id")},
        ).regular()

    def _statement(self, row: Row, intake: Intake, digest: bytes | None) -> Statement:
        cells = row.cells
        base = f"row-{digest.hex()}" if digest is not None else None
        assert intake.received_at is not None
        end = self._end(cells, intake.received_at)
        return Statement(
            row=row,
            intake=intake if base is None else replace(intake, external_id=base),
            named=base is None,
            urgent=intake.urgent if "urgent" in cells else None,
            number=regular.number(cells["number"]) if "number" in cells else None,
            end=end,
            acknowledged_at=self._after(cells, "acknowledged_at", intake.received_at),
            responded_at=self._after(cells, "responded_at", intake.received_at),
            derived=self._derived(cells),
            base=base,
            says_open=end is None and self._speaks_of_ends,
        )

    def _end(self, cells: Mapping[str, str], received_at: datetime) -> End | None:
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
            self._on_or_after(cells["closed_at"], received_at),
            regular.page("outcome", cells["outcome"]),
            regular.line("duplicate_of", of, 200) if of is not None else None,
        )

    def _on_or_after(self, text: str, received_at: datetime) -> datetime:
        """A bare day is its 00:00, and on the day of receipt the receipt: nothing ends before."""
        at = parse_moment(text, self._zone)
        local = received_at.astimezone(self._zone)
        # So a spreadsheet writes a bare day; another system, with a T, means what it says.
        is_bare = "t" not in text.lower() and at == midnight(local.date(), self._zone)
        return max(at, received_at) if is_bare else at

    def _after(self, cells: Mapping[str, str], name: str, received_at: datetime) -> datetime | None:
        return self._on_or_after(cells[name], received_at) if name in cells else None

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


def id_of(base: str, ordinal: int) -> str:
    """The external id of the first, second … complaint of an equal receipt."""
    return base if ordinal == 1 else f"{base}-{ordinal}"


def _digest(intake: Intake) -> bytes:
    """Of the receipt columns."""
    said: dict[str, object] = {name: getattr(intake, name) for name in TEXTS}
    said |= {"urgent": intake.urgent, "received_at": intake.received_at and intake.received_at.isoformat()}
    return hashlib.sha256(canonical(said).encode()).digest()[:16]


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
