"""What is said of a clock that was wrong, wherever it is said: on the screen, and in the daily summary."""

from complaint_sla.wording.words import N_

HEALED = N_(
    "A clock was wrong, and told {wrong_at}. Put right on {at}: complaints whose alerts come at their own time again: "
    "{complaints}; figures frozen too early, void now: {figures}."
)
