"""Slips of whoever types: a wrong word, a wrong order, a wrong key. Each is told by its value and a cure that works.

A slip is refused, loses nothing and changes nothing, in either language; or it is understood as it was meant. They stand
in slips.tsv: what is typed; the value that the answer names; the known word that it asks for; what else it shows, such as
a command to copy; a line that does what was meant, or = where the program understood; and what it needs that is not there
yet. `python -m tests.mistakes slips` makes them all, and prints the table.
"""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from complaint_sla.wording import Words
from complaint_sla.wording.nearest import asked
from tests.cli.runner import LANGUAGES
from tests.mistakes.office import Office, furnish, without_wal

NOK, LEK, OLD = "nok@pea.example", "lek@pea.example", "old@pea.example"
WORDING, ORDER, HANDS = "wording", "order", "hands"
WIDTH = 100
THAI = re.compile("[ก-๛]{4}")


@dataclass(frozen=True)
class Slip:
    about: str
    line: str
    value: str
    near: str
    shown: str
    cure: str
    needs: str

    @property
    def is_understood(self) -> bool:
        return self.cure == "="

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line)


def slips() -> list[Slip]:
    with Path(__file__).with_name("slips.tsv").open(encoding="utf-8", newline="") as sheet:
        return [Slip(**row) for row in csv.DictReader(sheet, delimiter="\t", quoting=csv.QUOTE_NONE)]


def furnish_for_slips(file: Path, template: Path) -> None:
    """The office of all mistakes, with people and places to be mistyped; 6003-2 has ended, Lek owns 6003-3."""
    furnish(file, template)
    office = Office(file.parent)
    for code, name in (("E1021", "บ้านนา"), ("E1202", "บ้านสร้าง")):
        office("office", "add", code, "--name-th", name, "--name-en", f"Office {code}")
    for email, name in ((NOK, "นก ศรีสุข"), (LEK, "เล็ก ทองดี"), (OLD, "เก่า ใจดี")):
        office("staff", "add", email, "--name", name, "--office", "MAIN", "--role", "agent")
    office("staff", "retire", OLD)
    office("assign", "6003-3", LEK)
    office("acknowledge", "6003-3")
    office("close", "6003-2", "--outcome", "เปลี่ยนหม้อแปลงแล้ว")
    without_wal(file)


def stored(office: Office) -> bytes:
    """All that lies in the office's file and in its log: where these bytes are the same, no row has changed."""
    return b"".join(
        path.read_bytes() for path in sorted(office.folder.glob("complaints.db*")) if path.suffix != ".db-shm"
    )


def make(office: Office, slip: Slip, spare: Callable[[], Office]) -> str:
    """Makes a slip in both languages and follows the cure in a copy of the office; what was said in the last of them."""
    before = stored(office)
    said = ""
    for language in LANGUAGES:
        words = Words(language)
        if slip.is_understood:
            answer = spare()(*slip.words, lang=language, acting=NOK)
            said = answer.out
        else:
            answer = office(*slip.words, lang=language, acting=NOK, code=None)
            said = answer.err
            assert answer.code in (1, 2, 3, 6), f"ended with {answer.code}: {answer.out}"
            assert answer.out == "", "what was refused is answered"
            # Of --lang itself it is not known in which language to say it.
            assert language == "en" or "--lang thai" in slip.line or THAI.search(said.splitlines()[-1]), said
            assert slip.value in said, f"{slip.value} is not named: {said}"
            if slip.near:
                question = asked(words, [slip.near])
                assert question in said, f"not asked: {question}: {said}"
            else:
                assert words("Did you mean {near}?", near="\0").partition("\0")[0] not in said, (
                    f"a guess: {said}"
                )
        assert slip.shown in said, f"{slip.shown} is not shown: {said}"
    assert stored(office) == before, "something was changed"
    if not slip.is_understood:
        spare()(*shlex.split(slip.cure), acting=NOK)
    return said


class Copies:
    """Offices like one, each of its own."""

    def __init__(self, file: Path, folder: Path) -> None:
        self.file, self.folder, self.made = file, folder, 0

    def __call__(self) -> Office:
        self.made += 1
        place = self.folder / f"copy-{self.made}"
        place.mkdir(parents=True)
        shutil.copy(self.file, place / "complaints.db")
        return Office(place)


def campaign(home: Path, write: Callable[[str], object]) -> int:
    """Makes every slip, and prints what became of each; 1 if one was not told as it is to be."""
    copies = Copies(home / "slips" / "complaints.db", home / "copies")
    furnish_for_slips(copies.file, home / "template.db")
    office, fates = copies(), Counter[str]()
    for number, one in enumerate(slips(), 1):
        try:
            said = make(office, one, copies)
            fate = "understood" if one.is_understood else "refused"
        except AssertionError as problem:
            said, fate = str(problem), f"needs {one.needs}" if one.needs else "FAILED"
        fates[fate] += 1
        write(f"{number:>3}  {fate:<10} {one.about}: {one.line}\n")
        write(f"                {' '.join(said.replace(str(home), '').split())[-WIDTH:]}\n")
    write(" · ".join(f"{count} {fate}" for fate, count in sorted(fates.items())) + "\n")
    return 1 if fates["FAILED"] else 0
