"""Figures that a clock which ran ahead has frozen before their time: kept, and void. The quarter is frozen when it is final."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session

from complaint_sla.core.clocks import DRIFT, is_ahead
from complaint_sla.core.frozen import read_content
from complaint_sla.store import figures
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk


def void_early(session: Session, desk: Desk) -> None:
    """Marks as void what was frozen later than now and before it was final, and says so in the journal."""
    early = list(_early(session, desk))
    for row in early:
        row.voided_at = desk.now
    if early:
        names = [f"{row.quarter}/{row.version}" for row in early]
        journal.healed(session, desk, max(row.frozen_at for row in early), figures=names)


def _early(session: Session, desk: Desk) -> Iterator[FrozenFigure]:
    for row in figures.frozen_after(session, desk.now + DRIFT):
        with desk.apart(f"figure {row.quarter}/{row.version}"):
            final_at = read_content(row.content, row.frozen_at).figure.final_at
            if is_ahead(final_at, desk.now):
                yield row
