"""The command that goes through complaints one by one."""

from complaint_sla.cli import answers
from complaint_sla.cli.filters import Filters, filtered
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    del words

    @app.command("queue")
    @filtered
    def queue(terminal: Terminal, asked: Filters) -> None:
        desk = terminal.desk(writes=True)
        wanted = asked.wanted(desk)
        if not terminal.can_ask or terminal.screen.height is None:
            raise BadValue("no-terminal", instead=f"list {asked}".strip())
        answers.silent(terminal, desk)
        # Whoever asks for help or has no terminal needs none of it.
        from complaint_sla.cli.sitting import Sitting
        from complaint_sla.work.counter.queue import Queue

        Sitting(terminal, desk, Queue(wanted)).run()
