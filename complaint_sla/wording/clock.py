"""What is said of a clock that was wrong, wherever it is said: on the screen, and in the daily summary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from complaint_sla.wording.words import N_, Words

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

LEAPT = N_("This machine's clock leapt from {was} to {now}: it was wrong before, or is now.")


def leapt(words: Words, leap: timedelta) -> str:
    """That the clock leapt while the service ran, and how far."""
    seconds = abs(leap.total_seconds())
    far = span(words, round(seconds))
    if leap < timedelta(0):
        return words("This machine's clock was put back by {span}: it was wrong before, or is now.", span=far)
    return words("This machine's clock leapt forward by {span}: it was wrong before, or is now.", span=far)


def span(words: Words, seconds: int) -> str:
    """How long, in the unit that tells it best."""
    if seconds < 120:
        return words("{n} s", n=seconds)
    if seconds < 7200:
        return words("{n} min", n=seconds // 60)
    if seconds < 172_800:
        return words("{n} h", n=seconds // 3600)
    return words("{n} d", n=seconds // 86_400)
