"""Commands of the service: sweep, deliver, and run, which does both by the clock and writes the daily summaries."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Option

from complaint_sla.cli import clockwork
from complaint_sla.cli.options import AsJson, ClockIsRight
from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import Error, NotPossible
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.mail.delivery import Delivered, PostOffice
    from complaint_sla.service.rounds import Round
    from complaint_sla.work.alerts.sweep import Tally
    from complaint_sla.work.desk import Desk


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
        json: AsJson = False,
    ) -> None:
        if terminal.now_text is not None:
            raise NotPossible("now-with-run")
        desk = terminal.desk(writes=True)
        if confirmed:
            clockwork.require_right(terminal, desk, confirmed=True)
        if not once:
            serve(terminal, desk)
            return
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


def post_office(terminal: Terminal) -> "PostOffice":
    """How letters leave, as set; the words of each language are loaded once."""
    from functools import cache

    from complaint_sla.mail.delivery import PostOffice

    return PostOffice(terminal.opening.transport(), terminal.settings.mail_from.value, cache(Words))


def serve(
    terminal: Terminal, desk: "Desk", clock: Callable[[], datetime] = real_clock, pace: float = 1
) -> None:
    """The service until it is told to stop. A job that fails is said, and tried again at its next time.

    `clock` is what the rounds take for the time; at a `pace` of 60 an hour of it passes in a minute.
    """
    import asyncio

    from complaint_sla.mail.transports import closing
    from complaint_sla.service.rounds import Rounds

    def tell(done: "Round") -> None:
        for problem in done.faults.values():
            terminal.tell(_why(terminal, problem))
        _tell_faults(terminal, done.delivered)

    async def served() -> None:
        office = post_office(terminal)
        terminal.remark(
            "The service runs; Ctrl-C ends it. Mail: {mail}", mail=plain(terminal.settings.mail.value)
        )
        rounds = Rounds(replace(desk, clock=clock), office, asyncio.Event(), clockwork.witnesses(terminal))
        await closing(office.transport, rounds.run(tell, pace))
        terminal.remark("The service has ended; nothing is in hand.")

    asyncio.run(served())


def _why(terminal: Terminal, problem: Exception) -> str:
    """What stopped a job, in words; of a bug the details are written down."""
    if isinstance(problem, Error):
        from complaint_sla.wording.messages import message

        return message(terminal.words, problem, terminal.zone)
    from complaint_sla.cli import bugs

    return bugs.told(terminal.words, problem)


def _with_aside(terminal: Terminal, counts: dict[str, Any]) -> dict[str, Any]:
    """The counts; where something was set aside, with its numbers."""
    aside = [one.about for one in terminal.aside]
    return counts | ({"set_aside": aside} if aside else {})


def _swept(tally: "Tally") -> dict[str, int]:
    """The counts; where a wrong clock's timelines were taken up again, of how many complaints."""
    counts = {name: getattr(tally, name) for name in ("due", "alerts", "superseded", "unalertable")}
    return counts | ({"healed": len(tally.healed)} if tally.healed else {})


def _tell_swept(terminal: Terminal, tally: "Tally") -> None:
    terminal.answer(
        "Complaints with something due: {due} · alerts to send: {alerts} · overtaken: {superseded} · "
        "reaching nobody: {unalertable}",
        **_swept(tally),
    )
    if tally.wrong_at is not None:
        terminal.remark(
            "A clock was wrong: it had raised alerts up to {moment}. Taken up again: {n}",
            moment=terminal.words.moment(tally.wrong_at, terminal.zone),
            n=len(tally.healed),
        )


def _counts(delivered: "Delivered") -> dict[str, int]:
    return {name: getattr(delivered, name) for name in ("sent", "retried", "failed", "dropped")}


def _tell_delivered(terminal: Terminal, delivered: "Delivered") -> None:
    terminal.answer(
        "Messages sent: {sent} · to be tried again: {retried} · refused: {failed} · no longer needed: {dropped}",
        **_counts(delivered),
    )
    _tell_faults(terminal, delivered)


def _tell_faults(terminal: Terminal, delivered: "Delivered") -> None:
    if delivered.fault is not None:
        terminal.remark("Mail can't leave: {fault}", fault=plain(delivered.fault))
    for id_, why in delivered.unwritten.items():
        terminal.remark("Message {id} can't be written: {fault}", id=id_, fault=plain(why))
