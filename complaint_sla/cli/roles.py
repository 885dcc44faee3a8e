"""`roles`: the roles of PostgreSQL as SQL, to be run by whoever administers the server."""

from typing import Annotated

from typer import Option

from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.store.roles import PREFIX, roles_sql
from complaint_sla.wording import Words


def register(app: Commands, words: Words) -> None:
    @app.command(
        help=words(
            "Print the SQL that gives each login of PostgreSQL what its role may do, and no more. To be run by the owner of "
            "the tables, and again after each upgrade: complaint-sla roles | psql DATABASE"
        )
    )
    def roles(
        terminal: Terminal,
        prefix: Annotated[
            str, Option(help=words("what the names of the roles begin with"), metavar="NAME")
        ] = PREFIX,
    ) -> None:
        # As it is: a screen would break its lines.
        terminal.say_text(roles_sql(terminal.store(), terminal.opening.permissions, prefix))
