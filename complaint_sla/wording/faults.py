"""The words of the faults of rule books and maps, by key: what is wrong, with which value, and what to do about it."""

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
    "fault-count": N_("{value} is no number of cases. Write a whole number from 1 up, without quotes."),
    "fault-country": N_('No public holidays are known for {value}. Use a country code such as "TH".'),
    "fault-day": N_('{value} is no day. Write "2017-01-01" or "2560-01-01", in quotes.'),
    "fault-domain": N_(
        "{value} is of no domain that people may have: {known}. Write another address, or add its domain."
    ),
    "fault-done": N_("What is to be done is written done = true; {value} is something else."),
    "fault-dots": N_("The line has more than {most} dots. Keys can't be nested so deep; shorten it."),
    "fault-due": N_(
        '{value} is no time. Write "10 days" or "1 month" (at most {days} days or {months} months after the period), or a day '
        'such as "2560-12-31".'
    ),
    "fault-due-after": N_(
        '{value} is no time after a period. Write "10 days" or "1 month", at most {days} days or {months} months.'
    ),
    "fault-due-day": N_(
        '{value} is one day, and this comes again each month or quarter. Write "10 days" or "1 month" (after it), or add '
        'every = "year".'
    ),
    "fault-due-year": N_(
        "{value} is not of this plan, which is in force from its effective_from. Write a day from {first} to {last}."
    ),
    "fault-duplicate": N_(
        "{value} needs the number of the original. Name the head under which it stands as duplicate_of under [columns]."
    ),
    "fault-email": N_('{value} is no e-mail address. Write one such as "name@pea.example".'),
    "fault-empty": N_("It is empty. Fill it in."),
    "fault-format": N_(
        "This program reads maps of format {known}; {value} is another one. Let import --guess write the map anew."
    ),
    "fault-frozen": N_(
        "{value} is too early: {quarter} is over, and its target stands. The first day that is free is {free}."
    ),
    "fault-governs": N_(
        "{value} is in force in {quarter}, which is over, so it can't be replaced. Give the new text another id, and an "
        "`effective_from` of {free} or later."
    ),
    "fault-head-twice": N_(
        "{value} is the head of {other} already. Let each column of the sheet mean one thing."
    ),
    "fault-heads": N_(
        "{value} is no row of heads. Write its number, heads = [1], or those of two rows below each other, heads = [4, 5]."
    ),
    "fault-holidays-needed": N_(
        'Working days need a calendar: set holidays = "TH" and holidays_through, the last year that it must reach.'
    ),
    "fault-holidays-years": N_("{value} must lie between the year of effective_from and fifty years after."),
    "fault-hours": N_("It must be later than `from`; {value} is not."),
    "fault-itself": N_("{value} is this measure itself. Name another one, or remove it."),
    "fault-key": N_("{value} is no key: small letters, digits and dashes, 40 at most."),
    "fault-mail-domain": N_('{value} is no domain of e-mail addresses. Write one such as "pea.example".'),
    "fault-mean": N_('{value} is no mean of scores. Write it in quotes, from "1" to "5": mean = "4.31".'),
    "fault-missing": N_("It is missing. Add it."),
    "fault-never": N_(
        "The rule {value} can never match: the rules before it take everything. Move it up or remove it."
    ),
    "fault-no-books": N_(
        "There is no rule book in the folder. Put one there, or name another folder with --rules."
    ),
    "fault-no-column": N_(
        "{value} stands in no column of the sheet, so its words mean nothing. Name its head under [columns], or remove them."
    ),
    "fault-no-default": N_("No value of it holds for all rows. Remove it; such are only: {known}."),
    "fault-no-head": N_(
        "There is no head {value}.{near} Correct it, or remove it; the heads there: {known}."
    ),
    "fault-no-head-row": N_(
        "Nothing stands in row {value}, where the heads are looked for. Correct heads under [sheet]."
    ),
    "fault-no-receipt": N_(
        'Without the moment of receipt there is no deadline. Name the head under which it stands: received_at = "…".'
    ),
    "fault-no-sheet": N_(
        "There is no sheet {value}.{near} Correct sheets under [sheet]; there are: {known}."
    ),
    "fault-no-time": N_("Only a moment has a time of day: {known}. Remove it."),
    "fault-not-text": N_("It holds control characters or line breaks. Remove them."),
    "fault-nowhere": N_(
        "It stands in no column and has no default. Name its head under [columns], or under [default] what holds for all rows."
    ),
    "fault-number": N_("{value} is not between {least} and {most}."),
    "fault-one-head": N_(
        "{value} are several columns, and only texts are joined: {known}. Name one of them."
    ),
    "fault-one-kind": N_("Give exactly one of share, mean, count, done (given: {given})."),
    "fault-otherwise": N_(
        "It is said to the offices that only_for leaves out, and nothing is left out. Add only_for, or remove it."
    ),
    "fault-plan-frozen": N_(
        "{value} is too early: the figures of {quarter} are frozen. The first day that is free is {free}."
    ),
    "fault-plan-used": N_(
        "Figures of {quarter} were entered under {value}, so it stands as it is. Copy the file, and give the copy another id, "
        "and an `effective_from` of {free} or later: figures go on under the keys of their measures."
    ),
    "fault-publish": N_("Nobody might be left to publish. Name administrator among them."),
    "fault-received": N_(
        "{value} is too early: up to {last} complaints were received under another book. The first day that is free is {free}."
    ),
    "fault-repeat-on-receipt": N_("A stage on receipt can't repeat. Remove repeat_every."),
    "fault-reserved": N_("{value} is what the program itself calls a stage. Give it another key."),
    "fault-roles": N_(
        '{value}: give a list of "owner", "supervisor", "manager", each with "parent:" before it as often as needed.'
    ),
    "fault-same-as": N_(
        "The figures of {value} are of other periods or of another kind. Give both the same `every`, `latest` and kind."
    ),
    "fault-same-as-fed": N_(
        "{value} has no figures of its own. Name the measure for which they are entered."
    ),
    "fault-same-as-survey": N_(
        "The survey {value} feeds this measure already. Remove `same_as` or `survey`."
    ),
    "fault-same-whole": N_(
        "Only shares have a whole: {value} and this one have to be shares. Name another one, or remove it."
    ),
    "fault-separator": N_(
        "{value} separates no columns. Write a comma, a semicolon, a bar (|) or a tab (\\t), in quotes."
    ),
    "fault-service-survey": N_(
        "Without a survey the service {value} says nothing. Add `survey`, or remove `service`."
    ),
    "fault-share": N_(
        '{value} is no percentage. Write a whole number from 0 to 100, or one with a point in quotes: share = "97.5".'
    ),
    "fault-survey-service": N_(
        "How many customers the survey {value} takes is said for each kind of service. Add `service`: {known}."
    ),
    "fault-survey-twice": N_("{value} is of the same survey and service already. Remove one of them."),
    "fault-target": N_("{value} is no percentage. Write a number from 0 to 100."),
    "fault-toml": N_("The file is no valid TOML: {problem}."),
    "fault-too-long": N_("The file is longer than {most} characters."),
    "fault-too-many": N_("There are more than {most}."),
    "fault-twice": N_("{value} is there twice. Give each its own."),
    "fault-two-columns": N_(
        "Several columns have the head {value}, and {name} stands in one. Give them heads of their own in the sheet."
    ),
    "fault-type": N_("{value} is of the wrong kind: {wanted} is needed."),
    "fault-uncovered": N_(
        "No rule fits group {group}, urgent {urgent}, channel {channel}, category {category}. Add a rule that does."
    ),
    "fault-unknown-key": N_("This key means nothing here.{near} Correct or remove it."),
    "fault-unnamed": N_(
        "The column {value} is named nowhere. Name it under [columns]: in detail to keep it, in leave_out to pass it over."
    ),
    "fault-used": N_(
        "Complaints were received under {value} from {first} to {last}, so it can't be replaced. Give the new text another "
        "id, and an `effective_from` of {free} or later."
    ),
    "fault-weekend": N_("Every day is a weekend: no working day would be left."),
    "fault-when": N_("Give exactly one of on_receipt = true, days_before, days_after (given: {given})."),
    "fault-when-missed": N_("{value} is itself demanded only when others are missed. Name those others."),
    "fault-when-missed-kind": N_(
        "Only what is to be done can be demanded: write done = true, or remove when_missed."
    ),
    "fault-when-missed-shown": N_(
        "{value} has no target (share = 0), so it is never missed. Name another one, or remove it."
    ),
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
    "head or list of heads": N_("a head in quotes, or a list of heads"),
}
