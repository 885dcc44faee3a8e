"""The chain of events: what each hash holds fast, and what may be erased without breaking it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from complaint_sla.core.chain import ABSENT, FORMAT, Link, canonical, digest_of_words, read, written
from complaint_sla.core.errors import DatabaseUnusable

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


# --- The format of what events say


def test_what_an_event_says_is_written_in_todays_format_and_read_as_it_was_said():
    said = {"days": 25, "due_on": date(2017, 3, 30), "due_at": datetime(2017, 3, 30, 17, tzinfo=UTC)}
    text = written(said)
    assert (
        text == f'{{"days":25,"due_at":"2017-03-30T17:00:00+00:00","due_on":"2017-03-30","format":{FORMAT}}}'
    )
    assert read("closed", text) == {
        "days": 25,
        "due_on": "2017-03-30",
        "due_at": "2017-03-30T17:00:00+00:00",
    }
    with pytest.raises(TypeError):
        written({"reason": b"no text"})


@pytest.mark.parametrize(
    ("last", "kind", "key", "meant"),
    [
        (last, kind, key, meant)
        for last, kinds in ABSENT.items()
        for kind, absent in kinds.items()
        for key, meant in absent.items()
    ],
)
def test_a_key_that_a_format_did_not_have_is_what_was_meant_without_it(last, kind, key, meant):
    def of(number, **said):
        return canonical({"group": "residential", **said} | ({"format": number} if number > 1 else {}))

    for number in range(1, last + 1):
        assert read(kind, of(number)) == {"group": "residential", key: meant} | read(kind, of(last))
        assert read(kind, of(number, **{key: "said"}))[key] == "said"
    # From then on it is always written: that it is not there is a fault.
    assert key not in read(kind, of(last + 1))


def test_no_event_of_todays_format_lacks_a_key():
    assert max(ABSENT) < FORMAT


def test_a_format_of_a_newer_release_is_refused_in_words_and_what_is_no_format_is_no_event():
    with pytest.raises(DatabaseUnusable) as refused:
        read("logged", canonical({"format": FORMAT + 1}))
    assert (refused.value.key, refused.value.values) == (
        "event-newer",
        {"kind": "logged", "format": FORMAT + 1, "known": FORMAT},
    )
    for number in (0, -1, True, 1.0, "2", None):
        with pytest.raises(ValueError, match=str(number)):
            read("logged", canonical({"format": number}))
