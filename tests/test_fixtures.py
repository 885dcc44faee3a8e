"""The tests' own machinery holds: servers start and answer, and fail exactly as they are told."""

import asyncio
import os
import smtplib
import sqlite3
import ssl
import subprocess
import sys
from pathlib import Path

import aiosmtplib
import psycopg
import pytest

from tests.conftest import Databases, OpenPostbox
from tests.servers.postgres import PostgresServer
from tests.servers.smtp import Certificate, Phase, Postbox, client_context

LETTER = b"Message-ID: <1@test>\r\nSubject: due\r\n\r\nSee to it.\r\n"
SENDER = "desk@example.org"
SUPERVISOR = "supervisor@example.org"
MANAGER = "manager@example.org"


def client(box: Postbox, *, starttls: bool | None = False, use_tls: bool = False) -> aiosmtplib.SMTP:
    return aiosmtplib.SMTP(
        hostname=box.host,
        port=box.port,
        start_tls=starttls,
        use_tls=use_tls,
        tls_context=client_context(),
        timeout=10,
    )


async def send(box: Postbox, *recipients: str) -> tuple[dict[str, aiosmtplib.SMTPResponse], str]:
    async with client(box) as connection:
        return await connection.sendmail(SENDER, list(recipients or [SUPERVISOR]), LETTER)


def libpq(url: str) -> str:
    return url.replace("postgresql+psycopg:", "postgresql:")


class TestMachine:
    def test_no_setting_of_the_machine_reaches_a_test(self, clean_machine: Path) -> None:
        assert not [name for name in os.environ if name.startswith(("COMPLAINT_SLA_", "PG", "LC_"))]
        assert Path.home() == clean_machine
        assert not list(clean_machine.iterdir())


class TestSqlite:
    def test_each_empty_database_is_a_new_one(self, sqlite_databases: Databases) -> None:
        first, second = sqlite_databases.empty(), sqlite_databases.empty()
        assert first != second
        with sqlite3.connect(first.removeprefix("sqlite:///")) as connection:
            assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        connection.close()


@pytest.mark.postgresql
class TestPostgres:
    def test_the_server_answers_and_is_not_run_by_root(self, postgres_server: PostgresServer) -> None:
        assert postgres_server.execute("SHOW max_connections") == [("200",)]
        if hasattr(os, "geteuid"):
            assert (postgres_server.home / "data").stat().st_uid != 0

    def test_a_copy_has_what_its_template_has_and_keeps_its_changes_to_itself(
        self, postgres_server: PostgresServer
    ) -> None:
        template = postgres_server.create()
        with psycopg.connect(libpq(postgres_server.url(template)), autocommit=True) as connection:
            connection.execute("CREATE TABLE office (code text)")
        copies = [postgres_server.create(template) for _ in range(2)]
        with psycopg.connect(libpq(postgres_server.url(copies[0])), autocommit=True) as connection:
            connection.execute("INSERT INTO office VALUES ('MAIN')")
        with psycopg.connect(libpq(postgres_server.url(copies[1])), autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM office").fetchone() == (0,)
        for name in [*copies, template]:
            postgres_server.drop(name)

    def test_a_database_goes_even_when_a_connection_was_left_open(
        self, postgres_server: PostgresServer
    ) -> None:
        name = postgres_server.create()
        left = psycopg.connect(libpq(postgres_server.url(name)))
        postgres_server.drop(name)
        left.close()
        assert (name,) not in postgres_server.execute("SELECT datname FROM pg_database")

    def test_each_empty_database_is_a_new_one(self, postgresql_databases: Databases) -> None:
        first, second = postgresql_databases.empty(), postgresql_databases.empty()
        assert first != second
        with psycopg.connect(libpq(first)) as connection:
            assert connection.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            ).fetchone() == (0,)

    @pytest.mark.slow
    def test_a_stopped_server_leaves_nothing_behind(self) -> None:
        server = PostgresServer()
        server.start()
        process = server._process
        assert process is not None
        server.stop()
        assert process.returncode == 0
        assert not server.home.exists()


class TestPostbox:
    async def test_a_letter_is_kept_as_it_came_with_its_envelope(self, postbox: OpenPostbox) -> None:
        box = postbox()
        refused, _ = await send(box, SUPERVISOR, MANAGER)
        assert refused == {}
        [letter] = box.received
        assert letter.content == LETTER
        assert (letter.sender, letter.recipients) == (SENDER, (SUPERVISOR, MANAGER))
        assert (letter.secure, letter.login, letter.connection) == (False, None, 1)
        assert letter.message_id == "<1@test>"
        assert letter.message["Subject"] == "due"
        assert [step.phase.name for step in box.steps] == [
            *("GREETING", "EHLO", "MAIL", "RCPT", "RCPT", "DATA", "BODY", "ACCEPTED", "QUIT")
        ]

    async def test_one_recipient_is_refused_and_the_other_gets_the_letter(self, postbox: OpenPostbox) -> None:
        box = postbox()
        box.answer(Phase.RCPT, "550 5.1.1 No such user", to=MANAGER.upper())
        refused, _ = await send(box, SUPERVISOR, MANAGER)
        assert {address: answer.code for address, answer in refused.items()} == {MANAGER: 550}
        assert [letter.recipients for letter in box.received] == [(SUPERVISOR,)]

    @pytest.mark.parametrize(
        ("phase", "reply", "error"),
        [
            (Phase.GREETING, "421 4.3.2 Closed for the night", aiosmtplib.SMTPConnectError),
            (Phase.EHLO, "550 5.7.1 Not you", aiosmtplib.SMTPHeloError),
            (Phase.MAIL, "451 4.3.0 Later", aiosmtplib.SMTPSenderRefused),
            (Phase.DATA, "554 5.7.1 No", aiosmtplib.SMTPDataError),
            (Phase.BODY, "552 5.2.2 Full", aiosmtplib.SMTPDataError),
        ],
    )
    async def test_a_phase_gives_the_scripted_reply(
        self, postbox: OpenPostbox, phase: Phase, reply: str, error: type[aiosmtplib.SMTPResponseException]
    ) -> None:
        box = postbox()
        box.answer(phase, reply)
        with pytest.raises(error, match=reply[4:]) as caught:
            await send(box)
        if isinstance(caught.value, aiosmtplib.SMTPResponseException):
            assert caught.value.code == int(reply[:3])
        assert box.received == []
        box.mend()
        await send(box)
        assert len(box.received) == 1

    @pytest.mark.parametrize(
        "phase", [Phase.GREETING, Phase.EHLO, Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY]
    )
    async def test_a_dropped_connection_takes_no_letter_with_it(
        self, postbox: OpenPostbox, phase: Phase
    ) -> None:
        box = postbox()
        box.drop(phase, times=1)
        with pytest.raises((aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPConnectError)):
            await send(box)
        assert box.received == []
        await send(box)
        assert [letter.connection for letter in box.received] == [2]

    async def test_a_letter_is_taken_although_the_client_never_hears_of_it(
        self, postbox: OpenPostbox
    ) -> None:
        box = postbox()
        box.drop(Phase.ACCEPTED, to=SUPERVISOR)
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await send(box)
        assert len(box.received) == 1

    @pytest.mark.parametrize("phase", [Phase.GREETING, Phase.EHLO, Phase.RCPT, Phase.DATA, Phase.BODY])
    async def test_a_held_conversation_goes_on_when_released(
        self, postbox: OpenPostbox, phase: Phase
    ) -> None:
        box = postbox()
        hold = box.hold(phase)
        sending = asyncio.create_task(send(box))
        await hold.reached()
        assert box.received == []
        assert not sending.done()
        hold.release()
        await sending
        assert len(box.received) == 1

    async def test_a_client_that_gives_up_on_a_hold_is_let_go(self, postbox: OpenPostbox) -> None:
        box = postbox()
        box.hold(Phase.BODY)
        with pytest.raises(aiosmtplib.SMTPReadTimeoutError):
            async with client(box) as connection:
                await connection.sendmail(SENDER, [SUPERVISOR], LETTER, timeout=0.2)
        assert box.received == []

    async def test_a_reply_of_421_ends_the_connection(self, postbox: OpenPostbox) -> None:
        box = postbox()
        box.answer(Phase.MAIL, "421 4.7.0 Too many", times=1)
        async with client(box) as connection:
            with pytest.raises(aiosmtplib.SMTPException):
                await connection.sendmail(SENDER, [SUPERVISOR], LETTER)
            with pytest.raises(aiosmtplib.SMTPServerDisconnected):
                await connection.sendmail(SENDER, [SUPERVISOR], LETTER)

    async def test_a_closed_postbox_refuses_and_opens_again_on_its_port(self, postbox: OpenPostbox) -> None:
        box = postbox()
        await send(box)
        port = box.port
        box.stop()
        with pytest.raises(aiosmtplib.SMTPConnectError):
            await send(box)
        box.start()
        assert box.port == port
        await send(box)
        assert len(box.received) == 2

    async def test_closing_cuts_connections_that_are_open(self, postbox: OpenPostbox) -> None:
        box = postbox(tls="offered")
        connections = [client(box, starttls=starttls) for starttls in (True, False)]
        for connection in connections:
            await connection.connect()
        box.stop()
        for connection in connections:
            with pytest.raises(aiosmtplib.SMTPServerDisconnected):
                await connection.noop()
            connection.close()

    def test_letters_of_another_process_can_be_waited_for(self, postbox: OpenPostbox) -> None:
        box = postbox()
        program = (
            "import smtplib, sys\n"
            "with smtplib.SMTP('127.0.0.1', int(sys.argv[1]), timeout=10) as server:\n"
            "    server.sendmail('a@example.org', ['b@example.org'], 'Subject: x\\n\\ny')\n"
        )
        with subprocess.Popen([sys.executable, "-c", program, str(box.port)]) as process:
            [letter] = box.wait_for(1)
        assert process.returncode == 0
        assert letter.recipients == ("b@example.org",)


class TestSecurePostbox:
    async def test_a_letter_comes_through_starttls(self, postbox: OpenPostbox) -> None:
        box = postbox(tls="required")
        async with client(box, starttls=True) as connection:
            await connection.sendmail(SENDER, [SUPERVISOR], LETTER)
        assert [letter.secure for letter in box.received] == [True]

    async def test_without_starttls_nothing_is_taken_where_it_is_required(self, postbox: OpenPostbox) -> None:
        box = postbox(tls="required")
        with pytest.raises(aiosmtplib.SMTPResponseException, match="STARTTLS"):
            await send(box)
        assert box.received == []

    async def test_starttls_can_be_withheld_or_refused(self, postbox: OpenPostbox) -> None:
        with pytest.raises(aiosmtplib.SMTPException, match="STARTTLS"):
            await client(postbox(), starttls=True).connect()
        box = postbox(tls="offered")
        box.answer(Phase.STARTTLS, "454 4.7.0 TLS not available")
        with pytest.raises(aiosmtplib.SMTPResponseException, match="TLS not available"):
            await client(box, starttls=True).connect()
        assert [step.phase for step in box.steps if step.phase is Phase.MAIL] == []

    async def test_a_connection_dropped_at_starttls_is_an_error_of_the_client(
        self, postbox: OpenPostbox
    ) -> None:
        box = postbox(tls="offered")
        box.drop(Phase.STARTTLS)
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            await client(box, starttls=True).connect()

    async def test_a_letter_comes_through_tls_from_the_first_byte(self, postbox: OpenPostbox) -> None:
        box = postbox(tls="implicit", login=("desk", "secret"))
        async with client(box, use_tls=True) as connection:
            await connection.login("desk", "secret")
            await connection.sendmail(SENDER, [SUPERVISOR], LETTER)
        assert [(letter.secure, letter.login) for letter in box.received] == [(True, "desk")]

    @pytest.mark.parametrize("phase", [Phase.RCPT, Phase.BODY])
    @pytest.mark.parametrize("tls", ["offered", "implicit"])
    async def test_a_connection_is_dropped_inside_tls_as_well(
        self, postbox: OpenPostbox, phase: Phase, tls: str
    ) -> None:
        box = postbox(tls=tls)
        box.drop(phase)
        connection = client(box, starttls=tls == "offered", use_tls=tls == "implicit")
        with pytest.raises(aiosmtplib.SMTPServerDisconnected):
            async with connection:
                await connection.sendmail(SENDER, [SUPERVISOR], LETTER)
        assert box.received == []

    @pytest.mark.parametrize("bad", [Certificate.WRONG_NAME, Certificate.UNTRUSTED, Certificate.EXPIRED])
    @pytest.mark.parametrize("tls", ["required", "implicit"])
    async def test_a_careful_client_refuses_a_bad_certificate(
        self, postbox: OpenPostbox, bad: Certificate, tls: str
    ) -> None:
        box = postbox(tls=tls, certificate=bad)
        with pytest.raises((aiosmtplib.SMTPException, ssl.SSLError)):
            await client(box, starttls=tls == "required", use_tls=tls == "implicit").connect()
        assert not box.reached(Phase.MAIL)

    async def test_who_has_not_logged_in_sends_nothing(self, postbox: OpenPostbox) -> None:
        box = postbox(login=("desk", "secret"))
        with pytest.raises(aiosmtplib.SMTPResponseException, match="Authentication required"):
            await send(box)
        async with client(box) as connection:
            with pytest.raises(aiosmtplib.SMTPAuthenticationError):
                await connection.login("desk", "wrong")
            await connection.login("desk", "secret")
            await connection.sendmail(SENDER, [SUPERVISOR], LETTER)
        assert [letter.login for letter in box.received] == ["desk"]

    async def test_a_login_can_be_refused_by_script(self, postbox: OpenPostbox) -> None:
        box = postbox(tls="required", login=("desk", "secret"))
        box.answer(Phase.AUTH, "535 5.7.8 Not today")
        async with client(box, starttls=True) as connection:
            with pytest.raises(aiosmtplib.SMTPAuthenticationError, match="Not today"):
                await connection.login("desk", "secret")

    async def test_no_login_is_offered_or_taken_in_the_clear_beside_tls(self, postbox: OpenPostbox) -> None:
        box = postbox(tls="offered", login=("desk", "secret"))
        async with client(box) as connection:
            await connection.ehlo()
            assert "auth" not in connection.esmtp_extensions
            answer = await connection.execute_command(b"AUTH PLAIN AGRlc2sAc2VjcmV0")
            assert answer.code == 538

    def test_openssls_default_trusts_the_postbox_when_asked_to(
        self, postbox: OpenPostbox, trusted_authority: Path
    ) -> None:
        box = postbox(tls="implicit")
        context = ssl.create_default_context()
        with smtplib.SMTP_SSL(box.host, box.port, timeout=10, context=context) as connection:
            connection.sendmail(SENDER, [SUPERVISOR], LETTER)
        assert len(box.received) == 1
