"""What came of asking somebody: an answer, a refusal, or an attempt at which nobody was reached.

An answer stays one; only its score can be corrected, and both stay in the journal. Else a bad one could be made a refusal,
which is followed by the next of the lot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.calendars import local_day
from complaint_sla.core.errors import BadValue, NotFound, NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.surveys import ANSWERS, HIGHEST_SCORE, LOWEST_SCORE, NO_ANSWER, Outcome
from complaint_sla.store import offices, surveys
from complaint_sla.store.tables import Drawn, JournalEntry, Request
from complaint_sla.store.types import whole
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.surveys.drawing import DrawnLot, draw_in
from complaint_sla.work.surveys.quotas import Plans
from complaint_sla.work.whom import own_office_meant


@dataclass(frozen=True)
class Answer:
    """What was said: a `score` from 1 to 5, else a refusal, else nobody was reached; `on` a local day, None for today."""

    score: int | None = None
    refused: bool = False
    remark: str | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        if self.score is not None and not LOWEST_SCORE <= self.score <= HIGHEST_SCORE:
            raise BadValue("bad-score", value=self.score, least=LOWEST_SCORE, most=HIGHEST_SCORE)


@dataclass(frozen=True)
class Recorded:
    """What is recorded now. `counts`: an answer in time; `late_days` by how many it was not. `replaces` is the score that was
    corrected. `attempts` so far, after `most` of which (None: no end) the next of the lot is drawn: `drawn`."""

    office: str
    reference: str
    service: str
    survey: str
    outcome: str
    score: int | None
    attempts: int
    most: int | None
    counts: bool
    late_days: int
    replaces: int | None
    drawn: tuple[DrawnLot, ...] = ()


def record(
    desk: Desk, reference: str, answer: Answer, *, survey: str | None = None, office: str | None = None
) -> Recorded:
    """One transaction, in which the next of the lot is drawn where one is owed.

    Raises NotFound (`no-such-request`), BadValue (`request-of-several`, `survey-needed`, `unknown-survey`,
    `asked-before-drawn`, `asked-in-future`), NotPossible (`not-drawn`, `asked-already`,
    `answer-counts`, `office-not-yours`).
    """
    wanted = fields.line("reference", reference)

    def job(session: Session) -> Recorded:
        journal.hold(session)
        directory = offices.directory(session)
        ids = None if office is None else [own_office_meant(desk, directory, office).id]
        request = _request(session, desk, wanted, ids)
        drawn = _drawn(session, request, survey)
        return _Asking(session, desk, request, drawn).enter(answer)

    return desk.store.write(job)


def _request(session: Session, desk: Desk, reference: str, ids: Sequence[int | None] | None) -> Request:
    directory = offices.directory(session)
    found = [one for one in surveys.with_reference(session, reference) if ids is None or one.office_id in ids]
    if desk.standing.confined and desk.standing.office is not None:
        mine = directory.ids_below(desk.standing.office)
        found = [one for one in found if one.office_id in mine]
    if not found:
        raise NotFound("no-such-request", reference=reference)
    if len(found) > 1:
        raise BadValue(
            "request-of-several",
            value=reference,
            known=[directory.code(one.office_id) for one in found],
        )
    whole(f"request {reference}", found[0])
    return found[0]


def _drawn(session: Session, request: Request, survey: str | None) -> Drawn:
    """In which survey the customer was asked: the one that is named, else the one that waits for an answer, else the only."""
    there = surveys.drawn_of(session, request)
    mine = [one for one in there if survey in (None, one.survey)]
    if not mine:
        found = Plans(session).of(request.finished_on)
        known = [one.key for one in found[0].surveys] if found is not None else []
        if survey is not None and survey not in known:
            raise BadValue("unknown-survey", value=survey, known=known)
        raise NotPossible("not-drawn", reference=request.reference, left_out=request.left_out)
    waiting = [one for one in mine if one.outcome is None]
    for some in (waiting, mine):
        if len(some) == 1:
            whole(f"request {request.reference}", some[0])
            return some[0]
    raise BadValue("survey-needed", value=request.reference, known=[one.survey for one in mine])


class _Asking:
    """One who was drawn, in hand."""

    def __init__(self, session: Session, desk: Desk, request: Request, drawn: Drawn) -> None:
        self._session, self._desk = session, desk
        self._request, self._row = request, drawn
        self._plans = Plans(session)

    def enter(self, answer: Answer) -> Recorded:
        session, desk, request, row = self._session, self._desk, self._request, self._row
        replaces = row.score
        is_correction = row.outcome in ANSWERS
        on = self._day(answer, is_correction=is_correction)
        quota = self._plans.quota(row.survey, request.service, request.finished_on)
        most = quota.survey.attempts if quota is not None else None
        attempts, outcome, late = row.attempts, row.outcome, 0
        if answer.score is not None:
            late = self._late_days(on)
            attempts += not is_correction
            if late and outcome == Outcome.ANSWERED:
                # Else a bad answer could be made one that does not count, and the next be drawn.
                raise NotPossible(
                    "answer-counts",
                    reference=request.reference,
                    survey=row.survey,
                    value=on,
                    was=row.asked_on,
                )
            outcome = Outcome.TOO_LATE if late else Outcome.ANSWERED
        else:
            if outcome is not None:
                raise NotPossible(
                    "asked-already", reference=request.reference, survey=row.survey, outcome=Outcome(outcome)
                )
            attempts += 1
            if answer.refused:
                outcome = Outcome.REFUSED
            elif most is not None and attempts >= most:
                outcome = Outcome.NOT_REACHED
        directory = offices.directory(session)
        code = directory.code(request.office_id)
        data = {
            "office": code,
            "reference": request.reference,
            "survey": row.survey,
            "outcome": outcome or NO_ANSWER,
            "score": answer.score,
            "attempts": attempts,
            "on": on,
        }
        remark = fields.page("remark", answer.remark) if answer.remark is not None else None
        entry = journal.record(session, desk, JournalKind.SURVEY_ASKED, data, {"remark": remark})
        row.attempts, row.outcome, row.score, row.asked_on, row.asked = (
            attempts,
            outcome,
            answer.score,
            on,
            entry,
        )
        session.flush()
        if outcome is not None:
            self._forget()
        return Recorded(
            office=code,
            reference=request.reference,
            service=request.service,
            survey=row.survey,
            outcome=outcome or NO_ANSWER,
            score=answer.score,
            attempts=attempts,
            most=most,
            counts=outcome == Outcome.ANSWERED,
            late_days=late,
            replaces=replaces if is_correction else None,
            drawn=tuple(draw_in(session, desk, [request.office_id], None)) if outcome is not None else (),
        )

    def _day(self, answer: Answer, *, is_correction: bool) -> date:
        """The day on which somebody was asked: who corrects a score has not asked again."""
        today = self._desk.today
        if answer.on is None:
            return self._row.asked_on if is_correction and self._row.asked_on is not None else today
        if answer.on > today:
            raise BadValue("asked-in-future", value=answer.on, today=today)
        entry = self._session.get(JournalEntry, self._row.drawn)
        drawn_on = local_day(entry.happened_at, self._desk.zone) if entry is not None else answer.on
        if answer.on < drawn_on:
            raise BadValue("asked-before-drawn", value=answer.on, drawn=drawn_on)
        return answer.on

    def _late_days(self, on: date) -> int:
        request, row = self._request, self._row
        quota = self._plans.quota(row.survey, request.service, request.finished_on)
        if quota is None or quota.survey.within is None:
            return 0
        last = self._plans.last_day(row.survey, request.service, request.finished_on)
        return max(0, (on - last).days) if last is not None else 0

    def _forget(self) -> None:
        """Once every survey that may still ask of the request has, nothing is kept of who it is."""
        request = self._request
        still = self._plans.asking(request.service, request.finished_on, self._desk.today)
        if still <= surveys.ended(self._session, request.id) and not surveys.waiting(
            self._session, None, [request.id]
        ):
            request.name = request.phone = None
