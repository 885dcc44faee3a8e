"""A server's limits and moods over hours: what is put off waits together, nothing is lost, told falsely or told twice.

An in-memory transport answers by a script, and the clock is set by hand.
"""

from __future__ import annotations

import asyncio
import email
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from complaint_sla.core.replies import Answer, Reply
from complaint_sla.core.roster import Role
from complaint_sla.mail import delivery
from complaint_sla.mail.delivery import Delivered, PostOffice
from complaint_sla.store.tables import Complaint
from complaint_sla.wording import Words
from complaint_sla.work import offices
from complaint_sla.work.health.facts import vitals
from complaint_sla.work.health.findings import Gravity, findings
from complaint_sla.work.letters import outbox
from tests.conftest import Databases
from tests.work.desks import House
from tests.work.findings import findings as discrepancies

SENDER = "Complaints <complaints@pea.example>"
BUSY = Reply(Answer.LIMIT, 451, "4.7.500 Server busy. Please try again later")
TAKEN = Reply(Answer.ACCEPTED, 250, "2.0.0 queued")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sqlite_house(sqlite_database: str) -> Iterator[House]:
    house = House(sqlite_database)
    yield house
    house.close()


class Server:
    """Answers by `says(recipient, message)`; keeps what it has taken, whether or not that is heard."""

    leaves_machine = False

    def __init__(self, says: Callable[[str, bytes], Reply]) -> None:
        self.says = says
        self.taken: list[tuple[str, EmailMessage]] = []
        self.tried = 0

    async def send(self, recipient: str, message: bytes) -> Reply:
        self.tried += 1
        reply = self.says(recipient, message)
        if reply.answer is Answer.ACCEPTED or reply.text == "lost":
            self.taken.append((recipient, email.message_from_bytes(message, policy=default)))
        return reply

    async def check(self) -> Reply:
        return TAKEN

    def give_up(self) -> None:
        """Nothing is ever on its way."""

    async def close(self) -> None:
        """Nothing is open."""


def by_the_minute(clock: Callable[[], datetime], most: int) -> Callable[[str, bytes], Reply]:
    """So many letters in each minute of the clock."""
    taken: Counter[datetime] = Counter()

    def says(_recipient: str, _message: bytes) -> Reply:
        minute = clock().replace(second=0, microsecond=0)
        if taken[minute] >= most:
            return BUSY
        taken[minute] += 1
        return TAKEN

    return says


def deliver(house: House, server: Server) -> Delivered:
    return asyncio.run(delivery.deliver(house.desk, PostOffice(server, SENDER, Words)))


def alarms(house: House) -> set[str]:
    return {
        one.key
        for one in findings(house.desk, vitals(house.desk))
        if one.about in ("mail", "outbox") and one.gravity is Gravity.WRONG
    }


def crowd(house: House, many: int) -> None:
    for number in range(many):
        house.hire(f"sup{number}")
    house.log(urgent=True)
    house.sweep()


@pytest.mark.parametrize(
    ("many", "a_minute", "within"), [(24, 2, 12), pytest.param(300, 30, 10, marks=pytest.mark.slow)]
)
def test_as_many_leave_in_a_minute_as_the_server_takes_without_an_alarm(
    sqlite_house: House, many: int, a_minute: int, within: int
) -> None:
    """By cron each minute, each round a process of its own: what was put off waits together, and not each by itself."""
    house = sqlite_house
    crowd(house, many)
    server = Server(by_the_minute(house.clock, a_minute))
    rounds = 0
    while len(server.taken) < many and rounds < 2 * within:
        done = deliver(house, server)
        assert done.all_well
        assert done.sent == min(a_minute, many - rounds * a_minute)
        assert (done.put_off is None) == (len(server.taken) == many)
        rounds += 1
        house.later(minutes=1)
        if rounds == within // 2:
            assert alarms(house) == set()
    assert rounds == within
    assert set(Counter(to for to, _ in server.taken).values()) == {1}
    # A round asks for little more than what it is given.
    assert server.tried <= many + rounds * delivery.HANDFUL
    # However often it was put off, it was tried but once for its own sake.
    assert {one.attempts for one in house.messages()} <= {1, 2}


def test_under_a_limit_the_urgent_go_first_then_alerts_then_the_others_by_age(sqlite_house: House) -> None:
    house = sqlite_house
    for name in ("first", "second", "third"):
        offices.add_office(house.desk, name.upper(), name, name)
        house.hire(name, Role.SUPERVISOR, name.upper())
    house.log(office="FIRST")
    house.at("2017-03-23 08:00")
    house.sweep()
    house.gather()
    house.log(office="SECOND", urgent=True)
    house.log("spp-area", office="THIRD", received_at=house.clock() - timedelta(days=4))
    house.sweep()
    server = Server(lambda *_: BUSY)
    assert deliver(house, server).sent == 0
    server.says = by_the_minute(house.clock, 1)
    for _ in range(3):
        house.later(minutes=1)
        deliver(house, server)
    assert [to.partition("@")[0] for to, _ in server.taken] == ["second", "first", "third"]


def test_a_limit_that_lets_nothing_through_is_asked_less_and_less_and_becomes_an_alarm(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    crowd(house, 12)
    server = Server(lambda *_: BUSY)
    asked: list[int] = []
    alarmed: list[bool] = []
    for minutes in [1] * 20 + [5] * 60:
        before = server.tried
        alarmed.append(not deliver(house, server).all_well)
        asked.append(server.tried - before)
        if len(asked) in (14, 15, 18, 80):
            assert (alarms(house) != set()) == alarmed[-1]
        house.later(minutes=minutes)
    assert alarmed == [False] * 15 + [True] * 65
    assert all(asked[:15])
    assert 0 < sum(map(bool, asked[-12:])) <= 3
    # Nobody is passed over, and once it takes letters again all of them leave at the next time.
    server.says = lambda *_: TAKEN
    for _ in range(3):
        house.later(minutes=30)
        deliver(house, server)
    assert len(server.taken) == 12
    assert alarms(house) == set()


def test_retrying_waits_for_no_limit(sqlite_house: House) -> None:
    house = sqlite_house
    crowd(house, 3)
    server = Server(lambda *_: BUSY)
    assert deliver(house, server).sent == 0
    server.says = lambda *_: TAKEN
    assert deliver(house, server).sent == 0
    outbox.retry(house.desk, house.messages()[-1].id)
    assert deliver(house, server).sent == 3


def _limit(most: int, *, says_how_many: bool) -> Callable[[str, bytes], Reply]:
    def says(_recipient: str, message: bytes) -> Reply:
        if len(message) <= most:
            return TAKEN
        return Reply(Answer.TOO_LARGE, 552, "5.3.4 too large", most if says_how_many else None)

    return says


NUMBER = re.compile(r"C-6003-\d{5}")


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _named(letter: EmailMessage) -> set[str]:
    return set(NUMBER.findall(_text(letter)))


@pytest.mark.parametrize(
    ("most", "says_how_many", "letters"),
    [(60_000, True, 1), (8_000, True, 2), (8_000, False, 2), (2_900, True, 1)],
)
def test_what_is_too_large_is_written_shorter_or_as_several_and_each_complaint_is_told_of(
    sqlite_house: House, most: int, says_how_many: bool, letters: int
) -> None:
    house = sqlite_house
    house.hire("sup")
    numbers = {house.log("spp-area", subject=f"ไฟฟ้าดับบ่อยครั้งในหมู่บ้านแห่งหนึ่ง {n}" * 3) for n in range(40)}
    house.at("2017-03-10 08:00")
    house.sweep()
    server = Server(_limit(most, says_how_many=says_how_many))
    for _ in range(4):
        deliver(house, server)
        house.later(minutes=1)
    assert max(len(one.as_bytes()) for _, one in server.taken) <= most
    assert {house.owed(number)["due-today", "sup@example.org"] for number in numbers} == {"sent"}
    named = Counter(one for _, letter in server.taken for one in _named(letter))
    if most > 4_000:
        # Each is named in one of them, and in one only.
        assert named == Counter(numbers)
    else:
        # The worst ones, how many there are, and where to see the rest.
        assert "40" in _text(server.taken[0][1])
        assert "complaint-sla list" in _text(server.taken[0][1])
    assert len(server.taken) == letters
    assert discrepancies(house) == []


def test_a_mailbox_that_takes_only_short_letters_shortens_nobody_elses(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = sqlite_house
    # One after the other.
    monkeypatch.setattr(delivery, "HANDFUL", 1)
    for who in ("a", "b"):
        house.hire(who)
    house.log(urgent=True)
    house.sweep()
    small = Reply(Answer.TOO_LARGE, 552, "5.2.3 too large for this mailbox")
    server = Server(lambda to, _: small if to == "a@example.org" else TAKEN)
    assert deliver(house, server).sent == 1
    assert {letter.get_content_type() for _, letter in server.taken} == {"multipart/alternative"}
    [waiting] = [one for one in house.messages() if one.state == "waiting"]
    assert waiting.error == f"552 {small.text}"


def test_what_no_shortening_makes_fit_waits_with_an_alarm_and_is_told_to_the_next_in_line(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    house.hire("sup")
    house.hire("boss", Role.MANAGER)
    number = house.log(urgent=True)
    house.sweep()
    server = Server(_limit(500, says_how_many=True))
    assert deliver(house, server).retried == 1
    assert alarms(house) == {"letters-too-large"}
    assert house.owed(number) == {("receipt", "sup@example.org"): "waiting"}
    for _ in range(26):
        house.later(hours=1)
        deliver(house, server)
    assert house.owed(number)["receipt", "boss@example.org"] == "waiting"


# --- any server, over days

_ANSWERS = st.sampled_from(
    [
        *(TAKEN, TAKEN, TAKEN, BUSY),
        Reply(Answer.LATER, 452, "4.2.2 mailbox full"),
        Reply(Answer.SERVER, None, "no answer within 300 s"),
        Reply(Answer.SENDER, 554, "5.2.252 SendAsDenied"),
        Reply(Answer.REFUSED, 554, "5.6.0 no"),
        Reply(Answer.TOO_LARGE, 552, "5.3.4 too large", 5_000),
        Reply(Answer.TOO_LARGE, 552, "5.3.4 too large"),
        # The text has arrived, and the answer to it has not.
        Reply(Answer.UNKNOWN, None, "lost"),
        Reply(Answer.UNKNOWN, None, "lost before"),
    ]
)
_STEPS = st.lists(
    st.tuples(st.lists(_ANSWERS, max_size=6), st.sampled_from([1, 1, 2, 7, 60, 60, 5 * 60, 13 * 60])),
    min_size=3,
    max_size=12,
)


@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(steps=_STEPS)
def test_whatever_a_server_answers_nothing_is_lost_told_falsely_or_passed_over_too_soon(
    sqlite_databases: Databases, steps: list[tuple[list[Reply], int]]
) -> None:
    house = House(sqlite_databases.migrated())
    try:
        house.hire("sup")
        house.hire("boss", Role.MANAGER)
        house.log("spp-area", subject="ไฟดับ" * 60)
        house.at("2017-03-09 08:00")
        began = house.clock()
        server = Server(lambda *_: TAKEN)
        for answers, minutes in steps:
            script = iter(answers)
            server.says = lambda _to, message, script=script: _scripted(script, message)  # type: ignore[misc]
            house.log("key-account", urgent=True)
            house.sweep()
            deliver(house, server)
            _nothing_is_told_falsely(house, server, began)
            house.later(minutes=minutes)
        server.says = lambda *_: TAKEN
        for _ in range(3):
            house.later(hours=2)
            house.sweep()
            deliver(house, server)
        _nothing_is_told_falsely(house, server, began)
        _all_are_told(house, server)
        assert discrepancies(house) == []
    finally:
        house.close()


def _scripted(script: Iterator[Reply], message: bytes) -> Reply:
    reply = next(script, TAKEN)
    if reply.most is not None and len(message) <= reply.most:
        return TAKEN
    return reply


def _nothing_is_told_falsely(house: House, server: Server, began: datetime) -> None:
    told = {(to, number) for to, letter in server.taken for number in _named(letter)}
    for number in _numbers(house):
        for row in house.rows(number):
            if row.state == "sent":
                assert (row.recipient, number) in told
            if row.state == "failed":
                # There is no address that does not exist: only a day passes it on.
                assert house.clock() - began >= timedelta(days=1)


def _all_are_told(house: House, server: Server) -> None:
    """Whoever was owed something has it; of one Message-ID there is one text, however often it came."""
    assert {one.state for one in house.messages()} <= {"sent", "dissolved"}
    for number in _numbers(house):
        assert {row.state for row in house.rows(number)} <= {"sent", "superseded"}
        assert any(row.state == "sent" for row in house.rows(number))
    texts: dict[str, set[bytes]] = {}
    for _, letter in server.taken:
        texts.setdefault(letter["Message-ID"], set()).add(letter.as_bytes())
    assert all(len(one) == 1 for one in texts.values())
    heard = Counter(letter["Message-ID"] for _, letter in server.taken)
    unheard = {one.message_id for one in house.messages() if one.attempts > 1}
    assert {one for one, times in heard.items() if times > 1} <= unheard


def _numbers(house: House) -> list[str]:
    with house.store.read() as session:
        return list(session.execute(select(Complaint.number)).scalars())
