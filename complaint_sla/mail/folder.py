"""Mail into a folder, one `.eml` a message: what a fresh installation does, good for trials and the demo."""

from __future__ import annotations

import asyncio
import email
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from pathlib import Path

from complaint_sla import files
from complaint_sla.core.replies import Answer, Reply

# File systems take 255 bytes; this leaves room for the digest, the ending and a copy's "(1)".
_LONGEST_NAME = 150


class FolderTransport:
    """Writes each message whole or not at all, named after its Message-ID: sent twice, it lies there once."""

    leaves_machine = False

    def __init__(self, path: Path) -> None:
        self.path = path
        self._cleared = False

    async def send(self, recipient: str, message: bytes) -> Reply:  # noqa: ARG002 - the message names its recipient
        """A disk that is full or not writable is SERVER."""
        return await asyncio.to_thread(self._answered, file_name(message), message)

    async def check(self) -> Reply:
        """Writes a small file and takes it away again."""
        return await asyncio.to_thread(self._answered, None, b"complaint-sla\n")

    def give_up(self) -> None:
        """A file is soon written."""

    async def close(self) -> None:
        """Nothing is open."""

    def _answered(self, name: str | None, content: bytes) -> Reply:
        try:
            self._write(name, content)
        except OSError as error:
            return Reply(Answer.SERVER, None, f"{error.strerror or error}: {self.path}")
        return Reply(Answer.ACCEPTED, None, str(self.path / name) if name else str(self.path))

    def _write(self, name: str | None, content: bytes) -> None:
        # The letters tell of complaints: only their owner reads them.
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._cleared:
            # Once: a year's letters lie there.
            self._cleared = True
            files.clear(self.path)
        # Whoever looks for *.eml finds no half of one.
        with files.draft(self.path / (name or "check"), files.PRIVATE) as unfinished:
            unfinished.file.write(content)
            unfinished.file.flush()
            if name is not None:
                files.settle(unfinished, self.path / name)


def take_back(
    folders: Iterable[Path], may_name: Mapping[str, Collection[str]], subject: str, text: str
) -> dict[str, bool]:
    """Empties letters that name a complaint, given by Message-ID the numbers that each may name.

    Under its name stays who got it, when and under which Message-ID, with another subject and text. The Message-IDs of the
    letters that lie here, and whether each was emptied. A folder that can't be looked into has none. Raises OSError.
    """
    here: dict[str, bool] = {}
    for message_id, numbers in may_name.items():
        for folder in folders:
            path = folder / name_of(message_id)
            try:
                letter = email.message_from_bytes(path.read_bytes(), policy=SMTP)
            except (FileNotFoundError, NotADirectoryError, PermissionError):
                continue
            names = any(number in _said(letter) for number in numbers)
            here[message_id] = here.get(message_id, False) or names
            if names:
                files.write(path, _emptied(letter, subject, text), files.PRIVATE)
    return here


def _said(letter: EmailMessage) -> str:
    """The words of a letter: its subject and whatever parts of it are text."""
    parts = [part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(letter["Subject"]), *parts])


def _emptied(letter: EmailMessage, subject: str, text: str) -> bytes:
    left = EmailMessage(policy=SMTP)
    for name in ("From", "To", "Date", "Message-ID"):
        if name in letter:
            left[name] = str(letter[name])
    left["Subject"] = subject
    left.set_content(text)
    return left.as_bytes()


def file_name(message: bytes) -> str:
    """A name that stays in its folder, the same for the same Message-ID and different for different ones."""
    given = str(BytesHeaderParser().parsebytes(message).get("Message-ID") or "").strip()
    return name_of(given, message)


def name_of(given: str, message: bytes = b"") -> str:
    """The name of a message with this Message-ID; of one without any, by what is in it."""
    digest = hashlib.sha256(given.encode("utf-8", "surrogateescape") if given else message).hexdigest()[:12]
    bare = given.removeprefix("<").removesuffix(">")
    safe = re.sub(r"[^A-Za-z0-9@._-]", "_", bare).lstrip(".")[:_LONGEST_NAME]
    # Names that differ in case only are one file on some systems.
    exact = safe == bare and safe == safe.lower() and safe != ""
    return f"{safe}.eml" if exact else f"{safe or 'message'}-{digest}.eml"
