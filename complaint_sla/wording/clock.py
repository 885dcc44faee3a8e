"""What is said of a clock that was wrong, wherever it is said: on the screen, and in the daily summary."""

from complaint_sla.wording.words import N_

HEALED = N_(
    "A clock was wrong, and told {wrong_at}. Put right on {at}: alerts of {complaints} complaints, which come at their own "
    "time, and {figures} figures frozen too early, which are void."
)
