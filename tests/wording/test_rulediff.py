"""What differs between rule books, in words: a line each, in both languages."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every
from complaint_sla.core.plan import Activity, Due, Plan, PlannedMeasure, Service, Survey
from complaint_sla.core.roster import Role
from complaint_sla.core.rulebook import Stage
from complaint_sla.core.rulediff import Least, RuleChange, differences
from complaint_sla.core.servicefile import DailySummary, DaysOff
from complaint_sla.core.titles import Title
from complaint_sla.wording import LANGUAGES, Words
from complaint_sla.wording.rulediff import labelled, line
from tests.core.books import no_holidays, shipped
from tests.core.random_books import pairs

THAI, ENGLISH = Words("th"), Words("en")
STAGE = Stage("middle", Title("กลาง", "Middle"), ("parent:parent:manager",), -3, from_days=20)
MEAN = Least(Kind.MEAN, Fraction(431, 100))
MORE = Activity(
    "more",
    "5.1",
    Title("เพิ่ม", "More"),
    (
        PlannedMeasure("all", Title("ทั้งหมด", "All"), Kind.SHARE, Fraction(4, 5), Every.MONTH, Due(days=10)),
        PlannedMeasure(
            *("done", Title("เสร็จ", "Done"), Kind.DONE, Fraction(1)),
            due=Due(on=date(2017, 6, 30)),
            when_missed=("all",),
        ),
    ),
)
MORE_ENGLISH = (
    "a new activity more: More; number 5.1; measures all (All; kind share; least value 80 %; each month; due 10 days after the "
    "period), done (Done; kind to be done; least value 1; due 30 June 2017; only if one is missed of all)"
)
MORE_THAI = (
    "เพิ่มกิจกรรม more: เพิ่ม; ลำดับที่ 5.1; ตัวชี้วัด all (ทั้งหมด; ชนิด ร้อยละ; เป้าหมายไม่น้อยกว่า 80 %; ทุก เดือน; กำหนดส่ง "
    "10 วันหลังสิ้นช่วงเวลา), done (เสร็จ; ชนิด สิ่งที่ต้องดำเนินการ; เป้าหมายไม่น้อยกว่า 1; กำหนดส่ง 30 มิถุนายน 2560; "
    "เฉพาะเมื่อไม่ถึงเป้าหมายของ all)"
)
RULE = replace(shipped().rule("key-account"), days=1)


@pytest.mark.parametrize(
    ("difference", "english", "thai"),
    [
        (
            RuleChange("rule", "key-account", "days", 15, 12),
            "rule key-account: 15 → 12 days",
            "เกณฑ์ key-account: 15 → 12 วัน",
        ),
        (
            RuleChange("rule", "all", "groups", None, frozenset("ba")),
            "rule all, customer groups: all → a, b",
            "เกณฑ์ all กลุ่มลูกค้า: ทั้งหมด → a, b",
        ),
        (
            RuleChange("rule", "all", "urgent", False, True),
            "rule all, urgent complaints: no → yes",
            "เกณฑ์ all เรื่องสำคัญเร่งด่วน: ไม่ใช่ → ใช่",
        ),
        (
            RuleChange("rule", "all", "order", "urgent", None),
            "rule all now stands first",
            "เกณฑ์ all ย้ายไปอยู่ลำดับแรก",
        ),
        (
            RuleChange("rule", "all", "order", None, "urgent"),
            "rule all now stands after urgent",
            "เกณฑ์ all ย้ายไปอยู่ถัดจาก urgent",
        ),
        (
            RuleChange("rule", "key-account", "", None, RULE),
            "a new rule key-account: Key customers; 1 day; customer groups key-account",
            "เพิ่มเกณฑ์ key-account: ลูกค้ารายสำคัญ; 1 วัน; กลุ่มลูกค้า key-account",
        ),
        (
            RuleChange("stage", "middle", "", None, STAGE),
            "a new stage middle: Middle; 3 days before; to manager 2 offices up; for deadlines from 20 days",
            "เพิ่มขั้นแจ้งเตือน middle: กลาง; ก่อน 3 วัน; แจ้งถึง ผู้จัดการของหน่วยงานเหนือขึ้นไป 2 ระดับ; สำหรับกำหนดเวลาตั้งแต่ 20 วัน",
        ),
        (
            RuleChange("stage", "middle", "offset", None, 0),
            "stage middle: on receipt → on the last day",
            "ขั้นแจ้งเตือน middle: เมื่อรับเรื่อง → วันครบกำหนด",
        ),
        (
            RuleChange("stage", "middle", "at", time(8), time(9, 30)),
            "stage middle, time of day: 08:00 → 09:30",
            "ขั้นแจ้งเตือน middle เวลา: 08:00 → 09:30",
        ),
        (
            RuleChange("holiday", "2017-10-13", "", None, "วันคล้ายวันสวรรคต"),
            "holiday added: 13 October 2017, วันคล้ายวันสวรรคต",
            "เพิ่มวันหยุด: 13 ตุลาคม 2560 วันคล้ายวันสวรรคต",
        ),
        (
            RuleChange("holiday", "2017-10-13", "name", "a", "b"),
            "holiday 13 October 2017: a → b",
            "วันหยุด 13 ตุลาคม 2560: a → b",
        ),
        (
            RuleChange("counting", "", "covers", None, (date(2017, 1, 1), date(2017, 12, 31))),
            "calendar known: – → 1 January 2017 – 31 December 2017",
            "ปฏิทินครอบคลุม: – → 1 มกราคม 2560 – 31 ธันวาคม 2560",
        ),
        (
            RuleChange("counting", "", "weekend", frozenset({5, 6}), frozenset()),
            "weekend: Sat, Sun → –",
            "วันหยุดประจำสัปดาห์: ส., อา. → –",
        ),
        (
            RuleChange("counting", "", "working", False, True),
            "days counted: calendar days → working days",
            "วันที่นับ: วันปฏิทิน → วันทำการ",
        ),
        (
            RuleChange("", "", "target", Fraction(4, 5), Fraction(7, 10)),
            "target: 80 → 70 %",
            "เป้าหมาย: 80 → 70 %",
        ),
        (
            RuleChange("", "", "dated_back_days", 3, 5),
            "a closing may be dated back by: 3 → 5 days",
            "ลงวันที่ปิดเรื่องย้อนหลังได้: 3 → 5 วัน",
        ),
        (
            RuleChange("category", "outage", "also", ("ไฟดับ",), ("ไฟดับ", "no power")),
            "category outage, also called: ไฟดับ → ไฟดับ, no power",
            "ประเภทเรื่องร้องเรียน outage เรียกอีกอย่าง: ไฟดับ → ไฟดับ, no power",
        ),
        (
            RuleChange("", "", "silence", timedelta(minutes=10), timedelta(hours=1)),
            "normal silence: 10 → 60 minutes",
            "ความเงียบที่ถือว่าปกติ: 10 → 60 นาที",
        ),
        (
            RuleChange(
                "working_hours", "", "days_off", DaysOff(None, no_holidays), DaysOff("TH", no_holidays)
            ),
            "working hours, off on public holidays of: – → TH",
            "เวลาทำการ หยุดตามวันหยุดราชการของ: – → TH",
        ),
        (
            RuleChange(
                "",
                "",
                "summary",
                None,
                DailySummary(frozenset({0}), time(8), (Role.MANAGER,), when_nothing=False),
            ),
            "daily summary: – → days of the week Mon; time of day 08:00; to manager; also with nothing to say no",
            "สรุปประจำวัน: – → วันในสัปดาห์ จ.; เวลา 08:00; แจ้งถึง ผู้จัดการ; ส่งแม้ไม่มีเรื่องจะแจ้ง ไม่ใช่",
        ),
        (
            RuleChange("report", "*", "to", ("a@pea.example",), ("b@pea.example",)),
            "report of all offices, to: a@pea.example → b@pea.example",
            "รายงานของ ทุกสำนักงาน แจ้งถึง: a@pea.example → b@pea.example",
        ),
        (
            RuleChange("measure", "a/post-mean", "least", MEAN, Least(Kind.MEAN, Fraction(9, 2))),
            "measure a/post-mean, least value: 4.31 → 4.5",
            "ตัวชี้วัด a/post-mean เป้าหมายไม่น้อยกว่า: 4.31 → 4.5",
        ),
        (
            RuleChange(
                "measure", "a/b", "least", Least(Kind.SHARE, Fraction(0)), Least(Kind.SHARE, Fraction(4, 5))
            ),
            "measure a/b, least value: 0 % → 80 %",
            "ตัวชี้วัด a/b เป้าหมายไม่น้อยกว่า: 0 % → 80 %",
        ),
        (
            RuleChange("measure", "a/b", "kind", Kind.COUNT, Kind.DONE),
            "measure a/b, kind: count → to be done",
            "ตัวชี้วัด a/b ชนิด: จำนวนราย → สิ่งที่ต้องดำเนินการ",
        ),
        (
            RuleChange("measure", "a/b", "every", Every.MONTH, Every.YEAR),
            "measure a/b, each: month → year",
            "ตัวชี้วัด a/b ทุก: เดือน → ปี",
        ),
        (
            RuleChange("measure", "a/b", "due", Due(days=10), Due(months=1)),
            "measure a/b, due: 10 days after the period → 1 month after the period",
            "ตัวชี้วัด a/b กำหนดส่ง: 10 วันหลังสิ้นช่วงเวลา → 1 เดือนหลังสิ้นช่วงเวลา",
        ),
        (
            RuleChange("", "", "hand_in", Due(months=1), Due(on=date(2017, 5, 2))),
            "form handed in: 1 month after the period → 2 May 2017",
            "ส่งแบบรายงาน: 1 เดือนหลังสิ้นช่วงเวลา → 2 พฤษภาคม 2560",
        ),
        (
            RuleChange("activity", "channels", "only_for", None, frozenset({"class-1"})),
            "activity channels, only for the classes: all → class-1",
            "กิจกรรม channels เฉพาะชั้น: ทั้งหมด → class-1",
        ),
        (
            RuleChange("activity", "channels", "otherwise", None, Title("ก", "a")),
            "activity channels, said of the others: – → ก / a",
            "กิจกรรม channels ข้อความสำหรับสำนักงานอื่น: – → ก / a",
        ),
        (
            RuleChange("survey", "phone", "within", 15, None),
            "survey phone, asked within: 15 → – days",
            "การสำรวจ phone สอบถามภายใน: 15 → – วัน",
        ),
        (RuleChange("activity", "more", "", None, MORE), MORE_ENGLISH, MORE_THAI),
        (RuleChange("", "", "unheard_of", 1, ZoneInfo("UTC")), "unheard_of: 1 → UTC", "unheard_of: 1 → UTC"),
    ],
)
def test_a_difference_is_told_in_the_words_of_the_field(difference, english, thai):
    assert line(ENGLISH, difference) == english
    assert line(THAI, difference) == thai


@given(pairs(), st.sampled_from(LANGUAGES))
def test_each_difference_has_a_line_of_its_own_that_shows_another_value(pair, language):
    lines = [line(Words(language), one) for one in differences(*pair)]
    assert len(set(lines)) == len(lines)
    for told in lines:
        was, arrow, now = told.partition(" → ")
        assert was.rpartition(": ")[2] != now.removesuffix(" %") or not arrow


def test_every_field_of_a_plan_has_a_name_in_both_languages():
    """But for what stands beside its own key, and what decides nothing."""
    for kind in (Plan, Activity, PlannedMeasure, Service, Survey):
        for field in fields(kind):
            if field.name not in ("id", "key", "text", "activities", "services", "surveys"):
                assert labelled(THAI, field.name) != labelled(ENGLISH, field.name)


def test_a_title_steers_no_screen():
    told = line(ENGLISH, RuleChange("rule", "a", "title", Title("ก", "a"), Title("\x1b[2J", "\u202e")))
    assert told == "rule a, title: ก / a → \\x1b[2J / \\u202e"
