"""Commands of the service: sweep, deliver, and run, which does both by the clock and writes the daily summaries."""

from typing import TYPE_CHECKING, Annotated

import typer

from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import NotPossible
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.mail.delivery import Delivered
    from complaint_sla.work.alerts import Tally


def register(app: Commands, words: Words) -> None:
    as_json = typer.Option("--json", help=words("answer as JSON"))

    @app.command()
    def sweep(
        context: typer.Context,
        dry_run: Annotated[
            bool, typer.Option("--dry-run", help=words("only say what would be raised"))
        ] = False,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        terminal: Terminal = context.obj
        desk = terminal.desk(writes=not dry_run)
        from complaint_sla.work import alerts

        tally = alerts.sweep(desk, dry_run=dry_run)
        if json:
            terminal.answer_json(tally)
        else:
            _tell_swept(terminal, tally)

    @app.command()
    def deliver(context: typer.Context, json: Annotated[bool, as_json] = False) -> None:
        terminal: Terminal = context.obj
        desk = terminal.desk(writes=True)
        from complaint_sla.cli import serving

        delivered = serving.deliver_once(terminal, desk)
        if json:
            terminal.answer_json(_counts(delivered))
        else:
            _tell_delivered(terminal, delivered)
        if not delivered.all_well:
            raise typer.Exit(1)

    @app.command()
    def run(
        context: typer.Context,
        once: Annotated[bool, typer.Option("--once", help=words("one round, for cron"))] = False,
        json: Annotated[bool, as_json] = False,
    ) -> None:
        terminal: Terminal = context.obj
        if terminal.now_text is not None:
            raise NotPossible("now-with-run")
        desk = terminal.desk(writes=True)
        from complaint_sla.cli import serving

        if not once:
            serving.serve(terminal, desk)
            return
        from complaint_sla.work import alerts

        tally = alerts.sweep(desk)
        posted = serving.notices_once(terminal, desk)
        delivered = serving.deliver_once(terminal, desk)
        if json:
            from complaint_sla.contract import jsonable

            terminal.answer_json({**jsonable(tally, terminal.zone), "notices": posted, **_counts(delivered)})
        else:
            _tell_swept(terminal, tally)
            terminal.say(words("Summaries and notices to send: {n}", n=posted))
            _tell_delivered(terminal, delivered)
        if not delivered.all_well:
            raise typer.Exit(1)


def _tell_swept(terminal: Terminal, tally: "Tally") -> None:
    terminal.say(
        terminal.words(
            "Complaints with something due: {due} · alerts to send: {alerts} · overtaken: {superseded} · "
            "reaching nobody: {unalertable}",
            due=tally.due,
            alerts=tally.alerts,
            superseded=tally.superseded,
            unalertable=tally.unalertable,
        )
    )


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
            "Messages sent: {sent} · to be tried again: {retried} · refused: {failed} · no longer needed: {dropped}",
            **_counts(delivered),
        )
    )
    if delivered.fault is not None:
        terminal.tell(words("Mail can't leave: {fault}", fault=plain(delivered.fault)))
