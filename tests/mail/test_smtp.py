import asyncio

import pytest

from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail.servers import Security
from complaint_sla.mail.smtp import SmtpTransport
from tests.mail.sending import MESSAGE, RECIPIENT, SENDER, OpenPostbox, sent, server_of
from tests.servers.smtp import Phase, client_context


class TestSending:
    async def test_a_message_arrives_unchanged(self, postbox: OpenPostbox):
        box = postbox()

        reply = await sent(server_of(box))

        assert (reply.answer, reply.code) == (Answer.ACCEPTED, 250)
        [letter] = box.received
        assert letter.content == MESSAGE
        assert (letter.sender, letter.recipients) == (SENDER, (RECIPIENT,))

    @pytest.mark.parametrize(
        ("tls", "security"),
        [("implicit", Security.TLS), ("offered", Security.STARTTLS), ("required", Security.STARTTLS)],
    )
    async def test_it_goes_through_tls_and_a_login(self, postbox: OpenPostbox, tls: str, security: Security):
        box = postbox(tls=tls, login=("office@example.org", "secret"))
        server = server_of(box, security, user="office@example.org", password="secret")

        assert (await sent(server)).answer is Answer.ACCEPTED

        [letter] = box.received
        assert letter.secure
        assert letter.login == "office@example.org"

    async def test_the_server_is_told_an_address_where_the_machine_has_no_full_name(
        self, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("socket.gethostname", lambda: "สำนักงาน")
        box = postbox()

        await sent(server_of(box))

        assert [step.argument for step in box.reached(Phase.EHLO)] == ["[127.0.0.1]"]


class TestKeptConnections:
    async def test_messages_one_after_the_other_share_a_connection(self, postbox: OpenPostbox):
        box = postbox()
        transport = SmtpTransport(server_of(box))

        for _ in range(20):
            assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()

        assert len(box.received) == 20
        assert box.connections == 1
        assert len(box.reached(Phase.QUIT)) == 1

    async def test_messages_at_once_share_as_many_as_are_allowed(self, postbox: OpenPostbox):
        box = postbox()
        transport = SmtpTransport(server_of(box), connections=4)

        answers = await asyncio.gather(*(transport.send(RECIPIENT, MESSAGE) for _ in range(100)))
        await transport.close()

        assert {reply.answer for reply in answers} == {Answer.ACCEPTED}
        assert len(box.received) == 100
        assert box.connections == 4
        assert {letter.connection for letter in box.received} == {1, 2, 3, 4}

    async def test_a_refused_message_leaves_a_connection_fit_for_the_next(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(Phase.RCPT, "550 5.1.1 No such user", to="gone@example.org")
        transport = SmtpTransport(server_of(box))

        assert (await transport.send("gone@example.org", MESSAGE)).answer is Answer.NO_ADDRESS
        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()

        assert box.connections == 1
        assert [letter.recipients for letter in box.received] == [(RECIPIENT,)]

    async def test_a_server_that_refuses_to_start_afresh_is_connected_anew(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(Phase.RCPT, "550 5.1.1 No such user", times=1)
        box.answer(Phase.RSET, "502 5.5.1 What?")
        transport = SmtpTransport(server_of(box))

        await transport.send(RECIPIENT, MESSAGE)
        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()

        assert box.connections == 2

    async def test_a_server_that_was_restarted_is_connected_anew(self, postbox: OpenPostbox):
        box = postbox()
        transport = SmtpTransport(server_of(box))
        await transport.send(RECIPIENT, MESSAGE)

        box.stop()
        box.start()

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()
        assert len(box.received) == 2

    @pytest.mark.parametrize("phase", [Phase.MAIL, Phase.RCPT, Phase.DATA])
    async def test_a_kept_connection_that_breaks_before_the_text_is_replaced_silently(
        self, postbox: OpenPostbox, phase: Phase
    ):
        box = postbox()
        transport = SmtpTransport(server_of(box))
        await transport.send(RECIPIENT, MESSAGE)
        box.drop(phase, times=1)

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()

        assert len(box.received) == 2
        assert box.connections == 2

    async def test_a_kept_connection_that_the_server_ends_with_421_is_replaced_silently(
        self, postbox: OpenPostbox
    ):
        box = postbox()
        transport = SmtpTransport(server_of(box))
        await transport.send(RECIPIENT, MESSAGE)
        box.answer(Phase.MAIL, "421 4.4.2 Idle for too long", times=1)

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()

    async def test_it_is_replaced_once_and_not_for_ever(self, postbox: OpenPostbox):
        box = postbox()
        transport = SmtpTransport(server_of(box))
        await transport.send(RECIPIENT, MESSAGE)
        box.drop(Phase.MAIL)

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.SERVER
        await transport.close()
        assert box.connections == 2

    async def test_a_kept_connection_that_breaks_after_the_text_is_not_tried_again(
        self, postbox: OpenPostbox
    ):
        box = postbox()
        transport = SmtpTransport(server_of(box))
        await transport.send(RECIPIENT, MESSAGE)
        box.drop(Phase.ACCEPTED)

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.UNKNOWN
        await transport.close()
        assert len(box.received) == 2

    async def test_a_connection_long_unused_is_not_trusted(
        self, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("complaint_sla.mail.smtp._FRESH", 0.0)
        box = postbox()
        transport = SmtpTransport(server_of(box))

        await transport.send(RECIPIENT, MESSAGE)
        await transport.send(RECIPIENT, MESSAGE)
        await transport.close()

        assert box.connections == 2

    async def test_a_sending_that_is_cancelled_leaves_nothing_behind(self, postbox: OpenPostbox):
        box = postbox()
        hold = box.hold(Phase.DATA)
        transport = SmtpTransport(server_of(box), connections=1)
        sending = asyncio.create_task(transport.send(RECIPIENT, MESSAGE))
        await hold.reached()

        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.ACCEPTED
        await transport.close()
        assert len(box.received) == 1
        assert box.connections == 2

    async def test_a_server_that_does_not_take_leave_holds_up_nobody(
        self, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("complaint_sla.mail.smtp._FAREWELL", 0.1)
        box = postbox()
        box.hold(Phase.QUIT)

        assert (await sent(server_of(box))).answer is Answer.ACCEPTED


class TestCheck:
    async def test_it_logs_in_and_sends_nothing(self, postbox: OpenPostbox):
        box = postbox(tls="required", login=("user", "secret"))
        server = server_of(box, Security.STARTTLS, user="user", password="secret")
        transport = SmtpTransport(server, tls=client_context())

        assert (await transport.check()).answer is Answer.ACCEPTED
        await transport.close()

        assert len(box.reached(Phase.NOOP)) == 1
        assert box.reached(Phase.MAIL) == []

    async def test_it_leaves_a_connection_to_send_on(self, postbox: OpenPostbox):
        box = postbox()
        transport = SmtpTransport(server_of(box))

        await transport.check()
        await transport.send(RECIPIENT, MESSAGE)
        await transport.close()

        assert box.connections == 1

    async def test_it_says_what_is_wrong(self, postbox: OpenPostbox):
        box = postbox()
        box.answer(Phase.NOOP, "421 4.3.2 Shutting down")
        transport = SmtpTransport(server_of(box))

        assert await transport.check() == Reply(Answer.SERVER, 421, "4.3.2 Shutting down")
        await transport.close()
