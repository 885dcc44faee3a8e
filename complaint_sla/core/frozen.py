"""A quarter's figure as text that is kept for good, and what has changed since it was.

A frozen figure is made once for the whole tree of offices: the JSON that is printed (`content`), and a line for each
complaint of the quarter (`cases`), from which the figure of any office of the tree as it was then can be told again. It
holds no personal data.

Both are kept as they were written, and are read for as long as there are offices: each says its format. What has none is
of format 1. A key that a format did not know yet is left open; one that is not known is passed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from fractions import Fraction
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import Bucket
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.core.figures import COMPLAINTS, Counts, Figure, Frame, Part, figure_of
from complaint_sla.core.measures import percent, plain_percent
from complaint_sla.core.roster import Office, Roster

# What is written now. 2: says its format, and of which measure it is. 3: the digests of its books, of the version before
# it and of the newest figure of all; what may still be dated back; what is restated beside the complaints.
FORMAT = 3
CHAINED = 3
_ROWS = ("by_group", "by_month", "by_office", "by_rule", "by_category", "by_channel")


@dataclass(frozen=True)
class CaseLine:
    """One complaint of a frozen quarter; `seq` and `head` name the last event of its chain then."""

    number: str
    part: Part
    seq: int
    head: str


@dataclass(frozen=True)
class NamedOffice:
    """An office as it stood in the tree; `parent` is a code."""

    code: str
    parent: str | None
    th: str
    en: str


_OFFICE = tuple(one.name for one in fields(NamedOffice))


@dataclass(frozen=True)
class PinnedBook:
    """A book of the quarter; `digest` is None where the format did not have it yet."""

    id: str
    digest: str | None


@dataclass(frozen=True)
class Ground:
    """What a figure stands on, beside its complaints.

    `books`: those in force in the quarter, oldest first; the last one gave the target. `before` is the digest of the
    version that is restated, `newest` that of the figure that was frozen last, of whatever quarter; None: there was none.
    """

    books: tuple[PinnedBook, ...]
    offices: tuple[NamedOffice, ...]
    before: str | None = None
    newest: str | None = None


@dataclass(frozen=True)
class Restated:
    """What is otherwise than in an earlier version beside its complaints: `target` (per cent), `books` (each with the
    beginning of its digest), `final_at` (ISO 8601), or the `office` called `code` (parent and names).

    None: it was not there, or is no more.
    """

    name: str
    was: str | None
    now: str | None
    code: str | None = None


_RESTATED = tuple(one.name for one in fields(Restated))


@dataclass(frozen=True)
class Change:
    """How a complaint counts otherwise than when the figure was frozen, and the kinds of events that made it so.

    `was` is None for one that was entered since.
    """

    number: str
    was: Part | None
    now: Part | None
    why: tuple[str, ...]


def write_cases(cases: Iterable[CaseLine]) -> str:
    """A line of JSON a case, by number; the same cases give the same text."""
    return "".join(
        json.dumps(
            {
                "format": FORMAT,
                "number": case.number,
                **_part_data(case.part),
                "seq": case.seq,
                "head": case.head,
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )
        + "\n"
        for case in sorted(cases, key=lambda case: case.number)
    )


def read_cases(text: str) -> list[CaseLine]:
    return list(each_case(text))


def each_case(text: str) -> Iterator[CaseLine]:
    """`read_cases`, one after the other: of a nationwide quarter there are tens of thousands.

    Raises DatabaseUnusable (`figure-new`).
    """
    for line in StringIO(text, newline="\n"):
        data = _known(json.loads(line))
        yield CaseLine(data["number"], _part_of(data), data["seq"], data["head"])


def _known(data: dict[str, Any]) -> dict[str, Any]:
    """The data, if its format is known."""
    written = data.get("format", 1)
    if written not in range(1, FORMAT + 1):
        raise DatabaseUnusable("figure-new", format=written, known=FORMAT)
    return data


# By what a part is told apart. Empty, where the format of a frozen one did not have it yet.
FACTS = tuple(one.name for one in fields(Part) if one.name not in ("bucket", "count", "redeemable"))


def _part_data(part: Part) -> dict[str, Any]:
    return {name: getattr(part, name) for name in (*FACTS, "bucket")} | {"redeemable": bool(part.redeemable)}


def _part_of(data: dict[str, Any]) -> Part:
    facts = {name: data.get(name, "") for name in FACTS}
    return Part(**facts, bucket=Bucket(data["bucket"]), redeemable=int(data.get("redeemable", False)))


def _part_if(data: dict[str, Any] | None) -> Part | None:
    return None if data is None else _part_of(data)


def _counts_alike(old: Part, new: Part) -> bool:
    """Whether nothing differs that both of them know."""
    alike = all(getattr(old, name) in ("", getattr(new, name)) for name in FACTS)
    return alike and old.bucket is new.bucket


def compared(
    before: Iterable[CaseLine], after: Iterable[CaseLine]
) -> list[tuple[CaseLine | None, CaseLine | None]]:
    """Those that count otherwise now, by number: (then, now)."""
    then, now = ({case.number: case for case in cases} for cases in (before, after))
    pairs = ((then.get(number), now.get(number)) for number in sorted(then | now))
    return [(old, new) for old, new in pairs if not (old and new and _counts_alike(old.part, new.part))]


def restated(
    then: Frozen, target: Fraction, final_at: datetime, ground: Ground, zone: ZoneInfo
) -> tuple[Restated, ...]:
    """What is otherwise now than in a frozen figure, beside its complaints: target first, then books, moment, offices."""
    found = [
        Restated("target", plain_percent(then.figure.target), plain_percent(target)),
        Restated(
            "books", _books_text(then.ground.books), _books_text(_as_known(ground.books, then.ground.books))
        ),
        Restated("final_at", _local(then.figure.final_at, zone), _local(final_at, zone)),
    ]
    was, now = ({one.code: _office_text(one) for one in some.offices} for some in (then.ground, ground))
    found += [Restated("office", was.get(code), now.get(code), code) for code in sorted(was | now)]
    return tuple(one for one in found if one.was != one.now)


def _as_known(books: Sequence[PinnedBook], then: Sequence[PinnedBook]) -> list[PinnedBook]:
    """Books as the format of an earlier figure knew them: what it did not state is no difference."""
    unstated = any(book.digest is None for book in then)
    return [replace(book, digest=None) if unstated else book for book in books]


def _books_text(books: Iterable[PinnedBook]) -> str:
    return ", ".join(f"{one.id} ({one.digest[:12]})" if one.digest else one.id for one in books)


def _office_text(office: NamedOffice) -> str:
    return " · ".join((*([office.parent] if office.parent else ()), office.th, office.en))


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()


def write_content(
    figure: Figure,
    zone: ZoneInfo,
    ground: Ground,
    cases: str,
    restated: Sequence[Restated],
    changes: Sequence[Change],
) -> str:
    """The JSON of a frozen figure (CLI.md, "JSON of a quarter", and more), moments in `zone`. `cases` is their text."""
    data = (
        {"format": FORMAT, "measure": COMPLAINTS}
        | figure_json(figure, zone)
        | {
            "books": [book.id for book in ground.books],
            "book_digests": [book.digest for book in ground.books],
            "target_book": asdict(ground.books[-1]),
            "before": ground.before,
            "newest": ground.newest,
            "offices": [asdict(office) for office in ground.offices],
            "restated": [asdict(one) for one in restated],
            "changes": [
                {
                    "number": change.number,
                    "was": _part_data(change.was) if change.was else None,
                    "now": _part_data(change.now) if change.now else None,
                    "why": list(change.why),
                }
                for change in changes
            ],
            "cases": {"count": figure.counts.received, "digest": digest(cases)},
        }
    )
    return json.dumps(data, ensure_ascii=False, indent=2)


def digest(text: str) -> str:
    """SHA-256, in hex: what is mailed and printed with a figure, so that nobody can change it unseen afterwards."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Frozen:
    """A frozen figure read again: `figure` is that of all offices; `digest` is that of `content`."""

    figure: Figure
    frozen_at: datetime
    content: str
    digest: str
    ground: Ground
    restated: tuple[Restated, ...]
    changes: tuple[Change, ...]

    @property
    def version(self) -> int:
        assert self.figure.version is not None  # noqa: S101 - a frozen figure has one
        return self.figure.version

    def had(self, office: str) -> bool:
        """Whether the office was there when the figure was frozen."""
        return any(one.code == office for one in self.ground.offices)

    def of_office(self, office: str, cases: Sequence[CaseLine]) -> Figure:
        """The figure of an office and all below it, in the tree as it was; of an office founded since, an empty one."""
        known = {one.code: Office(one.code, one.parent) for one in self.ground.offices}
        codes = Roster(known, {}).below(office) if self.had(office) else [office]
        parts = [case.part for case in cases if case.part.office in codes]
        return figure_of(parts, self._frame, office, codes, self.version)

    def told_by(self, parts: Sequence[Part]) -> Figure:
        """The figure of all offices as these parts give it, in the rows that this one has."""
        codes = [code for code, _ in self.figure.by_office]
        return figure_of(parts, self._frame, None, codes, self.version)

    @property
    def _frame(self) -> Frame:
        whole = self.figure
        return Frame(
            whole.quarter,
            whole.as_of,
            whole.final_at,
            whole.target,
            {
                name: tuple(key for key, _ in getattr(whole, f"by_{name}"))
                for name in ("group", "rule", "category", "channel")
            },
            whole.has_ended,
        )


def read_content(content: str, frozen_at: datetime) -> Frozen:
    """The frozen figure that was written as `content`. Raises DatabaseUnusable (`figure-new`)."""
    data = _known(json.loads(content))
    rows = {name: tuple((row["key"], _counts_of(row)) for row in data.get(name, ())) for name in _ROWS}
    quarter = Quarter.parse(data["quarter"])
    digests = data.get("book_digests", [None] * len(data["books"]))
    figure = Figure(
        quarter=quarter,
        office=None,
        as_of=_moment(data["as_of"]),
        final_at=_moment(data["final_at"]),
        target=Fraction(data["target"]) / 100,
        counts=_counts_of(data),
        version=data["version"],
        # It is written as clocks of the zone show it.
        has_ended=datetime.fromisoformat(data["as_of"]).date() > quarter.last_day,
        **rows,
    )
    return Frozen(
        figure,
        frozen_at,
        content,
        digest(content),
        Ground(
            tuple(PinnedBook(*one) for one in zip(data["books"], digests, strict=True)),
            tuple(NamedOffice(*(one[name] for name in _OFFICE)) for one in data["offices"]),
            data.get("before"),
            data.get("newest"),
        ),
        tuple(Restated(*(one[name] for name in _RESTATED)) for one in data.get("restated", ())),
        tuple(
            Change(one["number"], _part_if(one["was"]), _part_if(one["now"]), tuple(one["why"]))
            for one in data["changes"]
        ),
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _counts_of(data: dict[str, Any]) -> Counts:
    counts = {bucket.value: data[bucket.value] for bucket in Bucket}
    return Counts(**counts, redeemable=data.get("redeemable", 0))


def figure_json(figure: Figure, zone: ZoneInfo) -> dict[str, Any]:
    """A figure as data: the contract of `report --format json` (CLI.md, "JSON of a quarter"), moments in `zone`."""
    return {
        "quarter": str(figure.quarter),
        "office": figure.office,
        "state": "final" if figure.is_final else "provisional",
        "version": figure.version,
        "final_at": _local(figure.final_at, zone),
        **_counts_json(figure.counts),
        "target": plain_percent(figure.target),
        "met": figure.met,
        "certain": figure.certain,
        **{name: _rows_json(getattr(figure, name)) for name in _ROWS},
        "margin": figure.margin,
        "redeemable": figure.counts.redeemable,
        "as_of": _local(figure.as_of, zone),
    }


def _rows_json(rows: tuple[tuple[str, Counts], ...]) -> list[dict[str, Any]]:
    # The target holds for the quarter as a whole, so a row is neither met nor missed.
    return [{"key": key, **_counts_json(counts), "redeemable": counts.redeemable} for key, counts in rows]


def _counts_json(counts: Counts) -> dict[str, Any]:
    return {
        "received": counts.received,
        **{bucket.value: counts.of_bucket(bucket) for bucket in Bucket},
        "numerator": counts.numerator,
        "denominator": counts.denominator,
        "rate": percent(counts.rate),
        "worst": percent(counts.worst),
        "best": percent(counts.best),
    }
