"""The journal: the office's own chain of events, of the same links as a complaint's. It holds what is no complaint's."""

from __future__ import annotations

from enum import StrEnum

# Under this name the links of the journal are hashed, where those of a complaint bear its number.
JOURNAL = "journal"


class JournalKind(StrEnum):
    """What is done that is no complaint's."""

    PUBLISHED = "published"
    HEALED = "healed"
    CLOCK_CONFIRMED = "clock-confirmed"
