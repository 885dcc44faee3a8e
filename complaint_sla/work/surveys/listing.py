"""Lists of finished requests, taken in: who can be asked, and through which day nobody is missing.

Without that day an empty list could pass for no work. A list of which a row was rejected is not complete: its other rows
are kept, and nobody is drawn of them until it is mended.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.store import surveys
from complaint_sla.store.tables import Listed, Request
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.exchange import Reject
from complaint_sla.work.sheets.formats import Row, open_sheet
from complaint_sla.work.sheets.rejects import rejects_of
from complaint_sla.work.surveys.drawing import DrawnLot, draw_in
from complaint_sla.work.surveys.finished import COLUMNS, REQUIRED, Finished, Reading
from complaint_sla.work.surveys.quotas import Plans

# Requests of one transaction, and of one entry of the journal.
BATCH = 500


@dataclass(frozen=True)
class Imported:
    """What came of a list, in rows: new ones, `left_out` of these, and known ones; `late` of the new ones should have been in
    a list that was said to be complete.

    `complete` are the codes of the offices whose list holds `since` the first day of a quarter, the earliest of all of them,
    `through` the day; `drawn` is who was drawn at once.
    """

    through: date
    since: date | None = None
    listed: int = 0
    left_out: int = 0
    late: int = 0
    unchanged: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    rejected: tuple[Reject, ...] = ()
    complete: tuple[str, ...] = ()
    drawn: tuple[DrawnLot, ...] = ()


def import_file(
    desk: Desk,
    path: Path,
    through: date,
    *,
    office: str | None = None,
    services: Collection[str] = (),
    seed: str | None = None,
    dry_run: bool = False,
    rejects: Path | None = None,
    say: Callable[[Error], str] = str,
) -> Imported:
    """Takes in a list of the finished requests of offices, complete through a local day, of all services of the plan or
    of `services`; then draws what is owed. A transaction for each 500 rows of an office; to repeat it ends what was cut off.

    Without `office` it is of the offices that its rows name, else of the one that whoever acts works at. Raises BadValue:
    `through-in-future`, `unknown-office`, `office-needed`, `unknown-service`, and for a file that can't be used;
    NotPossible: `through-backwards`, `no-plan`.
    """
    if through > desk.today:
        raise BadValue("through-in-future", value=through, today=desk.today)
    reading = Reading(desk, through, office, services)
    sheet = open_sheet(path, COLUMNS, REQUIRED, lambda _row: None)
    with rejects_of(sheet, rejects) if rejects is not None else nullcontext() as write_reject:
        reading.read(list(sheet.rows()))
        run = _Import(desk, reading, through, seed)
        if dry_run:
            desk.store.rehearse(run.rehearsed)
        else:
            run.written()
        rejected = sorted([*reading.rejected, *run.rejected], key=lambda one: one[0].line)
        if write_reject is not None:
            for row, problem in rejected:
                write_reject(row, say(problem))
    return run.imported(tuple(Reject(row.line, problem, row.sheet) for row, problem in rejected))


@dataclass
class _Import:
    """One run over one list."""

    desk: Desk
    reading: Reading
    through: date
    seed: str | None
    rejected: list[tuple[Row, Error]] = field(default_factory=list)
    _done: Imported | None = None
    _reasons: dict[str, int] = field(default_factory=dict)

    def written(self) -> None:
        self._require_forwards()
        for office_id, rows in self.reading.by_office.items():
            for batch, is_last in _batches(rows):
                job = _Batch(self, office_id, batch, is_last=is_last)
                self._add(*self.desk.store.write(job.take_in))

    def rehearsed(self, session: Session) -> None:
        self._require_forwards(session)
        for office_id, rows in self.reading.by_office.items():
            for batch, is_last in _batches(rows):
                self._add(*_Batch(self, office_id, batch, is_last=is_last).take_in(session))

    def _require_forwards(self, session: Session | None = None) -> None:
        """Before anything is written; nobody moves the day back meanwhile."""
        with nullcontext(session) if session is not None else self.desk.store.read() as reading:
            known = surveys.listed(reading, self.reading.by_office.keys())
        for (office_id, service), one in known.items():
            if service in self.reading.services and one.through > self.through:
                office = self.reading.directory.code(office_id)
                raise NotPossible(
                    "through-backwards",
                    value=self.through,
                    through=one.through,
                    office=office,
                    service=service,
                )

    def _add(self, more: Imported, rejected: list[tuple[Finished, Error]]) -> None:
        self.rejected += [(one.row, problem) for one, problem in rejected]
        for _, problem in rejected:
            problem.with_traceback(None)
        for why, n in more.reasons:
            self._reasons[why] = self._reasons.get(why, 0) + n
        done = self._done or Imported(self.through)
        known = [one for one in (done.since, more.since) if one is not None]
        self._done = Imported(
            self.through,
            min(known, default=None),
            done.listed + more.listed,
            done.left_out + more.left_out,
            done.late + more.late,
            done.unchanged + more.unchanged,
            complete=(*done.complete, *more.complete),
            drawn=(*done.drawn, *more.drawn),
        )

    def imported(self, rejected: tuple[Reject, ...]) -> Imported:
        done = self._done or Imported(self.through)
        return Imported(
            **{**vars(done), "reasons": tuple(sorted(self._reasons.items())), "rejected": rejected}
        )


def _batches(rows: Sequence[Finished]) -> list[tuple[Sequence[Finished], bool]]:
    """The last one, which says through when the list is complete, is there for an empty list, too."""
    cut = [rows[at : at + BATCH] for at in range(0, len(rows), BATCH)] or [rows]
    return [(batch, number == len(cut)) for number, batch in enumerate(cut, 1)]


@dataclass(frozen=True)
class _Batch:
    """Rows of one office, in one transaction; with the last ones it is said that the list is complete."""

    run: _Import
    office_id: int
    rows: Sequence[Finished]
    is_last: bool

    def take_in(self, session: Session) -> tuple[Imported, list[tuple[Finished, Error]]]:
        desk, run = self.run.desk, self.run
        journal.hold(session)
        new, unchanged, rejected = self._compared(session)
        listed = surveys.listed(session, [self.office_id])
        is_complete = self.is_last and not ({None, self.office_id} & run.reading.incomplete or rejected)
        moved = self._moved(listed) if is_complete else {}
        if rejected:
            # Also if it is no last batch.
            run.reading.incomplete.add(self.office_id)
        code = run.reading.directory.code(self.office_id)
        if new or moved:
            data = {
                "office": code,
                "requests": [[one.reference, *one.said] for one in new],
                "through": run.through if moved else None,
                "services": moved,
            }
            entry = journal.record(session, desk, JournalKind.SURVEY_LISTED, data)
            self._put(session, new, entry)
            self._say_complete(session, listed, moved, entry)
            session.flush()
        drawn = draw_in(session, desk, [self.office_id], run.seed) if self.is_last else []
        out = [one.left_out for one in new if one.left_out is not None]
        stands = surveys.listed(session, [self.office_id]).values() if is_complete else ()
        done = Imported(
            through=run.through,
            since=min((one.since for one in stands), default=None),
            listed=len(new),
            left_out=len(out),
            late=sum(_is_late(one, listed) for one in new),
            unchanged=unchanged,
            reasons=tuple((reason, out.count(reason)) for reason in sorted(set(out))),
            complete=(code,) if is_complete else (),
            drawn=tuple(drawn),
        )
        return done, rejected

    def _compared(self, session: Session) -> tuple[list[Finished], int, list[tuple[Finished, Error]]]:
        """New rows, how many are known as they are, and those that say otherwise of a known one."""
        there = surveys.requests(session, self.office_id, [one.reference for one in self.rows])
        known = {key: (one.service, one.finished_on.isoformat(), one.left_out) for key, one in there.items()}
        new: list[Finished] = []
        rejected: list[tuple[Finished, Error]] = []
        unchanged = 0
        for one in self.rows:
            before = known.get(one.reference)
            if before is None:
                known[one.reference] = one.said
                new.append(one)
            elif before == one.said:
                unchanged += 1
            else:
                rejected.append((one, _otherwise(one, before)))
        return new, unchanged, rejected

    def _moved(self, listed: Mapping[surveys.Place, Listed]) -> dict[str, str]:
        """From which day the list is complete, of the services of which it says something new."""
        run = self.run
        # By whoever brings it, nothing more was finished in the quarter of the first.
        first = min([run.through, *(one.finished_on for one in run.reading.by_office[self.office_id])])
        begins = Quarter.of(first).first_day
        moved = {}
        for service in run.reading.services:
            there = listed.get((self.office_id, service))
            since = begins if there is None else min(there.since, begins)
            # Where somebody else has just said more, that stands.
            if there is None or there.through < run.through or there.since > since:
                moved[service] = since.isoformat()
        return moved

    def _put(self, session: Session, new: Sequence[Finished], entry: int) -> None:
        plans = Plans(session)
        for one in new:
            # Whom nobody can ask any more, nothing is kept of.
            is_asked = bool(plans.asking(one.service, one.finished_on, self.run.desk.today))
            session.add(
                Request(
                    office_id=self.office_id,
                    reference=one.reference,
                    service=one.service,
                    finished_on=one.finished_on,
                    left_out=one.left_out,
                    name=one.name if is_asked else None,
                    phone=one.phone if is_asked else None,
                    listed=entry,
                )
            )

    def _say_complete(
        self,
        session: Session,
        listed: Mapping[surveys.Place, Listed],
        moved: Mapping[str, str],
        entry: int,
    ) -> None:
        for service, begins in moved.items():
            there, since = listed.get((self.office_id, service)), date.fromisoformat(begins)
            if there is None:
                through = self.run.through
                session.add(
                    Listed(
                        office_id=self.office_id, service=service, since=since, through=through, listed=entry
                    )
                )
                continue
            there.since, there.through, there.listed = since, max(there.through, self.run.through), entry


def _is_late(one: Finished, listed: Mapping[surveys.Place, Listed]) -> bool:
    there = listed.get((one.office_id, one.service))
    return there is not None and there.since <= one.finished_on <= there.through


def _otherwise(one: Finished, before: tuple[str, str, str | None]) -> Error:
    return BadValue(
        "request-otherwise",
        value=one.reference,
        service=before[0],
        finished_on=date.fromisoformat(before[1]),
        left_out=before[2],
    )
