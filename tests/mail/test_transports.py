import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from complaint_sla.core.errors import BadValue
from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail.servers import Security, SmtpServer, envelope_address, parse_mail_url
from complaint_sla.mail.transports import FolderTransport, Transport, open_transport
from tests.mail.sending import MESSAGE, RECIPIENT, SENDER


class TestFolder:
    async def test_a_message_is_one_file_for_its_owner_only(self, tmp_path: Path):
        transport = FolderTransport(tmp_path / "data" / "mail")

        reply = await transport.send(RECIPIENT, MESSAGE)

        path = tmp_path / "data" / "mail" / "m-1@example.org.eml"
        assert reply == Reply(Answer.ACCEPTED, None, str(path))
        assert path.read_bytes() == MESSAGE
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert list(path.parent.iterdir()) == [path]

    async def test_a_message_sent_twice_lies_there_once(self, tmp_path: Path):
        transport = FolderTransport(tmp_path / "mail")

        await transport.send(RECIPIENT, MESSAGE)
        await transport.send(RECIPIENT, MESSAGE + b"later\r\n")

        [path] = (tmp_path / "mail").iterdir()
        assert path.read_bytes().endswith(b"later\r\n")

    @pytest.mark.parametrize(
        "message_id",
        [
            "<../../etc/passwd>",
            "</etc/passwd>",
            "<.hidden>",
            "<>",
            "",
            "<" + "x" * 400 + "@y>",
            "<A@b>",
            "<a\0b>",
        ],
    )
    async def test_no_message_id_leads_out_of_the_folder(self, tmp_path: Path, message_id: str):
        folder = tmp_path / "mail"
        message = b"Message-ID: " + message_id.encode() + b"\r\n\r\nText\r\n"

        reply = await FolderTransport(folder).send(RECIPIENT, message)

        assert reply.answer is Answer.ACCEPTED
        [path] = folder.iterdir()
        assert path.read_bytes() == message
        assert path.name.endswith(".eml")
        assert not path.name.startswith(".")

    async def test_different_ids_never_share_a_file(self, tmp_path: Path):
        transport = FolderTransport(tmp_path / "mail")
        for message_id in (
            "<a/b@c>",
            "<a:b@c>",
            "<A_b@c>",
            "<a_b@c>",
            "<" + "x" * 200 + "1>",
            "<" + "x" * 200 + "2>",
        ):
            await transport.send(RECIPIENT, f"Message-ID: {message_id}\r\n\r\n".encode())

        assert len({path.name.lower() for path in (tmp_path / "mail").iterdir()}) == 6

    async def test_a_folder_that_cannot_be_is_the_servers_fault(self, tmp_path: Path):
        (tmp_path / "file").write_text("in the way")
        transport = FolderTransport(tmp_path / "file" / "mail")

        assert (await transport.send(RECIPIENT, MESSAGE)).answer is Answer.SERVER
        assert (await transport.check()).answer is Answer.SERVER

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
    async def test_a_full_disk_is_the_servers_fault_and_leaves_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        folder = tmp_path / "mail"
        real_open = os.open

        def on_a_full_disk(path: str, *how: int, **of: int) -> int:
            # Making the draft is the one moment at which a real full device can be put in its place.
            is_draft = Path(path).name == "draft"
            return real_open("/dev/full", os.O_WRONLY) if is_draft else real_open(path, *how, **of)

        with monkeypatch.context() as patch:
            patch.setattr("os.open", on_a_full_disk)
            reply = await FolderTransport(folder).send(RECIPIENT, MESSAGE)

        assert reply.answer is Answer.SERVER
        assert "No space left" in reply.text
        assert list(folder.iterdir()) == []

    async def test_a_check_leaves_nothing(self, tmp_path: Path):
        transport = FolderTransport(tmp_path / "mail")

        assert (await transport.check()).answer is Answer.ACCEPTED
        await transport.close()
        assert list((tmp_path / "mail").iterdir()) == []


class TestSettings:
    def test_the_schemes_say_how_a_connection_is_secured(self):
        def parsed(url: str) -> tuple[object, ...]:
            server = parse_mail_url(url, SENDER)
            assert isinstance(server, SmtpServer)
            return server.security, server.user, server.host, server.port

        assert parsed("smtps://user@mail.example.org:465") == (Security.TLS, "user", "mail.example.org", 465)
        assert parsed("smtps://user@mail.example.org") == (Security.TLS, "user", "mail.example.org", 465)
        assert parsed("smtp://a%40b.org@mail.example.org") == (
            Security.STARTTLS,
            "a@b.org",
            "mail.example.org",
            587,
        )
        assert parsed("smtp://a@b.org@mail.example.org/") == (
            Security.STARTTLS,
            "a@b.org",
            "mail.example.org",
            587,
        )
        assert parsed("smtp+plain://127.0.0.1:2525") == (Security.PLAIN, None, "127.0.0.1", 2525)
        assert parsed("smtp+plain://[::1]:2525") == (Security.PLAIN, None, "::1", 2525)

    def test_a_folder_is_a_path(self, clean_machine: Path):
        assert parse_mail_url("folder:/var/mail out", SENDER) == Path("/var/mail out")
        assert parse_mail_url("folder:mail", SENDER) == Path("mail")
        assert parse_mail_url("folder:~/mail", SENDER) == clean_machine / "mail"

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "smtp",
            "mail.example.org",
            "http://mail.example.org",
            "smtp://",
            "smtp://user@",
            "smtp://host:port",
            "smtp://host:99999",
            "smtp://host:0",
            "smtp://[::1",
            "smtp://host/path",
            "smtp://host?query",
            "smtp://ho st",
            "folder:",
            "folder:a\0b",
        ],
    )
    def test_what_is_no_mail_url_is_refused(self, url: str):
        with pytest.raises(BadValue) as caught:
            parse_mail_url(url, SENDER)

        assert caught.value.key == "bad-mail-url"

    @pytest.mark.parametrize(
        "url",
        [
            "smtps://user:hunter2@host:465",
            "smtps://user:@host",
            "smpt://user:hunter2@host",
            "smtp://user:hun@ter2@host",
        ],
    )
    def test_a_password_in_the_url_is_refused_and_not_repeated(self, url: str):
        with pytest.raises(BadValue) as caught:
            parse_mail_url(url, SENDER)

        assert caught.value.key == "password-in-mail-url"
        assert "ter2" not in str(caught.value)

    @pytest.mark.parametrize(
        "url", ["smtp://user:hun/ter2@host", "user:hunter2@host", "smtp:user:hunter2@host"]
    )
    def test_nor_is_one_in_a_url_that_is_none(self, url: str):
        with pytest.raises(BadValue) as caught:
            parse_mail_url(url, SENDER)

        assert "ter2" not in str(caught.value)

    def test_a_password_is_not_printed_with_its_server(self):
        server = parse_mail_url("smtps://user@host", SENDER)
        assert isinstance(server, SmtpServer)
        assert "hunter2" not in repr(replace(server, password="hunter2"))

    def test_the_sender_may_have_a_name(self):
        assert envelope_address("งานข้อร้องเรียน <SLA@example.org>") == "sla@example.org"
        for bad in ("", "nobody", "a@b@c", "a b@c.org", "สมชาย@example.org"):
            with pytest.raises(BadValue, match="bad-mail-from"):
                envelope_address(bad)

    @pytest.mark.parametrize(
        ("url", "leaves"),
        [
            ("folder:mail", False),
            ("smtp+plain://127.0.0.1:2525", False),
            ("smtp+plain://127.9.9.9:2525", False),
            ("smtp+plain://localhost:2525", False),
            ("smtp+plain://[::1]:2525", False),
            ("smtp+plain://192.168.1.1:25", True),
            ("smtps://user@localhost.example.org", True),
        ],
    )
    def test_only_a_folder_and_loopback_stay_on_the_machine(self, url: str, leaves: bool):
        transport: Transport = open_transport(parse_mail_url(url, SENDER))

        assert transport.leaves_machine is leaves
