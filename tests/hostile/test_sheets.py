"""Sheets that are broken, huge or strange: rows are rejected by line, files by name, and nothing is half done."""

import json
from pathlib import Path

import pytest

from tests.cli.runner import SUNDAY, Program
from tests.hostile import verdicts
from tests.hostile.doors import RECEIPT
from tests.hostile.texts import ALL

HEAD = "group,channel,category,received_at,subject\n"
ROW = "residential,phone,outage,2017-03-05,{}\n"
# Files that are refused as a whole, exit 2.
FILES: dict[str, tuple[str, bytes]] = {
    "half of a character in UTF-16": ("csv", (HEAD + ROW).encode("utf-16")[:-1]),
    "no encoding at all": ("csv", (HEAD + ROW).encode() + b"\xff\xfe\xfd\xfc\xdb"),
    "an overlong NUL": ("csv", (HEAD + ROW).encode() + b"\xc0\x80"),
    "half a character": ("csv", (HEAD + ROW).encode() + b"\xed\xa0\x80"),
    "a web page": ("csv", b"<html><table><tr><td>group</td></tr></table></html>"),
    "a workbook's beginning": ("xlsx", b"PK\x03\x04" + b"\0" * 100),
    "a workbook of long ago": ("xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
    "a quotation mark never closed": ("csv", (HEAD + ROW.format('"x') * 1_000).encode()),
    "a quotation mark in the header": ("csv", ('"' + HEAD + ROW).encode()),
    "ten thousand strange columns": ("csv", (",".join(f"c{n}" for n in range(10_000)) + "\n").encode()),
    "a column a hundred thousand times": ("csv", (HEAD[:-1] + ",subject" * 100_000 + "\n" + ROW).encode()),
    "a header of a megabyte": ("csv", b"x" * 1_000_000 + b"\n"),
    "NUL in the header": ("csv", b"\0" + HEAD.encode() + ROW.encode()),
    "an escape in the header": ("csv", (HEAD[:-1] + ",\x1b[2J\u202e\n" + ROW).encode()),
    "no header": ("csv", ROW.encode()),
    "nothing": ("csv", b""),
    "strange keys": ("jsonl", json.dumps({**RECEIPT, "\x1b[2J\u202e": "x", "subject": "x"}).encode()),
    "a key too few": ("jsonl", b'{"subject": "x"}'),
    "another ending": ("exe", b"MZ"),
}
# Lines that are rejected, exit 1, while the good one beside them is taken.
LINES = {
    "arrays in arrays": "[" * 100_000,
    "tables in tables": '{"a":' * 100_000,
    "a list": "[]",
    "a number": "1",
    "infinity": "Infinity",
    "no number": '{"subject": NaN}',
    "1e999": json.dumps(RECEIPT)[:-1] + ', "subject": 1e999}',
    "-1e999": json.dumps(RECEIPT)[:-1] + ', "subject": -1e999}',
    "a number of many digits": json.dumps(RECEIPT)[:-1] + ', "subject": ' + "9" * 10_000 + "}",
    "a key twice": '{"subject": 1, "subject": 2}',
    "a key very often": "{" + '"subject": 1, ' * 50_000 + '"subject": 2}',
    "a table for a text": json.dumps({**RECEIPT, "subject": {"a": 1}}),
    "NUL": json.dumps({**RECEIPT, "subject": "a\0b"}),
    "half a character": json.dumps({**RECEIPT, "subject": "\ud800"}),
    "an escape": json.dumps({**RECEIPT, "subject": "\x1b[2J"}),
    "a megabyte": json.dumps({**RECEIPT, "subject": "x" * 1_000_000}),
    "a megabyte of marks": json.dumps({**RECEIPT, "subject": "x", "detail": "a" + "\u0301\u0327" * 500_000}),
    "an unclosed text": '{"subject": "x',
    "not JSON": "\x1b[2J\u202e",
}
COLUMNS = [
    "number",
    "office",
    "group",
    "urgent",
    "channel",
    "category",
    "subject",
    "detail",
    "status",
    "owner",
    "received_at",
    "rule_book",
    "rule",
    "days",
    "due_on",
    "due_at",
    "generation",
    "closed_at",
    "outcome",
    "on_time",
    "external_id",
    "customer",
    "phone",
    "account",
    "email",
    "duplicate_of",
]


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_refused_as_a_whole(name: str, sqlite_program: Program, tmp_path: Path) -> None:
    ending, content = FILES[name]
    sheet = tmp_path / f"in.{ending}"
    sheet.write_bytes(content)
    before = sqlite_program.dump()
    refused = sqlite_program(
        "import", str(sheet), "--rejects", str(tmp_path / f"out.{ending}"), now=SUNDAY, code=2
    )
    verdicts.screen(refused)
    assert refused.out == ""
    assert len(refused.err) < 3_000
    assert sqlite_program.dump() == before
    assert [path.name for path in tmp_path.iterdir() if "out" in path.name] == []


def test_a_broken_line_is_rejected_and_the_next_is_taken(program: Program, tmp_path: Path) -> None:
    sheet, rejects = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    good = [json.dumps({**RECEIPT, "subject": f"Good {n}"}) for n in range(len(LINES))]
    sheet.write_bytes(
        b"\xef\xbb\xbf"
        + "".join(f"{line}\n{ok}\n" for line, ok in zip(LINES.values(), good, strict=True)).encode()
    )

    answer = program("import", str(sheet), "--rejects", str(rejects), "--json", now=SUNDAY, code=1)

    result = verdicts.document(answer)
    assert (result["logged"], len(result["rejected"])) == (len(good), len(LINES))
    assert [one["line"] for one in result["rejected"]] == list(range(1, 2 * len(LINES), 2))
    assert max(len(one["message"]) for one in result["rejected"]) < 1_000
    verdicts.screen(program("import", str(sheet), now=SUNDAY, code=1))
    rejects.read_bytes().decode()
    verdicts.stored(program.dump())


@pytest.mark.parametrize(
    ("ending", "column"), [("jsonl", one) for one in COLUMNS] + [("csv", one) for one in COLUMNS[::4]]
)
def test_every_column_takes_every_text_or_rejects_its_row(
    column: str, ending: str, sqlite_program: Program, tmp_path: Path
) -> None:
    import csv

    texts = [
        text for _, text in ALL if ending == "jsonl" or not any("\ud800" <= char <= "\udfff" for char in text)
    ]
    rows = [
        {**RECEIPT, "subject": f"One {n}", "external_id": f"{n}", column: text}
        for n, text in enumerate(texts)
    ]
    sheet = tmp_path / f"in.{ending}"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        if ending == "jsonl":
            file.writelines(f"{json.dumps(row)}\n" for row in rows)
        else:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)

    answer = sqlite_program("import", str(sheet), "--json", now=SUNDAY, code=None)

    result = verdicts.document(answer)
    assert answer.code in (0, 1)
    assert result["logged"] + result["closed"] + result["unchanged"] + len(result["rejected"]) == len(rows)
    verdicts.stored(sqlite_program.dump())
    verdicts.screen(sqlite_program("list", now=SUNDAY))
