"""The figure of a quarter as letters tell it: in a few words, and in the colour that goes with them."""

from __future__ import annotations

from complaint_sla.core.figures import Figure
from complaint_sla.core.measures import percent, plain_percent
from complaint_sla.forms.document import DASH
from complaint_sla.forms.report import certainty
from complaint_sla.mail.alert_letter import WELL, Tone
from complaint_sla.wording import Words


def rate_of(figure: Figure) -> str:
    shown = percent(figure.counts.rate)
    return DASH if shown is None else f"{shown} %"


def target_of(figure: Figure, words: Words) -> str:
    return words("target {target} %", target=plain_percent(figure.target))


def tone_of(figure: Figure) -> str:
    return {True: WELL, False: Tone.LATE.value, None: Tone.ENDED.value}[figure.met]


def outlook_of(figure: Figure, words: Words) -> str:
    """What can still become of a figure that has a rate."""
    counts = figure.counts
    certain = certainty(figure, words)
    if not counts.pending and not counts.redeemable:
        return certain
    bounds = words(
        "From {worst} to {best} % once all that are open are closed.",
        worst=percent(counts.worst),
        best=percent(counts.best),
    )
    return f"{bounds} {certain}"
