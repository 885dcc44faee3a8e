"""Figures of the plan, entered in a house."""

from __future__ import annotations

from datetime import date
from typing import Any

from complaint_sla.work.plans import enter as entering
from complaint_sla.work.plans.submitted import Entered, Submitted
from tests.work.desks import House


def enter(
    house: House,
    measure: str,
    period: str,
    figure: str | None = None,
    *,
    office: str = "BANSANG",
    dated: str = "2017-04-07",
    source: str = "374/2560",
    **more: Any,
) -> Entered:
    if not more:
        more = {"source": source, "dated": date.fromisoformat(dated)}
    return entering.enter(house.desk, Submitted(measure, period, figure, office=office, **more))
