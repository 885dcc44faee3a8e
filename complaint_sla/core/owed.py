"""Who is still owed which stage of which deadline: for each thing that happens, what it makes of the rows of the ledger.

Time passes, people and offices change, a complaint ends or is opened again, a letter is written, taken, refused. Each
function takes the rows as they are, and whom roles mean today, and returns what is to be written. Nothing is raised
but what the timeline says, nothing that is owed is lost, and nobody is told an earlier stage after a later one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from complaint_sla.core.complaints import Status
from complaint_sla.core.doubt import is_ahead
from complaint_sla.core.roster import is_nobody
from complaint_sla.core.rulebook import HANDED_OVER
from complaint_sla.core.timeline import Entry, Settlement


class AlertState(StrEnum):
    """`unalertable` is owed to a role that nobody fills; `dropped` was owed to somebody when the complaint ended, or when
    a deadline that had not passed gave way to another."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    SUPERSEDED = "superseded"
    UNALERTABLE = "unalertable"


OWED = (AlertState.WAITING, AlertState.UNALERTABLE)
# Whoever has a row in one of these states has the stage, or is going to.
_HAS_IT = (*OWED, AlertState.SENT)
# What a letter may bring. Of what failed the next in line knows, but as long as the letter is tried it may arrive.
_BROUGHT = (AlertState.WAITING, AlertState.FAILED)

# People, and roles that nobody fills (`role:…@OFFICE`), each with the roles that lead there.
Chosen = Mapping[str, tuple[str, ...]]
# Whom roles mean today; the people in the second argument are passed over.
Choose = Callable[[Collection[str], Collection[str]], Chosen]


@dataclass(frozen=True, slots=True)
class Row:
    """What one recipient is owed of one occurrence of a stage, and what became of it. `roles` led to the recipient.

    `runs`: it may still be told, see `runs`. `handed_over`: its letter is going out or has gone. `state` is what is stored,
    whatever that is. Moments are UTC.
    """

    complaint_id: int
    generation: int
    stage: str
    occurrence: int
    stands_for: int
    recipient: str
    roles: tuple[str, ...]
    stage_at: datetime
    raised_at: datetime
    urgent: bool
    state: str
    id: int | None = None
    message_id: int | None = None
    runs: bool = True
    handed_over: bool = False

    @property
    def is_of_timeline(self) -> bool:
        """Whether it tells a stage of the book, and not that the complaint has got into other hands."""
        return self.stage != HANDED_OVER.key

    def becomes(self, state: str) -> Row:
        """In another state, and in no letter."""
        return replace(self, state=state, message_id=None)


@dataclass(frozen=True)
class Change:
    """What is to be written: new rows, rows as they were and as they become, and rows that are `gone`.

    Before that the letters in `broken` are broken up. `said` is the data of an `alerts` event; None if there is none.
    """

    new: tuple[Row, ...] = ()
    moved: tuple[tuple[Row, Row], ...] = ()
    broken: frozenset[int] = frozenset()
    said: Mapping[str, object] | None = None
    gone: tuple[Row, ...] = ()


@dataclass(frozen=True)
class Present:
    """The present deadline of a complaint, and whom its roles mean at `now` (UTC)."""

    complaint_id: int
    generation: int
    urgent: bool
    now: datetime
    choose: Choose

    def row(self, of: Entry | Row, recipient: str, roles: tuple[str, ...], state: str) -> Row:
        """A new row of an entry of the timeline, or of the same entry as another row, of whichever generation."""
        stage, stage_at = (of.stage, of.stage_at) if isinstance(of, Row) else (of.stage.key, of.moment)
        # How pressing a handing-over was, its moment has decided.
        urgent = of.urgent if isinstance(of, Row) and not of.is_of_timeline else self.urgent
        return Row(
            complaint_id=self.complaint_id,
            generation=of.generation if isinstance(of, Row) else self.generation,
            stage=stage,
            occurrence=of.occurrence,
            stands_for=of.stands_for,
            recipient=recipient,
            roles=roles,
            stage_at=stage_at,
            raised_at=self.now,
            urgent=urgent,
            state=state,
        )


def runs(status: str, present: int, missed: int | None, generation: int) -> bool:
    """Whether what is owed of a generation still is, in a complaint whose `present` generation is given.

    `missed` is the first generation whose deadline had passed when it gave way: from then on nothing is taken back.
    """
    return status == Status.OPEN and generation >= (present if missed is None else missed)


def may_change(state: str, handed_over: bool) -> bool:
    """Whether something is owed, and can still be taken back: a letter that goes out keeps its members."""
    return state in OWED and not handed_over


def can_be(state: str, recipient: str) -> bool:
    """Whether there is such a row: nothing goes to a role that nobody fills."""
    to_people = (*_BROUGHT, AlertState.SENT)
    return state in set(AlertState) and not (is_nobody(recipient) and state in to_people)


def roles_of(settlement: Settlement) -> list[str]:
    """The roles that are owed what has come, those of the latest stage first."""
    return list(dict.fromkeys(role for entry in reversed(settlement.passed) for role in entry.stage.roles))


def raised(present: Present, settlement: Settlement, unheard: Iterable[Row], fate: AlertState) -> Change:
    """Time passes: the latest stage is owed to the recipients of all that have passed, the others are superseded.

    `fate` is WAITING, or DROPPED where the same step ends the complaint or its deadline. `unheard` are the unalertable
    rows of all generations: a role that is still empty is owed the latest stage only.
    """
    latest = settlement.raised
    if latest is None:
        return Change()
    chosen = present.choose(roles_of(settlement), ())
    new = [present.row(latest, *one, owed_to(one[0], fate)) for one in chosen.items()]
    superseded = []
    for entry in settlement.superseded:
        meant = present.choose(entry.stage.roles, ())
        new += [present.row(entry, *one, AlertState.SUPERSEDED) for one in meant.items()]
        superseded.append(_entry(entry) | {"recipients": _people(meant)})
    empty = {row.recipient for row in new if row.state == AlertState.UNALERTABLE}
    said = {"fate": fate.value, "raised": _entry(latest), "recipients": _people(chosen)}
    return Change(
        new=tuple(new),
        moved=_all((row for row in unheard if row.recipient in empty), AlertState.SUPERSEDED),
        said={"generation": present.generation, **said, "superseded": superseded},
    )


def redirected(present: Present, rows: Iterable[Row], failed: Collection[int | None] = ()) -> Change:
    """People or places change: what is owed goes to whom it is meant for now.

    Another office or owner, somebody away, retired, newly in post. `rows` are all of the complaint, in the order in
    which stages follow one another. `failed` are ids of rows whose recipients can't be reached: what they were owed
    goes to the next in line. What a clock that ran ahead has had sent of stages to come tells nobody of what has passed.
    """
    occurrences: dict[tuple[int, str, int], dict[str, Row]] = {}
    for row in rows:
        if row.runs:
            occurrences.setdefault((row.generation, row.stage, row.occurrence), {})[row.recipient] = row
    new: list[Row] = []
    moved: list[tuple[Row, Row]] = []
    said: list[object] = []
    # Who has a later stage, and who of them has been sent it.
    told: set[str] = set()
    reached: set[str] = set()
    # Newest first: whoever has a later stage is not told an earlier one again.
    for before in reversed(occurrences.values()):
        chosen = _meant_now(present, before.values(), failed)
        has_later = told | {role for role in chosen if _was_reached(present, role, chosen[role], reached)}
        after = _follow(present, before, chosen, has_later)
        added = [row for recipient, row in after.items() if recipient not in before]
        others = [(row, after[recipient]) for recipient, row in before.items() if after[recipient] != row]
        if added or any(was.state != becomes.state for was, becomes in others):
            one = next(iter(before.values()))
            said.append(named(present, one) | {"recipients": _people(chosen)})
        new += added
        moved += others
        stages = [
            (recipient, row)
            for recipient, row in after.items()
            if row.is_of_timeline and not is_ahead(row.stage_at, present.now)
        ]
        told.update(recipient for recipient, row in stages if row.state in _HAS_IT)
        reached.update(recipient for recipient, row in stages if row.state == AlertState.SENT)
    # Only letters that lose somebody are broken up; the others keep their place and their pauses.
    leaving = [was for was, becomes in moved if becomes.message_id is None]
    event = {"generation": present.generation, "redirected": said[::-1]} if said else None
    return Change(tuple(new), tuple(moved), _letters(leaving), event)


def _meant_now(present: Present, rows: Collection[Row], failed: Collection[int | None]) -> Chosen:
    """Who should have now what is owed of one occurrence, or was owed to people who can't be reached."""
    open_ = [row for row in rows if may_change(row.state, row.handed_over) or row.id in failed]
    # Whoever could not be reached with this stage once is not tried with it again: the next in line has it.
    without = {row.recipient for row in rows if row.state == AlertState.FAILED}
    return present.choose(dict.fromkeys(role for row in open_ for role in row.roles), without)


def _was_reached(present: Present, role: str, roles: Collection[str], reached: Collection[str]) -> bool:
    """Whether a stage is owed to an empty role only because it failed to reach somebody who has been sent a later one."""
    return is_nobody(role) and set(present.choose(roles, ())) <= set(reached)


def _follow(
    present: Present, before: Mapping[str, Row], chosen: Chosen, told: Collection[str]
) -> dict[str, Row]:
    """The rows of one occurrence by recipient, once those chosen have it; those in `told` have a later stage."""
    after = dict(before)
    for recipient, row in before.items():
        old_news = recipient not in chosen or (is_nobody(recipient) and recipient in told)
        if old_news and may_change(row.state, row.handed_over):
            after[recipient] = row.becomes(AlertState.SUPERSEDED)
    for recipient, roles in chosen.items():
        known = after.get(recipient)
        if known is None:
            state = AlertState.SUPERSEDED if recipient in told else owed_to(recipient)
            after[recipient] = present.row(next(iter(before.values())), recipient, roles, state)
            continue
        # What led to somebody else leads here now, and may lead further.
        known = replace(known, roles=tuple(dict.fromkeys((*known.roles, *roles))))
        has_it = known.state in _HAS_IT or recipient in told
        after[recipient] = known if has_it else known.becomes(owed_to(recipient))
    return after


def passed_on_once(present: Present, rows: Iterable[Row], members: Iterable[Row]) -> list[Row]:
    """Of a letter's members, those of which somebody else is to hear as well, where everybody's letters are held up.

    What was passed on already goes no further, as the same would hold it up again; nor does it go to nobody: the post is
    filled. `rows` are all of the complaint.
    """
    failed = [row for row in rows if row.state == AlertState.FAILED]
    found = []
    for member in members:
        others = [row for row in failed if _is_same(row, member) and row.recipient != member.recipient]
        without = {member.recipient, *(row.recipient for row in others)}
        if any(row.raised_at < member.raised_at for row in others):
            continue
        # A row may have come by several roles: one of them leads back to somebody who has it, the other to nobody.
        if not any(map(is_nobody, present.choose(member.roles, without))):
            found.append(member)
    return found


def _is_same(one: Row, other: Row) -> bool:
    """Whether two rows tell the same to different people."""
    return (one.generation, one.stage, one.occurrence) == (other.generation, other.stage, other.occurrence)


def is_misplaced(present: Present, rows: Iterable[Row]) -> bool:
    """Whether one of these rows is for somebody whom its roles do not mean now."""
    return any(row.recipient not in present.choose(row.roles, ()) for row in rows)


def ended(rows: Iterable[Row], fate: AlertState = AlertState.DROPPED) -> Change:
    """The complaint or its deadline ends: nobody is told any more. What is going out follows later, see `outlived`."""
    unsent = [row for row in rows if may_change(row.state, row.handed_over)]
    return Change(moved=_all(unsent, fate), broken=_letters(unsent))


def resumed(present: Present, rows: Iterable[Row]) -> Change:
    """Reopened: what was dropped waits again, of the complaint's `rows`, in the order in which stages follow one another.

    Each recipient gets back the newest, unless something newer is owed or went out to them. So too what had failed to
    arrive and whose letter the end broke up.
    """
    return _again(present, rows, (AlertState.DROPPED, AlertState.FAILED))


def forgiven(present: Present, rows: Iterable[Row], recipient: str) -> Change:
    """Somebody can be reached after all: the newest stage that failed to arrive waits again, if its letter is given up.

    Unless something newer is owed or went out to them, or its roles mean others now. `rows` as for `resumed`.
    """
    change = _again(present, (row for row in rows if row.recipient == recipient), (AlertState.FAILED,))
    return Change() if is_misplaced(present, (row for row, _ in change.moved)) else change


def _again(present: Present, rows: Iterable[Row], states: Collection[str]) -> Change:
    """Of each recipient the newest row waits again, if it is in one of these states and in no letter."""
    heard = (row for row in rows if row.state != AlertState.SENT or not is_ahead(row.stage_at, present.now))
    newest = {
        row.recipient: row for row in _stages_last(heard) if row.runs and row.state != AlertState.SUPERSEDED
    }
    again = [row for row in newest.values() if row.state in states and row.message_id is None]
    said = [named(present, row) | {"recipient": row.recipient} for row in again]
    return Change(
        moved=tuple((row, row.becomes(owed_to(row.recipient))) for row in again),
        said={"generation": present.generation, "resumed": said} if said else None,
    )


def for_letter(rows: Iterable[Row], told: Mapping[int, tuple[int, datetime]]) -> tuple[list[Row], Change]:
    """A letter is written: of each complaint it brings the newest stage that is owed; what becomes of the other rows.

    That a complaint was handed over is brought where no stage of it is owed.

    `rows` are one person's, in the order in which stages follow one another; `told` has the latest that the person has
    been sent, (generation, moment of the stage), by complaint.
    """
    newest: dict[int, Row] = {}
    moved: list[tuple[Row, Row]] = []
    for row in _stages_last(rows):
        heard = told.get(row.complaint_id)
        if not row.runs or row.state not in _BROUGHT:
            moved.append(_silent(row, AlertState.DROPPED))
        elif heard is not None and heard > (row.generation, row.stage_at):
            moved.append(_silent(row, AlertState.SUPERSEDED))
        else:
            if row.complaint_id in newest:
                moved.append(_silent(newest[row.complaint_id], AlertState.SUPERSEDED))
            newest[row.complaint_id] = row
    return list(newest.values()), Change(moved=tuple(moved))


def gathered(members: Iterable[Row], message_id: int) -> Change:
    """A letter has been made of them."""
    return Change(moved=tuple((row, replace(row, message_id=message_id)) for row in members))


def answered(members: Iterable[Row], state: AlertState) -> Change:
    """A letter was taken (SENT), or refused for good or for so long that the next in line is to hear of it (FAILED)."""
    return Change(moved=tuple((row, replace(row, state=state)) for row in members if row.state in _BROUGHT))


def outlived(members: Iterable[Row]) -> Change:
    """A letter was refused for now: of deadlines that ended while it went out there is nothing more to say."""
    return Change(moved=tuple(_silent(row, AlertState.DROPPED) for row in members if not row.runs))


def freed(members: Iterable[Row]) -> Change:
    """A letter is broken up: what it held waits for another; what failed, only if it may still be told.

    What failed in a letter that had waited for too long was still to be sent. What ended meanwhile is in no letter, so
    that a reopening finds it.
    """
    free = [row for row in members if row.state in _BROUGHT]
    waits = {row.id for row in free if row.state == AlertState.WAITING or row.runs}
    return Change(
        moved=tuple((row, row.becomes(AlertState.WAITING if row.id in waits else row.state)) for row in free)
    )


def given_up(members: Iterable[Row]) -> Change:
    """A letter that was refused for good is given up: what failed in it may be `forgiven`."""
    return Change(moved=tuple((row, row.becomes(row.state)) for row in members if row.state in _BROUGHT))


def _stages_last(rows: Iterable[Row]) -> list[Row]:
    """In their order otherwise: of several the last one is told, and no handing-over hides a stage."""
    return sorted(rows, key=lambda row: row.is_of_timeline)


def owed_to(recipient: str, fate: AlertState = AlertState.WAITING) -> AlertState:
    """The state of a new row; a role that nobody fills is owed what can't be sent."""
    return AlertState.UNALERTABLE if fate is AlertState.WAITING and is_nobody(recipient) else fate


def _all(rows: Iterable[Row], state: AlertState) -> tuple[tuple[Row, Row], ...]:
    return tuple((row, row.becomes(state)) for row in rows)


def _silent(row: Row, state: AlertState) -> tuple[Row, Row]:
    """Out of its letter. What failed stays so: the next in line has been told."""
    return row, row.becomes(state if row.state == AlertState.WAITING else row.state)


def _letters(rows: Iterable[Row]) -> frozenset[int]:
    return frozenset(row.message_id for row in rows if row.message_id is not None)


def _entry(entry: Entry) -> dict[str, object]:
    return {
        "stage": entry.stage.key,
        "occurrence": entry.occurrence,
        "stands_for": entry.stands_for,
        "stage_at": entry.moment.isoformat(),
    }


def named(present: Present, row: Row) -> dict[str, object]:
    """How an event names an occurrence; that of an earlier deadline with its generation."""
    name: dict[str, object] = {"stage": row.stage, "occurrence": row.occurrence}
    return name if row.generation == present.generation else name | {"generation": row.generation}


def _people(chosen: Chosen) -> dict[str, list[str]]:
    return {recipient: list(roles) for recipient, roles in chosen.items()}
