import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from complaint_sla.core.complaints import Status
from complaint_sla.core.rulebook import Stage
from complaint_sla.core.titles import Title
from complaint_sla.mail.compose import compose
from complaint_sla.mail.envelope import header
from complaint_sla.mail.room import DETAILED
from complaint_sla.resources import rules, templates
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.work.letters.alert_letter import Case, Letter, NextStage

ZONE = ZoneInfo("Asia/Bangkok")
TODAY = date(2017, 4, 10)
SENDER = "งานข้อร้องเรียน <sla@example.org>"

RECEIPT = Stage("receipt", Title("รับเรื่อง", "Urgent complaint received"), ("supervisor",), None)
WARNING = Stage("warning", Title("แจ้งเตือน", "Last warning"), ("owner",), -1)
DUE_TODAY = Stage("due-today", Title("ครบกำหนดวันนี้", "Due today"), ("owner",), 0)
OVERDUE = Stage("overdue", Title("เกินกำหนด", "Overdue"), ("owner",), 1)
ESCALATION = Stage("escalation-2", Title("ระดับ 2", "Escalation, level 2"), ("manager",), 7, level=2)

THAI_SUBJECT = "ไฟตกทุกคืน  ช่วงหัวค่ำ เครื่องปรับอากาศและตู้เย็นทำงานไม่ได้ ร้องเรียนมาแล้วสองครั้ง"


def case(days: int, stage: Stage, number: int = 1, **changes: object) -> Case:
    """A complaint whose last good day is `days` after today."""
    due_on = TODAY + timedelta(days=days)
    return replace(
        Case(
            number=f"C-6003-{number:05d}",
            office=Title("กฟส.บ้านสร้าง", "Ban Sang branch"),
            group=Title("กลุ่มที่ 4", "Group 4: residential and other customers"),
            category=Title("แรงดันไฟฟ้าตก", "Low voltage"),
            subject="Voltage drops every night",
            urgent=False,
            status=Status.OPEN,
            received_at=datetime(2017, 3, 5, 3, 0, tzinfo=UTC),
            due_on=due_on,
            due_at=datetime.combine(due_on + timedelta(days=1), time(), ZONE).astimezone(UTC),
            stage=stage,
            occurrence=1,
            owner="Somchai Jaidee",
            phone="08x-xxx-1234",
            next=NextStage(
                Title("รายสัปดาห์", "Weekly escalation"),
                2,
                datetime(2017, 4, 13, 1, tzinfo=UTC),
                ("Wichai", "Malee"),
            ),
        ),
        **changes,
    )


def ended(number: int = 1, status: Status = Status.CLOSED) -> Case:
    at = datetime(2017, 4, 9, 8, 0, tzinfo=UTC)
    return case(-3, OVERDUE, number, ended_at=at, next=None, status=status)


def breached(days: int, stage: Stage, number: int = 1, **changes: object) -> Case:
    """A complaint that has another deadline since it missed that of 8 March."""
    since = datetime(2017, 3, 8, 17, tzinfo=UTC)
    return case(days, stage, number, breached_at=since, missed_on=date(2017, 3, 8), **changes)


def letter(*cases: Case, **changes: object) -> Letter:
    written = Letter(
        message_id="<m-1@example.org>",
        recipient="supervisor@example.org",
        name="Somsri Wongthai",
        language="en",
        written_at=datetime(2017, 4, 10, 1, 0, tzinfo=UTC),
        zone=ZONE,
        cases=cases,
    )
    return replace(written, **changes)


def read(written: Letter, words: Words | None = None, sender: str = SENDER) -> EmailMessage:
    return message_from_bytes(compose(written, sender, words or Words("en")), policy=policy.default)


def text_of(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def subject_of(*cases: Case) -> str:
    return str(read(letter(*cases))["Subject"])


class TestSubjects:
    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            (case(1, WARNING), "[Warning] Complaint C-6003-00001 due in 1 day (11 Apr 2017)"),
            (case(7, WARNING), "[Warning] Complaint C-6003-00001 due in 7 days (17 Apr 2017)"),
            (case(0, DUE_TODAY), "[Due today] Complaint C-6003-00001"),
            (case(-1, OVERDUE), "[Overdue] Complaint C-6003-00001, 1 day late"),
            (case(-7, ESCALATION), "[Escalation 2] Complaint C-6003-00001, 7 days late"),
            (
                case(3, RECEIPT, urgent=True),
                "[Urgent] Complaint C-6003-00001 received, due in 3 days (13 Apr 2017)",
            ),
            (case(3, RECEIPT), "[New] Complaint C-6003-00001 received, due in 3 days (13 Apr 2017)"),
        ],
    )
    def test_each_kind_of_stage_has_its_own(self, told: Case, expected: str):
        assert subject_of(told) == expected

    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            (case(-3, WARNING), "[Overdue] Complaint C-6003-00001, 3 days late"),
            (case(0, WARNING), "[Due today] Complaint C-6003-00001"),
            (case(-1, DUE_TODAY), "[Overdue] Complaint C-6003-00001, 1 day late"),
            (case(-2, RECEIPT, urgent=True), "[Overdue] Complaint C-6003-00001, 2 days late"),
            (case(2, OVERDUE), "[Warning] Complaint C-6003-00001 due in 2 days (12 Apr 2017)"),
            (case(0, ESCALATION), "[Escalation 2] Complaint C-6003-00001, due today"),
            (case(2, ESCALATION), "[Escalation 2] Complaint C-6003-00001 due in 2 days (12 Apr 2017)"),
            (ended(), "[Ended] Complaint C-6003-00001"),
            (
                breached(6, WARNING),
                "[Deadline missed] Complaint C-6003-00001 missed its deadline, now due 16 Apr 2017",
            ),
            (
                breached(0, ESCALATION),
                "[Escalation 2] Complaint C-6003-00001 missed its deadline, now due 10 Apr 2017",
            ),
            (breached(-2, OVERDUE), "[Overdue] Complaint C-6003-00001, 2 days late"),
        ],
    )
    def test_they_say_how_things_stand_when_it_is_written(self, told: Case, expected: str):
        assert subject_of(told) == expected

    @pytest.mark.parametrize(
        ("told", "expected"),
        [
            ([case(-12, OVERDUE), case(-1, OVERDUE, 2)], "[Overdue] 2 complaints, the worst 12 days late"),
            (
                [case(-1, OVERDUE), case(0, DUE_TODAY, 2), case(1, WARNING, 3)],
                "[Overdue] 1 of 3 complaints, the worst 1 day late",
            ),
            (
                [case(-12, ESCALATION), case(-1, OVERDUE, 2)],
                "[Escalation 2] 2 complaints, the worst 12 days late",
            ),
            ([case(0, DUE_TODAY), case(0, DUE_TODAY, 2)], "[Due today] 2 complaints"),
            ([case(0, DUE_TODAY), case(1, WARNING, 2)], "[Due today] 1 of 2 complaints"),
            (
                [case(1, WARNING), case(7, WARNING, 2)],
                "[Warning] 2 complaints, the first due in 1 day (11 Apr 2017)",
            ),
            (
                [case(3, RECEIPT, urgent=True), case(3, RECEIPT, 2, urgent=True)],
                "[Urgent] 2 complaints, the first due in 3 days (13 Apr 2017)",
            ),
            (
                [breached(9, WARNING), case(1, WARNING, 2)],
                "[Deadline missed] 1 of 2 complaints with a deadline missed",
            ),
            ([breached(9, WARNING), case(0, DUE_TODAY, 2)], "[Due today] 1 of 2 complaints"),
            ([case(-1, OVERDUE, 2), ended()], "[Overdue] Complaint C-6003-00002, 1 day late"),
            ([ended(), ended(2)], "[Ended] 2 complaints"),
        ],
    )
    def test_of_many_they_tell_the_worst_of_those_still_open(self, told: list[Case], expected: str):
        assert subject_of(*told) == expected

    @given(st.text(max_size=300))
    @example(THAI_SUBJECT * 6)
    @example("  two  spaces   and a non-breaking\u00a0one ")
    @example("a\r\nBcc: everybody@example.org\r\n\r\nbody")
    @example("=?utf-8?b?QmNj?= x")
    @example("x" * 500)
    @example("a " * 200)
    @example("\ud800")
    def test_whatever_they_hold_is_read_again_exactly(self, text: str):
        message = EmailMessage(policy=policy.compat32)
        message["Subject"] = header("Subject", text)
        raw = message.as_bytes(policy=policy.compat32.clone(linesep="\r\n"))

        assert raw.count(b"\n\r\n") == 1
        assert raw.endswith(b"\r\n\r\n")
        assert all(len(line) <= 78 for line in raw.split(b"\r\n"))
        read_again = message_from_bytes(raw)
        assert read_again.keys() == ["Subject"]
        # An empty value's one space belongs to the header, not to it.
        assert str(make_header(decode_header(read_again["Subject"]))) == plain(text)


class TestBreaches:
    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", "8 March 2017, counts as late since 9 Mar 2017 00:00"),
            ("th", "8 มีนาคม 2560 นับเป็นเกินกำหนดตั้งแต่ 9 มี.ค. 2560 00:00 น."),
        ],
    )
    # In detail, and in the one line that is left to it behind many others.
    @pytest.mark.parametrize("others", [0, 1, DETAILED])
    def test_each_letter_says_which_deadline_was_missed_and_since_when(
        self, language: str, said: str, others: int
    ):
        before = [case(-9, OVERDUE, 2 + n) for n in range(others)]
        at = datetime(2017, 4, 9, 8, tzinfo=UTC)
        for told in (
            breached(6, WARNING),
            breached(0, DUE_TODAY),
            breached(-2, OVERDUE),
            breached(3, RECEIPT, owner=None),
            breached(6, ESCALATION, ended_at=at, next=None, status=Status.CLOSED),
        ):
            message = read(letter(*before, told), Words(language))
            assert all(said in text_of(message, kind) for kind in ("plain", "html")), told

    def test_nothing_of_the_kind_is_said_of_others(self):
        message = read(letter(case(3, WARNING)))
        assert all("counts as late" not in text_of(message, kind) for kind in ("plain", "html"))


class TestHeaders:
    def test_they_make_clear_that_nobody_typed_it(self):
        message = read(letter(case(-1, OVERDUE)))

        assert message["Message-ID"] == "<m-1@example.org>"
        assert message["Date"] == "Mon, 10 Apr 2017 08:00:00 +0700"
        assert message["From"] == "งานข้อร้องเรียน <sla@example.org>"
        assert message["To"] == "Somsri Wongthai <supervisor@example.org>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["X-Auto-Response-Suppress"] == "All"
        assert message["Content-Language"] == "en"
        assert message.defects == []

    def test_letters_about_one_complaint_make_a_conversation(self):
        message = read(letter(case(-1, OVERDUE)))

        assert message["References"] == message["In-Reply-To"] == "<C-6003-00001@complaint-sla.invalid>"
        assert read(letter(case(-1, OVERDUE), case(1, WARNING, 2)))["References"] is None

    def test_what_presses_is_marked_as_important(self):
        assert read(letter(case(-1, OVERDUE)))["Importance"] == "high"
        assert read(letter(case(3, RECEIPT, urgent=True)))["Importance"] == "high"
        assert read(letter(breached(9, WARNING)))["Importance"] == "high"
        assert read(letter(case(3, WARNING)))["Importance"] is None
        assert read(letter(replace(ended(), urgent=True)))["Importance"] is None

    @given(st.text(max_size=80), st.text(max_size=40))
    @example("Somsri\r\nBcc: everybody@example.org", "a@b.org\r\nBcc: c@d.org")
    @example('Somsri "the boss", of PEA', "supervisor@example.org")
    @example("สมศรี วงศ์ไทย " * 5, "supervisor@example.org")
    def test_no_name_and_no_address_can_add_one(self, name: str, address: str):
        usual = message_from_bytes(compose(letter(case(-1, OVERDUE)), SENDER, Words("en")))
        raw = compose(letter(case(-1, OVERDUE), name=name, recipient=address), SENDER, Words("en"))

        assert message_from_bytes(raw).keys() == usual.keys()

    def test_names_are_read_again_as_they_were(self):
        name = 'สมศรี "หัวหน้า", วงศ์ไทย' * 3
        message = message_from_bytes(compose(letter(case(-1, OVERDUE), name=name), SENDER, Words("en")))

        # Not by the newer policy, whose parser leaves the spaces between the pieces of a long name.
        assert str(make_header(decode_header(message["To"]))) == f"{name} <supervisor@example.org>"

    def test_the_message_travels_as_ascii_in_short_lines(self):
        raw = compose(letter(case(-1, OVERDUE, subject=THAI_SUBJECT)), SENDER, Words("en"))

        assert raw.isascii()
        assert b"\r\n" in raw
        assert re.search(rb"(?<!\r)\n|\r(?!\n)", raw) is None
        assert max(map(len, raw.split(b"\r\n"))) <= 78

    def test_the_same_letter_gives_the_same_bytes(self):
        written = letter(case(-1, OVERDUE), case(1, WARNING, 2))

        assert compose(written, SENDER, Words("en")) == compose(written, SENDER, Words("en"))


class TestBodies:
    @pytest.mark.parametrize("kind", ["plain", "html"])
    def test_one_complaint_is_told_with_all_that_matters(self, kind: str):
        text = text_of(read(letter(case(-12, ESCALATION))), kind)

        for part in (
            "C-6003-00001",
            "12 days late",
            "29 March 2017",
            "Voltage drops every night",
            "Group 4: residential and other customers",
            "Low voltage",
            "Ban Sang branch",
            "5 Mar 2017 10:00",
            "Somchai Jaidee",
            "08x-xxx-1234",
            "Escalation, level 2",
            "Weekly escalation, 13 Apr 2017 08:00",
            "Wichai",
            "Malee",
            "complaint-sla show C-6003-00001",
            "complaint-sla note C-6003-00001",
            "complaint-sla close C-6003-00001",
        ):
            assert part in text

    @pytest.mark.parametrize("kind", ["plain", "html"])
    def test_many_stand_in_the_order_given_each_with_how_it_stands(self, kind: str):
        cases = [
            case(-12, ESCALATION),
            case(-1, OVERDUE, 2),
            case(0, DUE_TODAY, 3),
            case(1, WARNING, 4),
            ended(5),
        ]
        text = text_of(read(letter(*cases)), kind)

        found = [
            text.index(part) for part in ("C-6003-00001", "C-6003-00002", "C-6003-00003", "C-6003-00004")
        ]
        assert found == sorted(found)
        assert "2 overdue · 1 due today · 1 not yet due · 1 ended" in text
        for part in ("12 days late", "1 day late", "due today", "1 day left", "Closed"):
            assert part in text

    @pytest.mark.parametrize("kind", ["plain", "html"])
    def test_however_many_there_are_none_is_left_out(self, kind: str):
        cases = [case(-300 + number, OVERDUE, number) for number in range(1, 201)]
        text = text_of(read(letter(*cases)), kind)

        assert all(f"C-6003-{number:05d}" in text for number in range(1, 201))
        assert text.count("Voltage drops every night") == DETAILED
        # Where Gmail cuts a letter off.
        assert len(text.encode()) < 102_000

    @pytest.mark.parametrize("kind", ["plain", "html"])
    def test_of_a_thousand_the_worst_are_named_and_a_command_lists_the_rest(self, kind: str):
        cases = [case(-2000 + number, OVERDUE, number) for number in range(1, 1001)]
        text = text_of(read(letter(*cases)), kind)

        assert "C-6003-00200" in text
        assert "C-6003-00201" not in text
        assert "and 800 more:" in text
        assert "1000 overdue" in text
        assert len(text.encode()) < 102_000

    @pytest.mark.parametrize("kind", ["plain", "html"])
    @pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN, Status.DUPLICATE])
    def test_one_that_has_ended_meanwhile_asks_for_nothing(self, kind: str, status: Status):
        text = text_of(read(letter(ended(status=status))), kind)

        assert status.value.title() in text
        assert "9 Apr 2017 15:00" in text
        assert "nothing left to do" in text
        assert "late" not in text
        assert "complaint-sla close" not in text

    @pytest.mark.parametrize("kind", ["plain", "html"])
    def test_one_without_an_owner_asks_for_one(self, kind: str):
        text = text_of(read(letter(case(1, WARNING, owner=None))), kind)

        assert "assign it now" in text
        assert "complaint-sla assign C-6003-00001" in text

    @pytest.mark.parametrize("kind", ["plain", "html"])
    def test_an_alert_that_would_reach_nobody_says_so(self, kind: str):
        told = case(1, WARNING)
        assert told.next is not None
        text = text_of(read(letter(replace(told, next=replace(told.next, people=())))), kind)

        assert "nobody can be told" in text

    @pytest.mark.parametrize("kind", ["plain", "html"])
    def test_the_last_notice_says_that_none_follows(self, kind: str):
        assert "No further notice is planned" in text_of(read(letter(case(1, WARNING, next=None))), kind)

    def test_a_stage_that_repeats_is_counted(self):
        assert "Escalation, level 2, no. 3" in text_of(
            read(letter(case(-21, ESCALATION, occurrence=3))), "plain"
        )

    @pytest.mark.parametrize("kind", ["plain", "html"])
    @pytest.mark.parametrize("others", [0, 1])
    def test_other_peoples_text_can_steer_neither_screen_nor_page(self, kind: str, others: int):
        hostile = "<script>alert(1)</script>\x1b[2J\u202egnp.exe {{ 7 * 7 }} {number} %s"
        told = case(-1, OVERDUE, subject=hostile, owner=hostile, phone=hostile)
        assert told.next is not None
        told = replace(told, next=replace(told.next, people=(hostile,)))
        more = [case(1, WARNING, 2)] * others
        text = text_of(read(letter(told, *more, name=hostile)), kind)

        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\\x1b[2J\\u202egnp.exe {{ 7 * 7 }} {number} %s" in text
        assert ("<script>" in text) is (kind == "plain")

    def test_the_page_is_sound_and_fetches_nothing(self):
        for cases in ([case(-1, OVERDUE, urgent=True)], [case(-1, OVERDUE), ended(2)], [ended()]):
            page = text_of(read(letter(*cases)), "html")
            reader = Reader()
            reader.feed(page)

            assert reader.open == []
            assert '<html lang="en">' in page
            assert not reader.tags & {"script", "img", "link", "iframe", "form", "object"}
            assert "http" not in page
            assert "url(" not in page

    def test_the_text_form_fits_a_terminal(self):
        lines = text_of(
            read(letter(case(-12, ESCALATION), case(1, WARNING, 2), ended(3))), "plain"
        ).splitlines()
        lines += text_of(read(letter(case(-12, ESCALATION, owner=None))), "plain").splitlines()

        assert [line for line in lines if len(line) > 85] == []


class Reader(HTMLParser):
    """Follows which elements are open; what closes out of turn stays open."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()


class TestPieces:
    def test_what_ships_beside_the_code_is_found(self):
        assert (rules() / "pea-2560.toml").is_file()
        assert (templates() / "email" / "one.html").is_file()


def test_an_alerts_letter_is_gathered_and_written_without_the_rooms_of_the_quarter():
    code = (
        "import sys, complaint_sla.mail.delivery;"
        "print(*(name for name in sys.modules if name.startswith('complaint_sla.')))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "complaint_sla.mail.alert_letter" in loaded
    apart = ("forms", "work.notices", "work.reports", "work.quarters", "work.freezing", "work.reviews")
    assert [name for name in loaded if name.removeprefix("complaint_sla.").startswith(apart)] == []
