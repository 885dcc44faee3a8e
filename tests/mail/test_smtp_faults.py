import asyncio
import contextlib
import time
from pathlib import Path

import pytest

from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail import matters, replies
from complaint_sla.mail.servers import Patience, Security, SmtpServer
from complaint_sla.mail.smtp import SmtpTransport
from tests.mail.sending import MESSAGE, RECIPIENT, SENDER, OpenPostbox, sent, server_of
from tests.servers.smtp import Certificate, Phase

REPLIES = [
    "421 4.3.2 Shutting down",
    "450 4.2.1 Mailbox busy",
    "451 4.3.0 Try again",
    "452 4.2.2 Mailbox full",
    "550 5.1.1 No such user",
    "550 No",
    "552 5.2.2 Mailbox full",
    "554 5.6.0 No",
    "550 5.7.1 Relaying denied",
    "530 Authentication required",
]
L, S, N, R, A = Answer.LATER, Answer.SERVER, Answer.NO_ADDRESS, Answer.REFUSED, Answer.SENDER
# One column for each of REPLIES.
MEANING = {
    Phase.GREETING: [S, S, S, S, S, S, S, S, S, S],
    Phase.MAIL: [S, S, S, S, A, S, S, S, S, S],
    Phase.RCPT: [L, L, S, L, N, R, L, R, S, S],
    Phase.DATA: [L, L, S, L, R, R, L, R, S, S],
    Phase.BODY: [L, L, S, L, R, R, L, R, S, S],
}


class TestRefusals:
    @pytest.mark.parametrize(
        ("phase", "given", "expected"),
        [
            pytest.param(phase, given, answer, id=f"{phase.value}-{given}")
            for phase, answers in MEANING.items()
            for given, answer in zip(REPLIES, answers, strict=True)
        ],
    )
    async def test_each_is_told_apart_by_phase_and_code(
        self, postbox: OpenPostbox, phase: Phase, given: str, expected: Answer
    ):
        box = postbox()
        box.answer(phase, given)

        reply = await sent(server_of(box))

        assert reply == Reply(expected, int(given[:3]), given[4:])
        assert box.received == []

    async def test_a_refused_greeting_is_the_servers_fault(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(Phase.EHLO, "550 5.7.1 Go away")

        assert (await sent(server_of(box))).answer is Answer.SERVER

    async def test_a_bad_sender_told_only_at_rcpt_does_not_mark_the_person(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(Phase.RCPT, "550 5.1.8 <sla@example.org>: Sender address rejected: Domain not found")

        assert (await sent(server_of(box))).answer is Answer.SENDER

    async def test_the_words_kept_name_no_address(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(
            Phase.RCPT,
            f"550 5.1.1 <{RECIPIENT.upper()}>: unknown; see https://example.com/?id=supervisor%40example.org",
        )

        reply = await sent(server_of(box))

        assert reply.text == "5.1.1 <S…@EXAMPLE.ORG>: unknown; see https://example.com/?id=s…@example.org"

    async def test_the_words_kept_are_one_short_line_that_steers_no_screen(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(Phase.RCPT, "550-5.1.1 First\r\n550 \x1b[31msecond " + "x" * 300)

        reply = await sent(server_of(box))

        assert reply.answer is Answer.NO_ADDRESS
        assert reply.text.startswith("5.1.1 First \\x1b[31msecond xxx")
        assert len(reply.text) == 200

    async def test_one_refused_person_is_nothing_to_the_others(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(Phase.RCPT, "550 5.1.1 No such user", to="gone@example.org")
        transport = SmtpTransport(server_of(box))
        people = [RECIPIENT, "gone@example.org"] * 10

        answers = await asyncio.gather(*(transport.send(person, MESSAGE) for person in people))
        await transport.close()

        assert [reply.answer for reply in answers] == [Answer.ACCEPTED, Answer.NO_ADDRESS] * 10

    @pytest.mark.parametrize(
        "address", ["สมชาย@example.org", "a b@example.org", "a@b\r\nRCPT TO:<c@d>", "nobody", "<a@b>", ""]
    )
    async def test_an_address_that_smtp_cannot_carry_is_never_sent(self, postbox: OpenPostbox, address: str):
        box = postbox()

        assert (await sent(server_of(box), address)).answer is Answer.NO_ADDRESS
        assert box.connections == 0


class TestLostConnections:
    @pytest.mark.parametrize(
        ("phase", "expected"),
        [
            (Phase.GREETING, Answer.SERVER),
            (Phase.EHLO, Answer.SERVER),
            (Phase.MAIL, Answer.SERVER),
            (Phase.RCPT, Answer.LATER),
            (Phase.DATA, Answer.LATER),
            (Phase.BODY, Answer.UNKNOWN),
            (Phase.ACCEPTED, Answer.UNKNOWN),
        ],
    )
    @pytest.mark.parametrize("way", ["close", "hang"])
    async def test_each_is_told_apart_by_how_far_it_came(
        self, postbox: OpenPostbox, phase: Phase, expected: Answer, way: str
    ):
        box = postbox()
        if way == "close":
            box.drop(phase)
        else:
            box.hold(phase)
        started = time.monotonic()

        reply = await sent(server_of(box, patience=Patience.of(0.3)))

        assert (reply.answer, reply.code) == (expected, None)
        assert reply.text != ""
        assert time.monotonic() - started < 3

    async def test_nobody_listening_is_the_servers_fault(self, postbox: OpenPostbox):
        box = postbox()
        box.stop()

        reply = await sent(server_of(box))

        assert reply.answer is Answer.SERVER
        assert str(box.port) in reply.text

    @pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 64 + ".example", "\u0e01..x"])
    async def test_a_host_that_is_none_is_the_servers_fault(self, host: str):
        server = SmtpServer(host, 25, Security.PLAIN, SENDER, patience=Patience.of(5))

        assert (await sent(server)).answer is Answer.SERVER

    async def test_a_server_that_speaks_something_else_is_at_fault(self):
        gone = asyncio.Event()

        async def web(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.close()
            gone.set()

        listener = await asyncio.start_server(web, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        reply = await sent(SmtpServer("127.0.0.1", port, Security.PLAIN, SENDER, patience=Patience.of(5)))
        listener.close()
        await gone.wait()

        assert (reply.answer, reply.code) == (Answer.SERVER, None)

    async def test_waiting_for_a_free_connection_is_bounded_too(self, postbox: OpenPostbox):
        box = postbox()
        box.hold(Phase.MAIL, times=None)
        transport = SmtpTransport(server_of(box, patience=Patience.of(0.3)), connections=1)

        started = time.monotonic()
        answers = await asyncio.gather(*(transport.send(RECIPIENT, MESSAGE) for _ in range(5)))
        await transport.close()

        assert Answer.ACCEPTED not in {reply.answer for reply in answers}
        assert time.monotonic() - started < 3


class TestAccess:
    async def test_starttls_is_demanded(self, postbox: OpenPostbox):
        box = postbox(tls="none", login=("user", "secret"))

        reply = await sent(server_of(box, Security.STARTTLS, user="user", password="secret"))

        assert reply.answer is Answer.SERVER
        assert "STARTTLS" in reply.text
        assert box.reached(Phase.AUTH) == []
        assert box.reached(Phase.MAIL) == []

    @pytest.mark.parametrize(
        "certificate", [Certificate.UNTRUSTED, Certificate.WRONG_NAME, Certificate.EXPIRED]
    )
    @pytest.mark.parametrize(
        ("tls", "security"), [("implicit", Security.TLS), ("required", Security.STARTTLS)]
    )
    async def test_a_certificate_that_proves_nothing_is_refused(
        self, postbox: OpenPostbox, certificate: Certificate, tls: str, security: Security
    ):
        box = postbox(tls=tls, certificate=certificate, login=("user", "secret"))

        reply = await sent(server_of(box, security, user="user", password="secret"))

        assert reply.answer is Answer.SERVER
        assert "certificate" in reply.text.lower()
        assert box.reached(Phase.AUTH) == []

    async def test_the_systems_authorities_are_trusted(self, postbox: OpenPostbox, trusted_authority: Path):
        box = postbox(tls="implicit")
        transport = SmtpTransport(server_of(box, Security.TLS))

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()

    @pytest.mark.parametrize(("tls", "security"), [("none", Security.PLAIN), ("required", Security.STARTTLS)])
    async def test_a_wrong_password_is_tried_once_and_not_told(
        self, postbox: OpenPostbox, tls: str, security: Security
    ):
        box = postbox(tls=tls, login=("user", "secret"))

        reply = await sent(server_of(box, security, user="user", password="hunter2"))

        assert (reply.answer, reply.code) == (Answer.SERVER, 535)
        assert len(box.reached(Phase.AUTH)) == 1

    async def test_a_password_that_the_server_quotes_is_not_kept(self, postbox: OpenPostbox):
        box = postbox(login=("user", "hunter2"))
        box.answer(Phase.AUTH, "501 hunter2? aHVudGVyMg== AHVzZXIAaHVudGVyMg==")

        reply = await sent(server_of(box, user="user", password="hunter2"))

        assert (reply.answer, reply.text) == (Answer.SERVER, "…? … …")

    async def test_a_user_without_a_password_is_never_connected(self, postbox: OpenPostbox):
        box = postbox()

        reply = await sent(server_of(box, user="user"))

        assert (reply.answer, reply.text) == (Answer.SERVER, "a user is set, but no password")
        assert box.connections == 0

    async def test_a_server_without_any_login_is_at_fault(self, postbox: OpenPostbox):
        box = postbox()

        reply = await sent(server_of(box, user="user", password="secret"))

        assert reply.answer is Answer.SERVER
        assert "login" in reply.text

    @pytest.mark.parametrize("fault", ["454 4.7.0 Temporary failure", "535 5.7.8 Wrong", "close", "hang"])
    async def test_a_login_that_fails_is_the_servers_fault(self, postbox: OpenPostbox, fault: str):
        box = postbox(login=("user", "secret"))
        if fault == "close":
            box.drop(Phase.AUTH)
        elif fault == "hang":
            box.hold(Phase.AUTH)
        else:
            box.answer(Phase.AUTH, fault)

        reply = await sent(server_of(box, user="user", password="secret", patience=Patience.of(0.5)))

        assert reply.answer is Answer.SERVER

    @pytest.mark.parametrize("fault", ["454 4.7.0 TLS not available", "close", "hang"])
    async def test_tls_that_fails_is_the_servers_fault(self, postbox: OpenPostbox, fault: str):
        box = postbox(tls="offered")
        if fault == "close":
            box.drop(Phase.STARTTLS)
        elif fault == "hang":
            box.hold(Phase.STARTTLS)
        else:
            box.answer(Phase.STARTTLS, fault)

        assert (
            await sent(server_of(box, Security.STARTTLS, patience=Patience.of(0.5)))
        ).answer is Answer.SERVER


class TestMeaningOfReplies:
    @pytest.mark.parametrize(
        "text",
        ["#5.1.1 Rejected", "sorry, no mailbox here by that name. (#5.1.1)", "<5.1.1> gone", "5.1.10 x"],
    )
    def test_an_enhanced_code_is_found_where_servers_put_it(self, text: str):
        assert replies.judged(matters.Phase.RCPT, 550, text).answer is Answer.NO_ADDRESS

    @pytest.mark.parametrize("text", ["5.1.1.1 is blocked", "4.1.1 odd", "version 5.1.1", "5.1.1234", ""])
    def test_a_number_that_is_none_is_not_taken_for_one(self, text: str):
        assert replies.judged(matters.Phase.RCPT, 550, text).answer is Answer.REFUSED

    @pytest.mark.parametrize("phase", [p for p in matters.Phase if p is not matters.Phase.TEXT])
    def test_what_is_no_reply_before_the_text_is_the_servers_fault(self, phase: matters.Phase):
        assert replies.judged(phase, -1, "Malformed").answer is Answer.SERVER

    @pytest.mark.parametrize("code", [-1, 354, 150])
    def test_what_is_no_reply_after_the_text_leaves_it_open(self, code: int):
        assert replies.judged(matters.Phase.TEXT, code, "").answer is Answer.UNKNOWN

    def test_marks_of_direction_and_bytes_that_are_no_text_are_made_visible(self):
        server = SmtpServer("127.0.0.1", 25, Security.PLAIN, SENDER)

        assert replies.screened("No \u202eresu \udcff such", server) == "No \\u202eresu \\udcff such"
