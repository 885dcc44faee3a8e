"""The words of the journal: what each entry tells, as a sentence in the words of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.anchor import Anchor
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.chain import UNREADABLE
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.people import WAS
from complaint_sla.wording import plans
from complaint_sla.wording.clock import HEALED, LEAPT
from complaint_sla.wording.screening import plain
from complaint_sla.wording.surveys import OUTCOMES
from complaint_sla.wording.words import N_, Words
from complaint_sla.work.chronicle import EntryView
from complaint_sla.work.complaints.look import EventView

# As many digits of a fingerprint as tell one figure from another.
DIGITS = 12

_TEXTS: Mapping[JournalKind, str] = {
    JournalKind.PUBLISHED: N_("{what} published"),
    JournalKind.HEALED: HEALED,
    JournalKind.CLOCK_LEAPT: LEAPT,
    JournalKind.CLOCK_CONFIRMED: N_("Said that this machine's clock is right"),
    JournalKind.STOCK_TAKEN: N_(
        "Stock taken: offices {offices}, people {staff}, frozen figures {figures}. Who made them so was not recorded."
    ),
    JournalKind.UPGRADED: N_("Database brought from schema {from} to {to}"),
    JournalKind.BACKED_UP: N_("Backup written: {file}"),
    JournalKind.RESTORED: N_("Restored from the backup {file}"),
    JournalKind.AUDITED: N_("Audited: discrepancies {discrepancies}"),
    JournalKind.ANCHORED: N_("Anchor of {day}: {anchor}"),
    JournalKind.OFFICE_ADDED: N_("Office {code} added"),
    JournalKind.OFFICE_CHANGED: N_("Office {code} changed: {changes}"),
    JournalKind.STAFF_ADDED: N_("{email} added as {role} of {office}"),
    JournalKind.STAFF_CHANGED: N_("{email} changed: {changes}"),
    JournalKind.STAFF_AWAY: N_("{email} away until {away_until}, deputy {deputy}"),
    JournalKind.STAFF_RETIRED: N_("{email} retired"),
    JournalKind.STAFF_UNREACHABLE: N_("No mail reaches {email}"),
    JournalKind.FROZEN: N_("{quarter} frozen as version {version}, fingerprint {digest}"),
    JournalKind.RESTATED: N_("{quarter} restated as version {version}, fingerprint {digest}"),
    JournalKind.DELIVERED: N_("Letters that the mail server took: {letters}"),
    JournalKind.RETRIED: N_("Letters to be tried again: {letters}"),
    JournalKind.SURVEY_LISTED: N_("{office}: finished requests listed: {requests}{complete}"),
    JournalKind.SURVEY_DRAWN: N_(
        "{office}, {period}: drawn in the survey {survey} of {service}, of {finished} finished: {references}{seed}"
    ),
    JournalKind.SURVEY_ASKED: N_("{office}: {reference} asked in the survey {survey}: {outcome}{score}"),
    JournalKind.PLAN_FIGURE: N_(
        "{office}: {measure}, {period}: {figure} entered (letter {source} of {dated})"
    ),
    JournalKind.PLAN_AWAITING: N_("{office}: {measure}, {period}: awaiting {whom}"),
    JournalKind.PLAN_WITHDRAWN: N_("{office}: {measure}, {period}: taken back"),
    JournalKind.CONTACT_READ: N_("Contact details of {number} read"),
    JournalKind.EXPORTED: N_("Exported to {file}: complaints {complaints}"),
    JournalKind.ERASED: N_("Erased: complaints {count} ({numbers})"),
}
# Of entries about a person, whom they never name.
_OF_PERSON: Mapping[JournalKind, str] = {
    JournalKind.CONTACT_READ: N_("All that is held of a person looked up: {count} complaints"),
    JournalKind.EXPORTED: N_("All that is held of a person given out: {count} complaints"),
}
# Of entries about customers to be asked.
_OF_SURVEY: Mapping[JournalKind, str] = {
    JournalKind.CONTACT_READ: N_("Telephones of customers to be asked read: {count}"),
    JournalKind.ERASED: N_("Erased: who is to be asked of finished requests {count} ({numbers})"),
}
_OF: Mapping[str, Mapping[JournalKind, str]] = {"person": _OF_PERSON, "survey": _OF_SURVEY}
_BOOKS: Mapping[str, str] = {
    "book": N_("Rule book"),
    "plan": N_("Action plan"),
    "service": N_("Settings of the service"),
}
_COLUMNS: Mapping[str, str] = {
    "name_th": N_("name in Thai"),
    "name_en": N_("name in English"),
    "parent": N_("the office above it"),
    "class": N_("class"),
    "office": N_("office"),
    "role": N_("role"),
    "lang": N_("language of their mails"),
    "login": N_("login"),
    "away_until": N_("away until"),
    "deputy": N_("deputy"),
    "retired_at": N_("retired"),
    "unreachable_since": N_("unreachable since"),
    "name": N_("name"),
}
NONE = "–"


def told(words: Words, one: EntryView, zone: ZoneInfo) -> str:
    """What an entry tells. One that can't be read is named by its kind."""
    if one.said is None or one.kind not in set(JournalKind):
        return words("an entry that can't be read ({kind})", kind=plain(one.kind))
    kind = JournalKind(one.kind)
    try:
        values = {name: _shown(words, name, value, zone) for name, value in one.said.items()}
        values |= _ALSO[kind](words, one, zone) if kind in _ALSO else {}
        return words(_OF.get(one.said.get("what", ""), _TEXTS)[kind], **values)
    except UNREADABLE:
        return words("an entry that can't be read ({kind})", kind=plain(one.kind))


def _changes(words: Words, one: EntryView, zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    changes = [
        f"{words(_COLUMNS[name])} {_shown(words, name, was, zone)} → {_shown(words, name, said.get(name), zone)}"
        for name, was in (said.get(WAS) or {}).items()
    ]
    if "name_was" in one.words:
        changes.append(
            f"{words(_COLUMNS['name'])} {plain(one.words['name_was'])} → {plain(one.words['name'])}"
        )
    return {"changes": ", ".join(changes) or words(_COLUMNS["name"])}


def _stock(_words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    return {name: str(len((one.said or {})[name])) for name in ("offices", "staff", "figures")}


def _healed(words: Words, one: EntryView, zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    return {
        "at": words.moment(one.happened_at, zone),
        "wrong_at": words.moment(datetime.fromisoformat(said["wrong_at"]), zone),
        "complaints": str(int(said["count"])),
        "figures": str(int(said["void"])),
    }


def _leapt(words: Words, one: EntryView, zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    return {name: words.moment(datetime.fromisoformat(said[name]), zone) for name in ("was", "now")}


def _published(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    kind, id_ = str(said["kind"]), str(said["id"])
    # There is one of the settings, and its id is that of its kind.
    return {"what": words(_BOOKS[kind]) if id_ == kind else f"{words(_BOOKS[kind])} {plain(id_)}"}


def _frozen(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    quarter = words.quarter(Quarter.parse(said["quarter"]))
    return {"quarter": quarter[:1].upper() + quarter[1:], "digest": plain(str(said["digest"])[:DIGITS])}


def _anchored(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    # Its own hash is what makes it an anchor, and no part of what it says.
    del words
    return {"anchor": str(Anchor.of(int((one.said or {})["complaints"]), one.seq, one.hash))}


def _erased(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    del words
    return {"numbers": plain(", ".join((one.said or {}).get("numbers") or []))}


def _listed(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    through = said["through"]
    complete = (
        words("; complete through {day}", day=words.day(date.fromisoformat(through))) if through else ""
    )
    return {"requests": str(len(said["requests"])), "complete": complete}


def _drawn(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    seed = words("; seed {seed}", seed=plain(said["seed"])) if said["seed"] else ""
    return {
        "period": plans.period(words, said["period"]),
        "references": plain(", ".join(said["references"])),
        "seed": seed,
    }


def _asked(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    score = "" if said["score"] is None else f" ({int(said['score'])})"
    return {"outcome": words(OUTCOMES[said["outcome"]]), "score": score}


def _planned(words: Words, one: EntryView, _zone: ZoneInfo) -> dict[str, str]:
    said = one.said or {}
    values = {"period": plans.period(words, said["period"])}
    if one.kind == JournalKind.PLAN_FIGURE:
        n, d = int(said["n"]), said["d"]
        values["figure"] = f"{n:,}" if d is None else words("{n} of {of}", n=f"{n:,}", of=f"{int(d):,}")
        values["dated"] = words.day(date.fromisoformat(said["dated"]))
    return values


_ALSO: Mapping[JournalKind, Callable[[Words, EntryView, ZoneInfo], dict[str, str]]] = {
    JournalKind.OFFICE_CHANGED: _changes,
    JournalKind.STAFF_CHANGED: _changes,
    JournalKind.STOCK_TAKEN: _stock,
    JournalKind.HEALED: _healed,
    JournalKind.CLOCK_LEAPT: _leapt,
    JournalKind.PUBLISHED: _published,
    JournalKind.FROZEN: _frozen,
    JournalKind.RESTATED: _frozen,
    JournalKind.ANCHORED: _anchored,
    JournalKind.ERASED: _erased,
    JournalKind.SURVEY_LISTED: _listed,
    JournalKind.SURVEY_DRAWN: _drawn,
    JournalKind.SURVEY_ASKED: _asked,
    JournalKind.PLAN_FIGURE: _planned,
    JournalKind.PLAN_AWAITING: _planned,
    JournalKind.PLAN_WITHDRAWN: _planned,
}


def _shown(words: Words, name: str, value: Any, zone: ZoneInfo) -> str:
    if value is None or value == "":
        return NONE
    if name in ("retired_at", "unreachable_since"):
        return words.moment(datetime.fromisoformat(value), zone)
    if name in ("away_until", "day"):
        return words.day(date.fromisoformat(value))
    return plain(words(value) if name == "role" else str(value))


def who(words: Words, one: EntryView | EventView) -> str:
    """Who did it: the claim, and beside it whom the system and the database server knew where they are others."""
    known = [one.system_user] if one.system_user != one.actor else []
    if one.server_user is not None and one.server_user not in (one.actor, one.system_user):
        known.append(words("database: {user}", user=one.server_user))
    return plain(f"{one.actor} ({', '.join(known)})" if known else one.actor)
