"""The words of the surveys: who was drawn, what came of asking, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.core.surveys import NO_ANSWER, Outcome, Poll
from complaint_sla.wording.words import N_, Words

OUTCOMES: Mapping[str, str] = {
    Outcome.ANSWERED: N_("answered"),
    Outcome.REFUSED: N_("refused"),
    Outcome.NOT_REACHED: N_("not reached"),
    Outcome.TOO_LATE: N_("answered too late"),
    NO_ANSWER: N_("no answer"),
}

ERRORS: Mapping[str, str] = {
    "bad-seed": N_(
        "{value} is no seed: 1 to 64 hexadecimal digits (0 to 9, a to f), such as a number of the state lottery."
    ),
    "bad-score": N_("{value} is no score: scores are from {least} to {most}."),
    "bad-answer": N_("{value} is no score. Give one from 1 to 5, or --no-answer, or --refused."),
    "answer-missing": N_("What came of it? Give a score from 1 to 5, or --no-answer, or --refused."),
    "through-in-future": N_(
        "{value} is still to come, and nobody knows what will be finished until then; today is {today}. Give --through a day "
        "that has passed."
    ),
    "through-backwards": N_(
        "The lists of {service} at {office} are complete through {through} already, and {value} lies before. Requests that "
        "were forgotten are taken in with --through {through}."
    ),
    "finished-after-through": N_(
        "Finished on {value}, after {through}, through which the list is complete: leave it for the next list."
    ),
    "unknown-service": N_("There is no service {value} in this list's plan.{near} Services: {known}."),
    "unknown-survey": N_("There is no survey {value} in the plan.{near} Surveys: {known}."),
    "left-out-without-reason": N_(
        "left_out is {value}, and does not say why. Write the reason, such as: housing estate, condominium."
    ),
    "list-of-another-office": N_(
        "The request is of {value}, and the list of {office} (--office). Leave the option out for a list of several offices."
    ),
    "request-otherwise": N_(
        "{value} is known already: {service}, finished on {finished_on}, left out: {left_out}. What it was listed as stays, "
        "since the lot went by it. Mend the row, or look whether the reference is another's."
    ),
    "request-of-several": N_(
        "{value} is a request of several offices: {known}. Say of which: --office CODE."
    ),
    "survey-needed": N_("{value} was drawn in several surveys: {known}. Say which: --survey KEY."),
    "asked-in-future": N_("{value} is still to come; today is {today}."),
    "asked-before-drawn": N_(
        "{value} lies before {drawn}, the day on which the lot fell on the request: nobody knew then whom to ask."
    ),
    "no-such-request": N_(
        "There is no finished request {reference}. Requests come in with: complaint-sla survey import FILE --through DAY."
    ),
    "not-drawn": N_(
        "The lot has not fallen on {reference}, so no answer of theirs counts: nobody picks whom to ask. Whom to ask: "
        "complaint-sla survey list."
    ),
    "asked-already": N_(
        "{reference} was asked to an end in the survey {survey} ({outcome}). An answer that they give after all is recorded with "
        "its score; a score that was mistyped is recorded anew."
    ),
    "answer-counts": N_(
        "The answer of {reference} in the survey {survey} was given in time, on {was}, and counts: its score can be corrected, "
        "but by {value} it would be too late. Leave --on out."
    ),
}


def told(words: Words, poll: Poll) -> str:
    """What is said beside a figure: answered of drawn, and why others were not."""
    parts = [words("answered {n} of {drawn} drawn", n=poll.answered, drawn=poll.drawn)]
    for n, text in (
        (poll.refused, N_("refused {n}")),
        (poll.not_reached, N_("not reached {n}")),
        (poll.late, N_("answered too late {n}")),
        (poll.waiting, N_("still to be asked {n}")),
        (poll.left_out, N_("left out of the lot {n}")),
    ):
        if n:
            parts.append(words(text, n=n))
    return ", ".join(parts)
