"""What the tests of sheets share: sheets written by hand, and looks at what stands after."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlmodel import select

from complaint_sla.store.tables import Alert, Complaint, Counter, Event
from complaint_sla.work.desk import Desk

BANGKOK = timezone(timedelta(hours=7))

GOOD = {
    "group": "residential",
    "channel": "phone",
    "category": "outage",
    "subject": "ไฟดับ",
    "received_at": "2017-03-05T10:00:00+07:00",
}


def at(day: str, clock: str = "10:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}:00+07:00")


def write_csv(path: Path, rows: Iterable[Mapping[str, object]], columns: Sequence[str] | None = None) -> Path:
    """A sheet as another system writes it: only these columns, no apostrophes."""
    rows = list(rows)
    names = columns or list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([row.get(name) for name in names] for row in rows)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return path


def write_jsonl(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def standing(desk: Desk) -> list[Complaint]:
    """All complaints, by number."""
    with desk.store.read() as session:
        return list(session.exec(select(Complaint).order_by(Complaint.number)).all())


def the_ledger(desk: Desk) -> list[Alert]:
    with desk.store.read() as session:
        return list(session.exec(select(Alert)).all())


def kinds_of(desk: Desk, number: str) -> list[str]:
    """The kinds of a complaint's events, in order."""
    with desk.store.read() as session:
        query = select(Event.kind).join(Complaint, Complaint.id == Event.complaint_id)
        return list(session.exec(query.where(Complaint.number == number).order_by(Event.seq)).all())


def assert_numbers_without_gaps(desk: Desk) -> None:
    """In every month the serials are exactly 1 to n, and so the counters say."""
    months: dict[str, list[int]] = {}
    for row in standing(desk):
        months.setdefault(row.month, []).append(int(row.number.rpartition("-")[2]))
    with desk.store.read() as session:
        counters = {row.month: row.serial for row in session.exec(select(Counter)).all() if row.serial}
    assert {month: sorted(serials) for month, serials in months.items()} == {
        month: list(range(1, last + 1)) for month, last in counters.items()
    }
