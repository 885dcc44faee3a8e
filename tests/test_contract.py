"""The shapes of JSON that no command of its own has a test for."""

from __future__ import annotations

import json
from datetime import time, timedelta
from fractions import Fraction

from hypothesis import given

from complaint_sla.contract import rules, values
from complaint_sla.core.rulebook import Stage
from complaint_sla.core.rulediff import RuleChange, differences
from complaint_sla.core.servicefile import DaysOff
from complaint_sla.core.titles import Title
from tests.core.books import BANGKOK, no_holidays
from tests.core.random_books import pairs


def shape(was: object, now: object) -> tuple[object, object]:
    data = json.loads(json.dumps(rules.difference(RuleChange("", "", "x", was, now), "")))
    return data["was"], data["now"]


@given(pairs())
def test_a_difference_between_books_is_json_that_tells_what_was_from_what_is(pair):
    for one in differences(*pair):
        data = json.loads(values.document(rules.difference(one, "said"), BANGKOK))
        assert list(data) == ["kind", "key", "field", "was", "now", "message"]
        assert data["was"] != data["now"]
        assert data["message"] == "said"
        assert (data["kind"] or "", data["key"] or "", data["field"] or "") == (one.kind, one.key, one.field)


def test_values_of_a_book_are_written_as_in_its_file():
    assert shape(Fraction(4, 5), Fraction(159, 200)) == ("80", "79.5")
    assert shape(time(8), frozenset("ba")) == ("08:00", ["a", "b"])
    assert shape(timedelta(minutes=10), BANGKOK) == (10.0, "Asia/Bangkok")
    assert shape(None, DaysOff("TH", no_holidays)) == (None, {"country": "TH"})
    assert shape(None, Stage("a", Title("ก", "a"), ("owner",), -1))[1] == {
        "key": "a",
        "title": {"th": "ก", "en": "a"},
        "roles": ["owner"],
        "offset": -1,
        "at": "08:00",
        "repeat_every": None,
        "rules": None,
        "from_days": 0,
        "level": None,
    }
