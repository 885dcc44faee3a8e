"""The chain of events: what each hash holds fast, and what may be erased without breaking it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from complaint_sla.core.chain import Link, canonical, digest_of_words

LINK = Link(
    number="C-6003-00001",
    seq=1,
    kind="logged",
    happened_at=datetime(2017, 3, 5, 3, tzinfo=UTC),
    recorded_at=datetime(2017, 3, 5, 3, 0, 1, tzinfo=UTC),
    actor="agent@example.org",
    system_user="somchai",
    data=canonical({"group": "residential", "days": 25}),
    words_digest=digest_of_words("ไฟฟ้าดับ", "salt"),
)


@pytest.mark.parametrize(
    "change",
    [
        {"number": "C-6003-00002"},
        {"seq": 2},
        {"kind": "closed"},
        {"happened_at": LINK.happened_at + timedelta(microseconds=1)},
        {"recorded_at": LINK.recorded_at - timedelta(microseconds=1)},
        {"actor": "other@example.org"},
        {"system_user": "root"},
        {"data": canonical({"group": "residential", "days": 26})},
        {"words_digest": digest_of_words("ไฟฟ้าดับ", "pepper")},
        {"words_digest": None},
        # Nothing may slip from one field into the next.
        {"actor": "agent@example.orgsomchai", "system_user": ""},
    ],
)
def test_any_change_of_an_event_changes_its_hash(change):
    assert replace(LINK, **change).hash("") != LINK.hash("")


def test_each_hash_covers_the_one_before():
    assert LINK.hash("") != LINK.hash(LINK.hash(""))


def test_a_moment_is_hashed_alike_in_whatever_zone_it_was_read():
    bangkok = LINK.happened_at.astimezone(timezone(timedelta(hours=7)))
    assert replace(LINK, happened_at=bangkok).hash("") == LINK.hash("")


def test_equal_values_have_equal_text():
    assert canonical({"b": 1, "a": {"d": None, "c": "ก"}}) == '{"a":{"c":"ก","d":null},"b":1}'


def test_the_digest_of_words_depends_on_words_and_salt():
    digests = [digest_of_words(*of) for of in (("a", "s"), ("b", "s"), ("a", "t"))]
    assert len(set(digests)) == 3
