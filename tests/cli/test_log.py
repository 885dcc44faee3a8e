"""`log`: what it takes, what it answers, and that the same thing is logged once."""

import re

import pytest

from tests.cli.runner import SUNDAY, Program, log_command

COMPLAINT_KEYS = [
    "number", "office", "group", "urgent", "channel", "category", "subject", "detail", "status", "owner",
    "received_at", "rule_book", "rule", "days", "due_on", "due_at", "generation", "closed_at", "outcome", "on_time",
    "external_id",
]  # fmt: skip


def test_a_logged_complaint_is_answered_with_the_keys_of_the_contract_in_their_order(
    program: Program,
) -> None:
    program.found_office("BANSANG")

    found = program.log("residential", "--office", "BANSANG", "--subject", "ไฟดับ")

    assert list(found)[: len(COMPLAINT_KEYS)] == COMPLAINT_KEYS
    assert {key: found[key] for key in COMPLAINT_KEYS} == {
        "number": "C-6003-00001", "office": "BANSANG", "group": "residential", "urgent": False, "channel": "phone",
        "category": "outage", "subject": "ไฟดับ", "detail": None, "status": "open", "owner": None,
        "received_at": "2017-03-05T10:00:00+07:00", "rule_book": "pea-2560", "rule": "residential", "days": 25,
        "due_on": "2017-03-30", "due_at": "2017-03-31T00:00:00+07:00", "generation": 1, "closed_at": None,
        "outcome": None, "on_time": None, "external_id": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("group", "urgent", "rule", "due_on"),
    [
        ("spp-area", True, "urgent", "2017-03-08"),
        ("residential", True, "urgent", "2017-03-08"),
        ("spp-area", False, "spp-area", "2017-03-10"),
        ("key-account", False, "key-account", "2017-03-20"),
        ("industrial-commercial", False, "industrial-commercial", "2017-03-25"),
        ("residential", False, "residential", "2017-03-30"),
    ],
)
def test_group_and_urgency_choose_the_rule(
    sqlite_program: Program, group: str, urgent: bool, rule: str, due_on: str
) -> None:
    found = sqlite_program.log(group, *(["--urgent"] if urgent else []))

    assert (found["rule"], found["due_on"], found["urgent"]) == (rule, due_on, urgent)


def test_everything_that_can_be_said_of_a_complaint_is_kept(program: Program) -> None:
    clerk = program.hire("clerk", "agent")

    number = program.number(
        "key-account", "--urgent", "--channel", "line", "--category", "abnormal-bill",
        "--subject", "  ค่าไฟ   สูงผิดปกติ ", "--detail", "บรรทัดหนึ่ง\r\nบรรทัดสอง", "--customer", "สมหญิง ใจดี",
        "--phone", "+66 81-234-5678", "--account", "๐๒๐๐-1234-5678", "--email", "Som@Example.ORG",
        "--office", "main", "--owner", "CLERK@example.org", "--received-at", "2560-03-01 09:30",
        "--external-id", "VOC 77",
    )  # fmt: skip
    found = program("show", number, "--json", "--contact", now=SUNDAY).json

    assert found["subject"] == "ค่าไฟ สูงผิดปกติ"
    assert found["detail"] == "บรรทัดหนึ่ง\nบรรทัดสอง"
    assert found["customer"] == {
        "name": "สมหญิง ใจดี", "phone": "0812345678", "account": "020012345678", "email": "som@example.org",
    }  # fmt: skip
    assert (found["office"], found["owner"], found["external_id"]) == ("MAIN", clerk, "VOC 77")
    assert (found["received_at"], found["urgent"]) == ("2017-03-01T09:30:00+07:00", True)
    assert (found["channel"], found["category"]) == ("line", "abnormal-bill")


def test_a_number_names_the_buddhist_year_and_month_of_receipt_and_counts_within_it(program: Program) -> None:
    numbers = [
        program.number(now="2017-03-05"),
        program.number(now="2017-03-31 23:59"),
        program.number(now="2017-04-01 00:00"),
        # 17:30 in London is past midnight in Bangkok.
        program.number(now="2017-04-30T17:30:00+00:00"),
        program.number("residential", "--received-at", "2017-03-30", now="2017-05-01"),
        program.number(now="2043-12-31"),
    ]

    assert numbers == [
        "C-6003-00001", "C-6003-00002", "C-6004-00001", "C-6005-00001", "C-6003-00003", "C-8612-00001",
    ]  # fmt: skip
    assert all(re.fullmatch(r"C-\d{4}-\d{5}", number) for number in numbers)


def test_the_same_external_id_twice_logs_once_and_answers_with_the_first(program: Program) -> None:
    program.hire("sup")
    first = program.log("residential", "--external-id", "VOC-1")
    before = program.dump()

    again = program.log("key-account", "--external-id", " VOC-1 ", "--subject", "another")

    assert again["number"] == first["number"]
    assert again["subject"] == first["subject"]
    assert (first["known"], again["known"]) == (False, True)
    assert program.dump() == before
    told = program(*log_command("residential", "--external-id", "VOC-1"), now=SUNDAY)
    assert "C-6003-00001" in told.out


def test_a_person_is_told_number_deadline_and_rule(sqlite_program: Program) -> None:
    sqlite_program.hire("sup")
    sqlite_program.hire("man", "manager")

    said = sqlite_program(*log_command("residential"), now=SUNDAY)

    assert said.out == (
        "C-6003-00001  due 30 March 2017 (in 25 days)\n"
        "Tell the customer: 6003-1\n"
        "Rule: Residential and other customers, 25 days, of pea-2560\n"
    )
    assert said.err == ""


def test_open_complaints_of_the_same_telephone_or_account_are_shown(program: Program) -> None:
    phoned = program.number("residential", "--phone", "0812345678", "--subject", "first matter")
    written = program.number("residential", "--account", "020012345678", "--subject", "second matter")
    ended = program.number("residential", "--phone", "0812345678", "--subject", "third matter")
    program("close", ended, "--outcome", "done", now=SUNDAY)
    both = ["--phone", "081 234 5678", "--account", "0200 1234 5678"]

    as_json = program.log("residential", *both)
    said = program(*log_command("residential", *both), now=SUNDAY)

    assert sorted(as_json["same_customer"]) == [phoned, written]
    assert phoned in said.err
    assert "first matter" in said.err
    assert written in said.err
    assert ended not in said.err
    # What goes on stdout is the answer and nothing else.
    assert phoned not in said.out


def test_logging_warns_when_nobody_would_be_alerted(program: Program) -> None:
    alone = program(*log_command("residential"), now=SUNDAY)
    program.hire("sup")
    partly = program(*log_command("residential"), now=SUNDAY)
    program.hire("man", "manager")
    staffed = program(*log_command("residential"), now=SUNDAY)

    assert "nobody would be alerted" in alone.err
    assert "staff add" in alone.err
    assert "--office MAIN" in alone.err
    assert "nobody would hear of: Escalation, level 1" in partly.err
    assert "First warning" not in partly.err
    assert staffed.err == ""


def test_the_warning_does_not_disturb_the_json(sqlite_program: Program) -> None:
    answer = sqlite_program(*log_command("residential"), "--json", now=SUNDAY)

    assert answer.json["silent_stages"][0] == "warning-first"
    assert "nobody would be alerted" in answer.err


def test_without_an_office_it_is_that_of_who_acts_else_the_only_one_else_a_question(program: Program) -> None:
    assert program.log()["office"] == "MAIN"
    program.found_office("BANSANG")
    program.hire("clerk", "agent", "BANSANG")

    assert program.log(acting="CLERK@example.org")["office"] == "BANSANG"
    assert program.log("residential", "--office", "main", acting="clerk@example.org")["office"] == "MAIN"
    before = program.dump()
    refused = program(*log_command("residential"), now=SUNDAY, acting="stranger", code=2)
    assert "BANSANG, MAIN" in refused.err
    assert "--office" in refused.err
    assert program.dump() == before


def test_who_acts_and_the_system_user_stand_in_the_record(program: Program) -> None:
    number = program.log(acting="Somchai@Example.org")["number"]

    event = program.show(number)["events"][0]

    assert event["actor"] == "somchai@example.org"
    assert event["system_user"]
    assert event["kind"] == "logged"
