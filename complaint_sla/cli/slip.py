"""The slip for a customer at the counter: what a receipt printer prints, and nothing that tells a finder whose it is."""

from collections.abc import Iterator

from complaint_sla.core.fields import spoken
from complaint_sla.core.masking import masked_phone
from complaint_sla.core.rulebook import Titles
from complaint_sla.core.titles import Title
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import cells_wide, padded, wrapped
from complaint_sla.wording.words import REHEARSAL
from complaint_sla.work import offices
from complaint_sla.work.complaints.look import Dossier
from complaint_sla.work.desk import Desk

# What paper of a receipt printer takes, in cells.
WIDTH = 40
# What is long may go on for one more line.
_MOST = 2


def lines(words: Words, desk: Desk, found: Dossier) -> list[str]:
    """At most twelve lines of at most WIDTH cells, labels in a column of their own."""
    rows = list(_rows(words, desk, found))
    width = max(cells_wide(label) for label, _ in rows) + 2
    office = next((one for one in offices.list_offices(desk) if one.code == found.complaint.office), None)
    name = Title(office.name_th, office.name_en).of(words.language) if office else found.complaint.office
    slip = [*_fitted(name, WIDTH), words(REHEARSAL) if desk.store.is_rehearsal else "-" * WIDTH]
    for label, value in rows:
        first, *more = _fitted(value, WIDTH - width)
        slip += [padded(label, width) + first, *(" " * width + line for line in more)]
    return slip


def _rows(words: Words, desk: Desk, found: Dossier) -> Iterator[tuple[str, str]]:
    one = found.complaint
    yield words("Complaint no."), one.number
    yield words("Say"), spoken(one.number)
    yield words("Received on"), words.moment(one.received_at, desk.zone)
    yield words("About"), Titles(desk.shelf, found.book).of("category", one.category).of(words.language)
    if one.closed_at is not None:
        yield words("Ended"), words.moment(one.closed_at, desk.zone)
    else:
        yield words("Answer by"), words.long_day(one.due_on)
    if found.customer is not None and found.customer.phone:
        yield words("Telephone"), masked_phone(found.customer.phone)
    if desk.service.contact:
        yield words("Ask at"), desk.service.contact


def _fitted(text: str, width: int) -> list[str]:
    """In one line or two; what does not go into them ends in …"""
    found = wrapped(plain(text), width)
    if len(found) > _MOST:
        last = found[_MOST - 1]
        while cells_wide(last) >= width:
            last = last[:-1]
        found[_MOST - 1 :] = [f"{last}…"]
    return found
