import asyncio
import contextlib
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import BadValue
from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail import matters, replies
from complaint_sla.mail.servers import Patience, Security, SmtpServer
from complaint_sla.mail.smtp import SmtpTransport
from complaint_sla.mail.trust import Flaw, issuer
from tests.mail.sending import MESSAGE, RECIPIENT, SENDER, OpenPostbox, sent, server_of
from tests.servers.smtp import Certificate, Phase, client_context

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


class TestGreeting:
    """What a server makes of EHLO, and of what it has said there."""

    @pytest.mark.parametrize("knows_ehlo", [False, None])
    async def test_one_that_knows_helo_only_is_spoken_to_so(
        self, postbox: OpenPostbox, knows_ehlo: bool | None
    ):
        box = postbox(knows_ehlo=knows_ehlo)
        transport = SmtpTransport(server_of(box))

        assert (await transport.check()).answer is Answer.ACCEPTED
        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()

    @pytest.mark.parametrize(
        ("security", "user", "needed"),
        [(Security.STARTTLS, None, "STARTTLS"), (Security.PLAIN, "user", "a login")],
    )
    async def test_where_more_than_helo_is_needed_it_is_said_what(
        self, postbox: OpenPostbox, security: Security, user: str | None, needed: str
    ):
        box = postbox(knows_ehlo=False)

        reply = await sent(server_of(box, security, user=user, password="secret"))

        assert reply.answer is Answer.SERVER
        assert reply.text.startswith(f"the server refuses EHLO, which {needed} needs: 502")

    async def test_the_size_that_it_tells_is_kept_to_without_asking(self, postbox: OpenPostbox):
        size = len(MESSAGE) + 50
        box = postbox(size=size)
        transport = SmtpTransport(server_of(box))

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        reply = await transport.send(RECIPIENT, MESSAGE + b"x" * 50)
        await transport.close()

        assert (reply.answer, reply.code, reply.most) == (Answer.TOO_LARGE, None, size)
        assert len(box.reached(Phase.MAIL)) == 1
        assert box.options == [[f"SIZE={len(MESSAGE)}"]]

    async def test_one_that_tells_a_size_and_does_not_know_it_is_asked_without(self, postbox: OpenPostbox):
        box = postbox(size=100_000)
        box.answer(Phase.MAIL, "555 5.5.4 Unsupported option: SIZE", times=1)

        assert (await sent(server_of(box))).answer is Answer.ACCEPTED

    async def test_what_it_says_before_it_has_all_of_a_text_is_a_no(self):
        gone = asyncio.Event()

        async def hasty(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for reply in (b"220 hasty", b"250 hasty", b"250 ok", b"250 ok", b"354 go on"):
                writer.write(reply + b"\r\n")
                await reader.readline()
            writer.write(b"552 5.3.4 That is enough\r\n")
            with contextlib.suppress(ConnectionError):
                while await reader.read(65536):
                    pass
            writer.close()
            gone.set()

        listener = await asyncio.start_server(hasty, "127.0.0.1", 0)
        port = listener.sockets[0].getsockname()[1]
        transport = SmtpTransport(SmtpServer("127.0.0.1", port, Security.PLAIN, SENDER))
        reply = await transport.send(RECIPIENT, MESSAGE + b"x" * 20_000_000)
        await transport.close()
        await gone.wait()
        listener.close()

        assert (reply.answer, reply.code) == (Answer.TOO_LARGE, 552)

    async def test_a_text_that_nobody_takes_in_is_certainly_not_delivered(self):
        enough, gone = asyncio.Event(), asyncio.Event()

        async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for reply in (b"220 deaf", b"250 deaf", b"250 ok", b"250 ok", b"354 go on"):
                writer.write(reply + b"\r\n")
                await reader.readline()
            await enough.wait()
            writer.transport.abort()
            gone.set()

        listener = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1024)
        port = listener.sockets[0].getsockname()[1]
        server = SmtpServer("127.0.0.1", port, Security.PLAIN, SENDER, patience=Patience(block=0.2))
        reply = await sent_large(server)
        enough.set()
        await gone.wait()
        listener.close()

        assert (reply.answer, reply.text) == (Answer.LATER, "no answer within 0.2 s (DATA)")


async def sent_large(server: SmtpServer) -> Reply:
    transport = SmtpTransport(server)
    try:
        return await transport.send(RECIPIENT, MESSAGE + b"x" * 20_000_000)
    finally:
        await transport.close()


class TestPatience:
    @pytest.mark.parametrize(
        ("phase", "step", "said"),
        [
            (Phase.GREETING, "greeting", "connecting"),
            (Phase.EHLO, "command", "connecting"),
            (Phase.MAIL, "command", "MAIL"),
            (Phase.RCPT, "command", "RCPT"),
            (Phase.DATA, "data", "DATA"),
            (Phase.ACCEPTED, "text", "text"),
        ],
    )
    async def test_each_step_has_its_own(self, postbox: OpenPostbox, phase: Phase, step: str, said: str):
        box = postbox()
        box.hold(phase)

        reply = await sent(server_of(box, patience=Patience(**{step: 0.1})))

        assert reply.text == f"no answer within 0.1 s ({said})"

    def test_it_is_that_of_the_rfc(self):
        patience = Patience()

        assert (patience.greeting, patience.command, patience.data) == (300, 300, 120)
        assert (patience.block, patience.text) == (180, 600)

    async def test_whoever_only_tries_waits_for_a_short_while_and_says_so(self, postbox: OpenPostbox):
        box = postbox()
        box.hold(Phase.GREETING)
        transport = SmtpTransport(server_of(box, patience=Patience(check=0.1)))

        reply = await transport.check()
        await transport.close()

        said = "no answer within 0.1 s; a letter is waited for longer (connecting)"
        assert (reply.answer, reply.text, reply.is_late) == (Answer.SERVER, said, True)

    @pytest.mark.parametrize(
        ("phase", "expected"), [(Phase.MAIL, Answer.SERVER), (Phase.ACCEPTED, Answer.UNKNOWN)]
    )
    async def test_what_is_given_up_is_told_apart_by_how_far_it_came(
        self, postbox: OpenPostbox, phase: Phase, expected: Answer
    ):
        box = postbox()
        held = box.hold(phase)
        transport = SmtpTransport(server_of(box))
        sending = asyncio.create_task(transport.send(RECIPIENT, MESSAGE))
        await held.reached()

        transport.give_up()
        transport.give_up()

        assert (await sending).answer is expected
        await transport.close()

    async def test_an_answer_that_lay_there_when_time_was_over_counts(self, postbox: OpenPostbox):
        """As for a process that was stopped, or a machine that slept: both are there when it wakes."""
        box = postbox()
        held = box.hold(Phase.ACCEPTED)
        sending = asyncio.create_task(sent(server_of(box, patience=Patience(text=0.3))))
        await held.reached()

        held.release()
        box.wait_for(1)
        # Nothing of ours runs meanwhile.
        time.sleep(0.6)  # noqa: ASYNC251

        assert (await sending).answer is Answer.ACCEPTED


class TestAuthority:
    @pytest.mark.parametrize(
        ("tls", "security"), [("implicit", Security.TLS), ("required", Security.STARTTLS)]
    )
    async def test_one_of_the_house_is_trusted_beside_the_systems(
        self, postbox: OpenPostbox, authority_file: Path, tls: str, security: Security
    ):
        box = postbox(tls=tls)
        transport = SmtpTransport(server_of(box, security, authority=authority_file))

        assert (await transport.check()).answer is Answer.ACCEPTED
        await transport.close()

    @pytest.mark.parametrize(
        ("certificate", "flaw", "issuer"),
        [
            (Certificate.UNTRUSTED, Flaw.UNTRUSTED, "nobody"),
            (Certificate.SELF_SIGNED, Flaw.SELF_SIGNED, "ไฟฟ้า house"),
            (Certificate.EXPIRED, Flaw.OUT_OF_DATE, "complaint_sla tests"),
            (Certificate.WRONG_NAME, Flaw.OTHER_NAME, "complaint_sla tests"),
        ],
    )
    @pytest.mark.parametrize(
        ("tls", "security"), [("implicit", Security.TLS), ("required", Security.STARTTLS)]
    )
    async def test_what_is_wrong_with_a_certificate_is_told_and_whose_it_is(
        self,
        postbox: OpenPostbox,
        certificate: Certificate,
        flaw: Flaw,
        issuer: str,
        tls: str,
        security: Security,
    ):
        box = postbox(tls=tls, certificate=certificate, login=("user", "secret"))
        server = server_of(box, security, user="user", password="secret")
        transport = SmtpTransport(server, tls=client_context())

        reply = await transport.check()
        await transport.close()

        assert (reply.answer, reply.flaw) == (Answer.SERVER, flaw)
        assert issuer in reply.issuer
        # Whoever it is has not been told the password.
        assert box.reached(Phase.AUTH) == []

    @pytest.mark.parametrize(
        ("content", "key"),
        [
            (None, "authority-unreadable"),
            (b"", "authority-empty"),
            (b"\0\xff" * 99, "authority-empty"),
            (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "authority-empty"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "authority-unreadable"),
            (b"-----BEGIN CERTIFICATE-----\n", "authority-unreadable"),
        ],
    )
    def test_a_file_that_is_no_certificate_is_refused_by_name(
        self, tmp_path: Path, content: bytes | None, key: str
    ):
        file = tmp_path / "ca.pem"
        if content is not None:
            file.write_bytes(content)

        with pytest.raises(BadValue) as caught:
            SmtpTransport(SmtpServer("localhost", 465, Security.TLS, SENDER, authority=file))

        assert caught.value.key == key
        assert caught.value.values["file"] == file

    @given(st.binary(max_size=200))
    def test_an_issuer_that_cannot_be_read_is_none(self, certificate: bytes):
        assert isinstance(issuer(certificate), str)
