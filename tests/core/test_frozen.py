"""Frozen figures are read for as long as there are offices: records of every format, kept as they were written."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from complaint_sla.core.complaints import Bucket
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.core.figures import Counts
from complaint_sla.core.frozen import (
    FACTS,
    FORMAT,
    PinnedBook,
    compared,
    digest,
    figure_json,
    read_cases,
    read_content,
    restated,
    write_cases,
)
from tests.work.desks import shipped

RECORDS = Path(__file__).parents[1] / "records"
AT = datetime(2017, 5, 1, tzinfo=UTC)
FORMATS = range(1, FORMAT + 1)
# Of each format: version, counts, and the digest under which it was handed in.
KEPT = {
    1: (2, Counts(on_time=1, late=2, overdue=3, excluded=1)),
    2: (3, Counts(on_time=1, late=3, overdue=2, excluded=1)),
    3: (2, Counts(on_time=1, late=1, overdue=4, excluded=1, redeemable=3)),
}


def record(number: int) -> tuple[str, str]:
    return tuple((RECORDS / f"figure-{number}.{ending}").read_text("utf-8") for ending in ("json", "cases"))  # type: ignore[return-value]


def known(told: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """What is told now, without what the format did not state yet."""
    found = {name: value for name, value in told.items() if name in stated}
    for name in [name for name in found if name.startswith("by_")]:
        found[name] = [{key: row[key] for key in row if key in ("key", *stated)} for row in found[name]]
    return found


def without(text: str, *names: str) -> str:
    data = json.loads(text)
    return json.dumps({name: value for name, value in data.items() if name not in names})


@pytest.mark.parametrize("number", FORMATS)
def test_a_record_of_every_format_says_what_it_said(number: int) -> None:
    content, lines = record(number)
    frozen, cases = read_content(content, AT), read_cases(lines)
    assert json.loads(content).get("format", 1) == number
    assert (frozen.version, frozen.figure.counts) == KEPT[number]
    assert json.loads(content)["cases"]["digest"] == digest(lines)
    assert frozen.told_by([case.part for case in cases]) == frozen.figure
    told = figure_json(frozen.figure, shipped().zone)
    stated = json.loads(content)
    assert known(told, stated) == {name: stated[name] for name in told if name in stated}
    assert frozen.ground.books[0].id == "pea-2560"
    assert (number > 2) is all(book.digest for book in frozen.ground.books)
    assert "format" not in told
    assert frozen.of_office("EAST", cases).counts.received == len(cases) - 1


def test_what_is_written_now_is_read_as_it_was_and_says_its_format() -> None:
    cases = read_cases(record(1)[1])
    text = write_cases(cases)
    assert read_cases(text) == cases
    assert {json.loads(line)["format"] for line in text.splitlines()} == {FORMAT}


@pytest.mark.parametrize("number", FORMATS)
@pytest.mark.parametrize("missing", ["by_category", "by_channel", "by_rule", "margin", "measure"])
def test_what_a_format_did_not_know_yet_is_left_open(number: int, missing: str) -> None:
    content = record(number)[0]
    older = read_content(without(content, missing), AT).figure
    figure = read_content(content, AT).figure
    assert older == (replace(figure, **{missing: ()}) if missing.startswith("by_") else figure)


@pytest.mark.parametrize("missing", FACTS)
def test_a_case_is_held_against_a_later_one_in_what_both_know(missing: str) -> None:
    lines = record(1)[1]
    cases = read_cases(lines)
    older = read_cases("".join(without(line, missing) + "\n" for line in lines.splitlines()))
    assert {getattr(case.part, missing) for case in older} == {""}
    assert compared(older, cases) == []
    late = [replace(case, part=replace(case.part, bucket=Bucket.EXCLUDED)) for case in cases]
    assert len(compared(older, late)) == len(cases) - 1


def test_keys_that_are_not_known_are_passed_over() -> None:
    content, lines = record(1)
    data = json.loads(content)
    data |= {"mood": "fair", "offices": [one | {"class": "branch"} for one in data["offices"]]}
    data["changes"] = [one | {"by": "x", "now": one["now"] | {"mood": "fair"}} for one in data["changes"]]
    read, kept = read_content(json.dumps(data), AT), read_content(content, AT)
    assert (read.figure, read.ground, read.changes) == (kept.figure, kept.ground, kept.changes)
    more = "".join(json.dumps(json.loads(line) | {"mood": "fair"}) + "\n" for line in lines.splitlines())
    assert read_cases(more) == read_cases(lines)


def test_what_is_otherwise_beside_the_complaints_is_told_target_first() -> None:
    then = read_content(record(3)[0], AT)
    figure, ground, zone = then.figure, then.ground, shipped().zone
    assert restated(then, figure.target, figure.final_at, ground, zone) == ()
    assert next((one.name, one.was, one.now) for one in then.restated) == ("target", "80", "70")
    moved = replace(
        ground,
        books=ground.books[:1],
        offices=(ground.offices[0], replace(ground.offices[1], code="WEST")),
    )
    found = restated(then, Fraction(9, 10), AT, moved, zone)
    assert [(one.name, one.code) for one in found] == [
        ("target", None),
        ("books", None),
        ("final_at", None),
        ("office", "EAST"),
        ("office", "WEST"),
    ]
    assert (found[0].was, found[0].now) == ("70", "90")
    assert (found[3].now, found[4].was) == (None, None)
    # What an older format did not state is no difference.
    older = read_content(record(2)[0], AT)
    named = replace(older.ground, books=(PinnedBook("pea-2560", "0" * 64),))
    assert restated(older, older.figure.target, older.figure.final_at, named, zone) == ()


def test_a_format_of_a_newer_program_is_refused_in_words() -> None:
    content, lines = record(FORMAT)
    mark, newer = f'"format": {FORMAT}', f'"format": {FORMAT + 1}'
    with pytest.raises(DatabaseUnusable, match="figure-new"):
        read_content(content.replace(mark, newer), AT)
    with pytest.raises(DatabaseUnusable, match="figure-new"):
        read_cases(lines.replace(mark.replace(" ", ""), newer))
