"""Commands of the service: sweep, deliver, and run, which does both by the clock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from complaint_sla.cli.terminal import Terminal, real_clock
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import Error, NotPossible
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.mail.delivery import Delivered, PostOffice
    from complaint_sla.work.desk import Desk

# An alert is due at a minute of the day, so the clock looks each minute; mail follows right behind it.
SWEEP_SECONDS = 60
DELIVER_SECONDS = 30


def register(app: Commands, words: Words) -> None:
    as_json = typer.Option("--json", help=words("answer as JSON"))

    @app.command(help=words("Raise every alert that has newly become due. Safe to repeat."))
    def sweep(
        context: typer.Context,
        dry_run: Annotated[bool, typer.Option("--dry-run", help=words("only say what would be raised"))] = False,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        terminal: Terminal = context.obj
        desk = terminal.desk(writes=not dry_run)
        from complaint_sla.work import alerts

        tally = alerts.sweep(desk, dry_run=dry_run)
        if json:
            terminal.answer_json(tally)
            return
        terminal.say(
            words(
                "{due} complaints with something due: {alerts} alerts to send, {superseded} overtaken, "
                "{unalertable} owed to roles that nobody fills.",
                due=tally.due,
                alerts=tally.alerts,
                superseded=tally.superseded,
                unalertable=tally.unalertable,
            )
        )

    @app.command(help=words("Send what waits in the outbox. Safe to repeat."))
    def deliver(context: typer.Context, json: Annotated[bool, as_json] = False) -> None:
        terminal: Terminal = context.obj
        desk = terminal.desk(writes=True)
        delivered = asyncio.run(_deliver_once(terminal, desk))
        if json:
            terminal.answer_json(_counts(delivered))
        else:
            _tell_delivered(terminal, delivered)
        if not delivered.all_well:
            raise typer.Exit(1)

    @app.command(help=words("The service: sweeps and delivers by the clock until it is stopped."))
    def run(
        context: typer.Context,
        once: Annotated[bool, typer.Option("--once", help=words("one round, for cron"))] = False,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        terminal: Terminal = context.obj
        if terminal.now_text is not None:
            raise NotPossible("now-with-run")
        desk = terminal.desk(writes=True)
        if not once:
            asyncio.run(_serve(terminal, desk))
            return
        from complaint_sla.work import alerts

        tally = alerts.sweep(desk)
        delivered = asyncio.run(_deliver_once(terminal, desk))
        if json:
            from complaint_sla.cli.jsons import jsonable

            terminal.answer_json({**jsonable(tally, terminal.zone), **_counts(delivered)})
        else:
            _tell_delivered(terminal, delivered)
        if not delivered.all_well:
            raise typer.Exit(1)


def post_office(terminal: Terminal) -> "PostOffice":
    """How letters leave, as set; the words of each language are loaded once."""
    from functools import cache

    from complaint_sla.mail.delivery import PostOffice

    return PostOffice(terminal.transport(), terminal.settings.mail_from.value, cache(Words))


async def _deliver_once(terminal: Terminal, desk: "Desk") -> "Delivered":
    from complaint_sla.mail.delivery import deliver

    office = post_office(terminal)
    try:
        return await deliver(desk, office)
    finally:
        await office.transport.close()


async def _serve(terminal: Terminal, desk: "Desk") -> None:
    """The service until it is told to stop. A round that fails is said, noted, and tried again at its next time."""
    from complaint_sla import scheduler
    from complaint_sla.mail.delivery import deliver
    from complaint_sla.work import alerts

    office, stop = post_office(terminal), asyncio.Event()

    async def sweep_now() -> None:
        await asyncio.to_thread(alerts.sweep, desk.at(real_clock()), stopped=stop.is_set)

    async def deliver_now() -> None:
        delivered = await deliver(desk.at(real_clock()), office, stop)
        if delivered.fault is not None:
            terminal.tell(words("Mail can't leave: {fault}", fault=plain(delivered.fault)))

    def watched(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        async def tolerant() -> None:
            from complaint_sla.wording.messages import message

            try:
                await job()
            except Error as problem:
                terminal.tell(message(words, problem, terminal.zone))

        return tolerant

    words = terminal.words
    terminal.tell(words("The service runs; Ctrl-C ends it. Mail: {mail}", mail=plain(terminal.settings.mail.value)))
    try:
        await scheduler.run(
            {
                "sweep": (watched(sweep_now), SWEEP_SECONDS),
                "deliver": (watched(deliver_now), DELIVER_SECONDS),
            },
            stop,
        )
    finally:
        await office.transport.close()
    terminal.tell(words("The service has ended; nothing is in hand."))


def _counts(delivered: "Delivered") -> dict[str, int]:
    return {
        "sent": delivered.sent,
        "retried": delivered.retried,
        "failed": delivered.failed,
        "dropped": delivered.dropped,
    }


def _tell_delivered(terminal: Terminal, delivered: "Delivered") -> None:
    words = terminal.words
    terminal.say(
        words(
            "{sent} messages sent, {retried} to be tried again, {failed} refused, {dropped} no longer needed.",
            **_counts(delivered),
        )
    )
    if delivered.fault is not None:
        terminal.tell(words("Mail can't leave: {fault}", fault=plain(delivered.fault)))
