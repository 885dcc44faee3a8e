"""Messages that are no complaint's alerts: each is put into the outbox once, and written when it goes.

A kind is a room of its own, and says two things: who is due one by now, and for which occasion; and what it says. How
that is worded is for `mail.notices`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlmodel import Session

from complaint_sla.store import notices, outbox
from complaint_sla.store.outbox import MessageState
from complaint_sla.store.tables import Message
from complaint_sla.work import anchors
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters import (
    address_letter,
    clock_letter,
    drafts_letter,
    editions,
    ends_letter,
    people_letter,
    report_letter,
    summary_letter,
)
from complaint_sla.work.letters.values import Occasion

AnyNotice = (
    summary_letter.Summary
    | address_letter.Addresses
    | drafts_letter.FaultyDrafts
    | clock_letter.DoubtedClock
    | people_letter.PeopleChanged
    | ends_letter.EndedByOthers
    | report_letter.QuarterReport
)


@dataclass(frozen=True)
class Kind:
    """`due` reads in the transaction that it is given, `written` in transactions of its own.

    Of a kind that `replaces` a person needs the newest only; others tell what has come since the one before.
    """

    due: Callable[[Session, Desk], Iterable[Occasion]]
    written: Callable[[Desk, Message], AnyNotice]
    replaces: bool = True


KINDS = {
    summary_letter.KIND: Kind(summary_letter.due, summary_letter.written),
    address_letter.KIND: Kind(address_letter.due, address_letter.written),
    drafts_letter.KIND: Kind(drafts_letter.due, drafts_letter.written),
    clock_letter.KIND: Kind(clock_letter.due, clock_letter.written),
    people_letter.KIND: Kind(people_letter.due, people_letter.written, replaces=False),
    ends_letter.KIND: Kind(ends_letter.due, ends_letter.written, replaces=False),
    report_letter.KIND: Kind(report_letter.due, report_letter.written, replaces=False),
}


def post(desk: Desk, domain: str) -> int:
    """Puts what is due by `desk.now` into the outbox; `domain` ends the Message-IDs. Returns how many are to be sent.

    Notes that the job ran. Safe to run anywhere, any number at once: a person gets one message an occasion. A kind that
    fails is set aside.
    """
    # By a clock that is in doubt nobody gets here.
    if summary_letter.is_time(desk):
        # The letters go without it where it can't be made.
        with desk.apart("anchor"):
            anchors.keep(desk)
    made = _post(desk, domain, {name: kind for name, kind in KINDS.items() if name != clock_letter.KIND})
    desk.beat("notices")
    return made


def post_doubt(desk: Desk, domain: str) -> int:
    """What may be said by a clock that is in doubt: that it is. Returns as `post`."""
    return _post(desk, domain, {clock_letter.KIND: KINDS[clock_letter.KIND]})


def _post(desk: Desk, domain: str, kinds: Mapping[str, Kind]) -> int:
    due: list[tuple[str, Occasion]] = []
    with desk.store.read() as session:
        for name, kind in kinds.items():
            with desk.apart(name):
                due += ((name, occasion) for occasion in kind.due(session, desk))

    def job(session: Session) -> int:
        at = desk.clock()
        made = 0
        for name, occasion in due:
            for recipient, has_news in sorted(occasion.recipients.items()):
                # What was decided for the occasion stands, also that there was nothing to say.
                state = MessageState.WAITING if has_news else MessageState.DISSOLVED
                added = notices.add_notice(
                    session, name, occasion.name, recipient, domain, state, desk.now, at
                )
                made += added and has_news
        return made

    return desk.store.write(job)


def write(desk: Desk, message_id: int, token: str, *, anew: bool = False) -> AnyNotice | None:
    """A claimed notice in the state of this moment; None if it is in other hands, overtaken or needed no more.

    What was not handed over yet is dissolved then, so that an outage of days ends in one of each kind. What may have
    arrived is written as it was then; `anew`, as things stand now, under the next Message-ID.
    """

    def job(session: Session) -> Message | None:
        message = outbox.held(session, message_id, token)
        if message is None:
            return None
        replaces = KINDS[message.kind].replaces
        if replaces and message.state == MessageState.WAITING and notices.is_overtaken(session, message):
            outbox.dissolve(session, [message_id])
            return None
        if message.state != MessageState.WAITING:
            editions.ready(message, desk, anew=anew)
        return message

    def dissolve(session: Session) -> None:
        message = outbox.held(session, message_id, token)
        if message is not None:
            editions.give_up(session, desk, message)

    message = desk.store.write(job)
    if message is None:
        return None
    notice = written(editions.as_it_was(message, desk), message)
    if notice.needed or (message.state != MessageState.WAITING and not editions.is_refused(message)):
        return notice
    desk.store.write(dissolve)
    return None


def written(desk: Desk, message: Message) -> AnyNotice:
    """A notice as it would be written now."""
    return KINDS[message.kind].written(desk, message)
