"""Commands that help with the commands: help, and completion in the shell."""

from contextlib import suppress
from typing import Annotated

import typer
from typer import Argument

from complaint_sla.cli import answers, main
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import Error
from complaint_sla.wording import N_, Words

SHELLS = ("bash", "zsh", "fish")
WHERE = {
    "bash": N_(
        "bash: complaint-sla completion bash > {place}; in a new terminal it works (package bash-completion)."
    ),
    "zsh": N_(
        "zsh: complaint-sla completion zsh > {place}; in ~/.zshrc, before compinit: fpath=(~/.zfunc $fpath)."
    ),
    "fish": N_("fish: complaint-sla completion fish > {place}; in a new terminal it works."),
}


def register(app: Commands, words: Words) -> None:
    from complaint_sla.cli.completion.script import PLACES

    about = words(
        "Print what makes Tab complete commands, options, keys, offices, people and numbers in a shell. Nothing is installed; "
        "write it to a file, and again after an upgrade."
    )
    places = "\n\n".join(words(WHERE[shell], place=PLACES[shell]) for shell in SHELLS)

    @app.command("help")
    def help_(
        terminal: Terminal,
        command: Annotated[
            list[str] | None, Argument(help=words("of which command"), metavar="[COMMAND]...")
        ] = None,
    ) -> None:
        print(_context(terminal, command or []).get_help())

    @app.command(help=f"{about}\n\n{places}")
    def completion(
        terminal: Terminal,
        shell: Annotated[str, Argument(help=words("for which shell"), metavar="bash|zsh|fish")],
    ) -> None:
        from complaint_sla.cli.completion import cache
        from complaint_sla.cli.completion.script import script

        answers.one_of(shell, SHELLS, "SHELL")
        print(script(shell, main.context(terminal)), flush=True)
        # The first Tab has something to complete with, where there is an office yet.
        with suppress(Error):
            cache.keep(terminal, terminal.desk(writes=False), anew=True)


def _context(terminal: Terminal, path: list[str]) -> typer.Context:
    """Of the command with these names, below the program itself. Raises Typer's own error where there is none."""
    context = main.context(terminal)
    for name in path:
        group = context.command
        found = group.get_command(context, name) if isinstance(group, typer.core.TyperGroup) else None
        if found is None:
            context.fail(f"No such command '{name}'.")
        context = typer.Context(found, info_name=name, parent=context)
    return context
