"""Help and usage errors in the person's language. Typer speaks English only; what it says is put into words here."""

import gettext
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command_name

from complaint_sla.wording import N_, Words
from complaint_sla.wording.words import CATALOGUES, DOMAIN

# Typer looks these up by gettext's default domain, which `speaking` points at our catalogues.
TYPERS_OWN = (
    N_("Arguments"),
    N_("Options"),
    N_("Commands"),
    N_("required"),
    N_("default: {default}"),
    N_("Missing command."),
)


@contextmanager
def speaking(words: Words) -> Iterator[None]:
    """Lets Typer find our catalogue, and leaves the environment as it was: what language the system speaks is asked there."""
    before = os.environ.get("LANGUAGE")
    os.environ["LANGUAGE"] = words.language
    gettext.bindtextdomain(DOMAIN, CATALOGUES)
    gettext.textdomain(DOMAIN)
    try:
        yield
    finally:
        del os.environ["LANGUAGE"]
        if before is not None:
            os.environ["LANGUAGE"] = before


class _Spoken:
    """Usage line and options in the language of the terminal that is the context's object."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)  # type: ignore[misc, no-any-return]
        except TyperException as problem:
            # Some of Typer's errors don't say which command they are about.
            if getattr(problem, "ctx", None) is None:
                problem.ctx = ctx  # type: ignore[attr-defined]
            raise

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        # Typer puts what is required into braces, which shells and people take for something else.
        pieces = [piece.strip("{}") for piece in pieces]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=ctx.obj.words("Usage: "))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        for option in self.get_params(ctx):  # type: ignore[attr-defined]
            option.help = ctx.obj.words(option.help) if option.help else option.help
        super().format_options(ctx, formatter)  # type: ignore[misc]

    def get_help_option(self, ctx: Any) -> Any:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = ctx.obj.words("show this and end")
        return option


class Command(_Spoken, TyperCommand):
    """One command."""


class Group(_Spoken, TyperGroup):
    """A family of commands, listed in the order in which it was made."""

    def _main_shell_completion(self, *_: Any, **__: Any) -> None:
        """Nothing: the shells are helped by `completion`, and a variable of Typer's must not keep a command from its work."""


class Commands(typer.Typer):
    """Typer, with commands that speak the person's language and nothing that slows or colours `--help`."""

    def __init__(self, help_text: str = "", group: type[Group] = Group) -> None:
        super().__init__(
            cls=group,
            help=help_text,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            add_completion=False,
            no_args_is_help=True,
            context_settings={"help_option_names": ["-h", "--help"]},
        )

    def keep(self, name: str) -> None:
        """Forgets all commands but one."""
        self.registered_commands = [
            one
            for one in self.registered_commands
            if name == (one.name or (one.callback is not None and get_command_name(one.callback.__name__)))
        ]
        self.registered_groups = [one for one in self.registered_groups if one.name == name]

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        """Registers a command; the list of commands shows its help whole, not cut off in mid-sentence.

        Typer hands over a context: the terminal, its object, is all that a command is given of it.
        """
        settings.setdefault("short_help", settings.get("help"))
        register = super().command(name, cls=Command, **settings)

        def registered(answer: Callable[..., None]) -> Callable[..., None]:
            def called(context: typer.Context, **given: Any) -> None:
                # Without the program's own name.
                context.obj.called = context.command_path.partition(" ")[2], given
                answer(context.obj, **given)

            _, *options = inspect.signature(answer).parameters.values()
            called.__name__, called.__doc__ = answer.__name__, answer.__doc__
            called.__annotations__ = {"context": typer.Context} | answer.__annotations__
            first = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
            called.__signature__ = inspect.Signature([first, *options])  # type: ignore[attr-defined]
            return register(called)

        return registered
