"""Whose matter it is that a letter has not arrived, by what came of trying to send it."""

from complaint_sla.core.replies import Answer
from complaint_sla.wording.words import N_, Words

MATTERS = {
    Answer.LATER: N_("put off for now, by the mailbox or on the way to it"),
    Answer.LIMIT: N_("a limit of the mail server"),
    Answer.SERVER: N_("the mail server, or the access to it"),
    Answer.SENDER: N_("the sender: what the account may send, and as whom"),
    Answer.TOO_LARGE: N_("too large for the mail server or the mailbox"),
    Answer.REFUSED: N_("refused, and not because of the address"),
    Answer.NO_ADDRESS: N_("there is no such address"),
    Answer.UNKNOWN: N_("sent, and no answer heard"),
    Answer.UNWRITTEN: N_("it can't be put into words"),
}


def matter(words: Words, answer: str | None) -> str:
    """Whose matter it is, in words; empty where nothing is known, or a hand has written it."""
    found = next((text for one, text in MATTERS.items() if one == answer), None)
    return words(found) if found is not None else ""
