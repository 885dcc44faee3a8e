"""Figures that a clock which ran ahead has frozen: kept, and void. The quarter is frozen when it is final."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from complaint_sla.core.doubt import DRIFT
from complaint_sla.core.figures import figure_called
from complaint_sla.store import figures, movements
from complaint_sla.store.types import moment
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk


def void_early(session: Session, desk: Desk, right: datetime) -> None:
    """Marks as void what was frozen later than `right`, and says so in the journal.

    Also where the quarter is final by now: as of when such a figure was told, nobody knows. Nothing takes it back: it is
    for whom a witness or a person has told that it is no later than `right` (UTC). A clock that fell behind would make
    all figures void.
    """
    # Of two who do it at once the second finds it done.
    movements.hold_figures(session)
    early = [row for row in figures.frozen_after(session, right + DRIFT) if moment(row.frozen_at) is not None]
    for row in early:
        row.voided_at = desk.now
    if early:
        names = [figure_called(row.measure, row.quarter, row.version) for row in early]
        journal.healed(session, desk, max(row.frozen_at for row in early), figures=names)
