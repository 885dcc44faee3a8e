"""Commands of the service: sweep, deliver, and run, which does both by the clock and writes the daily summaries."""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Option

from complaint_sla import __version__
from complaint_sla.cli import clockwork
from complaint_sla.cli.options import AsJson, ClockIsRight
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.store.migrations import HEAD
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.cli.servicelog import Paper
    from complaint_sla.mail.delivery import Delivered, PostOffice
    from complaint_sla.service.rounds import Round
    from complaint_sla.work.alerts.sweep import Tally
    from complaint_sla.work.desk import Desk

FORMS = ("text", "json")
# The exit code of what nobody foresaw.
BUG = 70


def register(app: Commands, words: Words) -> None:
    @app.command()
    def sweep(
        terminal: Terminal,
        dry_run: Annotated[bool, Option("--dry-run", help=words("only say what would be raised"))] = False,
        confirmed: ClockIsRight = False,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=not dry_run)
        from complaint_sla.work.alerts import sweep as sweeping

        if not dry_run:
            clockwork.require_right(terminal, desk, confirmed=confirmed)
        tally = sweeping.sweep(desk, dry_run=dry_run)
        if json:
            terminal.answer_json(_with_aside(terminal, _swept(tally)))
        else:
            _tell_swept(terminal, tally)

    @app.command()
    def deliver(terminal: Terminal, json: AsJson = False) -> None:
        desk = terminal.desk(writes=True)
        import asyncio

        from complaint_sla.mail import delivery
        from complaint_sla.mail.transports import closing

        office = post_office(terminal)
        delivered = asyncio.run(closing(office.transport, delivery.deliver(desk, office)))
        if json:
            terminal.answer_json(_with_aside(terminal, _counts(delivered)))
        else:
            _tell_delivered(terminal, delivered)
        if not delivered.all_well:
            raise typer.Exit(1)

    @app.command()
    def run(
        terminal: Terminal,
        once: Annotated[bool, Option("--once", help=words("one round, for cron"))] = False,
        confirmed: ClockIsRight = False,
        log: Annotated[
            str | None, Option("--log", help=words("how the service says what it does"), metavar="text|json")
        ] = None,
        json: AsJson = False,
    ) -> None:
        if terminal.now_text is not None:
            raise NotPossible("now-with-run")
        if log is not None:
            from complaint_sla.cli import answers

            answers.one_of(log, FORMS, "--log")
            if once:
                raise BadValue("one-of-two", one="--once", two="--log")
        if not once:
            _run(terminal, log or FORMS[0], confirmed=confirmed)
            return
        desk = terminal.desk(writes=True)
        if confirmed:
            clockwork.require_right(terminal, desk, confirmed=True)
        import asyncio

        from complaint_sla.mail.transports import closing
        from complaint_sla.service.rounds import Rounds

        office = post_office(terminal)
        done: Round = asyncio.run(
            closing(office.transport, Rounds(desk, office, None, clockwork.witnesses(terminal)).round())
        )
        terminal.aside += done.aside
        faults = {job: _why(terminal, problem) for job, problem in done.faults.items()}
        if json:
            counts = {**_swept(done.swept), "notices": done.posted, **_counts(done.delivered)}
            counts |= {"erased": done.erased} if done.erased else {}
            terminal.answer_json(_with_aside(terminal, counts | ({"faults": faults} if faults else {})))
        else:
            _tell_swept(terminal, done.swept)
            if done.erased:
                terminal.say(words.plural("{n} complaint erased.", "{n} complaints erased.", done.erased))
            terminal.answer("Summaries and notices to send: {n}", n=done.posted)
            _tell_delivered(terminal, done.delivered)
        for job, why in faults.items():
            terminal.remark("`{job}` was stopped: {fault}", job=job, fault=plain(why))
        if not done.all_well:
            raise typer.Exit(1)


def _run(terminal: Terminal, form: str, *, confirmed: bool) -> None:
    """The service. From here on whatever would be said on stderr is a line of the log, and so is what ends it."""
    from complaint_sla.cli.servicelog import Paper, read_by_journald
    from complaint_sla.service.log import Entry, Form, Level

    paper = Paper(sys.stderr, Form(form), read_by_journald(sys.stderr, os.environ), real_clock)
    terminal.voice = paper.remark
    try:
        desk = terminal.desk(writes=True)
        paper.zone = desk.zone
        if confirmed:
            clockwork.require_right(terminal, desk, confirmed=True)
        serve(terminal, desk, paper=paper)
    except Exception as problem:  # noqa: BLE001 - it is said, and the exit code tells it
        paper.put(Entry(Level.ERROR, "ended", message=_why(terminal, problem)))
        # Whoever started it is to know that it did not end as it was told to, whatever befell it.
        raise typer.Exit(problem.exit_code if isinstance(problem, Error) else BUG) from None


def post_office(terminal: Terminal) -> "PostOffice":
    """How letters leave, as set; the words of each language are loaded once."""
    from functools import cache

    from complaint_sla.mail.delivery import PostOffice

    return PostOffice(terminal.opening.transport(), terminal.settings.mail_from.value, cache(Words))


def serve(
    terminal: Terminal,
    desk: "Desk",
    clock: Callable[[], datetime] = real_clock,
    pace: float = 1,
    paper: "Paper | None" = None,
) -> None:
    """The service until it is told to stop. A job that fails is said, and tried again at its next time.

    `clock` is what the rounds take for the time; at a `pace` of 60 an hour of it passes in a minute. What happens is
    written on the `paper`, if there is one.
    """
    import asyncio

    from complaint_sla.mail.transports import closing
    from complaint_sla.service.log import Entry, Level, Log
    from complaint_sla.service.rounds import Rounds

    log = Log(terminal.words, desk.zone, lambda problem: _why(terminal, problem))

    def put(entry: Entry) -> None:
        if paper is not None:
            paper.put(entry)

    def note(event: str, text: str) -> None:
        put(Entry(Level.INFO, event, message=text))

    def tell(job: str, done: "Round") -> None:
        try:
            for entry in log.done(job, done, clock()):
                put(entry)
        except Exception as problem:  # noqa: BLE001 - what can't be said ends no round
            put(Entry(Level.ERROR, "fault", job, message=_why(terminal, problem)))

    def hung_up() -> None:
        note("hangup", terminal.words("What is published is read anew before every job."))

    async def served() -> None:
        office = post_office(terminal)
        mail = plain(terminal.settings.mail_way)
        started = terminal.words("The service runs; Ctrl-C ends it. Mail: {mail}", mail=mail)
        note("started", f"{started} · complaint-sla {__version__} · {HEAD}")
        rounds = Rounds(replace(desk, clock=clock), office, asyncio.Event(), clockwork.witnesses(terminal))
        await closing(office.transport, rounds.run(tell, pace, hung_up))
        note("stopped", terminal.words("The service has ended; nothing is in hand."))

    asyncio.run(served())


def _why(terminal: Terminal, problem: Exception) -> str:
    """What stopped a job, in words; of a bug the details are written down."""
    from complaint_sla.wording.messages import message, reason

    if isinstance(problem, Error):
        return message(terminal.words, problem, terminal.known_zone)
    from complaint_sla.cli import bugs

    try:
        return bugs.told(terminal.words, problem)
    except OSError:
        # Neither in a file nor on the screen.
        return reason(terminal.words, problem, terminal.known_zone)


def _with_aside(terminal: Terminal, counts: dict[str, Any]) -> dict[str, Any]:
    """The counts; where something was set aside, with its numbers."""
    aside = [one.about for one in terminal.aside]
    return counts | ({"set_aside": aside} if aside else {})


def _swept(tally: "Tally") -> dict[str, int]:
    """The counts; where a wrong clock's timelines were taken up again, of how many complaints."""
    names = ("due", "alerts", "superseded", "unalertable", "locked")
    counts = {name: getattr(tally, name) for name in names}
    return counts | ({"healed": len(tally.healed)} if tally.healed else {})


def _tell_swept(terminal: Terminal, tally: "Tally") -> None:
    terminal.answer(
        "Complaints with something due: {due} · alerts to send: {alerts} · overtaken: {superseded} · "
        "reaching nobody: {unalertable}",
        **_swept(tally),
    )
    if tally.locked:
        terminal.remark(
            "Due, and in other hands: {n}. The next sweep takes them; who holds them: complaint-sla doctor",
            n=tally.locked,
        )
    if tally.wrong_at is not None:
        terminal.remark(
            "A clock was wrong: it had raised alerts up to {moment}. Taken up again: {n}",
            moment=terminal.words.moment(tally.wrong_at, terminal.zone),
            n=len(tally.healed),
        )


def _counts(delivered: "Delivered") -> dict[str, int]:
    """The counts; where a limit of the server puts letters off, of how many."""
    counts = {name: getattr(delivered, name) for name in ("sent", "retried", "failed", "dropped")}
    return counts | ({"put_off": delivered.put_off.letters} if delivered.put_off is not None else {})


def _tell_delivered(terminal: Terminal, delivered: "Delivered") -> None:
    terminal.answer(
        "Messages sent: {sent} · to be tried again: {retried} · refused: {failed} · no longer needed: {dropped}",
        **_counts(delivered),
    )
    put_off = delivered.put_off
    if put_off is not None:
        terminal.answer(
            "Put off by a limit of the mail server: {n}, until {when} ({fault})",
            n=put_off.letters,
            when=terminal.words.moment(put_off.until, terminal.zone),
            fault=plain(put_off.said),
        )
    _tell_faults(terminal, delivered)


def _tell_faults(terminal: Terminal, delivered: "Delivered") -> None:
    if delivered.fault is not None:
        terminal.remark("Mail can't leave: {fault}", fault=plain(delivered.fault))
    for id_, why in delivered.unwritten.items():
        terminal.remark("Message {id} can't be written: {fault}", id=id_, fault=plain(why))
