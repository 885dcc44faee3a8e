"""Mail from end to end: over real SMTP and into a folder; and the outbox as it is shown."""

import os
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import SUNDAY, Program, real, run
from tests.conftest import OpenPostbox
from tests.servers.smtp import Certificate, Phase

PASSWORD = "påss:w@rd/1"


@pytest.fixture
def owed(program: Program) -> Program:
    """An urgent complaint that the supervisor is still to hear of."""
    program.hire("sup")
    program.number("residential", "--urgent", "--subject", "ไฟดับ ทั้งหมู่บ้าน", "--phone", "0812345678")
    assert program("sweep", "--json", now=SUNDAY).json == {
        "due": 1, "alerts": 1, "superseded": 0, "unalertable": 0, "locked": 0,
    }  # fmt: skip
    return program


def check_letter(message: EmailMessage, program: Program) -> None:
    assert message["To"] == "Sup <sup@example.org>" or "sup@example.org" in message["To"]
    assert "C-6003-00001" in message["Subject"]
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    for part in ("C-6003-00001", "ไฟดับ ทั้งหมู่บ้าน", "8 March 2017"):
        assert part in text, part
    assert "0812345678" not in message.as_string()
    sent = next(alert for alert in program.show("6003-1")["alerts"] if alert["state"] == "sent")
    assert sent["message_id"] == message["Message-ID"]


@pytest.mark.parametrize("tls", ["required", "implicit", "none"])
def test_a_letter_goes_out_over_smtp_as_it_was_meant(
    owed: Program, postbox: OpenPostbox, trusted_authority: Path, monkeypatch: pytest.MonkeyPatch, tls: Any
) -> None:
    box = postbox(tls=tls, login=("officer", PASSWORD))
    scheme = {"required": "smtp", "implicit": "smtps", "none": "smtp+plain"}[tls]
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"{scheme}://officer@127.0.0.1:{box.port}")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL_PASSWORD", PASSWORD)
    monkeypatch.setenv("COMPLAINT_SLA_MAIL_FROM", "ศูนย์ร้องเรียน <sla@example.org>")

    counts = owed("deliver", "--json", now=SUNDAY).json
    again = owed("deliver", "--json", now=SUNDAY).json

    assert counts == {"sent": 1, "retried": 0, "failed": 0, "dropped": 0}
    assert again == {"sent": 0, "retried": 0, "failed": 0, "dropped": 0}
    [letter] = box.received
    assert (letter.sender, letter.recipients) == ("sla@example.org", ("sup@example.org",))
    assert letter.secure == (tls != "none")
    assert letter.login == "officer"
    assert "sla@example.org" in letter.message["From"]
    check_letter(letter.message, owed)


def test_a_letter_into_a_folder_is_a_file(owed: Program, clean_machine: Path) -> None:
    said = owed("deliver", now=SUNDAY)

    [file] = (clean_machine / ".local/share/complaint_sla/mail").glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    check_letter(message, owed)
    assert said.out == "Messages sent: 1 · to be tried again: 0 · refused: 0 · no longer needed: 0\n"


def test_the_letter_speaks_the_language_of_the_person(
    sqlite_program: Program, lang: str, clean_machine: Path
) -> None:
    sqlite_program.hire("sup", lang=lang)
    sqlite_program.number("residential", "--urgent")
    sqlite_program("sweep", now=SUNDAY)

    sqlite_program("deliver", now=SUNDAY)

    [file] = (clean_machine / ".local/share/complaint_sla/mail").glob("*.eml")
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    assert body is not None
    assert ("8 มีนาคม 2560" if lang == "th" else "8 March 2017") in body.get_content()


def test_mail_that_could_not_be_sent_waits_and_the_exit_code_says_so(
    owed: Program, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = postbox()
    box.answer(Phase.RCPT, "451 4.2.0 Come back later", times=1)
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp+plain://127.0.0.1:{box.port}")

    counts = owed("deliver", "--json", now=SUNDAY, code=1).json
    [waiting] = owed("mail", "list", "--failed", "--json").json

    assert counts == {"sent": 0, "retried": 1, "failed": 0, "dropped": 0}
    assert (waiting["state"], waiting["attempts"], waiting["recipient"]) == ("waiting", 1, "sup@example.org")
    assert "Come back later" in waiting["error"]
    assert waiting["next_try_at"].endswith("+07:00")
    assert "Come back later" in owed("mail", "list", "--failed").out
    # Not before its time, unless somebody says so.
    assert owed("deliver", "--json", now=SUNDAY).json["sent"] == 0
    assert owed("mail", "retry", "--json").json == {"retried": 1}
    assert owed("deliver", "--json", now=SUNDAY).json["sent"] == 1
    assert owed("mail", "list", "--failed", "--json").json == []
    assert [one["state"] for one in owed("mail", "list", "--json").json] == ["sent"]


def test_a_refused_address_is_marked_and_the_outbox_says_why(
    owed: Program, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = postbox()
    box.answer(Phase.RCPT, "550 5.1.1 No such person", to="sup@example.org")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp+plain://127.0.0.1:{box.port}")

    assert owed("deliver", "--json", now=SUNDAY, code=1).json["failed"] == 1

    [failed] = owed("mail", "list", "--failed", "--json").json
    assert failed["state"] == "failed"
    assert "No such person" in failed["error"]
    assert owed("staff", "list", "--json").json[0]["failed_at"] is not None
    assert "No such person" in owed("staff", "list").out
    examined = owed("doctor", code=1).out
    assert "sup@example.org" in examined
    assert "staff set sup@example.org --reachable" in examined
    assert owed("staff", "set", "sup@example.org", "--reachable", "--json").json["failed_at"] is None


MESSAGE_KEYS = [
    "id", "kind", "recipient", "state", "complaints", "created_at", "attempts", "sent_at", "next_try_at", "error",
    "message_id", "unheard_at", "answer",
]  # fmt: skip


def test_a_message_of_the_outbox_is_shown_as_it_was_sent(owed: Program) -> None:
    owed("deliver", now=SUNDAY)
    [listed] = owed("mail", "list", "--json").json
    assert list(listed)[: len(MESSAGE_KEYS)] == MESSAGE_KEYS

    as_json = owed("mail", "show", str(listed["id"]), "--json", now=SUNDAY).json
    said = owed("mail", "show", str(listed["id"]), now=SUNDAY).out

    assert {key: as_json[key] for key in MESSAGE_KEYS} == listed
    assert "C-6003-00001" in as_json["subject"]
    assert "ไฟดับ ทั้งหมู่บ้าน" in as_json["text"]
    for part in ("sup@example.org", "sent", as_json["subject"], "ไฟดับ ทั้งหมู่บ้าน"):
        assert part in said, part


@pytest.mark.parametrize(
    "message",
    [
        "7",
        "-1",
        "9" * 23,
    ],
)
def test_a_message_that_is_not_there_ends_with_3(program: Program, message: str) -> None:
    for command in ("show", "retry"):
        refused = program("mail", command, "--", message, code=3)
        assert message in refused.err
        assert "mail list" in refused.err


def test_a_test_message_goes_past_the_outbox(
    sqlite_program: Program, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = postbox()
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp+plain://127.0.0.1:{box.port}")

    said = sqlite_program("mail", "test", "Somebody@Example.org").out
    box.answer(Phase.RCPT, "550 5.1.1 No such person")
    refused = sqlite_program("mail", "test", "somebody@example.org", code=1)
    as_json = sqlite_program("mail", "test", "somebody@example.org", "--json", code=1).json

    [letter] = box.received
    assert letter.recipients == ("somebody@example.org",)
    assert "Accepted" in said
    assert "550" in refused.err
    assert "No such person" in refused.err
    assert (as_json["accepted"], as_json["code"]) == (False, 550)
    assert sqlite_program("mail", "list", "--json").json == []


def test_a_test_message_to_nobody_is_refused_before_anything_is_connected(sqlite_program: Program) -> None:
    assert "no-address" in sqlite_program("mail", "test", "no-address", code=2).err


@pytest.mark.parametrize("certificate", [Certificate.UNTRUSTED, Certificate.WRONG_NAME, Certificate.EXPIRED])
def test_no_letter_and_no_password_goes_to_a_server_that_can_not_prove_itself(
    sqlite_program: Program, postbox: OpenPostbox, trusted_authority: Path, monkeypatch: pytest.MonkeyPatch,
    certificate: Certificate,
) -> None:  # fmt: skip
    box = postbox(tls="implicit", login=("officer", PASSWORD), certificate=certificate)
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtps://officer@127.0.0.1:{box.port}")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL_PASSWORD", PASSWORD)

    assert sqlite_program("mail", "test", "a@b.org", code=1).err
    # It is neither the address nor the password that is to be mended.
    cure = {
        Certificate.UNTRUSTED: "COMPLAINT_SLA_MAIL_CA",
        Certificate.WRONG_NAME: "name the server as its certificate does",
        Certificate.EXPIRED: "renew it",
    }[certificate]
    assert cure in " ".join(sqlite_program("doctor", code=1).out.split())
    assert box.received == []
    assert box.reached(Phase.AUTH) == []


def test_the_password_is_printed_nowhere(
    owed: Program,
    postbox: OpenPostbox,
    trusted_authority: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = postbox(tls="required", login=("officer", "another"))
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp://officer@127.0.0.1:{box.port}")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL_PASSWORD_FILE", str(secret))
    commands = [["doctor"], ["doctor", "--json"], ["deliver"], ["mail", "test", "a@b.org"]]
    commands += [["mail", "list"], ["mail", "list", "--json"], ["init"], ["init", "--json"]]

    printed = "".join(
        answer.out + answer.err for answer in (owed(*command, code=None) for command in commands)
    )

    assert len(box.reached(Phase.AUTH)) >= 3
    assert box.received == []
    assert PASSWORD not in printed
    assert "***" in printed
    assert PASSWORD not in str(owed.dump())
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp://officer:{PASSWORD}@127.0.0.1:{box.port}")
    for command in (["doctor"], ["doctor", "--json"], ["deliver"], ["mail", "test", "a@b.org"], ["init"]):
        answer = owed(*command, code=None)
        assert "w@rd" not in answer.out + answer.err, command


def test_the_databases_password_is_printed_nowhere() -> None:
    url = "postgresql+psycopg://user:s3cret@127.0.0.1:1/none"

    for command in (["doctor"], ["doctor", "--json"], ["list"], ["init"]):
        answer = run(["--db", url, *command])
        assert answer.code in (1, 5)
        assert "s3cret" not in answer.out + answer.err


def test_doctor_says_aloud_that_mail_travels_without_encryption_unless_it_stays_here(
    sqlite_program: Program, postbox: OpenPostbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = postbox()
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"smtp+plain://127.0.0.1:{box.port}")
    assert "without encryption" not in sqlite_program("doctor", code=1).out
    box.stop()
    down = sqlite_program("doctor", code=1).out
    assert "Mail can't leave" in down


def test_doctor_names_what_is_missing_and_its_cure_and_is_content_when_all_is_done(program: Program) -> None:
    sick = program("doctor", "--json", code=1).json
    cures = " ".join(finding["cure"] for finding in sick["findings"])
    assert "staff add" in cures
    assert "complaint-sla run" in cures

    program.hire("sup")
    program("run", "--once")
    well = program("doctor", "--json").json

    assert [finding["about"] for finding in well["findings"] if finding["wrong"]] == []
    assert list(well["findings"][0]) == ["about", "wrong", "text", "cure"]
    assert "All is well." in program("doctor").out


def test_a_folder_that_can_not_be_written_is_told(
    owed: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"folder:{tmp_path / 'file' / 'mail'}")

    failed = owed("deliver", now=SUNDAY, code=1)

    assert "Mail can't leave" in failed.err
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"folder:{tmp_path / 'mail'}")
    owed("mail", "retry")
    assert owed("deliver", "--json", now=SUNDAY).json["sent"] == 1


def test_the_whole_way_as_programs_of_their_own(
    owed: Program, postbox: OpenPostbox, trusted_authority: Path
) -> None:
    box = postbox(tls="required", login=("officer", PASSWORD))
    environment = {
        "COMPLAINT_SLA_MAIL": f"smtp://officer@127.0.0.1:{box.port}",
        "COMPLAINT_SLA_MAIL_PASSWORD": PASSWORD,
        "PATH": os.environ["PATH"],
    }

    answer = real("--db", owed.url, "deliver", "--json", environment=environment)

    assert answer.json == {"sent": 1, "retried": 0, "failed": 0, "dropped": 0}
    assert answer.err == ""
    assert box.received[0].recipients == ("sup@example.org",)
