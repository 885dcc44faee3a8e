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
    CLOCK_LEAPT = "clock-leapt"
    # The database itself.
    STOCK_TAKEN = "stock-taken"
    UPGRADED = "upgraded"
    BACKED_UP = "backed-up"
    RESTORED = "restored"
    AUDITED = "audited"
    ANCHORED = "anchored"
    # People and offices.
    OFFICE_ADDED = "office-added"
    OFFICE_CHANGED = "office-changed"
    STAFF_ADDED = "staff-added"
    STAFF_CHANGED = "staff-changed"
    STAFF_AWAY = "staff-away"
    STAFF_RETIRED = "staff-retired"
    STAFF_UNREACHABLE = "staff-unreachable"
    # Figures and letters.
    FROZEN = "frozen"
    RESTATED = "restated"
    DELIVERED = "delivered"
    RETRIED = "retried"
    # The plan: figures, whom one waits for, what was taken back; who can be asked, who is, and what they said.
    PLAN_FIGURE = "plan-figure"
    PLAN_AWAITING = "plan-awaiting"
    PLAN_WITHDRAWN = "plan-withdrawn"
    SURVEY_LISTED = "survey-listed"
    SURVEY_DRAWN = "survey-drawn"
    SURVEY_ASKED = "survey-asked"
    # Personal data: who read it, who took it out, who erased it.
    CONTACT_READ = "contact-read"
    EXPORTED = "exported"
    ERASED = "erased"


# What is done of the plan is an office's, by its code.
OF_PLAN = frozenset(
    {
        JournalKind.PLAN_FIGURE,
        JournalKind.PLAN_AWAITING,
        JournalKind.PLAN_WITHDRAWN,
        JournalKind.SURVEY_LISTED,
        JournalKind.SURVEY_DRAWN,
        JournalKind.SURVEY_ASKED,
    }
)
