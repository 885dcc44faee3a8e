"""`plan freeze`, and `plan show` of what was frozen."""

import re

from tests.cli.runner import Program

LETTER = ("--source", "374/2560", "--dated", "2560-04-07", "--office", "MAIN")
APRIL, FINAL, MAY = "2017-04-10 09:00", "2017-05-01 00:00", "2017-05-12 09:00"


def figure(card: object, key: str) -> tuple[object, object]:
    measures = [one for activity in card["activities"] for one in activity["measures"]]  # type: ignore[index]
    return next((one["n"], one["d"]) for one in measures if one["key"] == key)


def test_a_frozen_quarter_is_shown_as_it_was_and_what_would_be_otherwise_is_said(program: Program) -> None:
    program.log("residential", now="2017-03-05 10:00")
    program("plan", "enter", "large-existing", "1/2560", "90/95", *LETTER, now=APRIL)
    early = program("plan", "freeze", "1/2560", now="2017-04-30 23:59:59", code=6)
    assert "1 May 2017" in early.err
    assert "report 2017-Q1 --freeze" in program("plan", "freeze", "1/2560", now=FINAL, code=6).err
    program("report", "1/2560", "--freeze", "--json", now=FINAL)
    made = program("plan", "freeze", "1/2560", "--json", now=FINAL).json
    assert (made["quarter"], made["version"], made["restated"]) == ("2017-Q1", 1, [])
    assert "Nothing has to be done" in program("plan", "freeze", "1/2560", now=FINAL, code=6).err

    program("plan", "enter", "large-existing", "1/2560", "91/95", *LETTER, now=MAY)
    shown = program("plan", "show", "1/2560", "--office", "MAIN", "--json", now=MAY).json
    assert (shown["state"], shown["version"], shown["digest"]) == ("final", 1, made["digest"])
    assert figure(shown, "large-existing") == (90, 95)
    assert [(one["measure"], one["was"], one["now"]) for one in shown["differing"]] == [
        ("large-existing", "90/95", "91/95")
    ]
    said = program("plan", "show", "1/2560", now=MAY)
    assert (
        "large-existing 90/95 → 91/95 at MAIN. To restate it: complaint-sla plan freeze 2017-Q1" in said.err
    )

    told = program("plan", "freeze", "1/2560", now=MAY)
    assert re.search(r"frozen as version 2\. Fingerprint \(SHA-256\): [0-9a-f]{64}", told.out)
    assert "  large-existing 90/95 → 91/95 at MAIN" in told.out
    program("plan", "enter", "large-existing", "1/2560", "92/95", *LETTER, now=MAY)
    thai = program("plan", "show", "1/2560", lang="th", now=MAY).err
    assert "large-existing 91/95 → 92/95 ที่ MAIN" in thai

    first = program("plan", "show", "1/2560", "--version", "1", "--json", now=MAY).json
    assert (figure(first, "large-existing"), first["digest"], first["differing"]) == (
        (90, 95),
        made["digest"],
        [],
    )
    assert program("plan", "show", "1/2560", "--version", "3", now=MAY, code=3).out == ""
    assert program("plan", "show", "2/2560", "--version", "1", now=MAY, code=3).out == ""
