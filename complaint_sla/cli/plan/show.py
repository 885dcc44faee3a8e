"""`plan show`: the card of a quarter, or one measure of it with its history."""

from typing import Annotated

from typer import Argument, Option

from complaint_sla.cli.options import AsJson, OfficeAndBelow, Pager
from complaint_sla.cli.screen import Extent, write
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import plan as contract
from complaint_sla.contract.values import jsonable
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.files import csv_content
from complaint_sla.wording import Words
from complaint_sla.wording.frozenplan import restated
from complaint_sla.work.plans.card import Card, card

# As many lines of what is otherwise today as are said; `--json` has all.
MOST_TOLD = 8


def register(app: Commands, words: Words) -> None:
    @app.command(
        help=words(
            "How the plan stands in a quarter: each activity with its mark, each figure with its letter."
        )
    )
    def show(
        terminal: Terminal,
        quarter: Annotated[
            str | None,
            Argument(
                help=words("2017-Q1, 2560-Q1 or 1/2560; else the one to be handed in"), metavar="[QUARTER]"
            ),
        ] = None,
        office: OfficeAndBelow = None,
        measure: Annotated[
            str | None, Option(help=words("one measure, with all that was entered of it"), metavar="KEY")
        ] = None,
        version: Annotated[int | None, Option(help=words("a frozen version, as it was"), metavar="N")] = None,
        pager: Pager = False,
        json: AsJson = False,
        csv: Annotated[bool, Option("--csv", help=words("answer as CSV"))] = False,
    ) -> None:
        if json and csv:
            raise BadValue("one-of-two", one="--json", two="--csv")
        wanted = Quarter.parse(quarter) if quarter is not None else None
        desk = terminal.desk(writes=False)
        found = card(desk, wanted, office, measure, version)
        if json:
            terminal.answer_json(contract.card(found))
        elif csv:
            rows = (jsonable(one, desk.zone) for one in contract.rows(found))
            terminal.say_bytes(
                csv_content([contract.COLUMNS, *([one[name] for name in contract.COLUMNS] for one in rows)])
            )
        else:
            from complaint_sla.cli.plan import drawing

            lines = drawing.drawn(terminal, desk, found)
            # A card is read as a whole, and is longer than most windows.
            extent = Extent(everything=not pager, pager=pager)
            write(
                terminal.screen,
                lines,
                lambda some: "".join(f"{line}\n" for line in some),
                lambda _: "",
                extent,
            )
        _tell_differing(terminal, found)


def _tell_differing(terminal: Terminal, found: Card) -> None:
    if not found.differing:
        return
    lines = restated(terminal.words, found.differing)
    more = [terminal.words("… and {n} more", n=len(lines) - MOST_TOLD)] if len(lines) > MOST_TOLD else []
    terminal.remark(
        "Otherwise today than in version {version}, which stands: {what}. "
        "To restate it: complaint-sla plan freeze {quarter}",
        what="; ".join(lines[:MOST_TOLD] + more),
        version=found.version,
        quarter=found.quarter,
    )
