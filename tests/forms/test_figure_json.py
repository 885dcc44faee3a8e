"""The JSON of a quarter is a contract (CLI.md): its keys, their order, its nulls."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import figure_json

BANGKOK = ZoneInfo("Asia/Bangkok")
COUNTS = ["received", "on_time", "late", "overdue", "pending", "excluded", "numerator", "denominator"]
SHARES = ["rate", "worst", "best"]


def test_the_keys_are_those_of_the_contract_in_its_order(busy_quarter):
    answer = figure_json(busy_quarter, BANGKOK)
    assert list(answer) == [
        *("quarter", "office", "state", "version", "final_at"),
        *COUNTS,
        *SHARES,
        *("target", "met", "certain", "by_group", "by_month", "by_office", "by_rule"),
        *("by_category", "by_channel", "margin", "redeemable", "as_of"),
    ]
    for rows in ("by_group", "by_month", "by_office", "by_rule"):
        assert all(list(row) == ["key", *COUNTS, *SHARES, "redeemable"] for row in answer[rows])


def test_the_example_of_the_contract_comes_out_as_it_stands_there(figure):
    counts = Counts(on_time=8, late=1, overdue=1, pending=2)
    answer = figure_json(figure(counts, office=None, as_of=datetime(2017, 4, 10, 3, tzinfo=UTC)), BANGKOK)
    example = {
        "quarter": "2017-Q1",
        "office": None,
        "state": "provisional",
        "version": None,
        "final_at": "2017-04-26T00:00:00+07:00",
        "received": 12,
        "on_time": 8,
        "late": 1,
        "overdue": 1,
        "pending": 2,
        "excluded": 0,
        "numerator": 8,
        "denominator": 10,
        "rate": "80.00",
        "worst": "66.66",
        "best": "83.33",
        "target": "80",
        "met": True,
        "certain": None,
    }
    assert {key: answer[key] for key in example} == example
    assert answer["as_of"] == "2017-04-10T10:00:00+07:00"


def test_no_complaints_are_no_rate_and_neither_met_nor_missed(figure):
    answer = figure_json(figure(), BANGKOK)
    assert answer["received"] == 0
    assert [answer[key] for key in ("rate", "worst", "best", "met", "certain")] == [None] * 5
    assert [row["key"] for row in answer["by_month"]] == ["2017-01", "2017-02", "2017-03"]
    assert answer["state"] == "final"


def test_it_is_json_and_its_rows_sum_to_the_total(busy_quarter):
    answer = json.loads(json.dumps(figure_json(busy_quarter, BANGKOK)))
    for rows in ("by_group", "by_month", "by_office", "by_rule"):
        for key in COUNTS:
            assert sum(row[key] for row in answer[rows]) == answer[key]
