"""Commands for the outbox: what waits, what went, what was refused."""

import asyncio
from functools import partial
from typing import Annotated

import typer
from typer import Argument, Option

from complaint_sla import contract
from complaint_sla.cli.options import FIRST, AsJson, Everything, Limit, Pager
from complaint_sla.cli.screen import NO_SCREEN, Extent
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core import fields
from complaint_sla.core.errors import NotFound, NotPossible
from complaint_sla.core.permissions import Action
from complaint_sla.core.replies import Answer
from complaint_sla.store.outbox import ALERTS
from complaint_sla.wording import Words
from complaint_sla.wording.matters import matter
from complaint_sla.wording.screening import plain
from complaint_sla.work.letters import listing, outbox


def register(app: Commands, words: Words) -> None:
    mail = Commands()
    app.add_typer(mail, name="mail")

    @mail.command("list", help=words("Messages, newest first."))
    def list_(
        terminal: Terminal,
        failed: Annotated[
            bool, Option("--failed", help=words("those that could not be sent so far"))
        ] = False,
        limit: Limit = None,
        everything: Everything = False,
        pager: Pager = False,
        json: AsJson = False,
    ) -> None:
        extent = Extent(limit, everything, pager)
        desk = terminal.desk(writes=False)
        screen = NO_SCREEN if json else terminal.screen
        found = listing.letters(desk, failed_only=failed, most=extent.most(screen, FIRST))
        if json:
            terminal.answer_json(found)
        elif not found:
            terminal.answer("No messages.")
        else:
            from complaint_sla.cli import tables

            command = "mail list --failed" if failed else "mail list"
            tables.listed(terminal, found, partial(tables.letters, terminal), extent, command)

    @mail.command(help=words("One message, as it would be written now."))
    def show(
        terminal: Terminal,
        message: Annotated[int, Argument(help=words("id of the message"), metavar="ID")],
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=False)
        from complaint_sla.cli import tables
        from complaint_sla.mail.compose import subject_of, text_of
        from complaint_sla.wording import Words
        # They load the words of every kind of letter, which the other commands need not wait for.

        found = listing.preview(desk, message)
        if found is None:
            raise NotFound("no-such-message", id=message)
        summary, letter = found
        if desk.standing.confined and summary.kind != ALERTS:
            # It counts what is to be counted by whoever sees all.
            raise NotPossible("sees-a-part", action=Action.READ, office=desk.standing.office)
        spoken = Words(letter.language)
        subject, text = subject_of(letter, spoken), text_of(letter, spoken)
        if json:
            terminal.answer_json(contract.letter(summary, subject, text, terminal.zone))
            return
        state = words(summary.state)
        terminal.answer("To: {recipient}", recipient=summary.recipient)
        terminal.answer("State: {state}, attempts: {attempts}", state=state, attempts=summary.attempts)
        if summary.error:
            terminal.answer("The server said: {error}", error=plain(summary.error))
            if (whose := matter(words, summary.answer)) != "":
                terminal.answer("Why it waits: {why}", why=whose)
            if summary.unheard_at is not None:
                terminal.answer(tables.PERHAPS_ARRIVED)
        if subject:
            terminal.answer("Subject: {subject}", subject=subject)
            terminal.say("\n" + text)

    @mail.command(help=words("Try again at once: one message, or all."))
    def retry(
        terminal: Terminal,
        message: Annotated[int | None, Argument(help=words("id of the message"), metavar="[ID]")] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        count = outbox.retry(desk, message)
        if json:
            terminal.answer_json(contract.retried(count))
        else:
            terminal.say(
                words.plural("{n} message will be tried again.", "{n} messages will be tried again.", count)
            )
            if count:
                terminal.answer("Send now: complaint-sla deliver")

    @mail.command(help=words("Send a test message to an address, past the outbox."))
    def test(
        terminal: Terminal,
        email: Annotated[str, Argument(help=words("where to"), metavar="EMAIL")],
        json: AsJson = False,
    ) -> None:
        # Nothing else here sends.
        from complaint_sla.mail.envelope import compose_test
        from complaint_sla.mail.transports import closing

        address = fields.email(email)
        content = compose_test(address, terminal.settings.mail_from.value, terminal.now, words)

        terminal.store(writes=True)
        transport = terminal.opening.transport()
        reply = asyncio.run(closing(transport, transport.send(address, content)))
        terminal.has_acted = accepted = reply.answer is Answer.ACCEPTED
        if json:
            terminal.answer_json(contract.tried(reply, accepted=accepted))
        elif accepted:
            terminal.answer("Accepted by {server}.", server=plain(terminal.settings.mail.value))
        else:
            said = f"{reply.code or ''} {reply.text}".strip()
            terminal.remark("Not sent: {reason}", reason=plain(said))
        if not accepted:
            raise typer.Exit(1)
