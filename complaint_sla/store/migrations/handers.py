"""Says of complaints that were transferred before it was kept on them which office handed them over last."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection, text

from complaint_sla.core.chain import read
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.errors import Error

_TRANSFERS = text("SELECT complaint_id, data FROM event WHERE kind = :kind ORDER BY complaint_id, seq")
_OFFICES = text("SELECT code, id FROM office")
_CAME_FROM = text("UPDATE complaint SET came_from_id = :office WHERE id = :complaint")


def name_handers(connection: Connection) -> None:
    """As their events tell it; what a hand has made unreadable is left for the audit to name."""
    offices = {row.code: row.id for row in connection.execute(_OFFICES)}
    found: dict[int, int] = {}
    for complaint, data in connection.execute(_TRANSFERS, {"kind": EventKind.TRANSFERRED.value}):
        with suppress(Error, LookupError, TypeError, ValueError, AttributeError):
            found[complaint] = offices[read(EventKind.TRANSFERRED, data)["from"]]
    for complaint, office in found.items():
        connection.execute(_CAME_FROM, {"complaint": complaint, "office": office})
