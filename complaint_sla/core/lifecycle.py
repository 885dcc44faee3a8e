"""The words of a complaint's state under the name that they had."""

from complaint_sla.core.complaint import EventKind, State, Status

__all__ = ["EventKind", "State", "Status"]
