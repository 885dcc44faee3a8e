"""Links the numbers that were given out before there were links."""

from __future__ import annotations

from sqlalchemy import Connection, text

from complaint_sla.core.chain import next_number_head

_GIVEN = text(
    "SELECT complaint.month, complaint.number, event.hash FROM complaint"
    " LEFT JOIN event ON event.complaint_id = complaint.id AND event.seq = 1"
    " ORDER BY complaint.month, length(complaint.number), complaint.number"
)
_HEAD = text("UPDATE counter SET head = :head WHERE month = :month")


def link_numbers(connection: Connection) -> None:
    """As they are found: what was taken away before can't be known."""
    heads: dict[str, str] = {}
    for month, number, first in connection.execute(_GIVEN, execution_options={"stream_results": True}):
        heads[month] = next_number_head(heads.get(month, ""), number, first or "")
    for month, head in heads.items():
        connection.execute(_HEAD, {"head": head, "month": month})
