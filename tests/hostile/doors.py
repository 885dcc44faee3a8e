"""Every door through which text comes in by the command line, and how a text is pushed through it.

`push` says what became of it: `refused` (contract's code, nothing written) or `taken` (kept in NFC, or looked up).
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from tests.cli.runner import SUNDAY, Program
from tests.hostile import verdicts

LATER = "2017-03-06 10:00"
RECEIPT = {
    "group": "residential",
    "channel": "phone",
    "category": "outage",
    "received_at": "2017-03-05 09:00",
}
MANY = 400
_LETTER = ("--source=x", "--dated=2017-03-01")


def _can_be_argument(text: str) -> bool:
    """Bytes that are no UTF-8 arrive as U+DC80 to U+DCFF; NUL and other halves of characters never do."""
    try:
        return b"\0" not in text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return False


class Scene:
    """A program with an office, two people, and complaints enough for every attempt to have one of its own."""

    def __init__(self, program: Program, folder: Path, many: int = MANY) -> None:
        self.program, self.folder = program, folder
        program.found_office("OTHER")
        program.hire("sup")
        program.hire("other", office="OTHER")
        self.shown: list[str] = []
        rows = [{**RECEIPT, "subject": f"One of many, {n}", "office": "MAIN"} for n in range(2 * many)]
        for row in rows[many:]:
            row |= {"status": "closed", "closed_at": "2017-03-05 09:30", "outcome": "done"}
        sheet = folder / "many.jsonl"
        sheet.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        program("import", str(sheet), now=SUNDAY)
        self.open = iter([one["number"] for one in program("list", "--json", now=SUNDAY).json])
        closed = program("list", "--status", "closed", "--json", now=SUNDAY).json
        self.closed = iter([one["number"] for one in closed])
        self.first, self.serials = next(self.open), itertools.count(1)
        self.before = program.dump()

    def fresh(self) -> str:
        return f"N{next(self.serials)}"

    def push(self, door: Door, text: str) -> str:
        """Raises AssertionError where something came in, or came out, that should not."""
        if door.path and not _can_be_argument(text):
            # No argument can hold it, and Typer asks the file system of a path before we are asked.
            return "impossible"
        options, command = door.command(self, text)
        answer = self.program(*options, *command, now=None if "--now" in options else LATER, code=None)
        if door.json and answer.code == 0:
            verdicts.document(answer)
        else:
            verdicts.screen(answer)
        if answer.code not in (0, 1):
            assert answer.out == "", answer.out
        if not door.writes:
            return "refused" if answer.code else "taken"
        after = self.program.dump()
        if answer.code:
            assert after == self.before, "a refusal left something behind"
            return "refused"
        kept = verdicts.stored(after)
        if door.keeps:
            wanted = verdicts.squeezed(text)
            assert not wanted or wanted in {verdicts.squeezed(one) for one in kept}, ascii(text)
        self.before = after
        if door.number:
            self.shown.append(next(part for part in command if part.startswith("C-")))
        return "taken"

    def look(self, most: int | None = None) -> int:
        """Everything is shown on the screen, `most` complaints each by itself; how many screens were clean."""
        numbers = list(dict.fromkeys(self.shown))
        self.shown = []
        commands = [["list"], ["staff", "list"], ["office", "list"], ["report", "2017-Q1"]]
        commands += [["plan", "show", "1/2560", "--measure", "voc-summary"], ["plan", "due"], ["journal"]]
        commands += [["show", number, "--contact"] for number in numbers[-(most or len(numbers)) :]]
        for command in commands:
            answer = self.program(*command, now=LATER)
            verdicts.screen(answer)
            assert answer.err == ""
        # That contact details were read stands in the journal.
        self.before = self.program.dump()
        return len(commands)


@dataclass(frozen=True)
class Door:
    """`keeps`: what is taken stands in the database, as text. `number`: it belongs to a complaint, and is shown there."""

    name: str
    command: Callable[[Scene, str], tuple[list[str], list[str]]]
    writes: bool = True
    keeps: bool = False
    number: bool = False
    json: bool = False
    path: bool = False


def _log(option: str, *more: str) -> Door:
    given = {"--group": "residential", "--channel": "phone", "--category": "outage", "--subject": "x"}

    def command(scene: Scene, text: str) -> tuple[list[str], list[str]]:
        said = {**given, "--office": "MAIN", option: text}
        return [], ["log", *(f"{name}={value}" for name, value in said.items()), *more]

    keeps = option in ("--subject", "--detail", "--customer", "--external-id")
    return Door(" ".join((f"log {option}", *more)), command, keeps=keeps, json="--json" in more)


def _on(door: str, *parts: str, closed: bool = False, keeps: bool = True, writes: bool = True) -> Door:
    """A command on a complaint of its own. `{}` is the text, `#` the number."""

    def command(scene: Scene, text: str) -> tuple[list[str], list[str]]:
        number = next(scene.closed if closed else scene.open) if writes else scene.first
        return [], [part.replace("#", number).replace("{}", text) for part in parts]

    return Door(door, command, writes=writes, keeps=keeps and writes, number=keeps and writes)


def _with(
    door: str, *parts: str, keeps: bool = False, writes: bool = True, before: tuple[str, ...] = ()
) -> Door:
    """A command on no complaint. `{}` is the text, `#` a name that is new each time, `~` a folder of the test's."""

    def command(scene: Scene, text: str) -> tuple[list[str], list[str]]:
        fresh = scene.fresh()

        def filled(part: str) -> str:
            return part.replace("#", fresh).replace("~", str(scene.folder)).replace("{}", text)

        return [filled(part) for part in before], [filled(part) for part in parts]

    return Door(
        door,
        command,
        writes=writes,
        keeps=keeps,
        path=door.endswith(("FILE", "DIR", "file", "--output", "--rejects", "--save-map", "--rules")),
    )


STAFF = ("staff", "add", "--office=MAIN", "--role=supervisor", "--name=x")
TEXT_DOORS = (
    _log("--subject"),
    _log("--subject", "--json"),
    _log("--detail"),
    _log("--customer"),
    _log("--external-id"),
    _on("note TEXT", "note", "#", "--", "{}"),
    _on("note TEXT --kind respond", "note", "--kind=respond", "#", "--", "{}"),
    _on("close --outcome", "close", "#", "--outcome={}"),
    _on("reopen --reason", "reopen", "#", "--reason={}", closed=True),
    _on("withdraw --reason", "withdraw", "#", "--reason={}"),
    _on("transfer --reason", "transfer", "#", "--office=OTHER", "--reason={}"),
    _on("correct --subject", "correct", "#", "--subject={}"),
    _on("correct --customer", "correct", "#", "--customer={}"),
    _on("reclassify --reason", "reclassify", "#", "--urgent", "--reason={}"),
    _with("office add --name-th", "office", "add", "#", "--name-th={}", "--name-en=x", keeps=True),
    _with("office add --name-en", "office", "add", "#", "--name-th=x", "--name-en={}", keeps=True),
    _with("office set --name-th", "office", "set", "MAIN", "--name-th={}", keeps=True),
    _with("office set --name-en", "office", "set", "MAIN", "--name-en={}", keeps=True),
    _with("staff add --name", "staff", "add", "#@example.org", "--office=MAIN", "--role=agent", "--name={}", keeps=True),
    _with("staff set --name", "staff", "set", "sup@example.org", "--name={}", keeps=True),
)  # fmt: skip
# What must be of a form, be known or be found. Anything else is refused, and shown harmless while it is.
VALUE_DOORS = (
    *(_log(f"--{name}") for name in ("phone", "account", "email", "office", "owner")),
    *(_log(f"--{name}") for name in ("group", "channel", "category", "received-at")),
    _on("note --kind", "note", "#", "x", "--kind={}", keeps=False),
    _on("close --at", "close", "#", "--outcome=x", "--at={}", keeps=False),
    _on("duplicate --of", "duplicate", "#", "--of={}", keeps=False),
    _on("transfer --office", "transfer", "#", "--reason=x", "--office={}", keeps=False),
    _on("reclassify --group", "reclassify", "#", "--reason=x", "--group={}", keeps=False),
    _on("reclassify --channel", "reclassify", "#", "--reason=x", "--channel={}", keeps=False),
    _on("correct --phone", "correct", "#", "--phone={}", keeps=False),
    _on("correct --channel", "correct", "#", "--channel={}", keeps=False),
    _on("reclassify --category", "reclassify", "#", "--reason=x", "--category={}", keeps=False),
    _on("assign EMAIL", "assign", "#", "--", "{}", keeps=False),
    *(_with(f"{name} NUMBER", name, "--", "{}", writes=False) for name in ("show", "explain")),
    _with("acknowledge NUMBER", "acknowledge", "--", "{}"),
    *(
        _with(f"{name} NUMBER", name, option, "--", "{}")
        for name, option in (("close", "--outcome=x"), ("reopen", "--reason=x"), ("withdraw", "--reason=x"))
    ),
    _with("office add CODE", "office", "add", "--name-th=x", "--name-en=x", "--", "{}"),
    _with("office add --parent", "office", "add", "#", "--name-th=x", "--name-en=x", "--parent={}"),
    _with("office set CODE", "office", "set", "--name-th=x", "--", "{}"),
    _with("office set --parent", "office", "set", "OTHER", "--parent={}"),
    _with("staff add EMAIL", *STAFF, "--", "{}"),
    _with("staff add --office", "staff", "add", "#@example.org", "--name=x", "--role=agent", "--office={}"),
    _with("staff add --role", "staff", "add", "#@example.org", "--name=x", "--office=MAIN", "--role={}"),
    _with("staff add --lang", *STAFF, "#@example.org", "--lang={}"),
    _with("staff set EMAIL", "staff", "set", "--name=x", "--", "{}"),
    _with("staff away --until", "staff", "away", "sup@example.org", "--deputy=other@example.org", "--until={}"),
    _with("staff away --deputy", "staff", "away", "sup@example.org", "--until=2017-03-09", "--deputy={}"),
    _with("staff retire EMAIL", "staff", "retire", "--", "{}"),
    _with("staff retire --to", "staff", "retire", "other@example.org", "--to={}x"),
    _with("find TEXT", "find", "--", "{}", writes=False),
    replace(_with("find TEXT --json", "find", "--json", "--", "{}", writes=False), json=True),
    *(
        _with(f"list --{name}", "list", f"--{name}={{}}", writes=False)
        for name in [
            *("status", "group", "office", "owner", "limit", "due-within", "due", "category", "channel"),
            *("received-since", "silent", "sort"),
        ]
    ),
    _with("today --office", "today", "--office={}", writes=False),
    _with("explain --group", "explain", "--received-at=2017-03-05", "--group={}", writes=False),
    _with("explain --received-at", "explain", "--group=residential", "--received-at={}", writes=False),
    _with("plan show QUARTER", "plan", "show", "--", "{}", writes=False),
    *(
        _with(f"plan show --{name}", "plan", "show", "1/2560", f"--{name}={{}}", writes=False)
        for name in ("office", "measure", "version")
    ),
    *(_with(f"plan due --{name}", "plan", "due", f"--{name}={{}}", writes=False) for name in ("office", "limit")),
    _with("plan freeze QUARTER", "plan", "freeze", "--", "{}"),
    _with("plan enter MEASURE", "plan", "enter", *_LETTER, "--", "{}", "1/2560", "1/2"),
    _with("plan enter PERIOD", "plan", "enter", *_LETTER, "--", "voc-summary", "{}"),
    _with("plan enter FIGURE", "plan", "enter", *_LETTER, "--", "numbers-entered", "2560-01", "{}"),
    _with("plan enter --source", "plan", "enter", "voc-summary", "1/2560", "--dated=2017-03-01", "--source={}", keeps=True),
    _with("plan enter --dated", "plan", "enter", "voc-summary", "1/2560", "--source=x", "--dated={}"),
    _with("plan enter --awaiting", "plan", "enter", "voc-summary", "1/2560", "--awaiting={}", keeps=True),
    _with("plan enter --note", "plan", "enter", "voc-summary", "1/2560", *_LETTER, "--note={}", keeps=True),
    _with("plan enter --office", "plan", "enter", "voc-summary", "1/2560", *_LETTER, "--office={}"),
    _with("report QUARTER", "report", "--", "{}", writes=False),
    _with("report --office", "report", "2017-Q1", "--office={}", writes=False),
    _with("report --format", "report", "2017-Q1", "--format={}", writes=False),
    _with("report --output", "report", "2017-Q1", "--output=~/{}", writes=False),
    # That something was given out stands in the journal.
    _with("export FILE", "export", "--", "~/{}.csv"),
    _with("import FILE", "import", "--", "~/{}.jsonl"),
    _with("import --rejects", "import", "~/many.jsonl", "--rejects=~/{}.jsonl"),
    _with("import --save-map", "import", "~/many.jsonl", "--guess", "--save-map=~/{}"),
    _with("survey import FILE", "survey", "import", "--through=2017-03-01", "--", "~/{}.jsonl"),
    _with("survey import --through", "survey", "import", "~/many.jsonl", "--through={}"),
    _with("survey draw --seed", "survey", "draw", "--seed={}"),
    _with("survey record REFERENCE", "survey", "record", "--", "{}", "5"),
    _with("survey record SCORE", "survey", "record", "--", "6003-001", "{}"),
    _with("survey list --office", "survey", "list", "--office={}", writes=False),
    *(_with(f"mail {name} ID", "mail", name, "--", "{}", writes=name == "retry") for name in ("show", "retry")),
    *(_with(f"plan import {name}", "plan", "import", *parts) for name, *parts in (
        ("FILE", "--", "~/{}.jsonl"), ("--rejects", "~/many.jsonl", "--rejects=~/{}.jsonl"),
    )),
    _with("plan export FILE", "plan", "export", "--", "~/{}.csv", "1/2560", writes=False),
    _with("plan export QUARTER", "plan", "export", "--", "~/plan.csv", "{}", writes=False),
    _with("mail list --limit", "mail", "list", "--limit={}", writes=False),
    _with("mail test EMAIL", "mail", "test", "--", "{}", writes=False),
    _with("rules check DIR", "rules", "check", "--", "~/{}", writes=False),
    _with("rules publish FILE", "rules", "publish", "--", "~/{}"),
    _with("an unknown command", "{}", writes=False),
    _with("an unknown option", "list", "--{}", writes=False),
    _with("too many arguments", "list", "--", "{}", "{}", writes=False),
    _with("--as", "note", "C-6003-00001", "x", before=("--as={}",)),
    _with("--now", "list", before=("--now", "{}"), writes=False),
    _with("--db", "list", before=("--db={}",), writes=False),
    _with("--db sqlite file", "list", before=("--db=sqlite:///~/{}",), writes=False),
    _with("--rules", "list", before=("--rules=~/{}",), writes=False),
    _with("--lang", "list", before=("--lang={}",), writes=False),
)  # fmt: skip
