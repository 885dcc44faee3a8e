"""Notices in words: the daily summary, and the word about dead addresses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts, Figure
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ServiceRules
from complaint_sla.core.titles import Title
from complaint_sla.mail import delivery
from complaint_sla.mail.compose import compose, subject_of, text_of
from complaint_sla.mail.delivery import PostOffice
from complaint_sla.mail.servers import parse_mail_url
from complaint_sla.mail.transports import open_transport
from complaint_sla.wording import Words
from complaint_sla.work.desk import Desk
from complaint_sla.work.journal import Healed
from complaint_sla.work.letters import notices, people_letter
from complaint_sla.work.letters.address_letter import Addresses, DeadAddress
from complaint_sla.work.letters.listing import letters
from complaint_sla.work.letters.summary_letter import Summary
from complaint_sla.work.letters.values import Line, Listing, OfficeName
from tests.servers.smtp import Phase, Postbox
from tests.work.desks import DOMAIN, House

ZONE = ZoneInfo("Asia/Bangkok")
TODAY = date(2017, 4, 10)
NOW = datetime(2017, 4, 10, 1, tzinfo=UTC)
SENDER = "SLA <sla@example.org>"
BAN_SANG = OfficeName("BANSANG", Title("กฟส.บ้านสร้าง", "Ban Sang branch"))
EMPTY = Listing((), 0)
Q2 = Quarter(2017, 2)


def line(days: int, number: int = 1, **changes: object) -> Line:
    """A complaint whose last good day is `days` after today."""
    return replace(
        Line(
            number=f"C-6003-{number:05d}",
            office=BAN_SANG.title,
            subject="Voltage drops every night",
            urgent=False,
            received_at=datetime(2017, 4, 9, 3, tzinfo=UTC),
            due_on=TODAY + timedelta(days=days),
            breached=False,
            owner="Somchai Jaidee",
            unheard=(),
        ),
        **changes,
    )


def listing(*lines: Line, more: int = 0) -> Listing:
    return Listing(lines, len(lines) + more)


def figure(counts: Counts, quarter: Quarter = Q2) -> Figure:
    final_at = datetime(2017, 7, 25, 17, tzinfo=UTC)
    has_ended = quarter.last_day < TODAY
    return Figure(
        quarter, "BANSANG", NOW, final_at, Fraction(4, 5), counts, (), (), (), (), has_ended=has_ended
    )


def summary(**changes: object) -> Summary:
    written = Summary(
        message_id="<m-1@example.org>",
        recipient="supervisor@example.org",
        name="Somsri Wongthai",
        language="en",
        written_at=NOW,
        zone=ZONE,
        needed=True,
        day=TODAY,
        offices=(BAN_SANG,),
        several=False,
        overdue=EMPTY,
        due=EMPTY,
        new=EMPTY,
        unheard=EMPTY,
        since=datetime(2017, 4, 7, 1, tzinfo=UTC),
        days_ahead=7,
        figures=((BAN_SANG, figure(Counts(on_time=7, late=2, overdue=1, pending=5))),),
    )
    return replace(written, **changes)


def dead(number: int = 1, **changes: object) -> DeadAddress:
    return replace(
        DeadAddress(
            email=f"gone{number}@example.org",
            name="Wichai",
            office=BAN_SANG.title,
            role=Role.SUPERVISOR,
            since=NOW,
            failure="550 5.1.1 no such user",
            instead=("Malee", "Somchai"),
        ),
        **changes,
    )


def addresses(*people: DeadAddress, **changes: object) -> Addresses:
    written = Addresses("<m-2@example.org>", "admin@example.org", "", "en", NOW, ZONE, True, people)
    return replace(written, **changes)


def read(letter: Summary | Addresses) -> EmailMessage:
    return message_from_bytes(compose(letter, SENDER, Words(letter.language)), policy=policy.default)


def body(letter: Summary | Addresses, kind: str) -> str:
    part = read(letter).get_body((kind,))
    assert part is not None
    return str(part.get_content())


both_forms = pytest.mark.parametrize("kind", ["plain", "html"])


class TestSummary:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, "[Summary] Nothing overdue, due or new"),
            ({"overdue": listing(line(-12), line(-1, 2))}, "[Summary] 2 overdue, the worst 12 days late"),
            ({"overdue": listing(line(-1))}, "[Summary] 1 overdue, the worst 1 day late"),
            ({"overdue": listing(line(3, breached=True))}, "[Summary] 1 overdue"),
            (
                {"overdue": listing(line(-3), more=30), "due": listing(line(0)), "new": listing(line(20))},
                "[Summary] 31 overdue, the worst 3 days late · 1 due within 7 days · 1 new",
            ),
            ({"unheard": listing(line(2))}, "[Summary] 1 reaching nobody"),
        ],
    )
    def test_its_subject_counts_what_there_is(self, changes: dict[str, Listing], expected: str):
        assert str(read(summary(**changes))["Subject"]) == expected
        assert subject_of(summary(**changes), Words("en")) == expected

    def test_its_headers_say_that_nobody_typed_it_and_answer_to_no_conversation(self):
        message = read(summary(overdue=listing(line(-3))))
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"] == "All"
        assert message["Message-ID"] == "<m-1@example.org>"
        assert message["Content-Language"] == "en"
        assert [message[name] for name in ("References", "In-Reply-To", "Reply-To", "Importance")] == [
            None
        ] * 4

    @both_forms
    def test_it_tells_each_complaint_with_all_that_matters(self, kind: str):
        text = body(
            summary(
                overdue=listing(line(-3, 1), line(2, 2, breached=True, owner=None)),
                due=listing(line(0, 3), line(5, 4, urgent=True)),
                new=listing(line(25, 5)),
                unheard=listing(line(-3, 1, unheard=(("supervisor", BAN_SANG.title),))),
            ),
            kind,
        )
        for part in (
            "Ban Sang branch", "10 April 2017", "Overdue (2)", "Due within 7 days (2)", "Reaching nobody (1)",
            "New since 7 Apr 2017 08:00 (1)", "3 days late", "in 2 days, breached", "due today", "in 5 days",
            "Important and urgent", "in 25 days", "received 9 Apr 2017 10:00", "Somchai Jaidee", "no owner",
            "nobody is supervisor at Ban Sang branch", "Voltage drops every night", "C-6003-00004",
        ):  # fmt: skip
            assert part in text, part

    @both_forms
    def test_it_tells_the_quarter_so_far(self, kind: str):
        text = body(summary(), kind)
        for part in (
            "quarter 2/2017", "70.00 %", "target 80 %", "in time 7", "late 2", "overdue 1", "not yet due 5",
            "From 46.66 to 80.00 %", "Open: the quarter is still running.",
        ):  # fmt: skip
            assert part in text, part

    @both_forms
    @pytest.mark.parametrize(
        ("counts", "expected"),
        [
            (Counts(), "No complaint of the quarter can be judged yet"),
            (Counts(on_time=9), "The target is safe, unless something closed is reopened."),
            (
                Counts(late=9, pending=1),
                "The target is lost, even if all that may still be dated back by hand is.",
            ),
        ],
    )
    def test_it_says_whether_the_target_is_safe_or_lost_once_the_quarter_has_ended(
        self, kind: str, counts: Counts, expected: str
    ):
        of_last = summary(figures=((BAN_SANG, figure(counts, Quarter(2017, 1))),))
        assert expected in body(of_last, kind)
        if counts.received:
            assert expected not in body(summary(figures=((BAN_SANG, figure(counts)),)), kind)

    @both_forms
    def test_of_the_quarter_before_it_says_what_can_still_become_of_it(self, kind: str):
        before = figure(Counts(on_time=9, late=1, pending=1), Quarter(2017, 1))
        text = body(summary(figures=((BAN_SANG, before),)), kind)
        assert "quarter 1/2017" in text
        assert "The target is safe, unless something closed is reopened." in text

    @both_forms
    def test_a_long_list_ends_with_how_many_more_and_the_command_that_shows_them(self, kind: str):
        text = body(summary(overdue=listing(*(line(-3, n) for n in range(1, 26)), more=17)), kind)
        assert "Overdue (42)" in text
        assert "and 17 more" in text
        plain_text = re.sub(r"<[^>]+>", "", text)
        assert "complaint-sla list --overdue --office BANSANG" in plain_text

    @both_forms
    def test_one_about_several_offices_names_them_and_the_figure_of_each(self, kind: str):
        east = OfficeName("EAST", Title("ตะวันออก", "East branch"))
        text = body(
            summary(
                offices=(BAN_SANG, east),
                several=True,
                overdue=listing(line(-3, office=east.title), more=1),
                figures=((BAN_SANG, figure(Counts(on_time=1))), (east, figure(Counts(late=1)))),
            ),
            kind,
        )
        assert text.count("East branch") >= 3
        plain_text = re.sub(r"<[^>]+>", "", text)
        for code in ("BANSANG", "EAST"):
            assert f"complaint-sla list --overdue --office {code}" in plain_text

    def test_even_the_longest_stays_below_what_mail_programs_cut_off(self):
        long = [line(-3, n, subject="ไฟตกทุกคืน " * 40, owner="ก" * 40) for n in range(1, 26)]
        html = body(
            summary(overdue=listing(*long), due=listing(*long), new=listing(*long), unheard=listing(*long)),
            "html",
        )
        assert len(html.encode()) < 102_000

    @both_forms
    def test_other_peoples_text_can_steer_neither_screen_nor_page(self, kind: str):
        hostile = line(-1, subject="<script>\x1b[2J\u202e", owner="<b>\x07")
        text = body(summary(overdue=listing(hostile), name="<i>"), kind)
        assert not re.search("[\x1b\x07\u202e]", text)
        assert "\\x1b" in text
        if kind == "html":
            assert "<script>" not in text
            assert "<b>\\x07" not in text

    def test_the_text_form_fits_a_terminal(self):
        text = text_of(
            summary(overdue=listing(line(-3), line(-2, 2, urgent=True)), several=True), Words("en")
        )
        assert max(map(len, text.splitlines())) <= 110
        assert "\n\n\n\n" not in text

    def test_it_says_what_was_put_right_after_a_wrong_clock(self) -> None:
        said = {"en": "A clock was wrong, and told 1 Jan 2030", "th": "นาฬิกาเคยไม่ตรงและบอกเวลา 1 ม"}
        healed = Healed(NOW, datetime(2030, 1, 1, 2, tzinfo=UTC), complaints=3, figures=1)
        for language, text in said.items():
            for kind in ("plain", "html"):
                assert text in " ".join(body(summary(language=language, healed=healed), kind).split())
                assert text not in body(summary(language=language), kind)


class TestAddresses:
    def test_its_subject_names_the_one_or_counts_them(self):
        assert str(read(addresses(dead()))["Subject"]) == "[Addresses] No mail reaches gone1@example.org"
        two = read(addresses(dead(), dead(2)))
        assert str(two["Subject"]) == "[Addresses] 2 addresses on the staff do not exist"
        assert two["Auto-Submitted"] == "auto-generated"
        assert two["To"] == "admin@example.org"

    @both_forms
    def test_it_says_what_the_server_said_who_hears_instead_and_the_cure(self, kind: str):
        text = body(addresses(dead(), dead(2, instead=())), kind)
        plain_text = re.sub(r"<[^>]+>", "", text)
        for part in (
            "To the administrator,", "550 5.1.1 no such user", "Malee, Somchai", "nobody", "supervisor",
            "Ban Sang branch", "10 Apr 2017 08:00", "complaint-sla staff set gone2@example.org --reachable",
            "complaint-sla staff retire",
        ):  # fmt: skip
            assert part in plain_text, part

    @both_forms
    def test_of_many_the_first_are_told_and_the_rest_counted(self, kind: str):
        text = body(addresses(*(dead(n) for n in range(1, 41))), kind)
        assert "gone25@example.org" in text
        assert "gone26@example.org" not in text
        assert "and 15 more" in text

    @both_forms
    def test_what_a_server_says_can_steer_neither_screen_nor_page(self, kind: str):
        text = body(addresses(dead(failure="550 <img src=x>\x1b[2J")), kind)
        assert "\x1b" not in text
        assert kind == "plain" or "<img" not in text

    @both_forms
    def test_one_sent_again_after_all_were_cured_says_so(self, kind: str):
        text = body(addresses(), kind)
        assert "taken to be right again" in text
        assert "--reachable" not in text


class Noticing(House):
    @property
    def desk(self) -> Desk:
        rules = DailySummary(frozenset(range(5)), time(8), (Role.SUPERVISOR,), when_nothing=False)
        return replace(
            super().desk, service=ServiceRules(administrators=("admin@example.org",), summary=rules)
        )


@pytest.fixture(autouse=True)
def nothing_is_told_of_people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of who was hired the administrators hear in a letter that has tests of its own."""
    monkeypatch.delitem(notices.KINDS, people_letter.KIND)


@pytest.fixture
def house(database: str) -> Iterator[Noticing]:
    opened = Noticing(database)
    opened.hire("sup")
    yield opened
    opened.close()


@asynccontextmanager
async def office_at(box: Postbox):
    target = parse_mail_url(f"smtp+plain://{box.host}:{box.port}", SENDER)
    transport = open_transport(target)
    try:
        yield PostOffice(transport, SENDER, Words)
    finally:
        await transport.close()


async def test_a_summary_and_the_word_about_its_dead_address_travel_the_whole_way(
    house: Noticing, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    house.log("spp-area")
    house.at("2017-03-06 08:00")
    box.answer(Phase.RCPT, "550 5.1.1 no such user", to="sup@example.org")
    async with office_at(box) as office:
        notices.post(house.desk, DOMAIN)
        assert (await delivery.deliver(house.desk, office)).failed == 1
        house.later(minutes=1)
        assert notices.post(house.desk, DOMAIN) == 1
        assert (await delivery.deliver(house.desk, office)).sent == 1
    (letter,) = box.received
    assert letter.recipients == ("admin@example.org",)
    assert letter.message["Message-ID"].endswith(f"@{DOMAIN}>")
    assert letter.message["Auto-Submitted"] == "auto-generated"
    part = letter.message.get_body(("plain",))
    assert "no such user" in part.get_content()


async def test_one_that_can_not_be_written_waits_and_holds_up_no_other(
    house: Noticing, postbox: Callable[..., Postbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = postbox()
    house.log("residential", urgent=True)
    house.sweep()
    house.at("2017-03-06 08:00")
    house.sweep()

    def broken(*_: object) -> Summary:
        raise LookupError("no such office")

    async with office_at(box) as office:
        notices.post(house.desk, DOMAIN)
        with monkeypatch.context() as patched:
            patched.setattr(notices, "written", broken)
            result = await delivery.deliver(house.desk, office)
        assert (result.sent, result.retried, result.fault) == (1, 1, None)
        assert list(result.unwritten) == [one.id for one in house.messages() if one.kind == "summary"]
        house.later(minutes=5)
        assert (await delivery.deliver(house.desk, office)).sent == 1
    assert len(box.received) == 2
    assert {one.state for one in letters(house.desk, failed_only=False, most=9)} == {"sent"}
