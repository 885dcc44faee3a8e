"""`office` and `staff`: the tree, the people in it, and what follows when they go."""

from pathlib import Path

from tests.cli.runner import PROJECT, SUNDAY, Program

OFFICE_KEYS = ["code", "name_th", "name_en", "parent", "class"]


def test_a_fresh_database_has_one_office_and_nobody(program: Program) -> None:
    offices = program("office", "list", "--json").json

    assert [(one["code"], one["parent"]) for one in offices] == [("MAIN", None)]
    assert list(offices[0])[:5] == OFFICE_KEYS
    assert program("staff", "list", "--json").json == []
    assert "staff add" in program("staff", "list").out


def test_offices_are_listed_as_a_tree(program: Program) -> None:
    program("office", "add", "area-1", "--name-th", "เขต", "--name-en", "Area", "--parent", "main")
    program.found_office("BANSANG", "AREA-1")
    added = program("office", "add", "OTHER", "--name-th", "อื่น", "--name-en", "Other", "--json").json

    assert added == {"code": "OTHER", "name_th": "อื่น", "name_en": "Other", "parent": None, "class": None}
    found = program("office", "list", "--json").json
    assert [(one["code"], one["parent"]) for one in found] == [
        ("MAIN", None), ("AREA-1", "MAIN"), ("BANSANG", "AREA-1"), ("OTHER", None),
    ]  # fmt: skip
    lines = program("office", "list").out.splitlines()
    assert [line.partition("  At")[0].rstrip() for line in lines if "BANSANG" in line] == ["    BANSANG"]


def test_an_office_is_renamed_and_moved(program: Program) -> None:
    program.found_office("AREA")
    program.found_office("BANSANG", "AREA")

    program("office", "set", "bansang", "--name-en", "Ban Sang", "--parent", "MAIN")
    assert program("office", "list", "--json").json[-1]["parent"] == "MAIN"
    moved = program("office", "set", "BANSANG", "--parent", "", "--json").json

    assert moved == {
        "code": "BANSANG",
        "name_th": "ที่ BANSANG",
        "name_en": "Ban Sang",
        "parent": None,
        "class": None,
    }


def test_an_office_has_the_class_that_the_plan_tells_it_apart_by(program: Program, lang: str) -> None:
    add = ("office", "add", "BANSANG", "--name-th", "บ้านสร้าง", "--name-en", "Ban Sang")
    refused = program(*add, "--class", "brnach", code=2, lang=lang).err
    assert "branch" in refused.partition("class-1")[0]
    assert all(key in refused for key in ("pea-plan-2560", "class-3", "division", "region"))
    assert program("office", "list", "--json").json[1:] == []

    assert program(*add, "--class", "Branch", "--json").json["class"] == "branch"
    assert program("office", "set", "BANSANG", "--name-en", "Bansang", "--json").json["class"] == "branch"
    assert "class-1" not in program("office", "list", lang=lang).out
    program("office", "set", "BANSANG", "--class", "class-1")
    [line] = [one for one in program("office", "list", lang=lang).out.splitlines() if "BANSANG" in one]
    assert line.split()[-1] == "class-1"
    changed = program("journal", lang=lang).out
    assert ("class branch → class-1" if lang == "en" else "ชั้น branch → class-1") in changed
    assert program("office", "set", "BANSANG", "--class", "", "--json").json["class"] is None
    program("office", "set", "BANSANG", "--class", "class-2", "--parent", "MAIN")
    assert program("audit", "--json").json["discrepancies"] == []


def test_where_no_plan_tells_offices_apart_none_has_a_class(sqlite_program: Program, tmp_path: Path) -> None:
    narrow = (PROJECT / "tests" / "records" / "plan-2560-1.toml").read_text(encoding="utf-8")
    (tmp_path / "plan.toml").write_text(narrow, encoding="utf-8")
    sqlite_program("rules", "publish", str(tmp_path / "plan.toml"))
    refused = sqlite_program("office", "set", "MAIN", "--class", "region", code=6).err
    assert "complaint-sla rules publish FILE" in refused
    # What need not be looked up is taken away all the same.
    assert sqlite_program("office", "set", "MAIN", "--class", "", "--json").json["class"] is None


def test_a_person_is_added_with_office_role_and_language(program: Program) -> None:
    added = program(
        "staff",
        "add",
        "Sup@Example.org",
        "--name",
        "สมชาย  ใจดี",
        "--office",
        "main",
        "--role",
        "supervisor",
        "--json",
    ).json

    assert added == {
        "email": "sup@example.org", "name": "สมชาย ใจดี", "office": "MAIN", "role": "supervisor", "lang": "th",
        "away_until": None, "deputy": None, "retired_at": None, "failed_at": None, "failure": None,
        "login": None,
    }  # fmt: skip
    assert program("staff", "list", "--json").json == [added]
    changed = program(
        "staff", "set", "sup@example.org", "--name", "Somchai", "--role", "manager", "--lang", "en", "--json"
    ).json
    assert (changed["name"], changed["role"], changed["lang"]) == ("Somchai", "manager", "en")


def test_who_is_away_is_heard_for_by_the_deputy(program: Program) -> None:
    sup, deputy = program.hire("sup"), program.hire("deputy", "agent")
    number = program.number("residential", "--urgent")

    away = program(
        "staff", "away", sup, "--until", "2560-03-06", "--deputy", deputy, "--json", now="2017-03-05"
    ).json
    program("sweep", now=SUNDAY)

    assert (away["away_until"], away["deputy"]) == ("2017-03-06", deputy)
    assert [alert["recipient"] for alert in program.show(number)["alerts"]] == [deputy]
    assert "away until 6 Mar 2017, deputy deputy@example.org" in program("staff", "list").out.replace(
        "\n", " "
    )
    back = program("staff", "set", sup, "--back", "--json").json
    assert (back["away_until"], back["deputy"]) == (None, None)


def test_retiring_somebody_who_owns_open_complaints_names_them_and_hands_them_over(program: Program) -> None:
    clerk, heir = program.hire("clerk", "agent"), program.hire("heir", "agent")
    numbers = [program.number("residential", "--owner", clerk) for _ in range(2)]
    before = program.dump()

    refused = program("staff", "retire", clerk, code=6)

    assert all(number in refused.err for number in numbers)
    assert "--to" in refused.err
    assert program.dump() == before
    retired = program("staff", "retire", clerk, "--to", heir, "--json", now="2017-03-06 09:00").json
    assert retired["retired_at"] == "2017-03-06T09:00:00+07:00"
    assert [program.show(number)["owner"] for number in numbers] == [heir, heir]
    assert [one["email"] for one in program("staff", "list", "--json").json] == [heir]
    assert len(program("staff", "list", "--retired", "--json").json) == 2


def test_the_retired_come_back(sqlite_program: Program) -> None:
    clerk = sqlite_program.hire("clerk", "agent")
    sqlite_program("staff", "retire", clerk)

    refused = sqlite_program("assign", sqlite_program.number(), clerk, code=2)
    back = sqlite_program("staff", "set", clerk, "--back", "--json").json

    assert "staff set clerk@example.org --back" in refused.err
    assert back["retired_at"] is None
    sqlite_program("assign", sqlite_program.number(), clerk)


def test_what_people_do_is_said_in_a_line(sqlite_program: Program) -> None:
    assert (
        sqlite_program("office", "add", "x", "--name-th", "ก", "--name-en", "X").out == "Office X is there.\n"
    )
    assert sqlite_program("office", "set", "x", "--name-en", "Y").out == "Office X is changed.\n"
    added = sqlite_program("staff", "add", "a@b.org", "--name", "A", "--office", "X", "--role", "agent")
    assert added.out == "a@b.org is on the staff.\n"
    assert sqlite_program("staff", "set", "a@b.org", "--name", "B").out == "a@b.org is changed.\n"
    sqlite_program.hire("d")
    away = sqlite_program(
        "staff", "away", "a@b.org", "--until", "2017-03-09", "--deputy", "d@example.org", now=SUNDAY
    )
    assert away.out == "a@b.org is away until 9 March 2017.\n"
    assert sqlite_program("staff", "retire", "a@b.org").out == "a@b.org is retired.\n"
