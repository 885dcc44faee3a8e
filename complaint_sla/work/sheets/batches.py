"""One batch of an import within one transaction: what is new is logged, what has newly ended is ended.

Which is which is decided while nobody else can log in the same months, so that two imports of one sheet take turns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.calendars import Quarter, local_day, month_key
from complaint_sla.core.complaints import State, Status
from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.core.owed import roles_of
from complaint_sla.core.roster import is_nobody
from complaint_sla.core.sheets.alike import alike
from complaint_sla.store import books, complaints, filing
from complaint_sla.store.offices import Directory
from complaint_sla.store.offices import directory as directory_of
from complaint_sla.store.tables import Complaint, Office, Staff
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.complaints import change, erase
from complaint_sla.work.complaints.filing import Due, draft, file_all
from complaint_sla.work.complaints.log import (
    Deadlines,
    number_of,
    places,
    require_unknown_elsewhere,
)
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.agreement import (
    check_derived,
    deadline_of,
    first_deadline,
    standing_deadline,
)
from complaint_sla.work.sheets.effect import Effect
from complaint_sla.work.sheets.entries import Ending, New, number_of_target, tell
from complaint_sla.work.sheets.equals import known_ids
from complaint_sla.work.sheets.known import Known, stands
from complaint_sla.work.sheets.rows import End, Statement
from complaint_sla.work.whom import own_office, person_called

# What was received before that and has no end has most likely lost its end on the way: it would be told to the top.
LONGEST_OPEN = timedelta(days=366)
# Begins the numbers that a rehearsal gives: after it stands where the row is.
REHEARSED = "?-"

OpenToo = Callable[[Statement], bool]


@dataclass
class Result:
    """What became of a batch; `ended` of what was logged came with its end. `effect` says it by quarter.

    `numbers`: under which number each number of the sheet stands in this database.

    `deferred` name an original that may come later in the sheet.
    """

    logged: int = 0
    ended: int = 0
    closed: int = 0
    unchanged: int = 0
    rejected: list[tuple[Statement, Error]] = field(default_factory=list)
    deferred: list[Statement] = field(default_factory=list)
    numbers: dict[str, str] = field(default_factory=dict)
    effect: Effect = field(default_factory=Effect)


class _OriginalUnknown(Exception):  # noqa: N818 - it defers, and is no error yet
    pass


def take_in(
    session: Session,
    desk: Desk,
    deadlines: Deadlines,
    statements: Sequence[Statement],
    numbers: Mapping[str, str],
    *,
    last: bool,
    rehearsal: bool,
    open_too: OpenToo,
) -> Result:
    """Takes a batch in, within the caller's transaction. No external id stands in it twice, and equals are together.

    `numbers` are those of earlier batches. In the `last` round nothing is deferred. A `rehearsal` gives out no serial
    numbers, so that nobody has to wait for them. `open_too`: whether what was received long ago, and has no end, is taken
    for open.
    """
    directory = directory_of(session)
    known = Known(session, directory, numbers)
    batch = _Batch(session, desk, deadlines, numbers, last, rehearsal, open_too, directory, known)
    return batch.take_in(statements)


@dataclass(eq=False)
class _Batch:
    session: Session
    desk: Desk
    deadlines: Deadlines
    numbers: Mapping[str, str]
    last: bool
    rehearsal: bool
    open_too: OpenToo
    directory: Directory
    known: Known
    result: Result = field(default_factory=Result)
    offices: dict[tuple[str | None, str | None, bool], tuple[Office, Staff | None]] = field(
        default_factory=dict
    )
    # By the place of the row.
    dues: dict[tuple[int, int], Due] = field(default_factory=dict)
    book_ids: dict[str, str] | None = None
    new: list[New] = field(default_factory=list)
    endings: dict[int, Ending] = field(default_factory=dict)
    # Where the statements of this batch have led, by external id and by the number in the sheet.
    mates: dict[str, New | Complaint] = field(default_factory=dict)
    old_numbers: dict[str, New | Complaint] = field(default_factory=dict)
    # What is new under an external id, by what such ids have in common, and the moment of receipt.
    named: dict[tuple[str, datetime | None], list[Statement]] = field(default_factory=dict)
    # Whom roles mean, at an office and of an owner.
    meant: dict[tuple[object, ...], tuple[str, ...]] = field(default_factory=dict)

    def take_in(self, statements: Sequence[Statement]) -> Result:
        if not self.rehearsal:
            erase.get_ready(self.session)
        statements = [one for one in statements if self._compute(one)]
        self._take_turns(statements)
        statements = self.known.look_up(statements)
        waiting = self._decide(statements)
        # An original may stand after its duplicate, and be a duplicate itself.
        while waiting and len(again := self._decide(waiting)) < len(waiting):
            waiting = again
        for one in waiting:
            if self.last:
                value = one.end.of if one.end is not None else None
                self.result.rejected.append((one, BadValue("unknown-original", value=value)))
            else:
                self.result.deferred.append(one)
        self._log_all()
        self._end_all()
        for number, target in self.old_numbers.items():
            self.result.numbers[number] = number_of_target(target)
        return self.result

    def _compute(self, one: Statement) -> bool:
        try:
            self.dues[one.row.place] = self.deadlines.of(one.intake)
        except Error as problem:
            self.result.rejected.append((one, problem.with_traceback(None)))
            return False
        return True

    # --- What the database knows -------------------------------------------------------------------------------------

    def _take_turns(self, statements: Sequence[Statement]) -> None:
        """Waits for whoever logs in the months of what is not known yet: they may be logging the same."""
        bases = Counter(one.base for one in statements if one.base is not None)
        of_bases = known_ids(bases, lambda ids: complaints.external_ids_among(self.session, ids))
        settled = [one.id for one in statements if one.base is None]
        taken = complaints.external_ids_among(self.session, settled)
        unknown = [
            self.dues[one.row.place]
            for one in statements
            if (one.id not in taken if one.base is None else len(of_bases[one.base]) < bases[one.base])
        ]
        # In one order everywhere: the books, then the months, then complaints by id.
        if unknown:
            books.hold(self.session, self.desk.shelf)
        if self.rehearsal:
            return
        for month in sorted({month_key(answer.received_on) for _, _, answer in unknown}):
            filing.take_serials(self.session, month, 0)

    def _case(self, row: Complaint) -> CaseFile:
        return CaseFile(self.session, self.desk, row)

    # --- What is to be done ------------------------------------------------------------------------------------------

    def _decide(self, statements: Sequence[Statement]) -> list[Statement]:
        """Decides on each; the ones whose original is not known yet come back."""
        waiting = []
        for one in statements:
            try:
                row = self.known.row_of(one)
                target = self._new(one) if row is None else self._known(one, row)
            except _OriginalUnknown:
                waiting.append(one)
                continue
            except Error as problem:
                self.result.rejected.append((one, problem.with_traceback(None)))
                continue
            self.mates[one.id] = target
            if one.number is not None:
                self.old_numbers[one.number] = target
        return waiting

    def _original(self, end: End) -> New | Complaint | None:
        """What a duplicate's original is: an external id, else a number of the sheet, else one of this database."""
        if end.of is None:
            return None
        found = self.mates.get(end.of) or self.known.by_id.get(end.of)
        number = fields.number(end.of)
        if found is None:
            found = self.old_numbers.get(number)
        if found is None and number in self.numbers:
            found = self.known.by_number.get(self.numbers[number])
        elif found is None and self.last:
            found = self.known.by_number.get(number)
        if found is None:
            raise _OriginalUnknown
        return found

    def _new(self, one: Statement) -> New:
        require_unknown_elsewhere(self.session, self.desk, [one.id])
        due, end = self.dues[one.row.place], one.end
        received_at = due[1].received_at
        if end is None and received_at < self.desk.now - LONGEST_OPEN and not self.open_too(one):
            raise BadValue("open-and-old", at=received_at)
        paper = draft(one.intake, due, self._places(one))
        if end is not None:
            at = paper.state.moment_of(self.desk.now, end.at)
            paper.state = paper.state.ended(end.status, at)
            paper.outcome = end.outcome
        paper.acknowledged_at, paper.responded_at = one.acknowledged_at, one.responded_at
        for name, at_, until in (
            ("acknowledged_at", one.acknowledged_at, end.at if end is not None else self.desk.now),
            ("responded_at", one.responded_at, self.desk.now),
        ):
            if at_ is not None and not received_at <= at_ <= until:
                raise BadValue("moment-out-of-order", column=name, value=at_, first=received_at, last=until)
        check_derived(one, [deadline_of(due)], [paper.state], self.desk.now)
        paper.first_at  # noqa: B018 - where a calendar that ends too soon rejects this row and no other
        new = New(one, paper, self._original(end) if end is not None else None)
        if one.named:
            self._require_own_name(one)
        self.new.append(new)
        return new

    def _require_own_name(self, one: Statement) -> None:
        """Raises BadValue (`looks-like-known`, `looks-like-row`) where a spreadsheet seems to have changed the id."""
        known = self.known.like(one)
        if known is not None and not known.number.startswith(REHEARSED):
            raise BadValue("looks-like-known", value=one.id, like=known.external_id, number=known.number)
        if known is not None:
            line = int(known.number.rpartition("-")[2])
            raise BadValue("looks-like-row", value=one.id, like=known.external_id, line=line)
        firsts = self.named.setdefault((alike(one.id), one.intake.received_at), [])
        for first in firsts:
            if replace(first.intake, external_id=one.intake.external_id) == one.intake:
                raise BadValue("looks-like-row", value=one.id, like=first.id, line=first.row.line)
        firsts.append(one)

    def _places(self, one: Statement) -> tuple[Office, Staff | None]:
        key = (one.intake.office, one.intake.owner, one.end is not None)
        if key not in self.offices:
            office, _ = places(self.directory, self.desk, replace(one.intake, owner=None))
            owner = self.directory.person(one.intake.owner) if one.intake.owner is not None else None
            # Who closed a complaint years ago may have left since.
            if one.intake.owner is not None and (owner is None or one.end is None):
                owner = person_called(self.directory, one.intake.owner)
            self.offices[key] = office, owner
        return self.offices[key]

    def _known(self, one: Statement, row: Complaint) -> Complaint:
        """Raises what forbids it; otherwise the complaint is as the sheet says, or will be ended so."""
        self._check_known(one, row)
        end = one.end
        if end is not None:
            # What was handed over can be seen, and is ended where it is.
            own_office(self.desk, self.directory, self.directory.code(row.office_id))
        if end is None:
            if one.says_open and row.status != Status.OPEN:
                raise NotPossible("ended-here", number=row.number, status=row.status, at=row.closed_at)
            self.result.unchanged += 1
            return row
        prepared = self.endings.get(row.id)
        if prepared is None and row.status == Status.OPEN and not self.known.said_before(row, end):
            self._case(row).moment(end.at)
            if end.status is Status.WITHDRAWN:
                change.require_no_duplicates(self.session, row)
            original = self._original(end)
            if original is not None and self._leads_to(original, row):
                raise NotPossible("duplicate-of-itself", number=row.number, of=end.of)
            self.endings[row.id] = Ending(one, end, row, original)
            return row
        if prepared is not None and prepared.end != end:
            raise NotPossible(
                "ended-otherwise", number=row.number, status=prepared.end.status, at=prepared.end.at
            )
        if prepared is None and row.status != Status.OPEN and not self._ended_so(row, end):
            raise NotPossible("ended-otherwise", number=row.number, status=row.status, at=row.closed_at)
        self.result.unchanged += 1
        return row

    def _ended_so(self, row: Complaint, end: End) -> bool:
        """Whether an ended complaint ended as the sheet says, now or before it was reopened."""
        if stands(row, end):
            original = self._original(end)
            return original is None or (
                isinstance(original, Complaint) and original.id == row.duplicate_of_id
            )
        return self.known.said_before(row, end)

    def _leads_to(self, original: New | Complaint, row: Complaint) -> bool:
        """Whether an original is, over however many steps, a duplicate of `row`."""
        step: New | Complaint | None = original
        while step is not None:
            if isinstance(step, New):
                step = step.original
            elif step.id == row.id:
                return True
            elif step.id in self.endings:
                step = self.endings[step.id].original
            else:
                before = step.duplicate_of_id
                step = self.session.get(Complaint, before) if before is not None else None
        return False

    def _check_known(self, one: Statement, row: Complaint) -> None:
        """Raises BadValue (`differs-from-known`, `derived-differs`) for what was never so."""
        id_ = row.id
        differing = self.known.differing(one, row)
        if differing:
            raise BadValue("differs-from-known", number=row.number, columns=differing)
        if not one.derived:
            return
        self.book_ids = self.book_ids or books.ids(self.session)
        deadlines = [standing_deadline(row, self.book_ids[row.book])]
        if row.generation > 1:
            deadlines.append(first_deadline(complaints.first_events(self.session, [id_])[id_]))
        states = [self._case(row).state, State.begin(row.received_at, row.rule, row.due_at)]
        if one.end is not None and row.status == Status.OPEN:
            states.append(states[0].ended(one.end.status, one.end.at))
        check_derived(one, deadlines, states, self.desk.now)

    # --- Doing it ----------------------------------------------------------------------------------------------------

    def _log_all(self) -> None:
        """Logs what is new, numbered in the order of the sheet."""
        self.new.sort(key=lambda new: new.statement.row.place)
        months: dict[str, list[New]] = {}
        for new in self.new:
            months.setdefault(new.draft.month, []).append(new)
        for month, of_month in sorted(months.items()):
            if self.rehearsal:
                for new in of_month:
                    new.draft.number = REHEARSED + "{}-{}".format(*new.statement.row.place)
                continue
            first = filing.take_serials(self.session, month, len(of_month))
            for serial, new in enumerate(of_month, first):
                new.draft.number = number_of(month, serial)
        for new in self.new:
            tell(new)
        file_all(self.session, self.desk, [new.draft for new in self.new], rehearsal=self.rehearsal)
        for new in self.new:
            # An original of this very batch had no id before.
            if isinstance(new.original, New):
                filing.name_original(self.session, new.draft.id, new.original.draft.id)
        self.result.logged = len(self.new)
        self.result.ended = sum(new.statement.end is not None for new in self.new)
        for new in self.new:
            self._count(new)

    def _count(self, new: New) -> None:
        """Where it counts, and who hears of it at the next sweep."""
        paper, effect, now = new.draft, self.result.effect, self.desk.now
        effect.new[Quarter.of(paper.due[2].received_on), paper.state.bucket(now)] += 1
        if paper.first_at is None or paper.first_at > now:
            return
        roles = tuple(roles_of(paper.timeline.settle(None, now)))
        owner = paper.owner.email if paper.owner is not None else None
        key = (roles, paper.office.code, owner)
        if key not in self.meant:
            chosen = self.directory.roster.chosen(roles, paper.office.code, owner, self.desk.today)
            self.meant[key] = tuple(one for one in chosen if not is_nobody(one))
        effect.people.update(self.meant[key])
        effect.told += bool(self.meant[key])

    def _end_all(self) -> None:
        for id_ in sorted(self.endings):
            ending = self.endings[id_]
            end, original = ending.end, ending.original
            if isinstance(original, New):
                original = complaints.with_ids(self.session, [original.draft.id])[0]
            change.end(self._case(ending.row), self.directory, end.status, end.outcome, end.at, original)
        self.result.closed = len(self.endings)
        self.result.effect.ended.update(
            Quarter.of(local_day(ending.row.received_at, self.desk.zone)) for ending in self.endings.values()
        )
