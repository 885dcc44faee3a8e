"""`list`, `find`, `show`, `explain`: what is looked up is what there is, in the order that was promised."""

import csv
import io
import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import PROJECT, SUNDAY, Program
from tests.cli.test_log import COMPLAINT_KEYS
from tests.published import rehearse

LATER = "2017-03-20 12:00"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Any) -> Iterator[Program]:
    """One SQLite file with complaints of every kind, which the tests of this module only read."""
    path = tmp_path_factory.mktemp("filled") / "complaints.db"
    path.write_bytes(sqlite_template().read_bytes())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(path.parent))
        yield fill(Program(rehearse(f"sqlite:///{path}")))


def fill(program: Program) -> Program:
    program.found_office("AREA")
    program.found_office("BANSANG", "AREA")
    program.hire("clerk", "agent", "BANSANG")
    program.hire("other", "agent", "AREA")
    offices = itertools.cycle(["MAIN", "AREA", "BANSANG"])
    owners = itertools.cycle([[], ["--owner", "clerk@example.org"], ["--owner", "other@example.org"], []])
    groups = ["residential", "spp-area", "key-account", "industrial-commercial"]
    for day, group in itertools.product([1, 5, 18], groups):
        program.number(
            group, "--office", next(offices), *next(owners), "--subject", f"case {group} {day}",
            *(["--urgent"] if day == 5 and group == "residential" else []), now=f"2017-03-{day:02d} 09:00",
        )  # fmt: skip
    program("close", "6003-2", "--outcome", "done", now="2017-03-04")
    program("close", "6003-5", "--outcome", "late", now="2017-03-15")
    program("withdraw", "6003-3", "--reason", "changed mind", now="2017-03-15")
    program("duplicate", "6003-4", "--of", "6003-8", now="2017-03-15")
    return program


def listed(program: Program, *options: str, now: str = LATER) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program("list", *options, "--json", now=now).json
    return found


def everything(program: Program) -> list[dict[str, Any]]:
    return [
        one
        for status in ("open", "closed", "withdrawn", "duplicate")
        for one in listed(program, "--status", status)
    ]


def test_a_list_has_the_open_ones_earliest_deadline_first_unless_asked_otherwise(filled: Program) -> None:
    found = listed(filled)

    assert len(found) == 8
    assert {one["status"] for one in found} == {"open"}
    dues = [(one["due_at"], one["number"]) for one in found]
    assert dues == sorted(dues)
    assert found == listed(filled, "--open") == listed(filled, "--status", "open")


@pytest.mark.parametrize("status", ["open", "closed", "withdrawn", "duplicate"])
def test_a_status_is_listed_alone(filled: Program, status: str) -> None:
    found = listed(filled, "--status", status)

    assert {one["status"] for one in found} == {status}
    assert found == sorted(found, key=lambda one: (one["due_at"], one["number"]))


BELOW = {"MAIN": {"MAIN", "AREA", "BANSANG"}, "AREA": {"AREA", "BANSANG"}, "BANSANG": {"BANSANG"}}


Wanted = tuple[bool, int | None, str | None, str | None, str | None]


@pytest.mark.parametrize(
    "wanted",
    [
        (True, None, None, None, None),
        (False, 0, None, None, None),
        (False, 3, None, None, None),
        (False, 10, None, None, None),
        (False, None, "MAIN", None, None),
        (False, None, "area", None, None),
        (False, None, "BANSANG", None, None),
        (False, None, None, "residential", None),
        (False, None, None, None, "clerk@example.org"),
        (True, None, "AREA", "spp-area", None),
        (False, 10, "AREA", None, "clerk@example.org"),
        (False, 25, "MAIN", "key-account", "other@example.org"),
        (True, 10, "BANSANG", "residential", "clerk@example.org"),
    ],
)
def test_filters_take_what_fits_all_of_them(filled: Program, wanted: Wanted) -> None:
    overdue, within, office, group, owner = wanted
    options = [
        *(["--overdue"] if overdue else []),
        *(["--due-within", str(within)] if within is not None else []),
        *(["--office", office] if office else []),
        *(["--group", group] if group else []),
        *(["--owner", owner] if owner else []),
    ]
    horizon = (date(2017, 3, 20) + timedelta(days=within)).isoformat() if within is not None else ""

    expected = [
        one["number"]
        for one in listed(filled)
        if (not overdue or one["due_at"] <= "2017-03-20T12:00:00+07:00")
        and (within is None or one["due_on"] <= horizon)
        and (office is None or one["office"] in BELOW[office.upper()])
        and (group is None or one["group"] == group)
        and (owner is None or one["owner"] == owner)
    ]

    assert [one["number"] for one in listed(filled, *options)] == expected


def test_what_is_whose_is_found_by_part_of_a_name_and_by_what_is_nobodys(filled: Program) -> None:
    def numbers(*options: str, acting: str | None = None) -> list[str]:
        return [one["number"] for one in filled("list", *options, "--json", now=LATER, acting=acting).json]

    of_clerk = numbers("--owner", "clerk@example.org")
    assert of_clerk
    assert numbers("--owner", "Cler") == numbers("--owner", "me", acting="clerk@example.org") == of_clerk
    assert numbers("--mine", acting="clerk@example.org") == of_clerk
    assert numbers("--owner", "none") == [one["number"] for one in listed(filled) if one["owner"] is None]
    assert numbers("--urgent") == [one["number"] for one in listed(filled) if one["urgent"]]
    assert numbers("--due", "2017-03-23") == numbers("--due", "2560-03-23")
    assert numbers("--due", "today") == numbers("--due", "2017-03-20")
    assert len(numbers("--sort", "touched")) == len(numbers("--sort", "received")) == len(listed(filled))
    _, *rows = filled("list", "--owner", "none", "--csv", now=LATER).out.splitlines()
    assert [row.partition(",")[0] for row in rows] == numbers("--owner", "none")


def test_a_limit_takes_the_first_ones(filled: Program) -> None:
    found = listed(filled)

    assert listed(filled, "--limit", "3") == found[:3]
    assert listed(filled, "--limit", "0") == []
    assert listed(filled, "--limit", "99999999999999999999") == found
    # Who asks for none of them, or can be shown none, is told how many there are.
    assert filled("list", "--limit", "0", now=LATER).out.endswith("0 of 8 shown · 1 late · all: list --all\n")
    assert filled("list", "--limit", "3", now=LATER).out.endswith("3 of 8 shown · 1 late · all: list --all\n")
    assert listed(filled, "--due-within", "99999999999999999999") == found


def test_on_time_is_told_once_it_is_certain(filled: Program) -> None:
    verdicts = {one["number"][-2:]: (one["status"], one["on_time"]) for one in everything(filled)}

    assert verdicts["02"] == ("closed", True)
    assert verdicts["05"] == ("closed", False)
    # Withdrawn and duplicate before the due moment: neither.
    assert verdicts["03"] == ("withdrawn", None)
    assert verdicts["04"] == ("duplicate", None)
    # Open, due on 10 March.
    assert verdicts["06"] == ("open", False)
    assert verdicts["01"] == ("open", None)


def test_the_deadline_of_today_is_not_yet_overdue(sqlite_program: Program) -> None:
    number = sqlite_program.number("spp-area")

    def late(now: str) -> list[str]:
        return [one["number"] for one in listed(sqlite_program, "--overdue", now=now)]

    assert late("2017-03-10 23:59:59.999999") == []
    assert late("2017-03-11 00:00") == [number]
    assert late("2017-03-10T17:00:00Z") == [number]


def test_every_listed_complaint_has_the_keys_of_the_contract_in_their_order(filled: Program) -> None:
    for one in [*everything(filled), *filled("find", "case", "--json", now=LATER).json]:
        assert list(one)[: len(COMPLAINT_KEYS)] == COMPLAINT_KEYS


def test_a_list_as_csv_has_the_same_complaints_and_keys(filled: Program) -> None:
    text = filled("list", "--csv", now=LATER).out

    # Spreadsheets take Thai for another encoding without the mark.
    assert text.startswith("\ufeff")
    assert text.count("\n") == text.count("\r\n") == len(listed(filled)) + 1
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    found = listed(filled)
    assert list(rows[0])[: len(COMPLAINT_KEYS)] == COMPLAINT_KEYS
    assert [row["number"] for row in rows] == [one["number"] for one in found]
    assert [row["due_at"] for row in rows] == [one["due_at"] for one in found]
    assert rows[0]["urgent"] == "false"
    assert rows[0]["outcome"] == ""


def test_csv_and_json_at_once_is_refused(filled: Program) -> None:
    refused = filled("list", "--csv", "--json", code=2)

    assert "--json" in refused.err
    assert "--csv" in refused.err


@pytest.mark.parametrize("columns", ["80", "120", "200"])
def test_a_table_names_number_deadline_subject_office_and_owner_and_fits_the_window(
    filled: Program, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)

    text = filled("list", now=LATER).out

    assert max(map(len, text.splitlines())) <= int(columns)
    for part in (
        "C-6003-00006",
        "10 Mar 2017",
        "10 days late",
        "case spp-area 5",
        "BANSANG",
        "clerk@example.org",
    ):
        assert part in text, part
    assert "8 complaints · 1 late" in text
    assert "\x1b" not in text


def test_an_empty_list_says_so(sqlite_program: Program) -> None:
    assert sqlite_program("list").out == "No complaints.\n"
    assert sqlite_program("list", "--json").json == []
    assert sqlite_program("find", "nothing", "--json").json == []


def test_a_complaint_is_found_by_number_telephone_account_name_and_words_of_the_subject(
    program: Program,
) -> None:
    program.number("residential", "--subject", "another matter", "--phone", "0899999999")
    number = program.number(
        "residential", "--subject", "หม้อแปลงมีเสียงดัง transformer STRASSE", "--customer", "สมหญิง ใจดี",
        "--phone", "0812345678", "--account", "020012345678",
    )  # fmt: skip

    for text in (
        "C-6003-00002", "c-6003-2", "6003-2", "0812345678", "081-234-5678", "+66812345678", "020012345678",
        "0200 1234 5678", "สมหญิง", "สมหญิง ใจดี", "หม้อแปลง", "หม้อแปลง เสียงดัง", "TRANSFORMER", "straße",
        "6003 2", "6003/2", "60032", "6003\u20112", "๖๐๐๓\u20132", "00002", "081\u2013234\u20135678",
    ):  # fmt: skip
        assert [one["number"] for one in program("find", text, "--json").json] == [number], text
    # As a shell gives them that was told no quotes.
    assert [one["number"] for one in program("find", "ใจดี", "สมหญิง", "--json").json] == [number]
    assert program("show", "6003", "2", "--json").json["number"] == number
    assert program("explain", "6003", "2", "--json").json["number"] == number
    assert "C-6911-00307" in program("show", "transformer", code=3).err
    assert "C-6911-00307" not in program("show", "6003-3", code=3).err


def test_finding_takes_percent_and_underscore_as_they_stand(program: Program) -> None:
    number = program.number("residential", "--subject", "100% sure_thing")
    program.number("residential", "--subject", "100 sure thing")

    assert [one["number"] for one in program("find", "0%", "--json").json] == [number]
    assert [one["number"] for one in program("find", "e_t", "--json").json] == [number]


def test_ended_complaints_are_found_too(sqlite_program: Program) -> None:
    number = sqlite_program.number("residential", "--phone", "0812345678")
    sqlite_program("close", number, "--outcome", "done", now=SUNDAY)

    assert [one["status"] for one in sqlite_program("find", "0812345678", "--json").json] == ["closed"]


ALERT_KEYS = [
    "stage",
    "occurrence",
    "generation",
    "recipient",
    "stage_at",
    "raised_at",
    "state",
    "message_id",
]


def test_show_answers_with_the_complaint_its_events_alerts_and_customer(program: Program) -> None:
    program.hire("sup")
    number = program.number("residential", "--urgent", "--phone", "0812345678")
    program(
        "note", number, "asked the crew", "--kind", "investigate", now="2017-03-05 11:00", acting="a@b.org"
    )
    program("sweep", now="2017-03-09 09:00")

    found = program.show("6003-1", now="2017-03-09 09:00")

    assert list(found)[: len(COMPLAINT_KEYS)] == COMPLAINT_KEYS
    # In full only for who asks for it, which is recorded.
    assert found["customer"] == {"name": None, "phone": "08x-xxx-5678", "account": None, "email": None}
    assert found["events"][0]["words"]["phone"] == "08x-xxx-5678"
    assert [event["kind"] for event in found["events"]] == ["logged", "investigated", "alerts"]
    noted = found["events"][1]
    assert (noted["happened_at"], noted["actor"]) == ("2017-03-05T11:00:00+07:00", "a@b.org")
    assert noted["words"] == {"note": "asked the crew"}
    assert all(list(alert)[: len(ALERT_KEYS)] == ALERT_KEYS for alert in found["alerts"])
    assert {
        (alert["stage"], alert["state"], alert["stage_at"], alert["occurrence"], alert["generation"])
        for alert in found["alerts"]
    } >= {("overdue", "waiting", "2017-03-09T08:00:00+07:00", 1, 1)}
    overdue = next(alert for alert in found["alerts"] if alert["stage"] == "overdue")
    assert overdue["recipient"] == "sup@example.org"
    assert overdue["raised_at"] == "2017-03-09T09:00:00+07:00"
    assert overdue["message_id"] is None


def test_show_tells_a_person_all_of_it_with_contact_details_masked(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    sqlite_program.hire("sup")
    number = sqlite_program.number(
        "residential", "--urgent", "--phone", "0812345678", "--account", "020012345678", "--email", "som@b.org",
        "--customer", "สมหญิง ใจดี", "--detail", "line one\nline two",
    )  # fmt: skip
    sqlite_program("note", number, "asked the crew", now=SUNDAY)
    sqlite_program("sweep", now="2017-03-09 09:00")

    masked = sqlite_program("show", number, now="2017-03-09 09:00").out
    full = sqlite_program("show", number, "--contact", now="2017-03-09 09:00").out

    for part in (
        number, "ไฟดับทั้งหมู่บ้าน", "line two", "8 March 2017", "3 days after 5 March 2017", "asked the crew",
        "Overdue → sup@example.org", "1 day late", "Escalation, level 1", "nobody (manager at MAIN)",
    ):  # fmt: skip
        assert part in masked, part
    for secret in ("0812345678", "020012345678", "som@b.org"):
        assert secret not in masked
        assert secret in full


def test_explain_counts_every_day_of_a_complaints_deadline(program: Program) -> None:
    number = program.number("spp-area")

    found = program("explain", number, "--json").json

    assert {key: found[key] for key in ("number", "rule_book", "rule", "days", "counting", "due_on", "due_at")} == {
        "number": number, "rule_book": "pea-2560", "rule": "spp-area", "days": 5, "counting": "calendar",
        "due_on": "2017-03-10", "due_at": "2017-03-11T00:00:00+07:00",
    }  # fmt: skip
    assert [(day["day"], day["number"]) for day in found["trail"]] == [
        ("2017-03-05", None), ("2017-03-06", 1), ("2017-03-07", 2), ("2017-03-08", 3), ("2017-03-09", 4),
        ("2017-03-10", 5),
    ]  # fmt: skip


def test_explain_without_a_complaint_tells_what_the_deadline_would_be(sqlite_program: Program) -> None:
    case = ["explain", "--group", "residential", "--received-at", "2560-03-05 10:00"]

    assert sqlite_program(*case, "--json").json["due_on"] == "2017-03-30"
    assert sqlite_program(*case, "--urgent", "--json").json["due_on"] == "2017-03-08"
    said = sqlite_program(*case, "--urgent").out
    for part in ("5 March 2017", "day of receipt: not counted", "day 3", "9 Mar 2017 00:00", "pea-2560"):
        assert part in said, part


@pytest.fixture
def strict_book(tmp_path: Path) -> Path:
    """A folder with the shipped book, whose first rule gives an outage two days and a letter's outage one."""
    text = (Path(__file__).parents[2] / "rules" / "pea-2560.toml").read_text(encoding="utf-8")
    rules = "".join(
        f'[[rule]]\nkey = "{key}"\nwhen = {when}\ndays = {days}\nth = "{key}"\nen = "The {key}"\n\n'
        for key, when, days in (
            ("post", '{ channel = "letter", category = "outage" }', 1),
            ("dark", '{ category = "outage" }', 2),
        )
    )
    (tmp_path / "book.toml").write_text(text.replace("[[rule]]", f"{rules}[[rule]]", 1), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("given", "rule", "assumed", "others"),
    [
        ([], "residential", {"channel": "walk-in", "category": "other"}, ["dark", "post"]),
        (["--category", "outage"], "dark", {"channel": "walk-in"}, ["post"]),
        (["--category", "outage", "--channel", "letter"], "post", {}, []),
        (["--channel", "letter"], "residential", {"category": "other"}, ["post"]),
        (["--category", "abnormal-bill"], "residential", {}, []),
    ],
)
def test_explain_says_what_it_assumed_where_another_category_or_channel_has_another_deadline(
    sqlite_program: Program,
    strict_book: Path,
    lang: str,
    given: list[str],
    rule: str,
    assumed: dict[str, str],
    others: list[str],
) -> None:
    sqlite_program.publish(strict_book)
    case = ["explain", "--group", "residential", "--received-at", "2017-03-05", *given]

    found, said = sqlite_program(*case, "--json", lang=lang).json, sqlite_program(*case, lang=lang).out

    assert (found["rule"], found["assumed"], found["other_rules"]) == (rule, assumed, others)
    assert all(f"--{name}" in said for name in assumed)
    assert ("(2 " in said) == ("dark" in others)


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain"],
        ["explain", "C-6003-00001", "--group", "residential"],
        ["explain", "--group", "residential"],
        ["explain", "--received-at", "2017-03-05"],
        ["explain", "C-6003-00001", "--received-at", "2017-03-05"],
        ["explain", "C-6003-00001", "--category", "outage"],
    ],
)
def test_explain_takes_a_number_or_a_case_and_nothing_between(
    sqlite_program: Program, arguments: list[str]
) -> None:
    refused = sqlite_program(*arguments, code=2)

    assert "--group and --received-at" in refused.err


def test_what_a_newer_book_renames_keeps_its_title_wherever_it_is_read(
    sqlite_program: Program, tmp_path: Path
) -> None:
    program = sqlite_program
    program.hire("boss")
    number = program.number("key-account", now="2017-03-01 09:00")
    newer = (PROJECT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")
    for old, new in (
        ("pea-2560", "newer"), ("2017-01-01", "2017-03-05"), ("key customers", "partners"),
        ('"key-account"', '"vip"'), ('"outage"', '"blackout"'), ('"phone"', '"voice"'),
    ):  # fmt: skip
        newer = newer.replace(old, new)
    (tmp_path / "newer.toml").write_text(newer, encoding="utf-8")
    program("rules", "publish", str(tmp_path), now=LATER)

    program("sweep", now=LATER)
    program("deliver", now=LATER)
    [letter] = program("mail", "list", "--json", now=LATER).json
    group, rule, category, channel = (
        "Group 2: key customers",
        "Key customers",
        "Power outage",
        "Office telephone",
    )
    reports = [("report", "1/2560", "--format", form) for form in ("text", "html", "csv")]
    for told, titles in (
        (("list",), (group,)),
        (("find", number), (group,)),
        (("show", number), (group, rule, category, channel)),
        (("explain", number), (rule,)),
        (("mail", "show", str(letter["id"])), (group, category)),
        (("report", "1/2560", "--plan", "--format", "html"), (group,)),
        *((report, (group, rule, category, channel)) for report in reports),
    ):
        shown = " ".join(program(*told, now=LATER).out.split())
        assert [title for title in titles if title not in shown] == [], told
