"""The numbered cases 1 to 6 of the plan's design, on values; those that need a database or a letter stand elsewhere."""

from datetime import date

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.core.measures import percent, two_places
from complaint_sla.core.readings import figure
from complaint_sla.core.scorecard import PlanOffice
from tests.plans.shipped import Papers, shipped

MAY_1 = date(2017, 5, 1)
JUNE_30, JULY_1 = date(2017, 6, 30), date(2017, 7, 1)
SMS = {"2017-01": "3,601/3,963", "2017-02": "4,061/4,477", "2017-03": "4,307/4,811"}
MEANS = ("division-mean", "post-mean")


@pytest.fixture
def papers() -> Papers:
    return Papers()


def sms(papers: Papers, *months: str) -> None:
    for month in months or SMS:
        papers.enter("sms-delivered", month, SMS[month])


def means(papers: Papers, **others: str) -> None:
    """4.40 everywhere but where it is said."""
    for key in MEANS:
        papers.enter(key, "2017-Q1", others.get(key.replace("-", "_"), "88/20"))
    for month in SMS:
        papers.enter("phone-mean", month, "44/10")


# 1


def test_what_the_seed_prints_without_a_whole_is_refused_and_stays_not_stated(papers):
    with pytest.raises(BadValue) as refused:
        figure(shipped().measure("numbers-entered"), "14")
    assert refused.value.key == "figure-of-what"
    assert papers.mark("telephone-numbers") == "not-stated"


def test_completed_numbers_are_fifty_of_fifty_with_a_note_on_the_other_whole(papers):
    for (month, ours), theirs in zip(
        {"2017-01": "14/14", "2017-02": "18/18", "2017-03": "18/18"}.items(),
        ("36/36", "15/15", "13/13"),
        strict=True,
    ):
        assert papers.mark("telephone-numbers") == "not-stated"
        papers.enter("numbers-entered", month, ours)
        papers.enter("sms-new", month, theirs)
    line = papers.line("numbers-entered")
    assert (line.n, line.d, percent(line.value), line.margin) == (50, 50, "100.00", 5)
    assert (papers.mark("telephone-numbers"), line.other_whole) == ("according", 64)


# 2


def test_ninety_of_ninety_five_large_customers_and_no_new_one_are_according(papers):
    papers.enter("large-new", "2017-Q1", "0/0")
    papers.enter("large-existing", "2017-Q1", "90/95")
    new, existing = papers.line("large-new"), papers.line("large-existing")
    assert (new.state, new.value, new.margin) == ("nothing", None, None)
    assert (percent(existing.value), existing.state, existing.margin) == ("94.73", "met", 14)
    assert papers.mark("smart-invoice-large") == "according"


def test_a_bad_month_is_shown_though_the_quarter_is_met_and_entered_once_for_two_rows(papers):
    sms(papers)
    papers.enter("sms-rolled-out", "2017")
    papers.enter("sms-wrong-numbers", "2017-Q1")
    delivered, success = papers.line("sms-delivered"), papers.line("sms-success")
    assert [(one.n, one.d, one.met) for one in success.periods] == [
        (3601, 3963, True), (4061, 4477, True), (4307, 4811, False),
    ]  # fmt: skip
    assert (success.n, success.d, percent(success.value), success.margin) == (11969, 13251, "90.32", 43)
    assert (delivered.n, delivered.d, delivered.state, success.state) == (11969, 13251, "shown", "met")
    assert success.year == delivered.year == (11969, 13251)
    assert (papers.mark("smart-invoice-small"), papers.mark("sms-news")) == ("according", "according")


def test_without_march_nothing_is_judged_though_the_two_months_that_are_in_would_do(papers):
    sms(papers, "2017-01", "2017-02")
    papers.enter("sms-wrong-numbers", "2017-Q1")
    line = papers.line("sms-success")
    assert (line.n, line.d, percent(line.value), line.state) == (7662, 8440, "90.78", "pending")
    assert (papers.mark("sms-news"), papers.mark("sms-news", MAY_1)) == ("not-stated", "not-stated")
    assert papers.state("sms-success", MAY_1) == "missing"


# 3


@pytest.mark.parametrize(
    ("text", "printed", "state"),
    [
        ("862/200", "4.31", "met"), ("431/100", "4.31", "met"), ("861/200", "4.30", "missed"),
        ("4,309/1,000", "4.30", "missed"), ("0/0", None, "nothing"),
    ],
)  # fmt: skip
def test_a_mean_is_decided_by_its_fraction(papers, text, printed, state):
    papers.enter("post-mean", "2017-Q1", text)
    assert (two_places(papers.line("post-mean").value), papers.state("post-mean")) == (printed, state)


@pytest.mark.parametrize(
    ("text", "state"),
    [("3/14", "met"), ("2/14", "missed"), ("2/2", "met"), ("1/2", "missed"), ("0/0", "nothing"),
     ("3", "met"), ("2", "missed")],
)  # fmt: skip
def test_where_there_were_fewer_customers_than_are_to_be_called_all_are_enough(papers, text, state):
    papers.enter("division-new-meter", "2017-Q1", text)
    assert papers.state("division-new-meter") == state


# 4


def test_an_improvement_plan_is_not_needed_where_nothing_was_missed(papers):
    means(papers)
    papers.complaints(1, 0)
    assert (papers.state("improvement-plan"), papers.mark("improvement-plan")) == ("not-needed", "according")


def test_a_complaint_closed_too_late_demands_an_improvement_plan_by_the_end_of_june(papers):
    means(papers)
    papers.complaints(0, 1)
    line = papers.line("improvement-plan")
    assert (line.state, line.due_on, line.causes) == ("pending", JUNE_30, ("complaints",))
    assert papers.mark("improvement-plan", JUNE_30) == "not-stated"
    assert papers.mark("improvement-plan", JULY_1) == "not-according"


def test_a_mean_by_post_below_the_least_value_demands_one_and_it_is_made(papers):
    means(papers, post_mean="86/20")
    papers.complaints(1, 0)
    assert papers.line("improvement-plan").causes == ("post-mean",)
    (item,) = [one for one in papers.items() if one.measure.key == "improvement-plan"]
    assert (item.due_on, item.causes) == (JUNE_30, ("post-mean",))
    papers.enter("improvement-plan", "2017-Q1", dated=date(2017, 6, 20))
    assert papers.state("improvement-plan", JULY_1) == "met"


def test_while_a_mean_is_not_in_nobody_can_say_that_no_plan_is_needed(papers):
    papers.complaints(1, 0)
    for at, month in enumerate(SMS):
        assert papers.state("improvement-plan", JULY_1) == "pending", at
        papers.enter("phone-mean", month, "44/10")
    papers.enter("post-mean", "2017-Q1", "88/20")
    assert papers.mark("improvement-plan", JULY_1) == "not-stated"
    assert "improvement-plan" not in {one.measure.key for one in papers.items(JULY_1)}


# 5


def test_a_summary_is_in_time_by_the_day_of_its_letter_however_late_it_is_entered(papers):
    papers.enter("voc-summary", "2017-Q1", dated=date(2017, 4, 30))
    assert papers.mark("voice-of-customer", date(2017, 5, 20)) == "according"
    papers.enter("voc-summary", "2017-Q1", dated=MAY_1)
    assert papers.mark("voice-of-customer", date(2017, 5, 20)) == "not-according"


def test_whoever_is_waited_for_what_is_not_done_by_its_day_is_missed(papers):
    papers.awaiting("voc-summary", "2017-Q1")
    april_30 = date(2017, 4, 30)
    assert (papers.state("voc-summary", april_30), papers.mark("voice-of-customer", april_30)) == (
        "awaiting",
        "not-stated",
    )
    assert papers.mark("voice-of-customer", MAY_1) == "not-according"


def test_a_figure_that_is_waited_for_is_never_missed(papers):
    papers.awaiting("large-existing", "2017-Q1")
    assert papers.state("large-existing", date(2018, 1, 1)) == "awaiting"
    assert papers.mark("smart-invoice-large", date(2018, 1, 1)) == "not-stated"
    papers.withdraw("large-existing", "2017-Q1")
    assert papers.state("large-existing", date(2018, 1, 1)) == "missing"


@pytest.mark.parametrize(
    ("class_", "state", "due"),
    [("branch", "not-applicable", False), ("class-1", "pending", True), (None, "pending", True)],
)
def test_channels_are_asked_of_classes_one_to_three_and_of_whom_nobody_has_classed(class_, state, due):
    papers = Papers(offices=(PlanOffice("B", class_),))
    line = papers.line("channels")
    assert (line.state, line.due_on) == (state, date(2017, 12, 31))
    assert ("channels" in {one.measure.key for one in papers.items()}) is due


def test_what_is_to_be_done_in_a_year_counts_in_the_quarters_that_are_handed_in_after_it(papers):
    papers.enter("sms-rolled-out", "2017", dated=date(2017, 6, 20))
    found = {}
    for number in range(1, 5):
        papers.quarter = Quarter(2017, number)
        found[number] = papers.state("sms-rolled-out", date(2018, 3, 1))
    assert found == {1: "pending", 2: "met", 3: "met", 4: "met"}


def test_what_was_not_done_by_its_day_in_june_is_missed_from_the_second_quarter_on(papers):
    found = {}
    for number in range(1, 5):
        papers.quarter = Quarter(2017, number)
        found[number] = papers.state("plan-from-market-survey", date(2018, 3, 1))
    assert found == {1: "pending", 2: "missed", 3: "missed", 4: "missed"}


def test_what_was_due_on_a_day_of_the_plans_year_is_not_missed_again_where_no_plan_follows(papers):
    papers.quarter = Quarter(2018, 1)
    found = [papers.state(key, date(2018, 5, 1)) for key in ("plan-from-market-survey", "sms-rolled-out")]
    assert found == ["not-applicable", "not-applicable"]
    assert papers.state("voc-summary", date(2018, 5, 1)) == "missed"


# 6


def region(*below: str, plan_class: str = "branch") -> Papers:
    at = tuple(PlanOffice(code, plan_class) for code in below)
    return Papers(offices=(PlanOffice("R", "region", has_below=True), *at))


def test_shares_of_a_region_add_up_and_name_who_missed():
    papers = region("ONE", "TWO")
    papers.enter("large-existing", "2017-Q1", "90/95", office="ONE")
    assert (papers.state("large-existing"), papers.line("large-existing").open_at) == ("pending", ("TWO",))
    papers.enter("large-existing", "2017-Q1", "40/60", office="TWO")
    line = papers.line("large-existing")
    assert (line.n, line.d, percent(line.value), line.state) == (130, 155, "83.87", "met")
    assert line.missed_at == ("TWO",)


def test_counts_of_a_region_are_so_many_offices_of_those_that_had_customers():
    papers = region("ONE", "TWO", "THREE")
    for code, text in {"ONE": "3/14", "TWO": "1/2", "THREE": "0/0"}.items():
        papers.enter("division-new-meter", "2017-Q1", text, office=code)
    line = papers.line("division-new-meter")
    assert (line.offices, line.state, line.missed_at) == ((1, 2), "missed", ("TWO",))
    # Four calls of sixteen customers are many, and yet one office called too few.
    assert (line.n, line.d, line.margin, [one.met for one in line.periods]) == (4, 16, None, [None])


def test_what_is_done_at_eighty_eight_of_ninety_offices_is_open_until_its_day():
    codes = [f"B{number:02d}" for number in range(90)]
    papers = region(*codes)
    for code in codes[:88]:
        papers.enter("sms-rolled-out", "2017", office=code)
    line = papers.line("sms-rolled-out")
    assert (line.offices, (line.n, line.d), line.state) == ((88, 90), (88, 90), "pending")
    assert line.open_at == ("B88", "B89")
    papers.quarter = Quarter(2017, 4)
    assert papers.state("sms-rolled-out", date(2018, 1, 1)) == "missed"


def test_of_a_region_only_those_that_missed_have_to_make_an_improvement_plan():
    papers = region("B", "TWO")
    for code, mean in {"B": "86/20", "TWO": "88/20"}.items():
        for key in MEANS:
            papers.enter(key, "2017-Q1", mean, office=code)
        for month in SMS:
            papers.enter("phone-mean", month, "44/10", office=code)
    papers.complaints(1, 0)
    line = papers.line("improvement-plan")
    assert (line.state, line.offices, line.open_at) == ("pending", (0, 1), ("B",))
    assert line.causes == ("division-mean", "post-mean")
    papers.enter("improvement-plan", "2017-Q1", dated=date(2017, 6, 20))
    assert (papers.state("improvement-plan"), papers.line("improvement-plan").offices) == ("met", (1, 1))


def test_an_office_that_gathers_fills_no_form_even_where_something_was_entered_for_it():
    papers = region("ONE")
    papers.enter("large-existing", "2017-Q1", "90/95", office="ONE")
    papers.enter("large-existing", "2017-Q1", "0/1000", office="R")
    assert (papers.line("large-existing").n, papers.state("large-existing")) == (90, "met")


def test_an_office_whose_class_nobody_gave_is_asked_unless_it_has_others_below_and_entered_nothing():
    papers = Papers(offices=(PlanOffice("TOP", None, has_below=True), PlanOffice("ONE", "branch")))
    papers.enter("large-existing", "2017-Q1", "90/95", office="ONE")
    assert papers.state("large-existing") == "met"
    papers.enter("large-new", "2017-Q1", "1/1", office="TOP")
    assert papers.line("large-existing").open_at == ("TOP",)


# What is typed.


@pytest.mark.parametrize(
    ("measure", "text", "key"),
    [
        ("large-existing", "94%", "figure-percent"), ("large-existing", "๙๔%", "figure-percent"),
        ("large-existing", "94.73", "figure-percent"), ("post-mean", "4.31", "figure-percent"),
        ("large-existing", "90", "figure-of-what"), ("post-mean", "862", "figure-of-what"),
        ("large-existing", "96/95", "figure-too-many"), ("division-new-meter", "15/14", "figure-too-many"),
        ("post-mean", "1001/200", "figure-mean"), ("post-mean", "199/200", "figure-mean"),
        ("post-mean", "1/0", "figure-mean"), ("voc-summary", "1", "figure-done"),
        ("large-existing", None, "figure-missing"), ("large-existing", "", "bad-figure"),
        ("large-existing", "-1/5", "bad-figure"), ("large-existing", "90/95/100", "bad-figure"),
        ("large-existing", "ninety/95", "bad-figure"), ("large-existing", "1" * 5000 + "/2", "bad-figure"),
        # A comma or a space that parts no thousands is a slip of the hand, and no number.
        ("division-new-meter", "3,14", "bad-figure"), ("large-existing", "90,95", "bad-figure"),
        ("large-existing", "9 0/95", "bad-figure"), ("large-existing", "٩٠/٩٥", "bad-figure"),
    ],
)  # fmt: skip
def test_what_is_no_figure_of_its_measure_is_refused(measure, text, key):
    with pytest.raises(BadValue) as refused:
        figure(shipped().measure(measure), text)
    assert refused.value.key == key


@pytest.mark.parametrize(
    ("measure", "text", "found"),
    [
        ("large-existing", " 90 / 95 ", (90, 95)), ("large-existing", "๙๐/๙๕", (90, 95)),
        ("sms-delivered", "3,601/3,963", (3601, 3963)), ("large-existing", "0/0", (0, 0)),
        ("division-new-meter", "3", (3, None)), ("division-new-meter", "0003/014", (3, 14)),
        ("post-mean", "862/200", (862, 200)), ("voc-summary", None, (1, 1)),
    ],
)  # fmt: skip
def test_a_figure_is_read_as_people_write_it(measure, text, found):
    assert figure(shipped().measure(measure), text) == found
