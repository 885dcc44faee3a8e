"""What every frozen figure, of whatever measure, says of those that were frozen before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from sqlmodel import Session

from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import Error
from complaint_sla.store import figures
from complaint_sla.store.tables import FrozenFigure

# What a hand may have made of a text.
UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, Error)


class Ground(Protocol):
    """The digests of the version that is restated, and of the figure that was frozen last; None: there was none."""

    @property
    def before(self) -> str | None: ...

    @property
    def newest(self) -> str | None: ...


def restates_void(ground: Ground, row: FrozenFigure, last: FrozenFigure) -> bool:
    """Whether the version before it became void only afterwards: along with it, or later, as it names that one itself."""
    if last.voided_at is None:
        return False
    return last.voided_at == row.voided_at or ground.before == last.digest


def chained(session: Session) -> Iterator[tuple[tuple[Any, Any, Any], Any]]:
    """Measure, quarter and version of every figure, and the digest of the one that was frozen before it."""
    last = None
    for _, measure, quarter, version, own in figures.digests(session):
        yield (measure, quarter, version), last
        last = own


def of_chain(
    ground: Ground, before: FrozenFigure | None, last: str | None, *, whole: bool
) -> Iterator[Difference]:
    """What it says of the version that it restates, and of the figure that was frozen `last`. Not `whole`: the version just
    before it is not there."""
    if whole and ground.before != (before and before.digest):
        yield Difference(Check.FIGURE_CHAIN, "before", ground.before, before and before.digest)
    if ground.newest != last:
        yield Difference(Check.FIGURE_CHAIN, "newest", ground.newest, last)
