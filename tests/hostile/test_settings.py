"""Settings from options, environment, configuration and password file: refused by name, or harmless."""

from pathlib import Path

import pytest

from tests.cli.runner import SUNDAY, Program
from tests.hostile import verdicts
from tests.hostile.siege import settings
from tests.hostile.texts import ALL

# A password is read by whoever sends mail to a server that asks for one.
TLS = b'mail = "smtps://127.0.0.1:1"\n'
MAIL = b'mail = "smtp+plain://u@127.0.0.1:1"\n'
# As TOML, and as bytes where no text can say it.
CONFIGURATIONS = {
    "NUL in a database": b'db = "sqlite:///a\\u0000b"',
    "NUL in a folder of rules": b'rules = "a\\u0000b"',
    "NUL in a password file": MAIL + b'mail_password_file = "a\\u0000b"',
    "NUL in a mail folder": b'mail = "folder:a\\u0000b"',
    "NUL in a sender": b'mail_from = "a@b\\u0000.org"',
    "NUL in an actor": b'as = "a\\u0000b"',
    "an escape in an actor": b'as = "a\\u001b[2Jb"',
    "an escape in a server": b'mail = "smtp://\\u001b[2J.example.org"',
    "line ends in a sender": b'mail_from = "a@b.org\\r\\nBcc: c@d.org"',
    "direction marks in a language": b'lang = "\\u202eth"',
    "an unknown key": b'"\\u001b[2J\\u202e" = "x"',
    "a number": b"db = 1",
    "a table": b"[db]\nx = 1",
    "a password in the address": b'mail = "smtp://u:s3cret@h"',
    "no UTF-8": b'db = "\xff\xfe"',
    "UTF-16": 'db = "x"'.encode("utf-16"),
    "NUL bytes": b"\0\0\0",
    "nested without end": b"db = " + b"[" * 100_000,
    "a number of many digits": b"db = " + b"9" * 100_000,
    "a password file that is a folder": MAIL + b'mail_password_file = "/"',
    "an authority that is a folder": TLS + b'mail_ca = "/"',
    "an authority that is nowhere": TLS + b'mail_ca = "/nonexistent\\u001b[2J"',
    "an authority without end": TLS + b'mail_ca = "/dev/zero"',
    "an authority that holds none": TLS + b'mail_ca = "/etc/hostname"',
    "NUL in an authority": TLS + b'mail_ca = "a\\u0000b"',
    "a password file that is nowhere": MAIL + b'mail_password_file = "/nonexistent\\u001b[2J"',
}
COMMANDS = (["deliver"], ["mail", "test", "sup@example.org"])


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_hostile_configuration_is_refused_by_name_or_harmless(
    name: str, sqlite_program: Program, tmp_path: Path
) -> None:
    (tmp_path / "config.toml").write_bytes(CONFIGURATIONS[name])
    sqlite_program.hire("sup")
    before = sqlite_program.dump()
    with settings(CONFIG=str(tmp_path / "config.toml")):
        codes = []
        for command in COMMANDS:
            answer = sqlite_program(*command, code=None)
            verdicts.screen(answer)
            assert "s3cret" not in answer.out + answer.err
            codes.append(answer.code)
    # The option beats the database named there, into a folder mail goes from whomever, and drafts that can't be read
    # stop nothing; all else is said.
    assert set(codes) & {2, 5} or name.endswith(("sender", "database", "rules")), codes
    after = sqlite_program.dump()
    assert after.keys() == before.keys()
    assert after["staff"] == before["staff"]


@pytest.mark.parametrize(
    "name", ["LANG", "AS", "MAIL", "MAIL_FROM", "MAIL_PASSWORD", "MAIL_PASSWORD_FILE", "CONFIG", "RULES"]
)
def test_a_hostile_variable_is_refused_by_name_or_harmless(name: str, sqlite_program: Program) -> None:
    chosen = [text for _, text in ALL if "\0" not in text and not _unspeakable(text)]
    for text in chosen[len(name) :: 100]:
        with settings(**{name: text}):
            verdicts.screen(sqlite_program("list", code=None))
            verdicts.screen(sqlite_program("deliver", now=SUNDAY if name == "AS" else None, code=None))
    verdicts.stored(sqlite_program.dump())


def _unspeakable(text: str) -> bool:
    """Whether no environment can hold it: bytes that are no UTF-8 arrive as U+DC80 to U+DCFF, other halves never."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return True
    return False


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\xff", b"a\r\nb", b"x" * 1_000_000, "\u202e\x1b[2J".encode(), b"\xef\xbb\xbfp"]
)
def test_what_stands_in_a_password_file_is_never_shown(
    content: bytes, sqlite_program: Program, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_bytes(b"s3cret" + content)
    with settings(MAIL="smtp+plain://u@127.0.0.1:1", MAIL_PASSWORD_FILE=str(file)):
        for command in (*COMMANDS, ["doctor"]):
            answer = sqlite_program(*command, code=None)
            verdicts.screen(answer)
            assert "s3cret" not in answer.out + answer.err
