"""An older backup held against the database: whatever was written down for good by then is there, unchanged.

Every chain is a prefix of today's; the numbers given out, the letters sent, the figures and what was published are
those of today. That words have been erased since is in order: no hash covers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import BadValue
from complaint_sla.core.fates import AlertKey
from complaint_sla.core.figures import about_figure
from complaint_sla.core.journal import JOURNAL
from complaint_sla.store import held
from complaint_sla.store.held import Key, Rows, Value

Found = Iterator[tuple[str, Difference]]


@dataclass
class Held:
    """How many things of the backup were looked for."""

    complaints: int = 0
    events: int = 0
    entries: int = 0
    letters: int = 0
    figures: int = 0
    books: int = 0


def require_own(today: Connection, backup: Connection, file: Path) -> None:
    """Raises BadValue (`backup-of-another`) if the backup is not of this database, nor of one that it was restored from.

    A restored database has an identity of its own, and the journal of the backup.
    """
    if held.identity(today) == held.identity(backup):
        return
    first = held.first_entry(backup)
    if first is None or first != held.first_entry(today):
        raise BadValue("backup-of-another", file=file)


class Against:
    """`done` counts."""

    def __init__(self, today: Connection, backup: Connection) -> None:
        self._today = today
        self._backup = backup
        self.done = Held()

    def all(self) -> Found:
        yield from self._house()
        yield from self._numbers()
        yield from self._chains()
        yield from self._letters()
        for key, was, _ in self._lost(held.figures, "figures"):
            yield about_figure(*was[:3]), Difference(Check.BACKUP_FIGURE, f"{was[0]} #{key[0]}")
        yield from self._books()

    def _lost(self, what: Any, counted: str | None = None) -> Iterator[tuple[Key, Value, Value | None]]:
        """What the backup has and today's database has not, or otherwise; with what it has under that key."""
        today: Rows = what(self._today)
        here = next(today, None)
        for key, was in what(self._backup):
            if counted is not None:
                setattr(self.done, counted, getattr(self.done, counted) + 1)
            while here is not None and here[0] < key:
                here = next(today, None)
            now = here[1] if here is not None and here[0] == key else None
            if now != was:
                yield key, was, now

    def _house(self) -> Found:
        # What is taken back elsewhere may be rehearsed there.
        was, now = (held.is_rehearsal(one) for one in (self._backup, self._today))
        if was is not now and held.identity(self._backup) == held.identity(self._today):
            yield "house", Difference(Check.BACKUP_HOUSE, "rehearsal", now, was)

    def _numbers(self) -> Found:
        for _, was, now in self._lost(held.numbers, "complaints"):
            yield str(was[0]), Difference(Check.BACKUP_NUMBER, "number", *(now or ()))
        today = held.counters(self._today)
        for month, serial in sorted(held.counters(self._backup).items()):
            if today.get(month, 0) < serial:
                yield f"counter {month}", Difference(Check.BACKUP_COUNTER, month, today.get(month, 0), serial)

    def _chains(self) -> Found:
        said: Key | None = None
        for (complaint, seq), _, _ in self._lost(held.events, "events"):
            # The first of a chain says enough.
            if said != (complaint,):
                said = (complaint,)
                yield held.number(self._backup, complaint), Difference(Check.BACKUP_EVENT, str(seq))
        for (seq,), _, _ in self._lost(held.entries, "entries"):
            yield JOURNAL, Difference(Check.BACKUP_EVENT, str(seq))

    def _letters(self) -> Found:
        for (id_,), was, now in self._lost(held.sent_letters, "letters"):
            differ = [
                name for name, one, other in zip(held.LETTER, was, now or was, strict=True) if one != other
            ]
            yield f"message {id_}", Difference(Check.BACKUP_LETTER, ", ".join(differ) or "–")
        for _, was, _ in self._lost(held.sent_alerts):
            *key, complaint, letter = was
            yield (
                held.number(self._backup, complaint),
                Difference(Check.BACKUP_ALERT, str(AlertKey(*key)), None, letter),
            )

    def _books(self) -> Found:
        today = held.books(self._today)
        for digest, was in sorted(held.books(self._backup).items()):
            self.done.books += 1
            now = today.get(digest)
            # What was in force may have been replaced since.
            if now is None or now[:-1] != was[:-1] or (was[-1] is not None and now[-1] != was[-1]):
                yield f"{was[0]} {was[1]}", Difference(Check.BACKUP_BOOK, digest[:12])
