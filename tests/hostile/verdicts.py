"""What must hold of everything that comes out, whatever went in: screens, letters, sheets, JSON, the database."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from tests.cli.runner import Answer
from tests.hostile.texts import BIDIRECTIONAL

# Of control characters a screen gets line ends only.
STEERING = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff{BIDIRECTIONAL}]")
FORMULA = re.compile("[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# What the contract knows; 70 is a bug.
EXIT_CODES = {0, 1, 2, 3, 4, 5, 6}
# An error names a value of at most 200 characters, each of which may need six as an escape, and what exists.
LONGEST_ERROR = 4_000

LETTER = Counter(
    dict.fromkeys(
        [
            "MIME-Version",
            "Content-Type",
            "Message-ID",
            "Date",
            "From",
            "To",
            "Subject",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
            "Content-Language",
        ],
        1,
    )
)
SOMETIMES = {"In-Reply-To", "References", "Importance"}


def screen(answer: Answer) -> None:
    """Nothing on stdout or stderr could steer the screen, and an error is told in a few lines."""
    for stream in (answer.out, answer.err):
        found = STEERING.search(stream)
        assert found is None, f"{found[0]!r} in {stream[max(0, found.start() - 40) : found.end() + 40]!r}"
    assert answer.code in EXIT_CODES, answer.err
    assert "Traceback" not in answer.err
    assert len(answer.err) < LONGEST_ERROR, answer.err


def document(answer: Answer) -> Any:
    """Stdout is one JSON document, and no text in it holds half a character."""
    found = answer.json
    for text in texts(found):
        text.encode()
    # As readers of other languages do: NaN and Infinity are no JSON.
    json.loads(answer.out, parse_constant=lambda _: 1 // 0)
    return found


def texts(value: Any) -> Iterator[str]:
    """Every text within a value of lists and tables, their keys too."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts(key)
            yield from texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from texts(one)


def stored(dump: dict[str, list[tuple[Any, ...]]]) -> set[str]:
    """Every text in the database is NFC, and holds no control character but line ends and tabs; all of them."""
    found = set(texts(dump))
    for text in [one for one in found if one.startswith("{")]:
        # What people said of an event is kept as JSON.
        with contextlib.suppress(ValueError):
            found |= set(texts(json.loads(text)))
    for text in found:
        assert unicodedata.is_normalized("NFC", text), ascii(text)
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", text), ascii(text)
    return found


def squeezed(text: str) -> str:
    """The text as it may be compared with what was kept of it: NFC, the one sara am, and no white space."""
    text = re.sub("\u0e4d([\u0e48-\u0e4b]?)\u0e32", "\\1\u0e33", unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", "".join(text.split()))


def letter(content: bytes, recipient: str) -> EmailMessage:
    """The letter has the headers that it should have, one of each, two parts, and goes to one person."""
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", content) is None, "a line end of its own"
    head = content.partition(b"\r\n\r\n")[0]
    assert head.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 998
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    names = Counter(message.keys())
    assert {name: n for name, n in names.items() if name not in SOMETIMES} == LETTER, names
    assert all(names[name] <= 1 for name in SOMETIMES)
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    for part in message.walk():
        assert part.defects == [], part.defects
        if part is not message:
            assert sorted(part.keys()) == ["Content-Transfer-Encoding", "Content-Type", "MIME-Version"]
    [address] = message["To"].addresses
    assert address.addr_spec == recipient
    assert len(message["From"].addresses) == 1
    for name in ("Subject", "To", "From"):
        assert STEERING.search(str(message[name])) is None, ascii(str(message[name]))
    assert STEERING.search(body(message, "plain").replace("\r", "")) is None
    assert STEERING.search(body(message, "html").replace("\r", "")) is None
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


class Skeleton(HTMLParser):
    """The tags of a page with their attributes, its comments and declarations; and what is written between them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.bones: list[object] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # What is read aloud in place of a picture is words too.
        self.words += "".join(value or "" for name, value in attrs if name == "aria-label")
        self.bones.append(
            (tag, tuple((name, None if name == "aria-label" else value) for name, value in attrs))
        )

    def handle_endtag(self, tag: str) -> None:
        self.bones.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.bones.append(("comment", data))

    def handle_decl(self, decl: str) -> None:
        self.bones.append(("declaration", decl))

    def unknown_decl(self, data: str) -> None:
        self.bones.append(("declaration", data))

    def handle_pi(self, data: str) -> None:
        self.bones.append(("instruction", data))

    def handle_data(self, data: str) -> None:
        self.words += data


def sheet(text: str, separator: str = ",") -> list[list[str]]:
    """The rows of a CSV, no cell of which a spreadsheet takes for a formula."""
    rows = list(
        csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=separator, strict=True)
    )
    for cell in (cell for row in rows for cell in row):
        assert not FORMULA.match(cell) or NUMBER.fullmatch(cell), ascii(cell)
    assert len({len(row) for row in rows}) <= 1
    return rows
