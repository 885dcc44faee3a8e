"""The manual: a page of its own for the program and each command, made from their help when the program is built.

`python -m complaint_sla.cli.manual FOLDER` writes them as `man` looks for them, in both languages.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from complaint_sla import __version__
from complaint_sla.cli.main import PROGRAM, context
from complaint_sla.cli.slips import metavar
from complaint_sla.cli.terminal import Terminal
from complaint_sla.wording import LANGUAGES, N_, Words

# Roff takes these for its own.
_ESCAPES = str.maketrans({"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"})

EXITS: Sequence[tuple[str, str]] = (
    ("0", N_("Done.")),
    ("1", N_("Done, and something is wrong: audit, doctor, rejected rows, mail that could not be sent.")),
    ("2", N_("Wrong usage, a bad value, a file that can't be read or written. Nothing was changed.")),
    ("3", N_("There is no such complaint, message or version.")),
    ("4", N_("The rule book is refused.")),
    ("5", N_("The database can't be reached, or is of another version.")),
    ("6", N_("Not possible in this state, or not allowed to this role.")),
    ("70", N_("A bug: a short message says where its details were written.")),
    ("130", N_("Interrupted; 128 and the number of the signal.")),
)
ENVIRONMENT: Sequence[tuple[str, str]] = (
    ("COMPLAINT_SLA_DB", N_("The database's URL, as --db.")),
    ("COMPLAINT_SLA_RULES", N_("The folder of rule books that are drafts, as --rules.")),
    ("COMPLAINT_SLA_LANG", N_("th or en, as --lang; else the language of the system.")),
    ("COMPLAINT_SLA_AS", N_("Who acts, as --as.")),
    (
        "COMPLAINT_SLA_MAIL",
        N_("How mail leaves: smtps://USER@HOST:465, smtp://USER@HOST:587 or folder:PATH."),
    ),
    (
        "COMPLAINT_SLA_MAIL_PASSWORD, COMPLAINT_SLA_MAIL_PASSWORD_FILE",
        N_("The mail server's password, or the file that holds it."),
    ),
    ("COMPLAINT_SLA_MAIL_FROM", N_("The sender of the mail.")),
    (
        "COMPLAINT_SLA_MAIL_CA",
        N_("A file of certificates (PEM) of authorities that are trusted for mail beside the system's."),
    ),
    ("COMPLAINT_SLA_CONFIG", N_("Another file than config.toml.")),
    ("NO_COLOR", N_("No colours.")),
)
FILES: Sequence[tuple[str, str]] = (
    ("~/.config/complaint_sla/config.toml", N_("The same settings without the prefix, in lower case.")),
    ("~/.local/share/complaint_sla/complaints.db", N_("The database where none is named.")),
    ("~/.cache/complaint_sla/", N_("What Tab completes with; its owner's alone, made anew by itself.")),
)


def write(folder: Path) -> list[Path]:
    """Writes every page below a folder, and returns them."""
    written = []
    for language in LANGUAGES:
        place = folder / "man1" if language == "en" else folder / language / "man1"
        place.mkdir(parents=True, exist_ok=True)
        for name, text in pages(language).items():
            path = place / f"{name}.1"
            path.write_text(text, encoding="utf-8")
            written.append(path)
    return written


def pages(language: str) -> Mapping[str, str]:
    """Each page by its name, in a language."""
    words = Words(language)
    root = context(Terminal(words))
    command: Any = root.command
    below = {name: command.get_command(root, name) for name in command.list_commands(root)}
    names = [PROGRAM, *(f"{PROGRAM}-{name}" for name in below)]
    found = {PROGRAM: _page(words, root, names[1:])}
    for name, one in below.items():
        found[f"{PROGRAM}-{name}"] = _page(words, typer.Context(one, info_name=name, parent=root), [PROGRAM])
    return found


def _page(words: Words, of: Any, others: Sequence[str]) -> str:
    command = of.command
    name = of.command_path.replace(" ", "-")
    lines = [
        f'.TH {_text(name.upper())} 1 "" "{_text(f"{PROGRAM} {__version__}")}" "{_text(PROGRAM)}"',
        # Thai has few places where a line may end: filled up to the margin, it would be torn apart.
        ".ad l",
        ".nh",
        _head(words("NAME")),
        f"{_text(name)} \\- {_text(_first(command.help))}",
        _head(words("SYNOPSIS")),
        *_synopsis(of),
        _head(words("DESCRIPTION")),
        *_paragraphs(command.help),
        *_parameters(words, of),
    ]
    if hasattr(command, "list_commands"):
        lines.append(_head(words("COMMANDS")))
        for below in command.list_commands(of):
            lines += _command(words, of, below)
    for title, entries in (
        (words("EXIT STATUS"), EXITS),
        (words("ENVIRONMENT"), ENVIRONMENT),
        (words("FILES"), FILES),
    ):
        lines += [_head(title), *_list((_text(item), words(about)) for item, about in entries)]
    lines += [_head(words("SEE ALSO")), *(f".BR {_text(one)} (1)," for one in others)]
    return "\n".join(lines).rstrip(",") + "\n"


def _command(words: Words, of: Any, name: str) -> Iterator[str]:
    """A command below: one line where it has a page of its own, all of it where it has none."""
    command = of.command.get_command(of, name)
    if of.parent is None:
        yield from _list([(f"\\fB{_text(name)}\\fR", command.short_help or command.help)])
        return
    below = typer.Context(command, info_name=name, parent=of)
    yield f".SS {_text(below.command_path)}"
    yield from _synopsis(below)
    yield ".PP"
    yield from _paragraphs(command.help)
    yield from _list(_entries(words, below))


def _parameters(words: Words, of: Any) -> Iterator[str]:
    yield _head(words("OPTIONS"))
    yield from _list(_entries(words, of))


def _entries(words: Words, of: Any) -> Iterator[tuple[str, str]]:
    """Arguments, then options, each as it is written and with its help."""
    parameters = of.command.get_params(of)
    for one in (one for one in parameters if one.param_type_name == "argument"):
        yield f"\\fI{_text(metavar(one))}\\fR", _help(words, one)
    for one in (one for one in parameters if one.param_type_name == "option"):
        names = ", ".join(f"\\fB{_text(name)}\\fR" for name in (*reversed(one.opts), *one.secondary_opts))
        value = "" if one.is_flag or one.count else f" \\fI{_text(metavar(one))}\\fR"
        needed = f" ({words('required')})" if one.required else ""
        yield names + value, _help(words, one) + needed


def _help(words: Words, parameter: Any) -> str:
    return words(parameter.help) if parameter.help else ""


def _synopsis(of: Any) -> Iterator[str]:
    pieces = [piece.strip("{}") for piece in of.command.collect_usage_pieces(of)]
    yield f".B {_text(of.command_path)}"
    yield " ".join(f"\\fI{_text(piece)}\\fR" for piece in pieces)


def _paragraphs(text: str) -> Iterator[str]:
    for number, part in enumerate(text.strip().split("\n\n")):
        if number:
            yield ".PP"
        yield _line(part)


def _list(entries: Any) -> Iterator[str]:
    for item, about in entries:
        yield ".TP"
        yield item
        yield _line(about)


def _head(title: str) -> str:
    return f".SH {_text(title)}"


def _first(text: str) -> str:
    """The first sentence, without its full stop, as lists of pages show it."""
    return text.strip().split("\n\n")[0].partition(". ")[0].rstrip(".")


def _line(text: str) -> str:
    """A line of text: one that begins with a dot would be a command."""
    line = _text(" ".join(text.split()))
    return f"\\&{line}" if line.startswith(".") else line


def _text(text: str) -> str:
    return text.translate(_ESCAPES)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
