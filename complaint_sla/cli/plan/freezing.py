"""`plan freeze`: the plan of a quarter as it was handed in, for good; restated with what has changed."""

from typing import Annotated

from typer import Argument

from complaint_sla.cli import clockwork
from complaint_sla.cli.options import AsJson, ClockIsRight
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import plan as contract
from complaint_sla.core.calendars import Quarter
from complaint_sla.wording import Words
from complaint_sla.wording.frozenplan import restated
from complaint_sla.work.plans.freezing import freeze as frozen

# As many lines of what is restated as are said; `--json` has all.
MOST_RESTATED = 20


def register(app: Commands, words: Words) -> None:
    @app.command(
        help=words("Freeze the plan of a quarter that is final, or restate it with what has changed.")
    )
    def freeze(
        terminal: Terminal,
        quarter: Annotated[str, Argument(help=words("2017-Q1, 2560-Q1 or 1/2560"), metavar="QUARTER")],
        confirmed: ClockIsRight = False,
        json: AsJson = False,
    ) -> None:
        wanted = Quarter.parse(quarter)
        desk = terminal.desk(writes=True)
        clockwork.require_right(terminal, desk, confirmed=confirmed)
        made = frozen(desk, wanted)
        if json:
            terminal.answer_json(contract.frozen(made))
            return
        terminal.answer(
            "The plan of {quarter} is frozen as version {n}. Fingerprint (SHA-256): {digest}",
            quarter=wanted,
            n=made.version,
            digest=made.digest,
        )
        lines = restated(words, made.restated)
        for line in lines[:MOST_RESTATED]:
            terminal.say(f"  {line}")
        if len(lines) > MOST_RESTATED:
            terminal.say("  " + words("… and {n} more", n=len(lines) - MOST_RESTATED))
