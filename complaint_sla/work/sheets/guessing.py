"""What is known here of a file's words, and the guess that is made of the file by it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from complaint_sla.core.sheets import facts, heads
from complaint_sla.core.sheets.guess import NO_ANSWERS, guess
from complaint_sla.core.sheets.guessed import File, Guess
from complaint_sla.core.sheets.map import Encoding
from complaint_sla.core.sheets.words import Known
from complaint_sla.store import offices
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.tables import Source

__all__ = ["known_of", "look", "score"]

score = heads.score


def known_of(desk: Desk) -> Known:
    """The books in force, the offices that whoever sits here sees, and everybody who is or was on the staff."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        acting = directory.person(desk.actor)
        seen = {one.code: one for one in sorted(directory.offices.values(), key=lambda one: one.code)}
        mine = desk.standing.office
        if mine is not None:
            seen = {code: one for code, one in seen.items() if code in directory.roster.below(mine)}
        elif acting is not None and acting.retired_at is None:
            mine = directory.code(acting.office_id)
        return Known(
            desk.shelf,
            {code: (one.name_th, one.name_en) for code, one in seen.items()},
            {one.email: (one.name,) for one in directory.staff.values()},
            mine if mine in seen else None,
        )


def look(
    desk: Desk,
    source: Source,
    progress: Callable[[int], None] | None = None,
    answers: Mapping[str, str] = NO_ANSWERS,
) -> Guess:
    """Goes through a file and tells what can be told of it. Raises as `guess` does, and as its tables do."""
    file = File(Encoding(source.encoding) if source.encoding is not None else None, source.separator)
    return guess(file, facts.see(source.tables, progress or (lambda _: None)), known_of(desk), answers)
