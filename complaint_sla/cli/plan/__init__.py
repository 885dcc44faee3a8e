"""`plan`: the action plan, as a whole: how it stands, what is entered, what is not in."""

from complaint_sla.cli.plan import due, enter, freezing, sheets, show
from complaint_sla.cli.usage import Commands
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    plan = Commands()
    for room in (show, enter, due, freezing, sheets):
        room.register(plan, words)
    app.add_typer(plan, name="plan")
