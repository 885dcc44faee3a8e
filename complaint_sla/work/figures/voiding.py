"""Figures that a clock which ran ahead has frozen: kept, and void. The quarter is frozen when it is final."""

from __future__ import annotations

from sqlmodel import Session

from complaint_sla.core.doubt import DRIFT
from complaint_sla.store import figures
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk


def void_early(session: Session, desk: Desk) -> None:
    """Marks as void what was frozen later than now, and says so in the journal.

    Also where the quarter is final by now: as of when such a figure was told, nobody knows.
    """
    # By the real clock, which the moment of freezing follows.
    early = figures.frozen_after(session, desk.clock() + DRIFT)
    for row in early:
        row.voided_at = desk.now
    if early:
        names = [f"{row.quarter}/{row.version}" for row in early]
        journal.healed(session, desk, max(row.frozen_at for row in early), figures=names)
