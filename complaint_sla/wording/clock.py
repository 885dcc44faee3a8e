"""What is said of a clock that was wrong, wherever it is said: on the screen, and in the daily summary."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.wording.words import N_

# Errors by their key, as `messages` has them.
ERRORS: Mapping[str, str] = {
    "clock-contradicted": N_(
        "The clock says {now}, {by} says {at}, and the service last worked at {beat}: nothing was raised or frozen. Set "
        "this machine's clock right; if it is right: complaint-sla sweep --clock-is-right."
    ),
    "clock-unconfirmed": N_(
        "The clock says {now}, the service last worked at {beat}, and nobody can be asked which is right: nothing was "
        "raised or frozen. Look at the clock; if it is right: complaint-sla sweep --clock-is-right."
    ),
}

HEALED = N_(
    "A clock was wrong, and told {wrong_at}. Put right on {at}: complaints whose alerts come at their own time again: "
    "{complaints}; figures frozen too early, void now: {figures}."
)
