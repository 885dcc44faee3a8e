"""What was meant by a command line that can't be read: the value, and a command line that can be."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from typer.exceptions import TyperException

from complaint_sla.cli.options import FORMS
from complaint_sla.cli.usage import TYPERS_OWN
from complaint_sla.core.nearest import DASHES, nearest
from complaint_sla.settings import without_secrets
from complaint_sla.wording import Words
from complaint_sla.wording.nearest import asked
from complaint_sla.wording.screening import plain

# What others call what our commands do, and what people here call it.
CALLED = {
    "add": "log", "create": "log", "new": "log", "register": "log", "รับเรื่อง": "log", "บันทึก": "log", "แจ้ง": "log",
    "ls": "list", "all": "list", "รายการ": "list", "search": "find", "grep": "find", "ค้นหา": "find", "ค้น": "find",
    "view": "show", "get": "show", "info": "show", "ดู": "show", "แสดง": "show", "why": "explain", "อธิบาย": "explain",
    "comment": "note", "หมายเหตุ": "note", "take": "assign", "give": "assign", "มอบหมาย": "assign", "รับทราบ": "acknowledge",
    "move": "transfer", "forward": "transfer", "โอน": "transfer", "ส่งต่อ": "transfer", "done": "close", "finish": "close",
    "resolve": "close", "end": "close", "ปิด": "close", "ปิดเรื่อง": "close", "เปิด": "reopen", "เปิดเรื่อง": "reopen",
    "cancel": "withdraw", "ถอน": "withdraw", "ยกเลิก": "withdraw", "merge": "duplicate", "ซ้ำ": "duplicate",
    "edit": "correct", "modify": "correct", "change": "correct", "แก้ไข": "correct", "แก้": "correct",
    "delete": "erase", "remove": "erase", "rm": "erase", "ลบ": "erase", "รายงาน": "report", "สำรอง": "backup",
    "นำเข้า": "import", "ส่งออก": "export", "check": "doctor", "status": "doctor", "ตรวจ": "doctor", "user": "staff",
    "users": "staff", "people": "staff", "พนักงาน": "staff", "สำนักงาน": "office", "man": "help", "ช่วยเหลือ": "help",
    "วันนี้": "today", "คิว": "queue",
}  # fmt: skip


# What was typed may be a megabyte: as much of it is said again.
LONGEST_VALUE = 200


@dataclass(frozen=True)
class Line:
    """A command line that can't be read: as it was given, and how far Typer came with it."""

    words: Words
    context: Any
    given: Sequence[str]

    @property
    def root(self) -> Any:
        root = self.context
        while root.parent is not None:
            root = root.parent
        return root

    @property
    def path(self) -> str:
        return str(self.context.command_path)

    @property
    def arguments(self) -> list[Any]:
        return [one for one in self.context.command.params if one.param_type_name == "argument"]

    def names(self) -> list[str]:
        """Of the commands of this family; of a command that has none below it, none."""
        command = self.context.command
        return list(command.list_commands(self.context)) if hasattr(command, "list_commands") else []


def shown(text: str, most: int = LONGEST_VALUE) -> str:
    """What was typed, as it may be said again."""
    return plain(text if len(text) <= most else f"{text[:most]}…")


def said(words: Words, problem: TyperException, given: Sequence[str] = ()) -> str:
    """A usage error in the person's language; one that is not known here stays in Typer's words. `given` is the line."""
    text = problem.format_message()
    context = getattr(problem, "ctx", None)
    for pattern, ours in SAYINGS:
        match = re.fullmatch(pattern, text, re.DOTALL)
        if match is not None and context is not None:
            return ours(Line(words, context, given), **match.groupdict())
    # A sentence without a value has its words in the catalogue.
    return words(text) if text in TYPERS_OWN else shown(text, LONGEST_SAYING)


def command(line: Line, name: str) -> str:
    """There is no such command: the nearest, or what this is called here."""
    known, called = line.names(), CALLED.get(name.casefold())
    near = asked(line.words, [called] if called in known else nearest(name, known))
    # What there is stands above where the program itself was called.
    listed = known and not near and line.context.parent is not None
    return " ".join(
        [
            line.words("There is no command {name}.", name=shown(name)),
            *([near] if near else []),
            *([line.words("There are: {known}.", known=", ".join(known))] if listed else []),
        ]
    )


def option(line: Line, name: str) -> str:
    """There is no such option here: it stands before the command, or after it, or another is near."""
    words, name = line.words, _as_typed(name, line.given)
    before = options(line.root)
    if line.context.parent is not None and name in before:
        example = _moved(line, before[name], to_front=True)
        return words("{name} stands before the command: {example}", name=name, example=example)
    near = nearest(name, options(line.context))
    behind = _behind(line, name) if line.context.parent is None and not near else None
    if behind is not None:
        example = _moved(line, behind, to_front=False)
        return words("{name} stands after the command: {example}", name=name, example=example)
    said = words("There is no option {name}.", name=shown(name))
    return f"{said} {asked(words, near)}".rstrip()


def _moved(line: Line, option: Any, *, to_front: bool) -> str:
    """The line with an option on the other side of the command, to be copied."""
    given, known = list(line.given), line.root.command.list_commands(line.root)
    places = [at for at, one in enumerate(given) if one.partition("=")[0] in option.opts]
    at = places[-1 if to_front else 0]
    taken = [given.pop(at)]
    if not option.is_flag and "=" not in taken[0]:
        taken += given[at : at + 1] or [metavar(option)]
        del given[at : at + 1]
    start = next((at for at, one in enumerate(given) if one in known), len(given)) if to_front else len(given)
    moved = [*given[:start], *taken, *given[start:]]
    return shown(" ".join(["complaint-sla", *map(_unsecret, moved)]), LONGEST_SAYING)


def _unsecret(word: str) -> str:
    """A word of the line as it may be said again: not the password of a database."""
    return quoted(without_secrets(word) if "://" in word else word)


def _as_typed(name: str, given: Sequence[str]) -> str:
    """`-group` is read letter by letter: the word that the letter is of."""
    if name.startswith("--"):
        return name
    return next((one for one in given if one.startswith(name) and not one.startswith("--")), name)


def _behind(line: Line, name: str) -> Any:
    """The option of that name which the command on the line has; None where it has none."""
    known = line.root.command.list_commands(line.root)
    at = next((at for at, one in enumerate(line.given) if one in known), None)
    if at is None:
        return None
    found = line.root.command.get_command(line.root, line.given[at])
    if hasattr(found, "commands"):
        below = next((one for one in line.given[at + 1 :] if one in found.commands), None)
        found = found.commands.get(below)
    return next((one for one in getattr(found, "params", ()) if name in one.opts), None)


def extra(line: Line, name: str) -> str:
    """One argument too many: an option with another dash, a text without its quotes, or nothing that belongs here."""
    words = line.words
    # In Typer's sentence the words that are too many stand with spaces between.
    first = max((one for one in line.given if f"{name} ".startswith(f"{one} ")), key=len, default=name)
    said = words("{name} is too much.", name=shown(name))
    if first.translate(DASHES).startswith("-") and (near := nearest(first, options(line.context))):
        return f"{said} {asked(words, near)}"
    if _is_text(line, first):
        return words("{name} is too much. Put texts in quotes.", name=shown(name))
    if first in line.root.command.list_commands(line.root):
        example = " ".join(["complaint-sla", *map(quoted, line.given[line.given.index(first, 1) :])])
        return f"{said} " + words("One command at a time: {example}", example=shown(example))
    if line.path == "complaint-sla list":
        example = f"complaint-sla find {quoted(shown(name))}"
        return f"{said} " + words("To look for words: {example}", example=example)
    takes = " ".join([line.path, *map(metavar, line.arguments)])
    return f"{said} " + words("Write: {example}", example=takes)


def _is_text(line: Line, first: str) -> bool:
    """Whether a text, or somebody's name, may have fallen apart into words."""
    wanted = {one.metavar for one in line.arguments}
    if "TEXT" in wanted or ("EMAIL" in wanted and "@" not in first and not any(map(str.isdigit, first))):
        return True
    texts = {name for name, one in options(line.context).items() if one.metavar == "TEXT"}
    at = line.given.index(first) if first in line.given else 0
    return any(one.partition("=")[0] in texts for one in line.given[:at])


def missing(line: Line, name: str) -> str:
    """What is needed and was not given, with a line that has it."""
    needed = [one for one in line.context.command.params if one.required]
    parts = [metavar(one) if one.param_type_name == "argument" else example_of(one) for one in needed]
    form = FORMS.get(str(line.context.info_name))
    example = " ".join([line.path, *parts]) if form is None else f"{line.root.command_path} {form}"
    return line.words("{name} is missing.", name=name) + " " + line.words("Write: {example}", example=example)


def value(line: Line, name: str) -> str:
    """An option at the end of the line, without its value."""
    found = options(line.context).get(name)
    example = example_of(found) if found is not None else f"{name} …"
    said = line.words("{name} needs a value.", name=name)
    return f"{said} " + line.words("Write: {example}", example=example)


def switch(line: Line, name: str) -> str:
    """A value for an option that takes none."""
    return line.words("{name} takes no value. Write it alone, or leave it out.", name=name)


def number(line: Line, name: str, value: str) -> str:
    """A value that is no whole number."""
    known = options(line.context).get(name.strip("'").split("' / '")[0])
    said = line.words("{value} is no whole number ({name}).", value=shown(value), name=name)
    if known is None:
        return f"{said} " + line.words("Write it in digits.")
    return f"{said} " + line.words("Write: {example}", example=f"{known.opts[0]} 20")


def out_of_range(line: Line, name: str, value: str) -> str:
    """A number that is too small or too large."""
    known = next((one for one in line.context.command.params if name in (*one.opts, one.metavar)), None)
    least = getattr(getattr(known, "type", None), "min", None)
    if least is None:
        return line.words("{value} is out of range ({name}).", value=shown(value), name=name)
    return line.words(
        "{value} is out of range ({name}): write a number from {least} on.",
        value=shown(value),
        name=name,
        least=least,
    )


def quoted(word: str) -> str:
    """A word as it is typed; Thai needs no quotes, whatever shlex thinks."""
    return (
        word
        if word and all(char.isalnum() or char in "-_.:/@+=," or char > "~" for char in word)
        else shlex.quote(word)
    )


def options(context: Any) -> Mapping[str, Any]:
    """The options of a command, by each of their names."""
    found = [one for one in context.command.get_params(context) if one.param_type_name == "option"]
    return {name: one for one in found for name in (*one.opts, *one.secondary_opts)}


def metavar(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def example_of(option: Any) -> str:
    return str(option.opts[0] if option.is_flag else f"{option.opts[0]} {metavar(option)}")


# As much of a sentence of Typer's is said again: what was typed may be a megabyte.
LONGEST_SAYING = 600

# What Typer says in English only, as a pattern, and who says it in our words. The patterns' names are their arguments.
SAYINGS: tuple[tuple[str, Callable[..., str]], ...] = (
    (r"No such option: (?P<name>\S+)(?: \(Possible options: .*\))?", option),
    (r"No such command '(?P<name>.*?)'\.(?: Did you mean .*)?", command),
    (r"Missing (?:argument|option|parameter) '(?P<name>[^']*)'.*", missing),
    (r"Option '(?P<name>[^']*)' requires (?:an argument|\d+ arguments)\.", value),
    (r"Option '(?P<name>[^']*)' does not take a value\.", switch),
    (r"Got unexpected extra arguments? ?\(?s?\)? \((?P<name>.*)\)", extra),
    (r"Invalid value for '(?P<name>[^']*)': '(?P<value>.*)' is not a valid int(?:eger)?.*", number),
    (r"Invalid value for '(?P<name>[^']*)': (?P<value>\S+) is not in the range.*", out_of_range),
)
