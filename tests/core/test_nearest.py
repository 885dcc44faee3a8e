"""The nearest word: slips of the hand are found, and nothing is suggested that is not clearly near."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.nearest import MOST, nearest, nearest_first

COMMANDS = (
    "log",
    "list",
    "find",
    "show",
    "close",
    "assign",
    "acknowledge",
    "transfer",
    "report",
    "reopen",
    "reclassify",
)
GROUPS = ("residential", "spp-area", "key-account", "industrial-commercial")
PEOPLE = ("lek@pea.example", "nok@pea.example", "somchai.j@pea.example")


@pytest.mark.parametrize(
    ("typed", "known", "meant"),
    [
        ("lst", COMMANDS, ["list"]),
        ("clsoe", COMMANDS, ["close"]),
        ("asssign", COMMANDS, ["assign"]),
        ("shw", COMMANDS, ["show"]),
        (" LIST ", COMMANDS, ["list"]),
        ("ack", COMMANDS, ["acknowledge"]),
        ("re", COMMANDS, []),
        ("edit", COMMANDS, []),
        ("lgi", COMMANDS, []),
        ("", COMMANDS, []),
        # The Thai keyboard left on.
        ("สรหะ", COMMANDS, ["list"]),
        ("แสนหำ", COMMANDS, ["close"]),
        ("residentail", GROUPS, ["residential"]),
        ("spp_area", GROUPS, ["spp-area"]),
        ("spp‑area", GROUPS, ["spp-area"]),
        ("commercial", GROUPS, ["industrial-commercial"]),
        ("—group", ("--group", "--csv"), ["--group"]),
        ("nok@pea.exmaple", PEOPLE, ["nok@pea.example"]),
        ("somchia.j@pea.example", PEOPLE, ["somchai.j@pea.example"]),
        # Another person of the same domain is nobody's slip.
        ("nop@pea.example", PEOPLE, []),
        ("nok", PEOPLE, ["nok@pea.example"]),
        # Two digits exchanged are one, another digit is another office.
        ("E1201", ("E1021", "E1202", "E1301"), ["E1021"]),
        ("E๑๒๐๒", ("E1202",), ["E1202"]),
        ("บ้านสง", ("บ้านสร้าง", "บ้านนา", "บ้านสวง"), ["บ้านสวง"]),
    ],
)
def test_what_was_meant(typed: str, known: tuple[str, ...], meant: list[str]) -> None:
    assert nearest(typed, known) == meant


def test_what_is_as_near_to_many_is_near_to_none() -> None:
    assert nearest("office", [f"office-{letter}" for letter in "abcd"]) == []
    assert nearest("office", [f"office-{letter}" for letter in "ab"]) == ["office-a", "office-b"]


def test_a_megabyte_and_900_offices_are_looked_through_at_once() -> None:
    offices = [f"OFFICE{number}" for number in range(900)]
    assert nearest("x" * 1_000_000, offices) == []
    assert nearest_first("OFICE250", offices)[:2] == ["OFFICE250", "OFFICE0"]


@given(st.sampled_from(COMMANDS + GROUPS), st.data())
def test_two_letters_exchanged_or_one_doubled_or_left_out_are_never_taken_for_another_word(
    word: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(word) - 2))
    slips = [
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at] + word[at:],
        word[:at] + word[at + 1 :] if len(word) > 3 else word,
    ]
    for typed in slips:
        if typed.strip("-"):
            assert word in nearest(typed, COMMANDS + GROUPS)


@given(st.text(max_size=100), st.lists(st.text(max_size=12), max_size=12))
def test_whatever_is_typed_only_what_is_known_is_named(typed: str, known: list[str]) -> None:
    found = nearest(typed, known)
    assert len(found) <= MOST
    assert set(found) <= set(known)
    assert sorted(nearest_first(typed, list(dict.fromkeys(known)))) == sorted(set(known))
