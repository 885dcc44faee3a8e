"""The scripts: commands, options and what kind of value each takes, as a table beside what looks through it."""

import re
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from complaint_sla.settings import APP

# Where caches are, as each system has it; the script may serve many users.
_MAC = sys.platform == "darwin"
SH_FOLDER = f"$HOME/Library/Caches/{APP}" if _MAC else f"${{XDG_CACHE_HOME:-$HOME/.cache}}/{APP}"
FISH_FOLDER = (
    f'printf %s "$HOME/Library/Caches/{APP}"'
    if _MAC
    else f'set -q XDG_CACHE_HOME; and printf %s "$XDG_CACHE_HOME/{APP}"; or printf %s "$HOME/.cache/{APP}"'
)
# By shell: where its script goes, under the user's home, so that it is found without more.
PLACES: Mapping[str, str] = {
    "bash": "~/.local/share/bash-completion/completions/complaint-sla",
    "zsh": "~/.zfunc/_complaint-sla",
    "fish": "~/.config/fish/completions/complaint-sla.fish",
}
# Commands that take the number of what has ended.
OF_ENDED = ("reopen",)
_CHOICE = re.compile(r"[a-z][a-z-]*(?:\|[a-z][a-z-]*)+")


def script(shell: str, root: Any) -> str:
    """The script for a shell, with the help of the commands below the context `root`."""
    folder = files(__package__)
    candidates = _bare((folder / "candidates.awk").read_text(encoding="utf-8"))
    table = "\n".join("\t".join(line) for line in rows(root))
    values = {"folder": SH_FOLDER, "table": table, "candidates": candidates}
    if shell == "fish":
        values = {"folder": FISH_FOLDER} | {
            name: _in_quotes(values[name]) for name in ("table", "candidates")
        }
    text = (folder / f"complaint-sla.{shell}").read_text(encoding="utf-8")
    # The table is not looked through for more places.
    return re.sub(r"\{(folder|table|candidates)\}", lambda found: values[found[1]], text)


def _bare(program: str) -> str:
    return "\n".join(line for line in program.splitlines() if line and not line.startswith("#"))


def _in_quotes(text: str) -> str:
    """Within the single quotes of fish."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


def rows(context: Any, path: str = "") -> Iterator[tuple[str, ...]]:
    """The table: C(ommand), O(ption) and A(rgument) with the path of the command, a name or place, kind, and help."""
    command = context.command
    for one in command.get_params(context):
        if one.param_type_name == "argument":
            continue
        kind = "" if one.is_flag or one.count else kind_of(one)
        for name in (*one.opts, *one.secondary_opts):
            if name.startswith("--"):
                yield "O", path, name, kind, _line(context.obj.words(one.help) if one.help else "")
    for place, one in enumerate((one for one in command.params if one.param_type_name == "argument"), 1):
        kind = kind_of(one).replace("NUMBER", "ENDED") if path in OF_ENDED else kind_of(one)
        yield "A", path, f"{place}+" if one.nargs != 1 else str(place), kind
    if hasattr(command, "list_commands"):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            yield "C", path, name, _line(found.short_help or found.help or "")
            below = type(context)(found, info_name=name, parent=context)
            yield from rows(below, f"{path} {name}".strip())


def kind_of(parameter: Any) -> str:
    """What a value is of, by its metavar: NUMBER, EMAIL, CODE; of KEY by the option's own name; or the words that it may be."""
    metavar = (parameter.metavar or "TEXT").removesuffix("...").strip("[]")
    if _CHOICE.fullmatch(metavar):
        return str(metavar)
    if choice := _CHOICE.search(parameter.help or ""):
        return choice[0]
    name = parameter.opts[0].lstrip("-")
    return "|".join(f"KEY-{name}" if one == "KEY" else one for one in metavar.split("|"))


def _line(text: str) -> str:
    return " ".join(text.split())
