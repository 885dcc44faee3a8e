"""Three years of complaints from a sheet, and every quarter's figure by another reckoning."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.sheets.exchange import import_file
from tests.work import desks
from tests.work.desks import verify_chains
from tests.work.sheet_desk import (
    BANGKOK,
    assert_numbers_without_gaps,
    standing,
    the_ledger,
    write_csv,
)

pytestmark = pytest.mark.slow

NOW = datetime(2020, 1, 10, 12, tzinfo=BANGKOK)
DAYS = {"spp-area": 5, "key-account": 15, "industrial-commercial": 20, "residential": 25}
BUCKETS = ("on_time", "late", "overdue", "pending", "excluded")
MICROSECOND = timedelta(microseconds=1)


def bucket_by_hand(received: datetime, days: int, end: tuple[str, datetime] | None) -> str:
    """Bangkok is seven hours ahead all year: no rule of the program is asked."""
    first_late = datetime.combine(received.date(), datetime.min.time(), BANGKOK) + timedelta(days=days + 1)
    if end is None:
        return "overdue" if first_late <= NOW else "pending"
    status, moment = end
    if moment >= first_late:
        return "late"
    return "on_time" if status == "closed" else "excluded"


def three_years() -> tuple[list[dict[str, object]], dict[str, Counter[str]]]:
    dice = random.Random(2560)
    rows: list[dict[str, object]] = []
    expected: dict[str, Counter[str]] = {}
    for index in range(3000):
        received = datetime(2017, 1, 1, tzinfo=BANGKOK) + timedelta(seconds=dice.randrange(1104 * 86400))
        received = min(received, NOW - timedelta(hours=1))
        if dice.random() < 0.1:
            received = received.replace(hour=0, minute=0, second=0)
        group, urgent = dice.choice(list(DAYS)), dice.random() < 0.15
        days = 3 if urgent else DAYS[group]
        first_late = datetime.combine(received.date(), datetime.min.time(), BANGKOK) + timedelta(
            days=days + 1
        )
        status = dice.choices(["closed", "withdrawn", "duplicate", "open"], [80, 6, 4, 10])[0]
        end = None
        if status != "open":
            moment = dice.choice(
                [
                    received,
                    first_late - MICROSECOND,
                    first_late,
                    first_late + timedelta(days=dice.randrange(40)),
                    received + (first_late - received) * dice.random(),
                    received + (first_late - received) * dice.random(),
                ]
            )
            if moment <= NOW:
                end = status, moment
        rows.append(
            {
                "external_id": f"OLD-{index}",
                "group": group,
                "urgent": str(urgent).lower(),
                "channel": "letter",
                "category": "other",
                "subject": f"เรื่องที่ {index}",
                "received_at": received.isoformat(),
                "status": end[0] if end else "",
                "closed_at": end[1].isoformat() if end else "",
                "outcome": "เสร็จสิ้น" if end else "",
            }
        )
        quarter = f"{received.year}-Q{(received.month + 2) // 3}"
        expected.setdefault(quarter, Counter())[bucket_by_hand(received, days, end)] += 1
    originals = [row["external_id"] for row in rows if row["status"] != "duplicate"]
    for row in rows:
        # Half of them stand further down.
        row["duplicate_of"] = dice.choice(originals) if row["status"] == "duplicate" else ""
    return rows, expected


def test_every_quarters_figure_of_three_imported_years_is_right_to_the_last_complaint(house, tmp_path: Path):
    rows, expected = three_years()
    assert len(rows) == 3000
    desk = house.at(NOW.isoformat())
    sheet = write_csv(tmp_path / "old.csv", rows)
    done = import_file(desk, sheet, open_too=True)
    assert [(one.line, str(one.error)) for one in done.rejected] == []
    assert (done.logged, done.closed, done.unchanged) == (3000, 0, 0)
    seen: Counter[str] = Counter()

    def check() -> None:
        for name, buckets in expected.items():
            figure = desks.figure(desk, Quarter.parse(name))
            counts = figure.counts
            found = {bucket: getattr(counts, bucket) for bucket in BUCKETS}
            assert found == {bucket: buckets[bucket] for bucket in found}, name
            assert sum(found.values()) == counts.received == sum(buckets.values())
            for parts in (figure.by_group, figure.by_month, figure.by_office, figure.by_rule):
                assert sum(part.received for _, part in parts) == counts.received
            seen.update(found)

    check()
    assert min(seen.values()) > 0
    assert_numbers_without_gaps(desk)
    again = import_file(desk, sheet)
    assert (again.logged, again.closed, again.unchanged, again.rejected) == (0, 0, 3000, ())
    check()

    assert verify_chains(house.store) > 3000
    # What had ended when it came has no timeline; what is open is looked at by the next sweep.
    assert all((row.next_alert_at is None) == (row.status != "open") for row in standing(desk))
    opened = {row.id for row in standing(desk) if row.status == "open"}
    sweep(desk)
    assert {alert.complaint_id for alert in the_ledger(desk)} <= opened
    check()
