"""`audit`: what does not follow from events and pinned books, said in words; as JSON, all of it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import Connection
from typer import Option

from complaint_sla import contract
from complaint_sla.cli import clockwork
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.progress import progress
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.anchor import Anchor
from complaint_sla.core.journal import JournalKind
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain
from complaint_sla.work import journal
from complaint_sla.work.audit.against import Held
from complaint_sla.work.audit.audit import Audited, Discrepancy
from complaint_sla.work.audit.audit import audit as examine
from complaint_sla.work.desk import Desk

# More than a person reads on a screen; --json has all of them.
MOST_SHOWN = 50

# By the check that found it. {name} is a column, an event (its place in the chain and its kind), an alert or a month.
SENTENCES = {
    "book": N_(
        "its text or holidays are not as they were when it was published; what follows from them was not derived"
    ),
    "missing-book": N_("it was published ({name}), and is not there"),
    "published": N_("it stands among what was published ({name}), and the journal knows nothing of it"),
    "in-force": N_("whether it is in force ({name}) is not what the journal says"),
    "record": N_("what is stored of it can't be read ({name}); nothing of it was compared"),
    "length": N_("there are {derived} events, its record says {stored}: some were taken out or put in"),
    "head": N_("its last event is not the one that its record names"),
    "missing-event": N_("event {name} is missing"),
    "hash": N_("event {name} was changed: its hash does not fit what it says"),
    "words": N_("words of event {name} were changed: they do not fit their digest"),
    "unreadable": N_("event {name} can't be read; what follows from it was not compared"),
    "newer": N_(
        "event {name} was written by a newer complaint-sla (format {stored}; this one reads up to {derived}); "
        "what follows from it was not compared"
    ),
    "order": N_("event {name} can't have happened then"),
    "event": N_("event {name} says {stored}, derived is {derived}"),
    "stages": N_("event {name} raised: {stored}. What had passed: {derived}"),
    "unraised": N_("should have been raised by {stored}, and was not: {name}"),
    "to-come": N_("{name} is dated {stored}, which is still to come: a clock is or was wrong"),
    "column": N_("{name} is {stored}, its events say {derived}"),
    "text": N_("{name} is not what was recorded"),
    "erased": N_("it was erased, and {name} is there"),
    "not-erased": N_("words of event {name} are gone, and nothing says that they were erased"),
    "bucket": N_("counts as {stored}, its events say {derived}"),
    "alert": N_("alert {name} is {stored}, derived is {derived}"),
    "letter": N_("alert {name} is marked as sent, and no letter to that person was"),
    "letter-state": N_("its {name} is {stored}; no letter that is {derived} has that"),
    "letter-empty": N_("it was sent, and no alert is in it"),
    "missing-alert": N_("alert {name} was raised, and is not in the ledger"),
    "surplus-alert": N_("alert {name} is in the ledger, and was never raised"),
    "numbers": N_("the number was given out, and there is no such complaint"),
    "counter": N_(
        "{stored} numbers were given out, the highest in use is {derived}: complaints are missing, or it was changed"
    ),
    "given": N_(
        "the numbers given out are not linked as their complaints are: one was taken away, put in or made anew"
    ),
    "register": N_("{name} is {stored}, the journal says {derived}"),
    "register-missing": N_("it was entered in the journal, and is not there"),
    "register-surplus": N_("it is there, and the journal knows nothing of it"),
    "letters": N_(
        "the letters that were taken in this round are not as they were entered: one was changed, removed or added"
    ),
    "surplus-letter": N_("it is marked as sent, and no round of deliveries has entered it"),
    "anchored": N_(
        "the events until {name} are not those of the anchor of that day: some were changed, removed or added"
    ),
    "anchor": N_("it does not hold the anchor {name}: what was recorded then is not what is recorded now"),
    "circle": N_("they stand below one another, in a circle: {name}"),
    "orphan": N_("rows of a complaint that does not exist, in table {name}: {stored}"),
    "figure-version": N_("version {name} of the frozen figure is missing"),
    "figure-format": N_("its format, {stored}, is not known: a newer program wrote it, or a hand"),
    "figure-text": N_("the frozen text is not the one of its digest ({stored}; derived {derived})"),
    "figure-cases": N_("its list of complaints is not the one that was frozen with it"),
    "figure-sum": N_("{name} is {stored}, the list of its complaints gives {derived}"),
    "figure-change": N_(
        "what it says has changed about complaint {name} is not what its lists of complaints say"
    ),
    "figure-case": N_("complaint {name} is frozen as {stored}, its events until then say {derived}"),
    "figure-event": N_(
        "event {stored} of complaint {name}, with which it was frozen, is not there or is another one"
    ),
    "figure-missing": N_("complaint {name} had been recorded by then, and is not counted"),
    "figure-early": N_(
        "it was frozen as of {stored}, before it was final, at {derived}, or with something pending"
    ),
    "figure-chain": N_(
        "it names {stored} as the figure before it ({name}), and that is {derived}: one was removed or replaced"
    ),
    "figure-gone": N_("it was frozen, and is not there"),
    "figure-surplus": N_("it is there, and the journal does not know that it was frozen"),
    "figure-journal": N_("{name} is {stored}, the journal says {derived}"),
    "figure-restated": N_(
        "what it says is otherwise than in the version before ({name}) is not what both say"
    ),
    "reading": N_("{name} is {stored}, the journal says {derived}"),
    "missing-reading": N_("it was entered in the journal, and is not there"),
    "surplus-reading": N_("it is there, and the journal knows nothing of it"),
    "plan-lines": N_("its list of measures and offices is not the one that was frozen with it"),
    "plan-line": N_("{name} is frozen as {stored}, what had been entered by then gives {derived}"),
    "plan-text": N_("the plan by which it was frozen ({name}) is not there, or not as it was published"),
    "plan-entry": N_("entry {name} of the journal, with which it was frozen, is not there or is another one"),
    "plan-closure": N_("the closure rate on which it stands ({name}) is not there, or another one"),
    "draw": N_(
        "entry {name} has drawn {stored}; by the seed, and by whom there was, the lot fell on: {derived}"
    ),
    "backup-house": N_("{name} is {stored}, in the backup it is {derived}"),
    "backup-event": N_("event {name} stands in the backup; here it is missing, or another one"),
    "backup-number": N_(
        "the backup has this complaint; here it is missing, or has another number ({stored})"
    ),
    "backup-counter": N_("{derived} numbers of {name} had been given out by the backup; here it is {stored}"),
    "backup-letter": N_(
        "it had been sent by the backup; here it is missing, not sent, or otherwise ({name})"
    ),
    "backup-alert": N_("alert {name} had been sent by the backup, in letter {derived}; here that is not so"),
    "backup-figure": N_("it had been frozen by the backup ({name}); here it is missing, or another one"),
    "backup-book": N_("it had been published by the backup ({name}); here it is missing, or another one"),
}


def register(app: Commands, words: Words) -> None:
    @app.command()
    def audit(
        terminal: Terminal,
        anchor: Annotated[
            str | None, Option(help=words("the anchor of a daily summary"), metavar="TEXT")
        ] = None,
        against: Annotated[
            Path | None,
            Option(
                "--against",
                help=words(
                    "an older backup: each chain, figure, letter and number of it must still be there"
                ),
                metavar="FILE",
            ),
        ] = None,
        json: AsJson = False,
    ) -> None:
        mailed = Anchor.parse(anchor) if anchor is not None else None
        desk = terminal.desk(writes=False)
        listed: list[Discrepancy] = []

        def found(one: Discrepancy) -> None:
            if json or len(listed) < MOST_SHOWN:
                listed.append(one)

        with progress(words("complaints"), bar=True) as move, _backup(against) as older:
            done = examine(desk, found, move, mailed, older)
        clockwork.tell_healed(terminal, desk)
        if json:
            terminal.answer_json(contract.audited(done, listed, partial(_sentence, terminal)))
        else:
            _say(terminal, done, listed)
        _enter(terminal, desk, done)
        if done.discrepancies:
            raise typer.Exit(1)


def _enter(terminal: Terminal, desk: Desk, done: Audited) -> None:
    """Leaves word in the journal, where that may be written: not at another time than the real one in earnest."""
    if terminal.now_text is not None and not desk.store.is_rehearsal:
        return
    # What was found has been said: whoever may only read, and a journal that a hand has broken, change nothing in that.
    with suppress(Exception):
        said = {name: vars(done)[name] for name in ("discrepancies", "complaints", "events")}
        journal.note(desk, JournalKind.AUDITED, said)


@contextmanager
def _backup(file: Path | None) -> Iterator[tuple[Connection, Path] | None]:
    if file is None:
        yield None
        return
    from complaint_sla.store.held import READABLE
    from complaint_sla.store.restore import proved

    with proved(file, READABLE) as connection:
        yield connection, file


def _say(terminal: Terminal, done: Audited, listed: list[Discrepancy]) -> None:
    words = terminal.words
    for one in listed:
        terminal.say(f"{plain(one.about)}: {_sentence(terminal, one)}")
    more = done.discrepancies - len(listed)
    if more:
        terminal.say(
            words.plural("… and {n} more; --json lists it.", "… and {n} more; --json lists them all.", more)
        )
    terminal.answer(
        "Looked at: complaints {complaints}, events {events}, alerts {alerts}, letters {letters}, rule books {books}, "
        "frozen figures {figures}, entries of the journal {entries}.",
        **_counts(done),
    )
    if done.against is not None:
        terminal.answer(
            "Held against the backup: complaints {complaints}, events {events}, entries of the journal {entries}, "
            "letters {letters}, frozen figures {figures}, published texts {books}.",
            **_counts(done.against),
        )
    if done.discrepancies:
        terminal.say(words.plural("{n} discrepancy.", "{n} discrepancies.", done.discrepancies))
    else:
        terminal.answer("Everything is as its events say.")


def _counts(done: Audited | Held) -> dict[str, str]:
    return {name: f"{count:,}" for name, count in vars(done).items() if isinstance(count, int)}


def _sentence(terminal: Terminal, one: Discrepancy) -> str:
    values = {"name": one.name, "stored": one.stored, "derived": one.derived}
    shown = {name: _shown(terminal, value) for name, value in values.items()}
    return terminal.words(SENTENCES[one.check], **shown)


def _shown(terminal: Terminal, value: object) -> str:
    """A value as it is stored; moments to the microsecond, since it is by those that they may differ."""
    if value is None:
        return "–"
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(terminal.zone).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(_shown(terminal, one) for one in value) or "–"
    return plain(str(value))
