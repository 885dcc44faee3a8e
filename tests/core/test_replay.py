"""Events folded into what must stand: whatever happened in whatever order, and what is said once one of them is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.bookfile import read_book
from complaint_sla.core.chain import FORMAT, Flaw, Link, Sealed, canonical, digest_of_words, flaws
from complaint_sla.core.complaints import State, Status
from complaint_sla.core.deadlines import deadline
from complaint_sla.core.differences import Check
from complaint_sla.core.ledger import AlertKey, compare_alerts
from complaint_sla.core.replay import Replay
from complaint_sla.core.rulebook import Facts
from complaint_sla.core.timeline import Entry, Timeline
from tests.core.books import at, facts, shipped

BOOK = shipped()
NUMBER = "C-6003-00001"
CHANNELS = st.none() | st.sampled_from(["phone", "line", "letter"])
GROUPS = ("residential", "industrial-commercial", "key-account", "spp-area")


class Story:
    """A complaint to which things happen, and the events that a program would write of them."""

    def __init__(self, group: str = "residential", *, urgent: bool = False, in_format: int = FORMAT) -> None:
        self.in_format = in_format
        self.facts = facts("2017-03-05T10:00", group, urgent=urgent)
        self.now = self.facts.received_at
        self.events: list[Link] = []
        self.alerts: dict[AlertKey, dict[str, Any]] = {}
        answer = deadline(BOOK, self.facts)
        self.state = State.begin(self.now, answer.rule.key, answer.due_at)
        self.through = None
        logged = {
            "number": NUMBER, "office": "MAIN", "owner": None, "external_id": None, "channel": "phone",
            "received_at": self.now.isoformat(), "rule_book": BOOK.id, "digest": BOOK.digest,
        }  # fmt: skip
        self.record("logged", logged | self.classified())

    def classified(self) -> dict[str, Any]:
        answer = deadline(BOOK, self.facts)
        return {
            "group": self.facts.group, "urgent": self.facts.urgent, "category": self.facts.category,
            "rule": answer.rule.key, "days": answer.rule.days,
            "due_on": answer.due_on.isoformat(), "due_at": answer.due_at.isoformat(),
        }  # fmt: skip

    def record(self, kind: str, data: dict[str, Any]) -> None:
        text = canonical(data | ({"format": self.in_format} if self.in_format > 1 else {}))
        self.events.append(Link(NUMBER, len(self.events) + 1, kind, self.now, self.now, "a", "b", text, None))

    @property
    def timeline(self) -> Timeline:
        answer = deadline(BOOK, self.facts)
        return Timeline(BOOK, answer.rule.key, answer.rule.days, self.facts.received_at, answer.due_on)

    @property
    def next_at(self) -> Any:
        if self.state.status is not Status.OPEN:
            return None
        if self.through is None:
            return self.timeline.first_at()
        return self.timeline.settle(self.through, self.through).next_at

    def sweep(self) -> None:
        if self.state.status is not Status.OPEN:
            return
        found = self.timeline.settle(self.through, self.now)
        self.through = self.now
        if found.raised is None:
            return
        raised, superseded = self.entry(found.raised), [self.entry(one) for one in found.superseded]
        data = {
            "generation": self.state.generation,
            "fate": "waiting",
            "raised": raised,
            "superseded": superseded,
        }
        self.record("alerts", data | {"recipients": raised.pop("recipients")})

    def entry(self, one: Entry) -> dict[str, Any]:
        role = one.stage.roles[-1]
        key = AlertKey(self.state.generation, one.stage.key, one.occurrence, f"{role}@example.org")
        self.alerts[key] = {
            "stands_for": one.stands_for, "stage_at": one.moment, "raised_at": self.now,
            "urgent": self.facts.urgent, "roles": role,
        }  # fmt: skip
        return {
            "stage": one.stage.key, "occurrence": one.occurrence, "stands_for": one.stands_for,
            "stage_at": one.moment.isoformat(), "recipients": {key.recipient: [role]},
        }  # fmt: skip

    def end(self, status: Status = Status.CLOSED) -> None:
        if self.state.status is Status.OPEN:
            self.sweep()
            self.state = self.state.ended(status, self.now)
            self.record(status.value, {"on_time": self.state.breached_at is None})

    def reopen(self) -> None:
        if self.state.status is not Status.OPEN:
            was = self.state.status.value
            self.state = self.state.reopened(self.now)
            self.record("reopened", {"was": was})
            self.sweep()

    def reclassify(self, group: str, urgent: bool, channel: str | None = None) -> None:
        if self.state.status is not Status.OPEN:
            return
        old = self.facts
        # Another channel could not be given up to format 4.
        new = channel if channel is not None and self.in_format > 4 else old.channel
        renewed = Facts(old.received_at, group, urgent, new, old.category)
        if renewed == old:
            return
        answer = deadline(BOOK, renewed)
        state = self.state.reclassified(answer.rule.key, answer.due_at, self.now)
        if state.generation != self.state.generation:
            self.sweep()
            self.through = None
        self.facts, self.state = renewed, state
        said = self.classified() | {"generation": state.generation}
        self.record("reclassified", said | ({"channel": new} if self.in_format > 4 else {}))

    def correct(self, channel: str | None) -> None:
        """A word, and of what is open the channel, by which the shipped book decides nothing."""
        if self.in_format < 5:
            return
        said: dict[str, Any] = {"fields": ["phone"]}
        if channel not in (None, self.facts.channel) and self.state.status is Status.OPEN:
            said = {
                "fields": ["phone", "channel"],
                "channel": channel,
                "was": {"channel": self.facts.channel},
            }
            self.facts = replace(self.facts, channel=channel)
        self.record("corrected", said)

    def replay(self, *, without: int | None = None) -> Replay:
        return Replay({BOOK.digest: BOOK}, [one for one in self.events if one.seq != without])

    def findings(self, replay: Replay) -> list[Check]:
        found = [*replay.differences, *replay.looks(self.through, self.next_at)]
        return [one.check for one in (*found, *compare_alerts(replay.ledger, self.alerts))]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    story = Story(
        draw(st.sampled_from(GROUPS)), urgent=draw(st.booleans()), in_format=draw(st.integers(1, FORMAT))
    )
    for _ in range(draw(st.integers(0, 12))):
        story.now += timedelta(minutes=draw(st.integers(1, 15_000)))
        match draw(
            st.sampled_from(
                ["sweep", "sweep", "end", "withdraw", "reopen", "reclassify", "correct", "responded"]
            )
        ):
            case "sweep":
                story.sweep()
            case "end":
                story.end()
            case "withdraw":
                story.end(Status.WITHDRAWN)
            case "reopen":
                story.reopen()
            case "reclassify":
                story.reclassify(draw(st.sampled_from(GROUPS)), draw(st.booleans()), draw(CHANNELS))
            case "correct":
                story.correct(draw(CHANNELS))
            case kind:
                story.record(kind, {})
    return story


@given(stories())
def test_whatever_happened_the_events_say_what_stands(story: Story) -> None:
    replay = story.replay()
    assert story.findings(replay) == []
    assert replay.state == story.state
    columns = replay.columns()
    answer = deadline(BOOK, story.facts)
    assert columns["channel"] == story.facts.channel
    assert (columns["rule"], columns["days"], columns["due_on"], columns["due_at"]) == (
        *(answer.rule.key, answer.rule.days, answer.due_on, answer.due_at),
    )
    responded = [one.happened_at for one in story.events if one.kind == "responded"]
    assert columns["responded_at"] == (responded[0] if responded else None)


@given(stories(), st.data())
def test_without_an_event_that_changed_something_the_rest_does_not_follow(
    story: Story, data: st.DataObject
) -> None:
    """Even if the chain were forged: what should have been raised, and what can follow what, is derived anew."""
    gone = data.draw(
        st.sampled_from(
            [one for one in story.events if one.kind not in ("responded", "reclassified", "corrected")]
        )
    )
    replay = story.replay(without=gone.seq)
    assert replay.state != story.state or story.findings(replay)


def forged(story: Story, seq: int, **said: Any) -> Replay:
    """The replay of a story in one of whose events something else stands, or (...) does not stand."""
    one = story.events[seq - 1]
    says = {key: value for key, value in (json.loads(one.data) | said).items() if value is not ...}
    story.events[seq - 1] = replace(one, data=canonical(says))
    return story.replay()


def overdue(*, in_format: int = FORMAT) -> Story:
    story = Story(in_format=in_format)
    story.now = at("2017-04-01T09:00")
    story.sweep()
    story.end()
    return story


@pytest.mark.parametrize(
    ("seq", "said", "check"),
    [
        (1, {"days": 30}, Check.EVENT),
        (1, {"due_on": "2017-04-30"}, Check.EVENT),
        (1, {"due_at": "2017-04-30T00:00:00+07:00"}, Check.EVENT),
        (1, {"rule": "urgent"}, Check.EVENT),
        (1, {"group": "nobody"}, Check.EVENT),
        (1, {"rule_book": "pea-2561"}, Check.EVENT),
        (1, {"received_at": "2017-03-04T10:00:00+07:00"}, Check.EVENT),
        (1, {"received_at": "yesterday"}, Check.UNREADABLE),
        (2, {"superseded": []}, Check.STAGES),
        (2, {"generation": 2}, Check.EVENT),
        (2, {"recipients": {}}, Check.ALERT_SURPLUS),
        (2, {"recipients": 5}, Check.UNREADABLE),
        (3, {"on_time": True}, Check.EVENT),
    ],
)
def test_what_an_event_says_is_held_against_book_and_timeline(
    seq: int, said: dict[str, Any], check: Check
) -> None:
    story = overdue()
    assert story.findings(story.replay()) == []
    assert check in story.findings(forged(story, seq, **said))


def test_what_is_owed_of_a_missed_deadline_may_be_redirected_and_resumed_after_it_gave_way() -> None:
    story = Story(urgent=True)
    story.now = at("2017-03-10T09:00")
    story.reclassify("residential", urgent=False)
    assert story.replay().missed == 1
    entry: dict[str, Any] = {"stage": "overdue", "occurrence": 1, "generation": 1}
    to = {"recipients": {"anna@example.org": ["supervisor"]}}
    story.record("alerts", {"generation": 2, "redirected": [entry | to]})
    key = AlertKey(1, "overdue", 1, "supervisor@example.org")
    story.alerts[key._replace(recipient="anna@example.org")] = story.alerts[key] | {
        "raised_at": story.now,
        "urgent": False,
        "roles": "supervisor",
    }
    story.record("alerts", {"generation": 2, "resumed": [entry | {"recipient": "anna@example.org"}]})
    assert story.findings(story.replay()) == []
    # Without the generation it is of the present deadline, of which no such stage was raised.
    del entry["generation"]
    for said in ({"redirected": [entry | to]}, {"resumed": [entry | {"recipient": "anna@example.org"}]}):
        story.record("alerts", {"generation": 2, **said})
        assert story.findings(story.replay()) == [Check.EVENT]
        story.events.pop()


def test_a_deadline_that_gave_way_in_time_was_not_missed() -> None:
    story = Story()
    story.now = at("2017-03-10T09:00")
    story.reclassify("residential", urgent=True)
    assert (story.state.breached_at is not None, story.replay().missed) == (True, None)
    story.now = at("2017-03-11T09:00")
    story.reclassify("residential", urgent=False)
    assert story.replay().missed == 2


def test_a_reopening_says_that_a_retired_owner_is_none() -> None:
    story = Story()
    story.record("assigned", {"owner": "anna@example.org"})
    story.end()
    story.reopen()
    assert story.replay().owner == "anna@example.org"
    assert forged(story, len(story.events), owner=None).owner is None


def test_a_logging_without_a_column_that_came_later_is_read_with_all_that_follows_from_it() -> None:
    story = overdue(in_format=1)
    replay = forged(story, 1, external_id=...)
    assert story.findings(replay) == []
    assert (replay.columns()["external_id"], replay.is_whole, replay.state) == (None, True, story.state)
    # What every format has was taken out by hand.
    [found] = forged(overdue(), 1, office=...).differences
    assert (found.check, found.name) == (Check.UNREADABLE, "1 logged")


BY_LINE = """
[[rule]]
key = "by-line"
th = "ไลน์"
en = "By LINE"
when = { channel = "line", urgent = false }
days = 2

"""


@pytest.mark.parametrize(
    ("said", "check"),
    [
        ({"was": {"channel": "letter"}}, Check.EVENT),
        ({"channel": "carrier-pigeon"}, Check.EVENT),
        ({"channel": ...}, Check.UNREADABLE),
        ({"fields": []}, Check.UNREADABLE),
        ({"fields": ["group"]}, Check.UNREADABLE),
    ],
)
def test_what_a_correction_says_is_held_against_what_stood_before(said: dict[str, Any], check: Check) -> None:
    story = Story()
    story.correct("line")
    assert story.findings(story.replay()) == []
    assert check in story.findings(forged(story, 2, **said))


def test_a_correction_that_moves_the_deadline_an_ended_channel_or_what_was_erased_is_no_correction() -> None:
    story = Story("key-account")
    story.correct("line")
    first = '[[rule]]\nkey = "urgent"'
    text = BOOK.text.replace(first, BY_LINE + first)
    book = read_book(text, "b.toml", lambda *_: {})
    [found] = Replay({BOOK.digest: book}, story.events).differences
    assert (found.check, found.stored, found.derived) == (Check.EVENT, "key-account", "by-line")

    story = overdue()
    said = {"fields": ["channel"], "channel": "line", "was": {"channel": "phone"}}
    story.record("corrected", said)
    assert story.findings(story.replay()) == [Check.ORDER]
    story.events.pop()
    story.record("erased", {"external_id": None, "by": "number"})
    story.record("corrected", {"fields": ["phone"]})
    assert story.findings(story.replay()) == [Check.ORDER]


def test_an_event_of_a_newer_release_is_named_and_what_stood_before_it_is_kept() -> None:
    replay = forged(overdue(), 3, format=FORMAT + 1, mood="angry")
    [found] = replay.differences
    assert (found.check, found.name, found.stored, found.derived) == (
        Check.NEWER,
        "3 closed",
        FORMAT + 1,
        FORMAT,
    )
    assert replay.state is not None
    assert (replay.state.status, replay.is_whole) == (Status.OPEN, False)


def test_a_stage_that_was_passed_and_not_raised_is_named() -> None:
    story = Story()
    story.now = at("2017-04-01T09:00")
    story.sweep()
    replay = story.replay(without=2)
    [unraised] = [one for one in replay.looks(story.through, story.next_at) if one.check is Check.UNRAISED]
    assert unraised.name == "warning-first, warning-last, due-today, overdue"


def test_an_end_of_what_has_ended_and_an_event_before_the_logging_are_out_of_order() -> None:
    story = overdue()
    story.record("closed", {"on_time": False})
    assert Check.ORDER in story.findings(story.replay())
    story = overdue()
    story.events.append(replace(story.events[0], seq=4))
    assert Check.ORDER in story.findings(story.replay())
    assert story.replay(without=1).state is None
    assert Replay({}, []).state is None


def test_without_a_book_to_trust_the_deadline_is_taken_from_the_events() -> None:
    story = overdue()
    replay = Replay({}, story.events)
    assert story.findings(replay) == []
    assert replay.state == story.state
    assert "month" not in replay.columns()


# --- the chain


def sealed(*datas: str) -> list[Sealed]:
    chain, before = [], ""
    moment = at("2017-03-05T10:00")
    for seq, data in enumerate(datas, 1):
        link = Link(NUMBER, seq, "noted", moment, moment, "a", "b", data, digest_of_words("w", "s"))
        before = link.hash(before)
        chain.append(Sealed(link, "w", "s", before))
    return chain


def test_a_chain_that_nobody_touched_has_no_flaw() -> None:
    chain = sealed("1", "2", "3")
    assert list(flaws(chain)) == []
    assert list(flaws([replace(one, words=None, salt=None) for one in chain])) == []


def test_of_a_chain_that_was_touched_exactly_the_place_is_named() -> None:
    first, second, third = sealed("1", "2", "3")
    changed = replace(second, link=replace(second.link, data="x"))
    assert list(flaws([first, changed, third])) == [(2, Flaw.HASH)]
    assert list(flaws([first, third])) == [(2, Flaw.MISSING)]
    assert list(flaws([second, third])) == [(1, Flaw.MISSING)]
    assert list(flaws([first, replace(second, words="x"), third])) == [(2, Flaw.WORDS)]
    assert list(flaws([first, replace(second, salt=None), third])) == [(2, Flaw.WORDS)]
    assert list(flaws([first, replace(second, hash="0"), third])) == [(2, Flaw.HASH), (3, Flaw.HASH)]
