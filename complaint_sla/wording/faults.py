"""The words of rule books' faults, by key: what is wrong, with which value, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.wording.words import N_

FAULTS: Mapping[str, str] = {
    "fault-choice": N_("{value} is not known here.{near} Choose from: {known}."),
    "fault-claimed": N_("{value} means {term} here already. Let each word mean one only."),
    "fault-clock": N_('{value} is no time of day. Write "08:00".'),
    "fault-combinations": N_(
        "The rules name too many combinations to be checked (more than {most}). Simplify them."
    ),
    "fault-country": N_('No public holidays are known for {value}. Use a country code such as "TH".'),
    "fault-day": N_('{value} is no day. Write "2017-01-01" or "2560-01-01", in quotes.'),
    "fault-email": N_('{value} is no e-mail address. Write one such as "name@pea.example".'),
    "fault-domain": N_(
        "{value} is of no domain that people may have: {known}. Write another address, or add its domain."
    ),
    "fault-mail-domain": N_('{value} is no domain of e-mail addresses. Write one such as "pea.example".'),
    "fault-dots": N_("The line has more than {most} dots. Keys can't be nested so deep; shorten it."),
    "fault-empty": N_("It is empty. Fill it in."),
    "fault-frozen": N_(
        "{value} is too early: {quarter} is over, and its target stands. The first day that is free is {free}."
    ),
    "fault-governs": N_(
        "{value} is in force in {quarter}, which is over, so it can't be replaced. Give the new text another id, and an "
        "`effective_from` of {free} or later."
    ),
    "fault-hours": N_("It must be later than `from`; {value} is not."),
    "fault-holidays-needed": N_(
        'Working days need a calendar: set holidays = "TH" and holidays_through, the last year that it must reach.'
    ),
    "fault-holidays-years": N_("{value} must lie between the year of effective_from and fifty years after."),
    "fault-key": N_("{value} is no key: small letters, digits and dashes, 40 at most."),
    "fault-missing": N_("It is missing. Add it."),
    "fault-never": N_(
        "The rule {value} can never match: the rules before it take everything. Move it up or remove it."
    ),
    "fault-no-books": N_(
        "There is no rule book in the folder. Put one there, or name another folder with --rules."
    ),
    "fault-not-text": N_("It holds control characters or line breaks. Remove them."),
    "fault-number": N_("{value} is not between {least} and {most}."),
    "fault-publish": N_("Nobody might be left to publish. Name administrator among them."),
    "fault-received": N_(
        "{value} is too early: up to {last} complaints were received under another book. The first day that is free is {free}."
    ),
    "fault-repeat-on-receipt": N_("A stage on receipt can't repeat. Remove repeat_every."),
    "fault-reserved": N_("{value} is what the program itself calls a stage. Give it another key."),
    "fault-roles": N_(
        '{value}: give a list of "owner", "supervisor", "manager", each with "parent:" before it as often as needed.'
    ),
    "fault-target": N_("{value} is no percentage. Write a number from 0 to 100."),
    "fault-toml": N_("The file is no valid TOML: {problem}."),
    "fault-too-long": N_("The file is longer than {most} characters."),
    "fault-too-many": N_("There are more than {most}."),
    "fault-twice": N_("{value} is there twice. Give each its own."),
    "fault-type": N_("{value} is of the wrong kind: {wanted} is needed."),
    "fault-uncovered": N_(
        "No rule fits group {group}, urgent {urgent}, channel {channel}, category {category}. Add a rule that does."
    ),
    "fault-unknown-key": N_("This key means nothing here.{near} Correct or remove it."),
    "fault-used": N_(
        "Complaints were received under {value} from {first} to {last}, so it can't be replaced. Give the new text another "
        "id, and an `effective_from` of {free} or later."
    ),
    "fault-weekend": N_("Every day is a weekend: no working day would be left."),
    "fault-when": N_("Give exactly one of on_receipt = true, days_before, days_after (given: {given})."),
    "fault-zone": N_('{value} is no time zone. Write a name such as "Asia/Bangkok".'),
    "fault-zones": N_("All rule books are of one time zone; here are {value} and {other}."),
}

# What the reader of rule books calls kinds of values.
KINDS: Mapping[str, str] = {
    "str": N_("a text in quotes"),
    "int": N_("a whole number"),
    "bool": N_("true or false"),
    "list": N_("a list"),
    "dict": N_("a table"),
    "table": N_("a table"),
    "key or list of keys": N_("a key or a list of keys"),
}
