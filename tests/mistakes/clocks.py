"""Clocks that are wrong, and moments that somebody makes up."""

from __future__ import annotations

from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.figures.freeze import freeze_final
from tests.cli.runner import log_command
from tests.mistakes.office import Fate, Office, mistake

CLOCKS = "clocks"


@mistake(CLOCKS, Fate.REFUSED)
def a_sweep_in_the_year_2030_to_see_what_comes(office: Office) -> str:
    before = office.rows()
    said = office("sweep", now="2030-01-01 09:00", code=6).err
    assert office.rows() == before
    return said


@mistake(CLOCKS, Fate.REFUSED)
def a_complaint_logged_at_another_time_on_the_real_database(office: Office) -> str:
    before = office.rows()
    said = office(*log_command(), now="2017-04-01 09:00", code=6).err
    assert office.rows() == before
    return said


@mistake(CLOCKS, Fate.REFUSED)
def a_round_of_a_machine_that_woke_up_400_days_ahead(office: Office) -> str:
    before = office.rows()
    office.later(days=400)
    said = office("run", "--once", code=1).err
    assert office.rows()["alert"] == before["alert"]
    assert office.rows()["figure"] == []
    return said


@mistake(CLOCKS, Fate.HEALED)
def every_complaint_swept_by_a_clock_400_days_ahead(office: Office) -> str:
    """As a release did that asked no second witness."""
    [stages] = office.sql("select count(*) from alert where state in ('waiting', 'sent')")
    office.later(days=400)
    sweep(office.desk())
    office.later(days=-400)
    office("sweep")
    assert office.sql("select count(*) from complaint where alerted_through > '2017-03-08'") == [(0,)]
    # On the last day of the complaint that has five.
    office.later(days=3)
    office("run", "--once")
    assert office.sql("select count(*) from alert where state in ('waiting', 'sent')") > [stages]
    assert office("audit", "--json").json["discrepancies"] == []
    return office("doctor").out


@mistake(CLOCKS, Fate.HEALED)
def quarters_frozen_by_a_clock_that_ran_ahead(office: Office) -> str:
    office.later(days=400)
    freeze_final(office.desk())
    assert office.sql("select count(*) from figure") > [(0,)]
    office.later(days=-400)
    # Nobody can be asked which of the two clocks is wrong.
    office("run", "--once", code=None)
    assert office.sql("select count(*) from figure where voided_at is null") > [(0,)]
    assert "run --once --clock-is-right" in office("doctor", code=1).out
    office("run", "--once", "--clock-is-right", code=None)
    assert office.sql("select count(*) from figure where voided_at is null") == [(0,)]
    # When the quarter is final in truth.
    office.later(days=60)
    office("sweep", "--clock-is-right")
    freeze_final(office.desk())
    [(version,)] = office.sql("select version from figure where quarter = '2017-Q1' and voided_at is null")
    assert version == 2
    return office("report", "1/2560", "--version", "1").out


@mistake(CLOCKS, Fate.REFUSED)
def a_complaint_of_tomorrow_from_a_clock_that_is_fast(office: Office) -> str:
    before = office.rows()
    said = office(*log_command(), "--received-at", "2017-03-08 09:00", code=2).err
    assert office.rows() == before
    return said


@mistake(CLOCKS, Fate.REFUSED)
def a_quarter_frozen_before_its_last_complaint_can_be_due(office: Office) -> str:
    office.later(days=30)
    said = office("report", "1/2560", "--freeze", "--clock-is-right", code=6).err
    assert office.rows()["figure"] == []
    return said


@mistake(CLOCKS, Fate.NAMED)
def a_service_switched_on_again_after_five_weeks_with_nobody_to_confirm_the_time(office: Office) -> str:
    office.later(days=35)
    said = office("run", "--once", code=1).err
    done = office("sweep", "--clock-is-right", "--json").json
    assert done["due"] == 3
    assert office("run", "--once", "--json").json["sent"] > 0
    return said


@mistake(CLOCKS, Fate.NAMED)
def a_report_of_a_day_long_gone_taken_for_a_look_back(office: Office) -> str:
    return office("list", now="2017-03-01 09:00").err


@mistake(CLOCKS, Fate.NAMED)
def a_machine_whose_clock_is_seven_hours_slow(office: Office) -> str:
    office.later(hours=-7)
    said = office("doctor", code=1).out
    office.later(hours=7)
    office("run", "--once")
    return said


@mistake(CLOCKS, Fate.REFUSED)
def a_closing_dated_back_by_weeks(office: Office) -> str:
    office.later(days=20)
    said = office("close", "6003-2", "--outcome", "x", "--at", "2017-03-08 09:00", code=6).err
    assert office.sql("select status from complaint where number = 'C-6003-00002'") == [("open",)]
    return said
