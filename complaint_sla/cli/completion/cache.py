"""What Tab completes with: a small file of the user's own, left by commands that run anyway. No answer depends on it."""

import os
import re
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import platformdirs
from sqlmodel import Session, col, func, select

from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import Status
from complaint_sla.core.masking import masked_text
from complaint_sla.core.plan import plan_of
from complaint_sla.core.rulebook import Term
from complaint_sla.settings import APP
from complaint_sla.store import books, complaints, filters, offices
from complaint_sla.store.filters import Filter
from complaint_sla.store.tables import Complaint, Event, JournalEntry
from complaint_sla.wording.screening import plain
from complaint_sla.work.desk import Desk

# Older ones are made anew even where nothing seems to have happened: people and offices change, too.
OLDEST_SECONDS = 300
# As many open complaints of one's own, and of one's office, soonest due first. Nobody reads more of them below a Tab.
MOST = 200
# What has ended so lately may have to be opened again; as many of those, the latest first.
ENDED, MOST_ENDED = timedelta(days=30), 50
LONGEST = 60
# What a shell takes as it stands; anything else is not offered.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]*")
_LONG_NUMBER = re.compile(r"(?:\+?[0-9๐-๙][\s().-]?){9,}")


def name_of(text: str) -> str:
    """The name of the file for a key; as the scripts reckon it, which have no digests."""
    one, other = 1, 2
    for byte in os.fsencode(text):
        one, other = (one * 257 + byte) % 2147483647, (other * 263 + byte) % 2147483629
    return f"completion-{one:08x}{other:08x}"


def file_of(options: dict[str, str | None] | None = None) -> Path:
    """Where it lies for what decides database and person on the line and in the environment."""
    options = options or {}
    db = options.get("db") or os.environ.get("COMPLAINT_SLA_DB", "")
    person = options.get("as") or os.environ.get("COMPLAINT_SLA_AS", "")
    config = os.environ.get("COMPLAINT_SLA_CONFIG", "")
    if re.match("sqlite:///(?!/)", db) or re.match("[^/]", config):
        config += "\n" + os.environ.get("PWD", "")
    return folder() / name_of(f"{db}\n{person}\n{config}")


def folder() -> Path:
    return Path(platformdirs.user_cache_dir(APP, appauthor=False))


def keep(terminal: Terminal, desk: Desk, *, anew: bool = False) -> None:
    """Writes it anew if something has happened since, or it is old. Nothing for whoever has never pressed Tab: they have no
    folder for it; `anew` makes one. What can't be written is no fault of the command's.
    """
    with suppress(OSError):
        if anew:
            folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(folder()):
            return
        file = file_of(dict(terminal.options))
        with desk.store.read() as session:
            # Whatever changes a complaint is an event, an erasure too; people and offices stand in the journal.
            ends = [
                session.exec(select(func.max(one))).one() for one in (col(Event.id), col(JournalEntry.seq))
            ]
            last = "\t".join(map(str, ("#", *ends, terminal.words.language)))
            if anew or not _holds(file, last):
                _write(
                    file, [last, *("\t".join(line) for line in _rows(session, desk, terminal.words.language))]
                )


def _is_private(place: Path) -> bool:
    """Whether it is there, ours, and nobody else's to write to."""
    try:
        found = place.stat()
    except FileNotFoundError:
        return False
    return not hasattr(os, "getuid") or (
        found.st_uid == os.getuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _holds(file: Path, last: str) -> bool:
    try:
        with file.open(encoding="utf-8") as kept:
            age = time.time() - os.fstat(kept.fileno()).st_mtime
            return kept.readline().rstrip("\n") == last and 0 <= age < OLDEST_SECONDS
    except (FileNotFoundError, ValueError):
        return False


def _write(file: Path, lines: list[str]) -> None:
    """Whole or not at all; without waiting for the disk, for it can be made again."""
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(
            os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8"
        ) as new:
            new.write("\n".join([*lines, ""]))
        draft.replace(file)
    finally:
        draft.unlink(missing_ok=True)


def _rows(session: Session, desk: Desk, language: str) -> Iterator[tuple[str, ...]]:
    """Kind, value, what it is, and whether it is one's own."""
    book, directory = desk.shelf.governing(desk.now), offices.directory(session)
    terms: dict[str, tuple[Term, ...]] = {
        "group": book.groups, "channel": book.channels, "category": book.categories,
    }  # fmt: skip
    for name, of_kind in terms.items():
        yield from ((f"KEY-{name}", term.key, _line(term.title.of(language))) for term in of_kind)
    plan = plan_of(books.plans(session), Quarter.of(desk.today))
    yield from (("KEY-class", key, "") for key in (plan.classes if plan is not None else ()))
    for office in directory.offices.values():
        yield from _safe("CODE", office.code, office.name_th if language == "th" else office.name_en)
    for person in directory.staff.values():
        if person.retired_at is None:
            yield from _safe("EMAIL", person.email, person.name)
    me = directory.person(desk.actor)
    own = _open(session, desk, owner_id=me.id) if me is not None else []
    code = desk.standing.office or (directory.code(me.office_id) if me is not None else None)
    near = _open(session, desk, office_ids=directory.ids_below(code) if code is not None else None)
    of_mine = {one.number for one in own}
    for one in (*own, *(one for one in near if one.number not in of_mine)):
        yield from _safe("NUMBER", one.number, one.subject, is_own=one.number in of_mine)
    for one in complaints.ended_since(session, desk.now - ENDED, MOST_ENDED):
        yield from _safe("ENDED", one.number, one.subject, is_own=me is not None and one.owner_id == me.id)


def _open(session: Session, desk: Desk, **wanted: Any) -> Sequence[Complaint]:
    return filters.find_all(session, Filter(desk.now, status=Status.OPEN.value, limit=MOST, **wanted))


def _safe(kind: str, value: str, about: str | None, *, is_own: bool = False) -> Iterator[tuple[str, ...]]:
    if _PLAIN.fullmatch(value):
        yield kind, value, _line(about or ""), *(["own"] if is_own else [])


def _line(text: str) -> str:
    """What stands beside a value: short, in one line, nothing that steers a screen, nobody's telephone."""
    text = masked_text(
        _LONG_NUMBER.sub(lambda found: f"…{found[0].strip()[-4:]} ", plain(" ".join(text.split())))
    )
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
