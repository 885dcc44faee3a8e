"""The words of a frozen plan: what is otherwise than in an earlier version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from complaint_sla.core.frozenplan import Restated
from complaint_sla.wording.plans import NONE, STATES
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import Words


def restated(words: Words, found: Sequence[Restated]) -> list[str]:
    """A line each: large-existing 90/95 → 91/95 at BANSANG."""
    return [_line(words, one) for one in found]


def _line(words: Words, one: Restated) -> str:
    if one.measure is not None:
        return _of_measure(words, one)
    was, now = (plain(value) if value is not None else NONE for value in (one.was, one.now))
    match one.name:
        case "plan":
            return words("Action plan: {was} → {now}", was=was, now=now)
        case "hand_in":
            was, now = (words.day(date.fromisoformat(value)) for value in (was, now))
            return words("To be handed in by: {was} → {now}", was=was, now=now)
        case "closure":
            return words("Frozen closure rate (version: n/d): {was} → {now}", was=was, now=now)
    return words("Office {code}: {was} → {now}", code=plain(one.office or ""), was=was, now=now)


def _of_measure(words: Words, one: Restated) -> str:
    where = {"measure": plain(one.measure or ""), "office": plain(one.office or "")}
    turned = ""
    if one.states is not None:
        before, after = (words(STATES[state]) for state in one.states)
        turned = f" ({before} → {after})"
    figure = one.now or NONE
    match one.name:
        case "figure":
            return (
                words("{measure} {was} → {now} at {office}", was=one.was or NONE, now=figure, **where)
                + turned
            )
        case "state":
            return words("{measure} {figure} at {office}", figure=figure, **where) + turned
    return words("{measure} {figure} at {office}: entered anew", figure=figure, **where)
