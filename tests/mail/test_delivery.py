"""Delivery: from what is owed to what was sent, against a real mail server that can be made to fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from complaint_sla.core.replies import Answer, Reply
from complaint_sla.core.roster import Role
from complaint_sla.mail import delivery, fitting
from complaint_sla.mail.delivery import Delivered, Pace, PostOffice
from complaint_sla.mail.servers import Patience, SmtpServer, parse_mail_url
from complaint_sla.mail.transports import open_transport
from complaint_sla.store.tables import Alert, Message
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.letters import outbox
from tests.mail.answers import SAID, THEM
from tests.servers.smtp import Phase, Postbox
from tests.work.desks import House

SENDER = "Complaints <complaints@pea.example>"


@pytest.fixture
def house(database: str) -> Iterator[House]:
    house = House(database)
    yield house
    house.close()


@asynccontextmanager
async def office_at(target: str) -> AsyncIterator[PostOffice]:
    transport = open_transport(parse_mail_url(target, SENDER))
    try:
        yield PostOffice(transport, SENDER, Words)
    finally:
        await transport.close()


def plain_url(box: Postbox) -> str:
    return f"smtp+plain://{box.host}:{box.port}"


async def deliver(house: House, box: Postbox) -> Delivered:
    async with office_at(plain_url(box)) as office:
        return await delivery.deliver(house.desk, office)


def alert_states(house: House) -> list[str]:
    with house.store.read() as session:
        return list(session.execute(select(Alert.state).order_by(Alert.id)).scalars())  # type: ignore[arg-type]


def message_ids(house: House, state: str) -> list[str]:
    with house.store.read() as session:
        query = select(Message.message_id).where(Message.state == state)  # type: ignore[arg-type]
        return sorted(session.execute(query).scalars())


async def test_what_is_owed_arrives_once_and_a_second_round_sends_nothing(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    for name in ("somchai", "malee", "wichai"):
        house.hire(name)
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    assert await deliver(house, box) == Delivered(sent=3)
    assert await deliver(house, box) == Delivered()
    assert sorted(letter.recipients[0] for letter in box.received) == [
        "malee@example.org",
        "somchai@example.org",
        "wichai@example.org",
    ]
    assert sorted(letter.message_id for letter in box.received) == message_ids(house, "sent")
    assert set(alert_states(house)) == {"sent"}


async def test_letters_speak_their_readers_language(house: House, postbox: Callable[..., Postbox]) -> None:
    box = postbox()
    house.hire("somchai")
    offices.add_staff(house.desk, "john@example.org", "John", "MAIN", Role.SUPERVISOR, "en")
    house.log()
    house.at("2017-03-30 08:00")
    house.sweep()
    await deliver(house, box)
    languages = {letter.recipients[0]: letter.message["Content-Language"] for letter in box.received}
    assert languages == {"somchai@example.org": "th", "john@example.org": "en"}


async def test_a_letter_whose_acceptance_was_never_heard_comes_again_under_the_same_id(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    house.hire("somchai")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    box.drop(Phase.ACCEPTED, times=1)
    assert (await deliver(house, box)).retried == 1
    house.later(hours=2)
    assert (await deliver(house, box)).sent == 1
    first, second = box.received
    assert first.message_id == second.message_id
    assert alert_states(house) == ["sent"]


async def test_a_server_that_refuses_for_now_is_tried_again_after_a_pause_and_not_before(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    house.hire("somchai")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    box.answer(Phase.RCPT, "451 4.3.0 later")
    assert (await deliver(house, box)).retried == 1
    assert (await deliver(house, box)) == Delivered()
    box.mend()
    house.later(minutes=2)
    assert (await deliver(house, box)).sent == 1
    assert len(box.received) == 1


async def test_an_address_that_does_not_exist_is_marked_and_the_manager_hears_of_it(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    house.hire("somchai")
    house.hire("manager", Role.MANAGER)
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    box.answer(Phase.RCPT, "550 5.1.1 no such user", to="somchai@example.org")
    first = await deliver(house, box)
    assert (first.sent, first.failed) == (0, 1)
    assert (await deliver(house, box)).sent == 1
    assert [letter.recipients[0] for letter in box.received] == ["manager@example.org"]
    marked = {person.email: person.failed_at is not None for person in offices.list_staff(house.desk)}
    assert marked == {"somchai@example.org": True, "manager@example.org": False}


async def test_a_server_at_fault_is_said_and_nobody_is_marked(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    house.hire("somchai")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    box.answer(Phase.MAIL, "550 5.7.1 sender not allowed")
    result = await deliver(house, box)
    assert result.retried == 1
    assert result.fault is not None
    assert "5.7.1" in result.fault
    assert [person.failed_at for person in offices.list_staff(house.desk)] == [None]
    assert alert_states(house) == ["waiting"]


async def test_a_broken_template_loses_no_letter(
    house: House, postbox: Callable[..., Postbox], monkeypatch: pytest.MonkeyPatch
) -> None:
    box = postbox()
    house.hire("somchai")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()

    def broken(*_: object) -> bytes:
        raise KeyError("no such place")

    with monkeypatch.context() as patched:
        patched.setattr(fitting, "compose", broken)
        result = await deliver(house, box)
    # Nothing is wrong with the server.
    assert (result.retried, result.fault) == (1, None)
    (why,) = result.unwritten.values()
    assert why.startswith("KeyError (test_delivery.py:")
    assert alert_states(house) == ["waiting"]
    house.later(minutes=5)
    assert (await deliver(house, box)).sent == 1


async def test_whatever_befalls_one_letter_the_others_in_hand_are_recorded_before_the_round_ends(
    house: House,
) -> None:
    house.hire("malee")
    house.hire("somchai")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    befallen = asyncio.Event()

    class Unfortunate:
        leaves_machine = False

        async def send(self, recipient: str, _message: bytes) -> Reply:
            if recipient == "malee@example.org":
                befallen.set()
                raise RuntimeError("nobody has thought of this")
            await befallen.wait()
            return Reply(Answer.ACCEPTED)

        check = close = None

    desk = house.desk
    result = await delivery.deliver(desk, PostOffice(Unfortunate(), SENDER, Words))  # type: ignore[arg-type]
    assert (result.sent, result.retried) == (1, 1)
    assert [str(one.problem) for one in desk.aside] == ["nobody has thought of this"]
    assert sorted(alert_states(house)) == ["sent", "waiting"]


async def test_told_to_stop_it_finishes_the_letters_on_their_way_and_takes_no_more(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    box = postbox()
    for number in range(delivery.HANDFUL + 3):
        house.hire(f"person{number}")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    held = box.hold(Phase.BODY, times=None)
    stop = asyncio.Event()
    async with office_at(plain_url(box)) as office:
        round_ = asyncio.ensure_future(delivery.deliver(house.desk, office, stop))
        await held.reached()
        stop.set()
        held.release()
        result = await round_
    assert 1 <= result.sent <= delivery.HANDFUL
    assert len(box.received) == result.sent
    assert alert_states(house).count("waiting") == delivery.HANDFUL + 3 - result.sent
    # What was in hand and not yet on its way is anybody's at once.
    assert (await deliver(house, box)).sent == delivery.HANDFUL + 3 - result.sent


async def test_a_letter_about_a_complaint_that_was_closed_meanwhile_is_not_sent(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    from complaint_sla.work.complaints import change

    box = postbox()
    house.hire("somchai")
    number = house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    outbox.gather(house.desk, "pea.example")
    change.do(house.desk, number, change.close("done"))
    assert await deliver(house, box) == Delivered()
    assert box.received == []
    assert alert_states(house) == ["dropped"]


async def test_mail_for_a_folder_is_one_file_a_letter(house: House, tmp_path: Path) -> None:
    house.hire("somchai")
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    async with office_at(f"folder:{tmp_path / 'mail'}") as office:
        assert (await delivery.deliver(house.desk, office)).sent == 1
    (letter,) = (tmp_path / "mail").iterdir()
    assert letter.suffix == ".eml"
    assert b"To:" in letter.read_bytes()


def test_message_ids_end_in_the_senders_domain() -> None:
    for sender, domain in (
        ("Complaints <complaints@pea.example>", "pea.example"),
        ("complaints@pea.example", "pea.example"),
        ("nobody", "localhost"),
    ):
        assert PostOffice(None, sender, Words).domain == domain  # type: ignore[arg-type]


class TestSlowServers:
    """A server may take its time; nobody else takes up what is still on its way, and nothing waits for it."""

    PACE = Pace(renewal=0.02, grace=0.1)

    @pytest.fixture
    def owing(self, house: House) -> House:
        house.hire("somchai")
        house.log()
        house.at("2017-03-23 08:00")
        house.sweep()
        return house

    async def test_the_lease_of_what_waits_for_its_answer_is_renewed(
        self, owing: House, postbox: Callable[..., Postbox]
    ) -> None:
        box = postbox()
        held = box.hold(Phase.ACCEPTED)
        async with office_at(plain_url(box)) as office:
            round_ = asyncio.ensure_future(delivery.deliver(owing.desk, replace(office, pace=self.PACE)))
            await held.reached()
            for _ in range(12):
                # Ten minutes, as long as the answer may take.
                owing.later(seconds=50)
                while lease_of(owing) < owing.clock.at + timedelta(seconds=50):  # noqa: ASYNC110 - a database calls nobody
                    await asyncio.sleep(0.01)
                assert await asyncio.to_thread(outbox.claim, owing.desk, 9) == []
            held.release()
            assert (await round_).sent == 1
        assert len(box.received) == 1
        assert alert_states(owing) == ["sent"]

    async def test_a_worker_that_was_stopped_hears_a_late_yes_and_nobody_sends_it_again(
        self, owing: House, postbox: Callable[..., Postbox]
    ) -> None:
        box = postbox()
        held = box.hold(Phase.ACCEPTED)
        frozen = replace(self.PACE, renewal=600)
        async with office_at(plain_url(box)) as office:
            round_ = asyncio.ensure_future(delivery.deliver(owing.desk, replace(office, pace=frozen)))
            await held.reached()
            owing.later(seconds=61)
            (other,) = await asyncio.to_thread(outbox.claim, owing.desk, 9)
            assert other.perhaps_delivered
            held.release()
            await round_
        assert alert_states(owing) == ["sent"]
        assert not outbox.begin(owing.desk, other)
        outbox.record(owing.desk, other, Answer.LATER, "451 of a second try")
        assert await deliver(owing, box) == Delivered()
        assert len(box.received) == 1
        assert alert_states(owing) == ["sent"]

    @pytest.mark.parametrize("way", ["told to stop", "interrupted"])
    @pytest.mark.parametrize(("phase", "states"), [(Phase.RCPT, "waiting"), (Phase.ACCEPTED, "sending")])
    async def test_the_end_waits_a_while_and_then_notes_how_far_each_letter_came(
        self, owing: House, postbox: Callable[..., Postbox], way: str, phase: Phase, states: str
    ) -> None:
        box = postbox()
        held = box.hold(phase)
        stop = asyncio.Event()
        async with office_at(plain_url(box)) as office:
            hurried = replace(office, pace=self.PACE)
            round_ = asyncio.ensure_future(delivery.deliver(owing.desk, hurried, stop))
            await held.reached()
            if way == "told to stop":
                stop.set()
                assert (await round_).retried == 1
            else:
                round_.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await round_
        assert message_ids(owing, states) != []
        owing.later(minutes=5)
        assert (await deliver(owing, box)).sent == 1
        assert len({letter.message_id for letter in box.received}) == 1

    async def test_a_letter_that_waits_for_its_answer_holds_up_no_other(
        self, house: House, postbox: Callable[..., Postbox]
    ) -> None:
        box = postbox()
        for number in range(3 * delivery.HANDFUL):
            house.hire(f"person{number}")
        house.log()
        house.at("2017-03-23 08:00")
        house.sweep()
        held = box.hold(Phase.BODY, to="person0@example.org")
        async with office_at(plain_url(box)) as office:
            round_ = asyncio.ensure_future(delivery.deliver(house.desk, office))
            await asyncio.to_thread(box.wait_for, 3 * delivery.HANDFUL - 1)
            held.release()
            assert (await round_).sent == 3 * delivery.HANDFUL

    async def test_a_server_that_says_nothing_is_asked_no_more_in_this_round(
        self, house: House, postbox: Callable[..., Postbox]
    ) -> None:
        box = postbox()
        for number in range(3 * delivery.HANDFUL):
            house.hire(f"person{number}")
        house.log()
        house.at("2017-03-23 08:00")
        house.sweep()
        box.hold(Phase.GREETING, times=None)
        server = parse_mail_url(plain_url(box), SENDER)
        assert isinstance(server, SmtpServer)
        transport = open_transport(replace(server, patience=Patience.of(0.2)))
        office = PostOffice(transport, SENDER, Words, Pace(slow=0.1))
        result = await delivery.deliver(house.desk, office)
        await transport.close()
        assert result.fault is not None
        assert box.connections <= delivery.HANDFUL
        # Nobody's letter is put off for it but those that were on their way.
        assert result.retried <= delivery.HANDFUL


async def test_each_refusal_is_only_the_matter_of_whom_it_speaks(
    house: House, postbox: Callable[..., Postbox]
) -> None:
    """A real answer of each kind, in each place, at once: no letter is lost, and nobody is passed over falsely."""
    box = postbox()
    kinds = {
        (one.phase, one.answer): one for one in SAID if one.phase in (Phase.RCPT, Phase.DATA, Phase.BODY)
    }
    said = [one for (_, answer), one in kinds.items() if answer not in (Answer.LIMIT, Answer.TOO_LARGE)]
    for number, one in enumerate(said):
        address = house.hire(f"person{number}")
        box.answer(one.phase, one.reply.replace(THEM, address), to=address)
    house.hire("boss", Role.MANAGER)
    house.log()
    house.at("2017-03-23 08:00")
    house.sweep()
    for _ in range(3):
        # A server at fault ends a round; the others have their turn in the next.
        await deliver(house, box)
        house.later(hours=1)
    gone = {f"person{n}@example.org" for n, one in enumerate(said) if one.answer is Answer.NO_ADDRESS}
    people = offices.list_staff(house.desk)
    assert {person.email for person in people if person.failed_at is not None} == gone
    assert box.received == []
    box.mend()
    house.later(hours=2)
    await deliver(house, box)
    reached = sorted(letter.recipients[0] for letter in box.received)
    assert reached == sorted({f"person{n}@example.org" for n in range(len(said))} - gone)


def lease_of(house: House) -> datetime:
    with house.store.read() as session:
        (until,) = session.execute(select(Message.lease_until)).scalars()  # type: ignore[call-overload]
        assert until is not None
        return until
