"""The surveys as JSON: lists that were taken in, who was drawn, whom to ask, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from complaint_sla.core.errors import Error
    from complaint_sla.work.surveys.calls import Call
    from complaint_sla.work.surveys.drawing import DrawnLot
    from complaint_sla.work.surveys.listing import Imported
    from complaint_sla.work.surveys.recording import Recorded


def imported(found: Imported, say: Callable[[Error], str]) -> dict[str, Any]:
    """`survey import`: rows by what came of them; the offices whose list is complete; `say` words an error."""
    return {
        **vars(found),
        "reasons": dict(found.reasons),
        "rejected": [
            {"line": one.line, "error": one.error.key, "message": say(one.error)} for one in found.rejected
        ],
        "drawn": drawn(found.drawn),
    }


def drawn(found: Iterable[DrawnLot]) -> list[dict[str, Any]]:
    """`survey draw`."""
    return [dict(vars(one)) for one in found]


def calls(found: Iterable[Call]) -> list[dict[str, Any]]:
    """`survey list`: who is asked, by when. `phone` is masked but where it was asked for."""
    return [
        {name: value for name, value in vars(one).items() if not name.endswith("_title")} for one in found
    ]


def recorded(found: Recorded) -> dict[str, Any]:
    """`survey record`."""
    return {**vars(found), "drawn": drawn(found.drawn)}
