"""A house in which every name and every word is hostile: offices, people, complaints; and its twin, in which none is.

Both are of one shape, so that what comes out of them may differ in words only, never in what the words stand in.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue
from complaint_sla.core.roster import Role
from complaint_sla.work import offices
from tests.cli.runner import SUNDAY, Program
from tests.hostile.doors import RECEIPT
from tests.hostile.texts import ALL
from tests.work import desks

# A name has no more.
NAME = 200


def kept(text: str) -> str | None:
    """The text as a name keeps it; None if it is refused."""
    try:
        return fields.line("name", text, NAME)
    except BadValue:
        return None


def names() -> list[str]:
    """Every text of the tables that can be a name, as it is kept, once."""
    return list(dict.fromkeys(one for _, text in ALL if (one := kept(text)) is not None))


@dataclass
class House:
    """`words[n]` is the name of office O{n}, of its supervisor s{n}@…, and the subject of the complaint there."""

    program: Program
    words: Sequence[str]

    @classmethod
    def build(cls, program: Program, folder: Path, words: Sequence[str]) -> House:
        house, rows = desks.House(program.url), []
        for n, text in enumerate(words):
            offices.add_office(house.desk, f"O{n}", text, text, "MAIN")
            offices.add_staff(house.desk, f"s{n}@example.org", text, f"O{n}", Role.SUPERVISOR, "en")
            rows.append(
                {
                    **RECEIPT,
                    "urgent": True,
                    "subject": text,
                    "customer": text,
                    "office": f"O{n}",
                    "external_id": f"{n} {text}",
                }
            )
            rows.append(
                {
                    **RECEIPT,
                    "urgent": True,
                    "subject": text,
                    "detail": text,
                    "office": "MAIN",
                    "phone": "0812345678",
                }
            )
        program(
            "staff", "add", "all@example.org", "--name=All", "--office=MAIN", "--role=supervisor", "--lang=en"
        )
        house.close()
        sheet = folder / "siege.jsonl"
        sheet.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
        program("import", str(sheet), now=SUNDAY)
        program("sweep", now=SUNDAY)
        return cls(program, words)

    def letters(self, port: int) -> Mapping[str, object]:
        """Sends what is owed; the counts of `deliver`."""
        with settings(MAIL=f"smtp+plain://127.0.0.1:{port}", MAIL_FROM="งานข้อร้องเรียน <sla@example.org>"):
            return self.program("deliver", "--json", now=SUNDAY).json


@contextmanager
def settings(**values: str | None) -> Iterator[None]:
    """The program's settings, in the environment."""
    names = {f"COMPLAINT_SLA_{name}": value for name, value in values.items()}
    before = {name: os.environ.get(name) for name in names}
    _set(names)
    try:
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
