"""The text of a rule book becomes a book, or every fault in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core import tomlreader
from complaint_sla.core.bookfile import digest_of, read_book
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, BookFaults, BookRefused, Fault
from complaint_sla.core.rulebook import Book, Shelf, Term, Titles
from complaint_sla.core.titles import Title
from tests.core.books import (
    HEAD,
    RULES,
    SHIPPED,
    STAGES,
    TERMS,
    at,
    book,
    facts,
    faults_of,
    no_holidays,
    read_shelf,
    shipped,
    small,
    thai_holidays,
)

GROUPS = {
    "spp-area": ("กลุ่มที่ 1 ลูกค้าในพื้นที่แข่งขันกับ SPP", "Group 1: customers in SPP-competition areas"),
    "key-account": ("กลุ่มที่ 2 ลูกค้ารายสำคัญ", "Group 2: key customers"),
    "industrial-commercial": (
        "กลุ่มที่ 3 ลูกค้าอุตสาหกรรมและพาณิชย์",
        "Group 3: industrial and commercial customers",
    ),
    "residential": ("กลุ่มที่ 4 ลูกค้าบ้านอยู่อาศัยและกลุ่มอื่น ๆ", "Group 4: residential and other customers"),
}
CHANNELS = {
    "walk-in": ("ติดต่อด้วยตนเองที่สำนักงาน", "Walk-in at the office"),
    "contact-center": ("1129 PEA Contact Center", "1129 PEA Contact Center"),
    "phone": ("โทรศัพท์สำนักงาน", "Office telephone"),
    "letter": ("หนังสือ/จดหมาย", "Letter"),
    "email": ("อีเมล", "E-mail"),
    "pea-voc": ("เว็บไซต์ PEA-VOC", "PEA-VOC website"),
    "app": ("แอป PEA Smart Plus", "PEA Smart Plus app"),
    "line": ("ไลน์", "LINE"),
    "facebook": ("เฟซบุ๊ก", "Facebook"),
    "damrongdhama": ("ศูนย์ดำรงธรรม (1567)", "Damrongdhama Centre (1567)"),
    "government-1111": ("สายด่วนรัฐบาล (1111)", "Government hotline (1111)"),
    "erc": ("สำนักงาน กกพ. (1204)", "Office of the ERC (1204)"),
}
CATEGORIES = {
    "outage": ("ไฟฟ้าดับ", "Power outage"),
    "frequent-outages": ("ไฟฟ้าดับบ่อยครั้ง", "Frequent outages"),
    "low-voltage": ("แรงดันไฟฟ้าตก", "Low voltage"),
    "unstable-voltage": ("แรงดันไฟฟ้าไม่คงที่", "Unstable voltage"),
    "slow-repair": ("แก้ไฟฟ้าขัดข้องล่าช้า", "Slow fault repair"),
    "meter-fault": ("มิเตอร์ชำรุดหรือผิดปกติ", "Meter fault"),
    "meter-misread": ("จดหน่วยผิด", "Meter misread"),
    "abnormal-bill": ("ค่าไฟฟ้าผิดปกติ", "Abnormal bill"),
    "bill-not-received": ("ไม่ได้รับใบแจ้งค่าไฟฟ้า", "Bill not received"),
    "disconnection": ("งดจ่ายไฟหรือต่อกลับ", "Disconnection or reconnection"),
    "connection-delay": ("ขอใช้ไฟหรือติดตั้งมิเตอร์ล่าช้า", "Connection or meter delay"),
    "network-extension": ("ขยายเขตระบบไฟฟ้า", "Network extension"),
    "staff-conduct": ("พฤติกรรมพนักงาน", "Staff conduct"),
    "contractor-conduct": ("พฤติกรรมผู้รับจ้าง", "Contractor conduct"),
    "slow-service": ("การให้บริการล่าช้า", "Slow service"),
    "digital-service": ("บริการดิจิทัล", "Digital service"),
    "unsafe-lines": ("เสา สายไฟ หรือต้นไม้ไม่ปลอดภัย", "Unsafe poles, lines or trees"),
    "property-damage": ("ทรัพย์สินเสียหาย", "Property damage"),
    "other": ("อื่น ๆ", "Other"),
}


# --- The shipped book ------------------------------------------------------------------------------------------


def test_the_shipped_book_has_the_groups_channels_and_categories_of_the_field():
    ours = shipped()
    for terms, expected in ((ours.groups, GROUPS), (ours.channels, CHANNELS), (ours.categories, CATEGORIES)):
        assert {term.key: (term.title.th, term.title.en) for term in terms} == expected
        assert len(terms) == len(expected)


def test_the_shipped_book_gives_three_five_fifteen_twenty_and_twenty_five_days():
    assert [(rule.key, rule.days, rule.urgent) for rule in shipped().rules] == [
        ("urgent", 3, True),
        ("spp-area", 5, None),
        ("key-account", 15, None),
        ("industrial-commercial", 20, None),
        ("residential", 25, None),
    ]


def test_the_shipped_book_counts_calendar_days_keeps_the_last_one_and_asks_for_eighty_per_cent():
    ours = shipped()
    assert (ours.id, ours.effective_from, ours.zone.key) == ("pea-2560", date(2017, 1, 1), "Asia/Bangkok")
    assert (ours.counting.working, ours.counting.move_last_day) == (False, False)
    assert ours.target == Fraction(4, 5)


def test_the_shipped_book_warns_reminds_and_escalates_at_eight_in_the_morning():
    stages = [
        (stage.key, stage.offset, stage.repeat_every, stage.from_days, stage.level, stage.roles)
        for stage in shipped().stages
    ]
    near, above = ("owner", "supervisor"), ("manager", "parent:manager")
    assert stages == [
        ("receipt", None, None, 0, None, ("supervisor",)),
        ("warning-first", -7, None, 15, None, near),
        ("warning-last", -1, None, 0, None, near),
        ("due-today", 0, None, 0, None, near),
        ("overdue", 1, None, 0, None, near),
        ("escalation-1", 3, None, 0, 1, ("manager",)),
        ("escalation-2", 7, None, 0, 2, above),
        ("escalation-weekly", 14, 7, 0, 2, above),
    ]
    assert {stage.at for stage in shipped().stages} == {time(8)}
    assert shipped().stage("receipt").rules == {"urgent"}


def test_titles_are_found_by_key_and_an_unknown_key_stands_for_itself():
    ours = Titles(Shelf((shipped(),)))
    assert ours.of("group", "key-account").en == "Group 2: key customers"
    assert ours.of("stage", "due-today").th == "ครบกำหนดวันนี้"
    assert ours.of("rule", "urgent").en == "Important and urgent complaints"
    assert ours.of("category", "long-gone") == Title("long-gone", "long-gone")
    assert shipped().rule("urgent").days == 3


def test_a_title_is_that_of_the_pinned_book_then_of_the_newest_that_has_the_key():
    def titled(year: int, **groups: str) -> Book:
        terms = tuple(Term(key, Title(name, name)) for key, name in groups.items())
        return replace(shipped(), id=str(year), effective_from=date(year, 1, 1), groups=terms)

    shelf = Shelf(
        (titled(2017, a="A 17", b="B 17"), titled(2018, a="A 18", b="B 18"), titled(2019, a="A 19"))
    )

    assert [shelf.titles(pinned).of("group", "a").en for pinned in ("2017", "2018", "gone")] == [
        "A 17",
        "A 18",
        "A 19",
    ]
    assert [shelf.titles(pinned).of("group", "b").en for pinned in ("2017", "2019", "gone")] == [
        "B 17",
        "B 18",
        "B 18",
    ]


# --- Rules and conditions --------------------------------------------------------------------------------------


def test_the_first_rule_that_fits_wins():
    ours = book(
        small(
            rules="""
[[rule]]
key = "bills-by-phone"
th = "ค่าไฟ"
en = "Bills by telephone"
when = { group = ["home", "works"], channel = "phone", category = "bill", urgent = false }
days = 2
[[rule]]
key = "works"
th = "โรงงาน"
en = "Works"
when = { group = "works" }
days = 7
[[rule]]
key = "rest"
th = "อื่น ๆ"
en = "All others"
days = 9
"""
        )
    )

    def rule(group, category, urgent):
        return ours.rule_for(facts("2017-03-05", group, category=category, urgent=urgent)).key

    assert rule("home", "bill", False) == "bills-by-phone"
    assert rule("works", "bill", False) == "bills-by-phone"
    assert rule("works", "bill", True) == "works"
    assert rule("works", "outage", False) == "works"
    assert rule("home", "bill", True) == "rest"


def test_an_unknown_group_channel_or_category_is_refused_with_those_that_exist():
    for kind, given_facts, known in (
        ("group", facts("2017-03-05", "homes"), ["home", "works"]),
        ("channel", facts("2017-03-05", "home", channel="fax"), ["phone"]),
        ("category", facts("2017-03-05", "home", category="noise"), ["outage", "bill"]),
    ):
        with pytest.raises(BadValue) as refused:
            book(small()).rule_for(given_facts)
        assert refused.value.key == f"unknown-{kind}"
        assert refused.value.values["known"] == known
        assert str(refused.value).startswith(f"unknown-{kind} ")


def test_a_book_without_the_rule_would_say_so_and_not_guess():
    """Loading proves that it can't happen."""
    with pytest.raises(BookRefused, match="no-rule-fits"):
        replace(book(small()), rules=()).rule_for(facts("2017-03-05", "home"))


def test_a_book_that_leaves_a_combination_without_a_rule_is_refused_with_the_combination():
    text = small(
        rules="""
[[rule]]
key = "home"
th = "บ้าน"
en = "Home"
when = { group = "home" }
days = 5
[[rule]]
key = "works-outage"
th = "โรงงาน"
en = "Works without electricity"
when = { group = "works", category = "outage" }
days = 5
"""
    )
    with pytest.raises(BookFaults) as refused:
        book(text)
    (fault,) = refused.value.faults
    assert (fault.place, fault.key) == ("rule", "fault-uncovered")
    assert dict(fault.values) == {"group": "works", "urgent": False, "channel": "phone", "category": "bill"}


def test_a_rule_that_can_never_match_is_refused():
    text = small(
        rules="""
[[rule]]
key = "all"
th = "ทั้งหมด"
en = "All"
days = 5
[[rule]]
key = "urgent"
th = "ด่วน"
en = "Urgent"
when = { urgent = true }
days = 3
"""
    )
    assert faults_of(text) == [("rule[2]", "fault-never")]


@given(st.data())
def test_the_proof_of_a_book_agrees_with_trying_every_combination(data):
    groups, categories = ["home", "works"], ["outage", "bill"]
    conditions = data.draw(
        st.lists(
            st.tuples(
                st.sampled_from([None, *groups]),
                st.sampled_from([None, *categories]),
                st.sampled_from([None, True, False]),
            ),
            min_size=1,
            max_size=4,
        )
    )
    rules = ""
    for number, (group, category, urgent) in enumerate(conditions, 1):
        named = {"group": group, "category": category}
        when = [f'{name} = "{key}"' for name, key in named.items() if key]
        if urgent is not None:
            when.append(f"urgent = {str(urgent).lower()}")
        rules += (
            f'[[rule]]\nkey = "r{number}"\nth = "ก"\nen = "R"\ndays = 5\nwhen = {{ {", ".join(when)} }}\n'
        )
    firsts = [
        next(
            (
                number
                for number, (g, c, u) in enumerate(conditions, 1)
                if g in (None, group) and c in (None, category) and u in (None, urgent)
            ),
            None,
        )
        for group in groups
        for category in categories
        for urgent in (True, False)
    ]
    expected = [("rule", "fault-uncovered")] if None in firsts else []
    expected += [(f"rule[{n}]", "fault-never") for n in range(1, len(conditions) + 1) if n not in firsts]
    assert faults_of(small(rules=rules)) == expected


# --- Faults ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "place", "key"),
    [
        ('id = "small"', "", "id", "fault-missing"),
        ('id = "small"', 'id = "Small Book"', "id", "fault-key"),
        ('id = "small"', f'id = "{"x" * 41}"', "id", "fault-key"),
        ('id = "small"', "id = 5", "id", "fault-type"),
        ('id = "small"', 'id = "small"\nidd = 1', "idd", "fault-unknown-key"),
        ('"2017-01-01"', '"2017-02-29"', "effective_from", "fault-day"),
        ('"2017-01-01"', '"1/1/60"', "effective_from", "fault-day"),
        ('"2017-01-01"', "2017-01-01", "effective_from", "fault-type"),
        ('effective_from = "2017-01-01"', "", "effective_from", "fault-missing"),
        ('timezone = "Asia/Bangkok"', "", "timezone", "fault-missing"),
        ('"Asia/Bangkok"', '"Asia/Krungthep"', "timezone", "fault-zone"),
        ('"Asia/Bangkok"', '"../../etc/passwd"', "timezone", "fault-zone"),
        ('"Asia/Bangkok"', '"Asia"', "timezone", "fault-zone"),
        ('"Asia/Bangkok"', '""', "timezone", "fault-zone"),
        ('th = "เล็ก", ', "", "title.th", "fault-missing"),
        ('en = "Small"', 'en = " "', "title.en", "fault-empty"),
        ('en = "Small"', 'en = "a\\nb"', "title.en", "fault-not-text"),
        ('en = "Small"', 'en = "Small", fr = "Petit"', "title.fr", "fault-unknown-key"),
        ('title = { th = "เล็ก", en = "Small" }', 'title = "Small"', "title", "fault-type"),
        ('id = "small"', 'id = "small"\ndated_back_days = -1', "dated_back_days", "fault-number"),
        ('id = "small"', 'id = "small"\ndated_back_days = true', "dated_back_days", "fault-type"),
        ("= 80", "= 80.0", "target.closed_in_time_percent", "fault-target"),
        ("= 80", "= 101", "target.closed_in_time_percent", "fault-target"),
        ("= 80", "= -1", "target.closed_in_time_percent", "fault-target"),
        ("= 80", "= true", "target.closed_in_time_percent", "fault-target"),
        ("= 80", '= "eighty"', "target.closed_in_time_percent", "fault-target"),
        ("= 80", '= "79.99999"', "target.closed_in_time_percent", "fault-target"),
        ("= 80", '= "1e-999999999"', "target.closed_in_time_percent", "fault-target"),
        ("closed_in_time_percent = 80", "", "target.closed_in_time_percent", "fault-target"),
        ("= 80", "= 80, soon = 1", "target.soon", "fault-unknown-key"),
        ('days = "calendar"', 'days = "lunar"', "counting.days", "fault-choice"),
        ('days = "calendar"', "days = 5", "counting.days", "fault-type"),
        ('days = "calendar"', 'last_day_on_holiday = "skip"', "counting.last_day_on_holiday", "fault-choice"),
        ('days = "calendar"', 'weekend = ["sat", "sunday"]', "counting.weekend", "fault-choice"),
        ('days = "calendar"', "weekend = [6]", "counting.weekend", "fault-type"),
        (
            'days = "calendar"',
            'weekend = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]',
            "counting.weekend",
            "fault-weekend",
        ),
        ('days = "calendar"', 'day = "calendar"', "counting.day", "fault-unknown-key"),
        ('days = "calendar"', "holidays_through = 99999", "counting.holidays_through", "fault-number"),
        (
            'days = "calendar"',
            'extra_holidays = { "2017-13-01" = "x" }',
            "counting.extra_holidays.2017-13-01",
            "fault-day",
        ),
        (
            'days = "calendar"',
            'extra_holidays = { "2017-12-01" = 5 }',
            "counting.extra_holidays.2017-12-01",
            "fault-type",
        ),
        ('days = "calendar"', "not_holidays = [2017-04-06]", "counting.not_holidays", "fault-day"),
        ('key = "works"', 'key = "home"', "group[2].key", "fault-twice"),
        ('key = "works"', 'key = "บ้าน"', "group[2].key", "fault-key"),
        ('key = "works"', "", "group[2].key", "fault-missing"),
        ('en = "Works"', "", "group[2].en", "fault-missing"),
        ('key = "phone"', 'key = "phone"\nurgent = true', "channel[1].urgent", "fault-unknown-key"),
        ('en = "Bill"', 'en = "Bill"\nalso = "dear"', "category[2].also", "fault-type"),
        ('en = "Bill"', 'en = "Bill"\nalso = [1]', "category[2].also[1]", "fault-type"),
        ('en = "Bill"', 'en = "Bill"\nalso = ["dear", " "]', "category[2].also[2]", "fault-empty"),
        ('en = "Bill"', 'en = "Bill"\nalso = ["a\\tb"]', "category[2].also[1]", "fault-not-text"),
        ('en = "Bill"', 'en = "Bill"\nalso = ["dear", "dear"]', "category[2].also[2]", "fault-twice"),
        ('en = "Bill"', 'en = "Bill"\nalso = ["OUT AGE"]', "category[2].also[1]", "fault-claimed"),
        ('en = "Bill"', 'en = "Bill"\nalso = ["ไฟฟ้า ดับ"]', "category[2].also[1]", "fault-claimed"),
        ('en = "Works"', 'en = "Works"\nalso = ["home"]', "group[2].also[1]", "fault-claimed"),
        ("days = 5", "", "rule[1].days", "fault-missing"),
        ("days = 5", "days = 0", "rule[1].days", "fault-number"),
        ("days = 5", "days = 3651", "rule[1].days", "fault-number"),
        ("days = 5", "days = true", "rule[1].days", "fault-type"),
        ("days = 5", 'days = "5"', "rule[1].days", "fault-type"),
        ("days = 5", "days = 5\nday = 5", "rule[1].day", "fault-unknown-key"),
        ("days = 5", 'days = 5\nwhen = "always"', "rule[1].when", "fault-type"),
        ("days = 5", 'days = 5\nwhen = { group = "houses" }', "rule[1].when.group", "fault-choice"),
        ("days = 5", "days = 5\nwhen = { channel = [] }", "rule[1].when.channel", "fault-type"),
        ("days = 5", "days = 5\nwhen = { category = 1 }", "rule[1].when.category", "fault-type"),
        ("days = 5", 'days = 5\nwhen = { urgent = "yes" }', "rule[1].when.urgent", "fault-type"),
        ("days = 5", 'days = 5\nwhen = { office = "x" }', "rule[1].when.office", "fault-unknown-key"),
        ("days_after = 1", "", "stage[1]", "fault-when"),
        ("days_after = 1", "days_after = 1\ndays_before = 1", "stage[1]", "fault-when"),
        ("days_after = 1", "on_receipt = false", "stage[1].on_receipt", "fault-when"),
        ("days_after = 1", "on_receipt = 1", "stage[1].on_receipt", "fault-type"),
        ("days_after = 1", "days_after = -1", "stage[1].days_after", "fault-number"),
        (
            "days_after = 1",
            "on_receipt = true\nrepeat_every = 7",
            "stage[1].repeat_every",
            "fault-repeat-on-receipt",
        ),
        ("days_after = 1", "days_after = 1\nrepeat_every = 0", "stage[1].repeat_every", "fault-number"),
        ("days_after = 1", 'days_after = 1\nat = "8:00"', "stage[1].at", "fault-clock"),
        ("days_after = 1", 'days_after = 1\nat = "24:00"', "stage[1].at", "fault-clock"),
        ("days_after = 1", "days_after = 1\nat = 08:00:00", "stage[1].at", "fault-type"),
        ("days_after = 1", 'days_after = 1\nrules = ["some"]', "stage[1].rules", "fault-choice"),
        ("days_after = 1", 'days_after = 1\nfrom_days = "15"', "stage[1].from_days", "fault-type"),
        ("days_after = 1", "days_after = 1\nescalation = 0", "stage[1].escalation", "fault-number"),
        ("days_after = 1", 'days_after = 1\ncc = ["manager"]', "stage[1].cc", "fault-unknown-key"),
        ('to = ["supervisor"]', "", "stage[1].to", "fault-missing"),
        ('to = ["supervisor"]', 'to = "supervisor"', "stage[1].to", "fault-type"),
        ('to = ["supervisor"]', "to = []", "stage[1].to", "fault-roles"),
        ('to = ["supervisor"]', 'to = ["boss"]', "stage[1].to", "fault-roles"),
        ('to = ["supervisor"]', 'to = ["supervisor:parent"]', "stage[1].to", "fault-roles"),
        ('to = ["supervisor"]', "to = [1]", "stage[1].to", "fault-roles"),
    ],
)
def test_each_kind_of_fault_is_named_with_its_place(old, new, place, key):
    text = small()
    assert text.count(old) >= 1
    assert faults_of(text.replace(old, new, 1)) == [(place, key)]


def test_two_terms_of_one_list_claim_no_word_together_and_of_two_lists_they_may():
    claimed = small().replace('en = "Home"', 'en = "Home"\nalso = ["mine"]')
    both = claimed.replace('en = "Works"', 'en = "Works"\nalso = ["shop", "MINE"]')
    assert faults_of(both) == [("group[2].also[2]", "fault-claimed")]
    apart = claimed.replace('en = "Bill"', 'en = "Bill"\nalso = ["mine", "Bill"]')
    assert book(apart).categories[1].also == ("mine", "Bill")


@pytest.mark.parametrize(
    ("parts", "place", "key"),
    [
        ({"stages": ""}, "stage", "fault-missing"),
        ({"head": HEAD + "stage = []", "stages": ""}, "stage", "fault-empty"),
        ({"head": HEAD + "stage = 5", "stages": ""}, "stage", "fault-type"),
        ({"head": HEAD + "stage = [1]", "stages": ""}, "stage[1]", "fault-type"),
        ({"head": HEAD.replace("target", "goal")}, "target", "fault-missing"),
        ({"stages": STAGES * 501}, "stage", "fault-too-many"),
        ({"stages": STAGES * 2}, "stage[2].key", "fault-twice"),
    ],
)
def test_a_part_that_is_missing_empty_or_endless_is_named(parts, place, key):
    assert (place, key) in faults_of(small(**parts))


def test_all_faults_of_a_book_are_listed_at_once():
    text = small(
        head=HEAD.replace("Asia/Bangkok", "Asia/Bankok").replace("= 80", "= 800") + 'effective_form = "x"',
        counting='[counting]\ndays = "working"\nholidays = "ZZ"\nholidays_through = 2018',
        terms=TERMS.replace('en = "Outage"', ""),
        rules=RULES.replace("days = 5", "days = -5"),
        stages=STAGES.replace("days_after", "days_afer").replace("supervisor", "supervisr"),
    )
    assert faults_of(text, thai_holidays) == [
        ("timezone", "fault-zone"),
        ("counting.holidays", "fault-country"),
        ("target.closed_in_time_percent", "fault-target"),
        ("category[1].en", "fault-missing"),
        ("rule[1].days", "fault-number"),
        ("stage[1]", "fault-when"),
        ("stage[1].to", "fault-roles"),
        ("stage[1].days_afer", "fault-unknown-key"),
        ("effective_form", "fault-unknown-key"),
    ]


def test_a_gap_in_the_rules_is_listed_together_with_faults_elsewhere():
    text = small(
        rules=RULES + "when = { urgent = true }",
        stages=STAGES.replace('["supervisor"]', "[]"),
    )
    assert faults_of(text) == [("rule", "fault-uncovered"), ("stage[1].to", "fault-roles")]


def test_an_empty_text_lacks_everything():
    assert [place for place, key in faults_of("") if key == "fault-missing"] == [
        "id", "title", "effective_from", "timezone", "target",
        "group", "channel", "category", "rule", "stage",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "id = ",
        'id = "a"\nid = "b"',
        "days = " + "9" * 5000,
        "x = " + "[" * 100_000,
        "day = 2017-02-30",
        "\ufeffid = 'a'",
    ],
)
def test_what_is_no_toml_is_one_fault(text):
    assert faults_of(text) == [("", "fault-toml")]


def test_a_text_beyond_the_size_of_a_book_is_not_even_read():
    assert faults_of("#" * (tomlreader.MOST_TEXT + 1)) == [("", "fault-too-long")]
    assert faults_of(small() + "#" * (tomlreader.MOST_TEXT - len(small()))) == []


def test_a_fault_shows_only_the_beginning_of_a_value():
    with pytest.raises(BookFaults) as refused:
        book(small().replace('"small"', f'"{"X" * 500}"'))
    assert dict(refused.value.faults[0].values) == {"value": "X" * 57 + "..."}


@pytest.mark.parametrize("value", ["0x" + "f" * 5000, "[0x" + "f" * 5000 + "]"])
def test_a_number_too_long_to_be_written_out_is_a_fault_like_any_other(value):
    assert ("stage[1].to", "fault-roles" if value.startswith("[") else "fault-type") in faults_of(
        small().replace('["supervisor"]', value)
    )


def test_tables_nested_thousandfold_are_a_fault_like_any_other():
    value = "5"
    for _ in range(30):
        value = f"[\n{{ a{'.a' * 90} = {value} }}\n]"
    assert ("rule[1].days", "fault-type") in faults_of(small().replace("days = 5", f"days = {value}"))


def test_a_key_of_thousands_of_parts_is_not_even_read():
    """Reading it takes the square of their number: a book of 500 kB with one such key took minutes."""
    text = small().replace("days = 5", "days" + ".a" * 200_000 + " = 5")
    line = next(number for number, one in enumerate(text.split("\n"), 1) if "days.a" in one)
    assert faults_of(text) == [(f"line {line}", "fault-dots")]


def test_more_combinations_than_can_be_proved_are_refused():
    groups = "".join(f'[[group]]\nkey = "g{n}"\nth = "ก"\nen = "G"\n' for n in range(400))
    rules = "".join(
        f'[[rule]]\nkey = "r{n}"\nth = "ก"\nen = "R"\nwhen = {{ group = "g{n}" }}\ndays = 5\n'
        for n in range(400)
    )
    assert faults_of(small(terms=groups + TERMS, rules=rules + RULES)) == [("rule", "fault-combinations")]


def test_many_groups_that_no_rule_names_cost_no_more_than_one():
    groups = "".join(
        f'[[group]]\nkey = "g{n}"\nth = "ก"\nen = "G"\n' for n in range(tomlreader.MOST_ENTRIES - 2)
    )
    assert faults_of(small(terms=groups + TERMS)) == []


# Texts near to a book, in which anything may be wrong.
spoiled = st.builds(
    lambda start, length, instead: small()[:start] + instead + small()[start + length :],
    st.integers(0, len(small())),
    st.integers(0, 40),
    st.text(max_size=12) | st.sampled_from(["[[rule]]", "= 1\n", "true", "[]", "{}", "2017-01-01", '""']),
)


@given(spoiled)
def test_a_spoiled_book_is_read_or_refused_with_at_least_one_fault(text):
    try:
        assert book(text).rules
    except BookFaults as refused:
        assert refused.faults
        assert len(refused.faults) == refused.values["count"]


# --- Counting and holidays -------------------------------------------------------------------------------------

WORKING = """
[counting]
days = "working"
holidays = "TH"
holidays_through = 2018
"""


def test_a_book_in_working_days_knows_the_holidays_of_all_its_years():
    asked = []

    def holidays(country, first, last):
        asked.append((country, first, last))
        return {date(2018, 4, 6): "Chakri Day", date(2017, 4, 6): "Chakri Day"}

    counting = book(small(counting=WORKING), holidays).counting
    assert asked == [("TH", 2017, 2018)]
    assert list(counting.holidays) == [date(2017, 4, 6), date(2018, 4, 6)]
    assert counting.covers == (date(2017, 1, 1), date(2018, 12, 31))
    assert (counting.working, counting.move_last_day, counting.weekend) == (True, False, {5, 6})


def test_the_years_of_holidays_may_be_written_in_the_buddhist_era():
    text = WORKING.replace("2018", "2561")
    assert book(small(counting=text), thai_holidays).counting.covers == (date(2017, 1, 1), date(2018, 12, 31))


def test_an_office_may_add_holidays_take_some_away_and_have_its_own_weekend():
    text = (
        WORKING
        + """
weekend = ["fri"]
extra_holidays = { "2560-05-12" = "Local day" }
not_holidays = ["2560-05-01", "2017-05-02"]
"""
    )
    counting = book(small(counting=text), thai_holidays).counting
    assert counting.holidays[date(2017, 5, 12)] == "Local day"
    assert date(2017, 5, 1) not in counting.holidays
    assert date(2017, 4, 13) in counting.holidays
    assert counting.weekend == {4}


def test_an_empty_weekend_is_none():
    assert book(small(counting="[counting]\nweekend = []")).counting.weekend == frozenset()


def test_calendar_days_ask_for_no_holidays():
    def holidays(country, first, last):
        raise AssertionError

    assert book(
        small(counting='[counting]\nholidays = "TH"\nholidays_through = 2018'), holidays
    ).counting == (book(small(counting="")).counting)


@pytest.mark.parametrize(
    ("old", "new", "place", "key"),
    [
        ('holidays = "TH"', "", "counting.holidays", "fault-holidays-needed"),
        ("holidays_through = 2018", "", "counting.holidays_through", "fault-holidays-needed"),
        ("2018", "2016", "counting.holidays_through", "fault-holidays-years"),
        ("2018", "2068", "counting.holidays_through", "fault-holidays-years"),
        ('"TH"', '"ZZ"', "counting.holidays", "fault-country"),
        ('"TH"', '"TH"\nnot_holidays = ["2017-02-30"]', "counting.not_holidays", "fault-day"),
    ],
)
def test_a_book_that_needs_holidays_says_which_and_for_how_long(old, new, place, key):
    for counting in (
        WORKING,
        WORKING.replace('days = "working"', 'last_day_on_holiday = "next-working-day"'),
    ):
        assert faults_of(small(counting=counting.replace(old, new, 1)), thai_holidays) == [(place, key)]


def test_holidays_are_not_asked_for_a_book_without_a_beginning():
    head = HEAD.replace('"2017-01-01"', '"2017-00-01"')
    assert faults_of(small(head=head, counting=WORKING), thai_holidays) == [("effective_from", "fault-day")]


# --- Small things that a book may say --------------------------------------------------------------------------


def test_a_book_may_begin_on_a_day_of_the_buddhist_era():
    assert book(small().replace("2017-01-01", "2560-01-01")).effective_from == date(2017, 1, 1)
    assert book(small().replace("2017-01-01", "2559-02-29")).effective_from == date(2016, 2, 29)
    assert faults_of(small().replace("2017-01-01", "2560-02-29")) == [("effective_from", "fault-day")]


@pytest.mark.parametrize(
    ("value", "share"),
    [
        ("80", (4, 5)),
        ('"80"', (4, 5)),
        ('"79.5"', (159, 200)),
        ("0", (0, 1)),
        ("100", (1, 1)),
        ('"99.9999"', (999_999, 1_000_000)),
    ],
)
def test_a_target_is_an_exact_share(value, share):
    assert book(small().replace("= 80", f"= {value}")).target == Fraction(*share)


def test_a_stage_has_a_time_of_day_roles_once_rules_and_a_level():
    (stage,) = book(
        small(
            stages="""
[[stage]]
key = "weekly"
th = "รายสัปดาห์"
en = "Weekly"
days_before = 3
repeat_every = 7
at = "16:45"
rules = ["all"]
from_days = 5
escalation = 2
to = ["manager", "parent:parent:supervisor", "manager", "owner"]
"""
        )
    ).stages
    assert (stage.offset, stage.repeat_every, stage.at) == (-3, 7, time(16, 45))
    assert stage.roles == ("manager", "parent:parent:supervisor", "owner")
    assert (stage.rules, stage.from_days, stage.level) == ({"all"}, 5, 2)
    assert [stage.serves(*of) for of in (("all", 5), ("all", 4), ("other", 9))] == [True, False, False]


def test_the_digest_covers_the_text_and_the_holidays():
    plain = book(small(counting=WORKING), no_holidays)
    assert plain.digest == digest_of(plain.text, {})
    assert plain.digest == book(small(counting=WORKING), no_holidays).digest
    assert plain.digest != book(small(counting=WORKING), thai_holidays).digest
    assert plain.digest != book(small(counting=WORKING) + "\n# a word", no_holidays).digest


def test_the_digest_is_the_same_tomorrow():
    """Complaints pin it for good, so how it is made can never change."""
    assert digest_of("ก", {date(2017, 1, 1): "ปีใหม่"}) == (
        "c9d91e99119394866bae9aa5e7788adc8f0f6cccb938c5a484db02bfe8d2734b"
    )


# --- The shelf -------------------------------------------------------------------------------------------------


def text_of(book_id: str, since: str, zone: str = "Asia/Bangkok") -> str:
    return (
        small().replace('"small"', f'"{book_id}"').replace("2017-01-01", since).replace("Asia/Bangkok", zone)
    )


def shelf(*texts: str) -> Shelf:
    return read_shelf(((f"{n}.toml", text) for n, text in enumerate(texts, 1)), no_holidays)


def test_the_book_in_force_on_the_local_day_of_receipt_governs():
    both = shelf(text_of("newer", "2560-03-05"), text_of("older", "2560-01-01"))
    assert [one.id for one in both.books] == ["older", "newer"]
    assert both.latest.id == "newer"
    assert both.zone.key == "Asia/Bangkok"
    assert both.governing(at("2017-03-04T23:59:59.999999")).id == "older"
    assert both.governing(at("2017-03-05T00:00")).id == "newer"
    assert both.in_force(date(2017, 1, 1)).id == "older"


def test_a_receipt_before_the_first_book_is_refused():
    with pytest.raises(BadValue) as refused:
        shelf(small()).in_force(date(2016, 12, 31))
    assert refused.value.key == "before-first-book"
    assert refused.value.values == {"day": date(2016, 12, 31), "first": date(2017, 1, 1)}


def test_the_books_of_a_quarter_are_named_with_their_last_day_in_it():
    three = shelf(text_of("a", "2017-01-01"), text_of("b", "2017-03-05"), text_of("c", "2017-07-01"))

    def within(text):
        return [(one.id, last.isoformat()) for one, last in three.within(Quarter.parse(text))]

    assert within("2017-Q1") == [("a", "2017-03-04"), ("b", "2017-03-31")]
    assert within("2017-Q2") == [("b", "2017-06-30")]
    assert within("2561-Q4") == [("c", "2018-12-31")]
    on_the_last_day = shelf(text_of("a", "2017-01-01"), text_of("b", "2017-03-31"))
    found = on_the_last_day.within(Quarter(2017, 1))
    assert [(one.id, last.day) for one, last in found] == [("a", 30), ("b", 31)]
    with pytest.raises(BadValue, match="before-first-book"):
        within("2016-Q4")


def test_books_with_one_id_one_beginning_or_two_zones_are_refused():
    with pytest.raises(BookFaults) as refused:
        shelf(text_of("a", "2017-01-01"), text_of("a", "2017-01-01", "Asia/Jakarta"))
    assert refused.value.faults == (
        Fault("2.toml", "id", "fault-twice", (("value", "a"),)),
        Fault("2.toml", "effective_from", "fault-twice", (("value", "2017-01-01"),)),
        Fault("2.toml", "timezone", "fault-zones", (("value", "Asia/Jakarta"), ("other", "Asia/Bangkok"))),
    )


def test_the_faults_of_all_files_are_listed_together():
    with pytest.raises(BookFaults) as refused:
        shelf(
            text_of("a", "x"),
            text_of("b", "2017-01-01"),
            text_of("b", "2018-01-01"),
            text_of("C", "2017-01-01"),
        )
    assert [(fault.file, fault.place) for fault in refused.value.faults] == [
        ("1.toml", "effective_from"),
        ("4.toml", "id"),
        ("3.toml", "id"),
    ]
    assert isinstance(refused.value, BookRefused)


def test_the_shipped_book_stands_alone_on_its_shelf():
    alone = read_shelf([(SHIPPED.name, SHIPPED.read_text("utf-8"))], no_holidays)
    assert alone.books == (shipped(),)
    assert read_book(shipped().text, "copy.toml", no_holidays) == shipped()


@pytest.mark.parametrize(
    ("head", "counting", "now", "earliest"),
    [
        # As long as a book says nothing: three days, as it counts them.
        ("", "", "2017-04-18 10:00", "2017-04-15"),
        ("dated_back_days = 0", "", "2017-04-18 10:00", "2017-04-18"),
        ("dated_back_days = 1", "", "2017-04-18 00:00", "2017-04-17"),
        # Songkran, from Thursday the 13th to Monday the 17th, and the weekend within it.
        ("dated_back_days = 1", WORKING, "2017-04-18 10:00", "2017-04-12"),
        ("", WORKING, "2017-04-18 10:00", "2017-04-10"),
        # Beyond its calendar days are days.
        ("", WORKING, "2019-02-05 10:00", "2019-02-02"),
    ],
)
def test_a_book_says_how_far_back_a_closing_may_be_dated(head, counting, now, earliest):
    text = small(head=HEAD + head, **({"counting": counting} if counting else {}))
    assert book(text, thai_holidays).dated_back_to(at(now)) == at(f"{earliest} 00:00")
