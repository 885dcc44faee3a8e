"""Rows without an external id that say the same of a receipt: which of them speaks of which complaint.

They are told apart by what has become of them, and not by their order: a sheet that was sorted otherwise says the same.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from complaint_sla.core.complaints import Status
from complaint_sla.store.tables import Complaint
from complaint_sla.work.sheets.rows import End, Statement, id_of

# So many are looked for beyond those in the sheet: it may have fewer than have been logged.
_SPARE = 3

Pairs = Callable[[Statement, Complaint], bool]


def known_ids(
    bases: Mapping[str, int], ask: Callable[[Collection[str]], Collection[str]]
) -> dict[str, list[str]]:
    """The external ids that are taken, of receipts of which the sheet has so many, by their base and in their order.

    `ask` gives those of these ids that are taken.
    """
    found: dict[str, list[str]] = {base: [] for base in bases}
    asked = {base: (0, count + _SPARE) for base, count in bases.items()}
    while asked:
        spans = {base: [id_of(base, n + 1) for n in range(*span)] for base, span in asked.items()}
        taken = set(ask([id_ for span in spans.values() for id_ in span]))
        for base, span in spans.items():
            found[base] += [id_ for id_ in span if id_ in taken]
        asked = {
            base: (end, 2 * end)
            for base, (_, end) in asked.items()
            if taken.intersection(spans[base][-_SPARE:])
        }
    return found


def matched(
    rows: Sequence[Statement],
    known: Sequence[Complaint],
    knows: Callable[[Complaint, End], bool],
    agrees: Pairs,
) -> Iterator[tuple[Statement, Complaint | None]]:
    """Each row with its complaint, None for one that is new.

    First what ended as the row says (`knows`), then what is open with what is open; what is left closes what is open.
    Rows that agree with a complaint in everything else go first. Only counts and contents matter, no order.
    """
    if len(rows) == 1 and len(known) < 2:
        yield rows[0], known[0] if known else None
        return
    left = sorted(rows, key=_content)
    free = list(known)
    ways: tuple[Pairs, ...] = (
        lambda one, row: one.end is not None and knows(row, one.end),
        lambda one, row: one.end is None and row.status == Status.OPEN,
        lambda one, row: one.end is not None and row.status == Status.OPEN,
        lambda one, _: not one.says_open and one.end is None,
    )
    for must_agree in (True, False):
        for fits in ways:
            unmatched = []
            for one in left:
                found = (
                    place
                    for place, row in enumerate(free)
                    if fits(one, row) and (not must_agree or agrees(one, row))
                )
                place = next(found, None)
                if place is None:
                    unmatched.append(one)
                else:
                    yield one, free.pop(place)
            left = unmatched
    # As many as there are complaints: each of the others differs from one of them, and is refused by that.
    yield from zip(left, [*free, *[None] * len(left)], strict=False)


def _content(one: Statement) -> tuple[str, ...]:
    end = one.end
    ended = ("", "", "", "") if end is None else (end.at.isoformat(), end.status, end.outcome, end.of or "")
    others = (one.intake.owner, one.acknowledged_at, one.responded_at)
    return ("open" if end is None else "ended", *ended, *(str(value or "") for value in others))
