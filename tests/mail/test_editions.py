"""One Message-ID stands on one text: whatever was sent goes again as it was, or under another ID that names it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

from complaint_sla.core.editions import earlier, following
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.replies import Reply
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ReportOrder, ServiceRules
from complaint_sla.mail import delivery
from complaint_sla.mail.delivery import Delivered, PostOffice
from complaint_sla.mail.folder import FolderTransport
from complaint_sla.mail.servers import parse_mail_url
from complaint_sla.mail.smtp import SmtpTransport
from complaint_sla.mail.transports import Transport
from complaint_sla.store.tables import Message
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import notices, outbox, people_letter
from complaint_sla.work.letters.outbox import LEASE
from tests.conftest import Databases
from tests.servers.smtp import Letter, Phase, Postbox
from tests.work.desks import DOMAIN, House

SUP, BOSS, ADMIN = "sup@example.org", "boss@example.org", "admin@example.org"
SENDERS = ("SLA <sla@example.org>", "Complaints <sla@example.org>")
SUMMARY = DailySummary(frozenset(range(5)), time(8), (Role.SUPERVISOR,), when_nothing=True)
RULES = ServiceRules(administrators=(ADMIN,), summary=SUMMARY)


class Office(House):
    """A house with a daily summary and an administrator; mail to `box` or into `folder`."""

    rules = RULES
    sender = SENDERS[0]
    box: Postbox
    folder: Path | None = None

    @property
    def desk(self) -> Desk:
        return replace(super().desk, service=self.rules)

    def deliver(self, through: Callable[[Transport], Transport] = lambda one: one) -> Delivered:
        """A round of everything: sweep, notices, mail."""

        async def round_() -> Delivered:
            url = f"smtp+plain://{self.box.host}:{self.box.port}"
            server = parse_mail_url(url, self.sender)
            assert not isinstance(server, Path)
            transport = SmtpTransport(server) if self.folder is None else FolderTransport(self.folder)
            try:
                return await delivery.deliver(self.desk, PostOffice(through(transport), self.sender, Words))
            finally:
                await transport.close()

        self.sweep()
        notices.post(self.desk, DOMAIN)
        return asyncio.run(round_())

    def on_monday(self) -> str:
        """A complaint of which the supervisor hears this morning, with the summary."""
        self.hire("sup")
        number = self.log("spp-area")
        self.at("2017-03-06 08:00")
        self.log("spp-area", urgent=True)
        return number


@pytest.fixture(autouse=True)
def nothing_is_told_of_people(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of who was hired the administrators hear in a letter more, which only the machine reckons with."""
    if "one_message_id" not in request.node.name:
        monkeypatch.delitem(notices.KINDS, people_letter.KIND)


@pytest.fixture
def office(database: str, postbox: Callable[..., Postbox]) -> Iterator[Office]:
    opened = Office(database)
    opened.box = postbox()
    yield opened
    opened.close()


def of(box: Postbox, subject: str) -> list[Letter]:
    return [one for one in box.received if subject in str(one.message["Subject"])]


def text_of(letter: Letter) -> str:
    body = letter.message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


class DiedError(BaseException):
    """The worker is killed."""


class Deadly:
    """The server takes the letter, and the worker dies before it can write that down; or before that."""

    leaves_machine = False

    def __init__(self, transport: Transport, *, sends: bool) -> None:
        self.transport, self.sends = transport, sends

    async def send(self, recipient: str, message: bytes) -> Reply:
        if self.sends:
            await self.transport.send(recipient, message)
        raise DiedError

    check = close = None


# --- the Message-IDs


@pytest.mark.parametrize(
    "one", ["<ab12@sla.example.org>", "<a@b.c>", "<a>", "", "a@b", "<a.b@c>", "<a.2x@c>"]
)
def test_an_edition_names_those_before_it(one: str) -> None:
    assert earlier(one) == ()
    second = following(one)
    third = following(second)
    assert len({one, second, third}) == 3
    assert earlier(second) == (one,)
    assert earlier(third) == (one, second)


# --- by hand


def test_a_day_later_a_letter_and_a_notice_come_again_to_the_byte(office: Office) -> None:
    number = office.on_monday()
    office.box.drop(Phase.ACCEPTED)
    assert office.deliver().retried == 2
    office.box.mend()
    before = list(office.box.received)
    # A sweep and a night later nothing has changed but the time that is left.
    office.later(days=1)
    assert office.deliver().sent >= 2

    for first in before:
        (second,) = [
            one for one in office.box.received if one.message_id == first.message_id and one is not first
        ]
        assert second.content == first.content
    assert number in text_of(of(office.box, "สรุป")[0])


def test_what_changed_meanwhile_goes_under_another_id_that_names_the_first(office: Office) -> None:
    office.on_monday()
    offices.set_staff(office.desk, SUP, language="en")
    office.box.drop(Phase.ACCEPTED)
    office.deliver()
    office.box.mend()
    firsts = {one.message_id: one for one in office.box.received}
    ids = {one.id: one.message_id for one in office.messages()}
    office.log("spp-area")
    for number in ("6003-1", "6003-2"):
        office.shut(number)
    office.later(hours=1)
    assert office.deliver().sent == 2

    seconds = [one for one in office.box.received if one.message_id not in firsts]
    assert len(seconds) == 2
    for one in seconds:
        (first,) = earlier(one.message_id)
        assert one.message["In-Reply-To"] == first
        assert str(one.message["References"]).split()[-1] == first
        said = "This message replaces an earlier one that may have reached you."
        assert said in text_of(one)
        assert said in one.message.get_body(("html",)).get_content()  # type: ignore[union-attr]
        assert said not in text_of(firsts[first])
        # In the same row of the outbox.
        (row,) = [row for row in office.messages() if row.message_id == one.message_id]
        assert ids[row.id] == first


def test_what_was_certainly_not_taken_is_written_anew_under_its_id(office: Office) -> None:
    office.on_monday()
    office.box.answer(Phase.RCPT, "451 4.3.0 later")
    office.deliver()
    office.box.mend()
    assert {(one.digest, one.unheard_at) for one in office.messages()} == {(None, None)}
    before = {one.message_id for one in office.messages()}
    office.later(hours=1)
    assert office.deliver().sent == 2
    assert {one.message_id for one in office.box.received} <= before


def test_a_letter_of_a_clock_that_ran_ahead_is_not_repeated_word_for_word(office: Office) -> None:
    office.on_monday()
    office.later(days=20)
    office.box.drop(Phase.ACCEPTED)
    office.deliver()
    office.box.mend()
    wrong = {one.message_id for one in office.box.received}
    office.later(days=-20, minutes=5)
    office.deliver()
    again = [one for one in office.box.received if set(earlier(one.message_id)) & wrong]
    assert again
    assert {len(earlier(one.message_id)) for one in again} == {1}
    assert {one.message_id for one in office.box.received[len(wrong) :]}.isdisjoint(wrong)


def test_of_what_an_older_release_had_sent_nobody_knows_the_bytes(office: Office) -> None:
    office.on_monday()
    office.box.drop(Phase.ACCEPTED, to=SUP)
    office.deliver()
    office.box.mend()
    office.store.write(lambda session: session.execute(update(Message).values(digest=None, unheard_at=None)))
    before = {one.message_id for one in office.box.received}
    office.later(minutes=5)
    office.deliver()
    after = [one.message_id for one in office.box.received[len(before) :]]
    assert {earlier(one) for one in after} == {(one,) for one in before}


def test_the_report_of_a_quarter_comes_again_with_the_same_files(office: Office) -> None:
    pytest.importorskip("typst")
    office.rules = replace(RULES, reports=(ReportOrder((BOSS,), None, ("report.pdf", "report.xlsx")),))
    office.hire("boss", Role.MANAGER)
    office.log("spp-area")
    office.at("2017-04-03 08:00")
    office.box.drop(Phase.ACCEPTED, to=BOSS)
    office.deliver()
    office.box.mend()
    office.later(days=1)
    office.deliver()
    first, second = [one for one in office.box.received if list(one.message.iter_attachments())]
    assert len(list(first.message.iter_attachments())) == 2
    assert first.content == second.content


# --- whatever comes in whatever order


class Week(RuleBasedStateMachine):
    """Days of an office whose mail server, workers and clock can't be relied on."""

    databases: Databases
    box: Postbox
    folder: Path | None = None

    def __init__(self) -> None:
        super().__init__()
        self.box.mend()
        self.box.received.clear()
        self.office = Office(self.databases.migrated())
        self.office.box = self.box
        self.office.folder = self.folder
        self.office.rules = replace(RULES, reports=(ReportOrder((BOSS,), None, ()),))
        self.office.hire("sup")
        self.office.hire("boss", Role.MANAGER)
        self.numbers = [self.office.log("spp-area", urgent=True)]
        self.texts: dict[str, bytes] = {}
        self.office.deliver()
        self.office.at("2017-03-06 08:00")

    def teardown(self) -> None:
        self.office.close()

    def _round(self, **fault: Any) -> None:
        with suppress(DiedError):
            self.office.deliver(**fault)
        self.box.mend()

    @rule(
        phase=st.sampled_from([Phase.ACCEPTED, Phase.ACCEPTED, Phase.BODY, Phase.RCPT]),
        times=st.sampled_from([1, 2, None]),
    )
    def line_breaks(self, phase: Phase, times: int | None) -> None:
        self.box.drop(phase, times=times)
        self._round()

    @rule(
        phase=st.sampled_from([Phase.MAIL, Phase.RCPT, Phase.BODY]),
        reply=st.sampled_from(["451 4.3.0 later", "554 5.6.0 no", "550 5.1.1 nobody", "550 5.7.1 not you"]),
        times=st.sampled_from([1, None]),
    )
    def server_refuses(self, phase: Phase, reply: str, times: int | None) -> None:
        self.box.answer(phase, reply, times=times)
        self._round()

    @rule(sends=st.booleans())
    def worker_dies(self, sends: bool) -> None:
        self._round(through=lambda transport: Deadly(transport, sends=sends))

    @rule()
    def all_goes_well(self) -> None:
        self._round()

    @rule(span=st.sampled_from([LEASE * 1.1, timedelta(hours=2), timedelta(hours=25), timedelta(days=-1)]))
    def time_passes(self, span: timedelta) -> None:
        self.office.clock.at += span

    @rule(pick=st.integers(0, 9), what=st.sampled_from(["log", "close", "reopen", "reclassify", "note"]))
    def complaints_change(self, pick: int, what: str) -> None:
        desk, number = self.office.desk, self.numbers[pick % len(self.numbers)]
        with suppress(NotPossible):
            match what:
                case "log":
                    self.numbers.append(self.office.log("spp-area", urgent=pick % 2 == 0))
                case "close":
                    self.office.shut(number)
                case "reopen":
                    change.do(desk, number, change.reopen("dark again"))
                case "reclassify":
                    change.do(desk, number, change.reclassify("wrong", group="residential", urgent=False))
                case "note":
                    change.do(desk, number, change.note("they called again"))

    @rule(language=st.sampled_from(["th", "en"]), sender=st.sampled_from(SENDERS))
    def program_changes(self, language: str, sender: str) -> None:
        """Another language, and as another version of the program would write it."""
        offices.set_staff(self.office.desk, SUP, language=language)
        self.office.sender = sender

    @rule(how=st.sampled_from(["retry", "reachable"]))
    def administrator_tries_again(self, how: str) -> None:
        if how == "retry":
            outbox.retry(self.office.desk, None)
        else:
            offices.set_staff(self.office.desk, SUP, reachable=True)

    @invariant()
    def one_id_stands_on_one_text(self) -> None:
        came = [(one.message_id, one.content) for one in self.box.received]
        if self.folder is not None and self.folder.exists():
            came += [(one.name, one.read_bytes()) for one in self.folder.glob("*.eml")]
        for message_id, content in came:
            assert self.texts.setdefault(message_id, content) == content, message_id

    @invariant()
    def what_came_is_known(self) -> None:
        """Every letter that a server took stands in the outbox, under its ID or a later one that names it."""
        rows = {row.message_id: row for row in self.office.messages()}
        known = {name for one in rows for name in (*earlier(one), one)}
        for letter in self.box.received:
            assert letter.message_id in known
            row = rows.get(letter.message_id)
            assert row is None or row.state == "sent" or row.unheard_at is not None


@pytest.mark.parametrize("into", ["server", "folder"])
def test_one_message_id_never_stands_on_two_texts(
    sqlite_databases: Databases, postbox: Callable[..., Postbox], tmp_path: Path, into: str
) -> None:
    class Here(Week):
        databases = sqlite_databases
        box = postbox()
        folder = tmp_path / "mail" if into == "folder" else None

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=6 if into == "server" else 2,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
