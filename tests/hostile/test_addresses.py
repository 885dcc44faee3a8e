"""An odd address is refused by name, or carried unharmed to RCPT; it never becomes another."""

import json
import re
from email import message_from_bytes
from email.utils import getaddresses
from pathlib import Path

import pytest

from complaint_sla.core import fields
from tests.cli.runner import SUNDAY, Program
from tests.conftest import OpenPostbox
from tests.hostile import verdicts
from tests.hostile.doors import RECEIPT
from tests.hostile.siege import settings
from tests.hostile.texts import ADDRESSES

GOOD = [text for text, good in ADDRESSES if good]
BAD = [text for text, good in ADDRESSES if not good]


def test_an_address_that_is_taken_arrives_at_rcpt_as_it_was_typed_in_lower_case(
    sqlite_program: Program, postbox: OpenPostbox, tmp_path: Path
) -> None:
    rows = []
    for number, address in enumerate(GOOD):
        sqlite_program.found_office(f"O{number}")
        sqlite_program(
            "staff",
            "add",
            f"--office=O{number}",
            "--name=Sup",
            "--role=supervisor",
            "--lang=en",
            "--",
            address,
        )
        rows.append({**RECEIPT, "urgent": True, "subject": "x", "office": f"O{number}", "email": address})
    sheet = tmp_path / "in.jsonl"
    sheet.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    sqlite_program("import", str(sheet), now=SUNDAY)
    sqlite_program("sweep", now=SUNDAY)
    box = postbox()
    with settings(MAIL=f"smtp+plain://127.0.0.1:{box.port}", MAIL_FROM="sla@example.org"):
        assert sqlite_program("deliver", "--json", now=SUNDAY).json["sent"] == len(GOOD)

    wanted = {address.strip().lower() for address in GOOD}
    assert {letter.recipients for letter in box.received} == {(address,) for address in wanted}
    for letter in box.received:
        [(_, address)] = getaddresses([message_from_bytes(letter.content)["To"]])
        assert (address,) == letter.recipients
    assert {one["recipient"] for one in sqlite_program("mail", "list", "--json").json} == wanted
    verdicts.screen(sqlite_program("staff", "list"))


def test_any_other_is_refused_and_nobody_is_added(sqlite_program: Program) -> None:
    sqlite_program.hire("sup")
    before = sqlite_program.dump()
    # The sheet below gets all of them.
    for address in BAD[::6]:
        refused = sqlite_program(
            "staff", "add", "--office=MAIN", "--name=x", "--role=agent", "--", address, code=2
        )
        verdicts.screen(refused)
        assert "e-mail address" in refused.err or "254" in refused.err
    assert sqlite_program.dump() == before


def test_a_sheet_keeps_them_in_the_detail_and_addresses_nobody_by_them(
    sqlite_program: Program, tmp_path: Path
) -> None:
    """What is only kept costs no complaint; what is no text does, wherever it stands."""
    sheet = tmp_path / "in.jsonl"
    rows = [
        {**RECEIPT, "subject": f"{n}", "email": address} for n, address in enumerate(BAD) if address.strip()
    ]
    sheet.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")

    rejected = sqlite_program("import", str(sheet), "--json", now=SUNDAY, code=1).json["rejected"]

    assert {one["error"] for one in rejected} == {"not-text"}
    kept = {str(n) for n, address in enumerate(BAD) if address.strip()}
    exported = tmp_path / "out.jsonl"
    sqlite_program("export", str(exported), now=SUNDAY)
    logged = [json.loads(line) for line in exported.read_text(encoding="utf-8").split("\n") if line]
    assert len(logged) == len(rows) - len(rejected)
    assert {one["subject"] for one in logged} <= kept
    for one in logged:
        assert one["email"] is None or fields.email(one["email"]) == one["email"], one
        if re.search(r"\w", BAD[int(one["subject"])]):
            assert one["email"] or one["detail"], one


@pytest.mark.parametrize(
    "address",
    [
        *GOOD[:4],
        # No environment variable can hold what has a NUL or half of a pair in it.
        *(one for one in BAD[::4] if "\0" not in one and "\ud800" not in one),
        "a@b.org\nBcc: c@d.org",
        "x@b\udc80.org",
        "A <a@b.org>, c@d.org",
    ],
)
def test_a_sender_is_refused_or_becomes_the_one_sender(
    address: str, sqlite_program: Program, postbox: OpenPostbox
) -> None:
    """`Name <address>` is a sender's usual form."""
    sqlite_program.hire("sup")
    sqlite_program.number("residential", "--urgent")
    sqlite_program("sweep", now=SUNDAY)
    box = postbox()
    with settings(MAIL=f"smtp+plain://127.0.0.1:{box.port}", MAIL_FROM=address):
        delivered = sqlite_program("deliver", now=SUNDAY, code=None)
    verdicts.screen(delivered)
    assert len(box.received) == (delivered.code == 0)
    for letter in box.received:
        verdicts.letter(letter.content, "sup@example.org")
        assert letter.sender.lower() in address.lower() or not address.strip()
    with settings(MAIL=None, MAIL_FROM=address):
        verdicts.screen(sqlite_program("deliver", now=SUNDAY, code=None))
