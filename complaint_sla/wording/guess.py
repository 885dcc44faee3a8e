"""A guess in words: what was taken for certain of a sheet, and what has to be asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import parse_moment
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue
from complaint_sla.core.masking import masked
from complaint_sla.core.sheets.guessed import Guess, Remark, Told
from complaint_sla.core.sheets.map import Era, Order
from complaint_sla.core.sheets.questions import ALL, Ask, Choice, Question
from complaint_sla.core.sheets.words import TERMS, Known
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import N_, Words

NAMES: Mapping[str, str] = {
    "received_at": N_("Received on"),
    "closed_at": N_("Closed on"),
    "acknowledged_at": N_("Acknowledged on"),
    "responded_at": N_("Answered on"),
    "group": N_("Customer group"),
    "category": N_("Complaint category"),
    "channel": N_("Channel"),
    "subject": N_("Subject"),
    "detail": N_("Detail"),
    "status": N_("Status"),
    "outcome": N_("Outcome"),
    "customer": N_("Customer's name"),
    "phone": N_("Telephone"),
    "account": N_("Contract account, CA"),
    "email": N_("Customer's e-mail"),
    "urgent": N_("Urgent"),
    "office": N_("Office"),
    "owner": N_("Owner"),
    "external_id": N_("Its number elsewhere"),
    "duplicate_of": N_("Duplicate of"),
}
_SEPARATORS = {"\t": N_("tabs")}
_SAID: Mapping[Told, str] = {
    Told.PASSED: N_("Passed over, for they are no tables of complaints: {sheets}"),
    Told.HIDDEN: N_("Passed over, for they are hidden (--sheet reads them): {sheets}"),
    Told.SHEETS: N_("Sheets: {sheets}"),
    Told.LEFT_OUT: N_("Left out: {heads}"),
    Told.DAY_FIRST: N_("The day stands first. Dates that exist only so: {count}"),
    Told.MONTH_FIRST: N_("The month stands first. Dates that exist only so: {count}"),
    Told.BUDDHIST: N_("Years of the Buddhist Era: {count} cells"),
    Told.SERIALS: N_("Days as a spreadsheet numbers them: {count} cells"),
    Told.OFFICE: N_("Office of all rows: {office}"),
    Told.TOTALS: N_("Rows that sum up, skipped ({head} begins with {begins}): {count}"),
    Told.REPEATED_HEADS: N_("Rows that say the heads again, skipped: {count}"),
    Told.PHONE_ZERO: N_("Telephones without their 0, which is put in front: {count}"),
    Told.SEVERAL_PHONES: N_(
        "Cells with several telephones, the first is taken, all are in the detail: {count}"
    ),
    Told.ACCOUNT_ZEROS: N_("Accounts without their zeros, which are put in front: {count}"),
    Told.NAMELESS: N_("Columns without a head, left out: {count}"),
    Told.ID_REPEATED: N_(
        "{head} names no complaint: the same number stands in rows that differ ({count}). It goes into the detail."
    ),
    Told.ID_RUNS: N_("{head} is a running number: it names no complaint."),
    Told.MORE_WORDS: N_("{name}: more words that mean nothing here, whose rows are rejected: {count}"),
    Told.EMPTY: N_("{name}: in some rows nothing stands, and they are rejected: {count}"),
}
_ASKED: Mapping[tuple[Ask, str], str] = {
    (Ask.SHEETS, ""): N_(
        "Sheets with other columns: {word} (rows: {count}). They can be read by themselves: --sheet. Go on without them?"
    ),
    (Ask.COLUMN, ""): N_("{name}: which column is it?"),
    (Ask.COLUMN, "closed_at"): N_("Is one of these the day of closing?"),
    (Ask.ORDER, ""): N_("{example}: what stands first in the dates? No number tells it."),
    (Ask.TWO_DIGITS, ""): N_("{example}: what do years of two digits mean? (cells: {count})"),
    (Ask.WORD, ""): N_("{name}: {word} (rows: {count}) means"),
    (Ask.ALL_ROWS, "office"): N_("Of which office are all these complaints?"),
    (Ask.ALL_ROWS, "outcome"): N_("What is the outcome where the sheet has none? (rows: {count})"),
    (Ask.REST, ""): N_("Columns without a meaning here. They go into the detail, except:"),
}
_ORDER_IN_DOUBT = N_("What stands first in the dates? They contradict each other.")
# One of all that there are, where no column says it.
_NO_COLUMN = N_("{name}: no column says it. Which column is it, or what holds for all rows?")
_PROMPTS: Mapping[tuple[Ask, str], str] = {
    (Ask.SHEETS, ""): N_("Go on? (y/n)"),
    (Ask.COLUMN, "closed_at"): N_("Number (Enter: none of them)"),
    (Ask.TWO_DIGITS, ""): N_("Number (Enter: reject these rows)"),
    (Ask.WORD, ""): N_("Number or key (Enter: reject these rows)"),
    (Ask.WORD, "office"): N_("Office: number, or a part of its name (Enter: reject these rows)"),
    (Ask.WORD, "owner"): N_("Owner: a part of the name (-: nobody, Enter: reject these rows)"),
    (Ask.ALL_ROWS, "office"): N_("Office: number, or a part of its name"),
    (Ask.ALL_ROWS, "outcome"): N_("Outcome (-: reject these rows)"),
    (Ask.REST, ""): N_("Numbers to leave out (-: all of them, Enter: none)"),
}
_STATES = {
    "closed": N_("closed"),
    "open": N_("open"),
    "withdrawn": N_("withdrawn"),
    "duplicate": N_("duplicate"),
}


def name_of(words: Words, name: str) -> str:
    """A column of ours, as people call it; those that only an export has bear no other name."""
    return words(NAMES[name]) if name in NAMES else name


def asked(words: Words, question: Question) -> str:
    """A question, without what there is to choose from."""
    text = _of(_ASKED, question)
    if (
        question.ask is Ask.COLUMN
        and question.name != "closed_at"
        and any(not one.is_column for one in question.choices)
    ):
        text = _NO_COLUMN
    if question.ask is Ask.ORDER and not question.example:
        text = _ORDER_IN_DOUBT
    name = name_of(words, question.name) if question.name else ""
    return words(
        text, name=name, word=plain(question.word), count=question.count, example=plain(question.example)
    )


def prompt(words: Words, question: Question) -> str:
    """What stands in the line in which it is answered."""
    title = words(_of(_PROMPTS, question, N_("Number or key")))
    if question.ask is Ask.ALL_ROWS and question.default:
        title = words("{title} (Enter: {default})", title=title, default=question.default)
    return title


def choice(words: Words, one: Choice) -> str:
    """One of those to choose from."""
    title = plain(one.title.of(words.language))
    return words("column {head}", head=title) if one.is_column else title


def answer(words: Words, question: Question, kept: str) -> str:
    """What was answered, said again."""
    if question.ask is Ask.REST:
        out = {int(one) for one in kept.split()}
        heads = [plain(one.key) for number, one in enumerate(question.choices, 1) if number in out]
        return words("Left out: {heads}", heads=", ".join(heads) or "–")
    if question.ask is Ask.SHEETS:
        return words("yes")
    if question.ask is Ask.WORD and kept == "-":
        return words("nobody")
    if not kept:
        none = question.ask is Ask.COLUMN
        return words("none of them") if none else words("these rows are rejected")
    found = next((one for one in question.choices if one.key == kept), None)
    return choice(words, found) if found is not None else plain(kept)


def remarks(words: Words, guess: Guess) -> list[str]:
    """All that is taken for certain, a line each."""
    return [
        _remark(words, guess.known, one) for one in guess.remarks if one.told not in (Told.COLUMN, Told.WORDS)
    ]


def columns(words: Words, guess: Guess) -> list[tuple[str, str]]:
    """What each of our columns is in the sheet."""
    found = []
    for name, place in guess.map.columns.items():
        heads = [plain(one) for one in place.heads]
        if place.time is not None:
            heads.append(plain(place.time))
        found.append((name_of(words, name), " + ".join(heads)))
    for name, value in guess.map.default.items():
        found.append(
            (
                name_of(words, name),
                words("in all rows: {value}", value=plain(title_of(words, guess.known, name, value))),
            )
        )
    return found


def meanings(words: Words, guess: Guess) -> list[tuple[str, str]]:
    """What the words of the sheet mean, by column: those of one meaning beside each other."""
    found = []
    for name, by_word in guess.map.values.items():
        meant: dict[str, list[str]] = {}
        for word, key in by_word.items():
            meant.setdefault(key, []).append(plain(word) or "–")
        said = [
            f"{', '.join(texts)} = {plain(title_of(words, guess.known, name, key))}"
            for key, texts in meant.items()
            if texts != [title_of(words, guess.known, name, key)]
        ]
        if said:
            found.append((name_of(words, name), " · ".join(said)))
    return found


def title_of(words: Words, known: Known, name: str, key: str) -> str:
    """A key, as people say it."""
    if name in TERMS:
        return next((one.title.of(words.language) for one in known.terms(name) if one.key == key), key)
    if name == "status":
        return words(_STATES[key]) if key in _STATES else key
    if name == "urgent":
        return words("urgent") if key == "true" else words("not urgent")
    if name == "office" and key in known.offices:
        return known.offices[key][words.language != "th"]
    return key if key or name != "owner" else words("nobody")


def row(words: Words, known: Known, cells: Mapping[str, str], zone: ZoneInfo) -> list[list[str]]:
    """A row as it would stand here, in two parts: what decides its deadline, and who said what."""
    shown = masked(cells)
    decides = [_moment(words, cells["received_at"], zone)] if "received_at" in cells else []
    decides += [
        title_of(words, known, name, cells[name])
        for name in ("group", "category", "channel")
        if name in cells
    ]
    decides += [words("urgent")] if cells.get("urgent") == "true" else []
    status = cells.get("status", "")
    if status and (status != Status.CLOSED or "closed_at" not in cells):
        decides.append(title_of(words, known, "status", status))
    if "closed_at" in cells:
        decides.append(words("closed {moment}", moment=_moment(words, cells["closed_at"], zone)))
    says = [shown[name] for name in ("subject", "customer", "phone", "account") if name in shown]
    return [[plain(" ".join(one.split())) for one in part] for part in (decides, says)]


def _moment(words: Words, text: str, zone: ZoneInfo) -> str:
    """A moment; of a bare day the day."""
    try:
        local = parse_moment(text, zone).astimezone(zone)
    except BadValue:
        return text
    return words.moment(local, zone) if local.time() != time(0) else words.day(local.date())


def _remark(words: Words, known: Known, one: Remark) -> str:
    values: dict[str, Any] = dict(one.values)
    if one.told is Told.TEXT:
        separator = str(values["separator"])
        parted = words(_SEPARATORS[separator]) if separator in _SEPARATORS else separator
        return words(
            "Text in {encoding}, columns parted by {separator}",
            encoding=values["encoding"].value,
            separator=parted,
        )
    if one.told is Told.HEADS:
        rows = values["rows"]
        if len(rows) > 1:
            return words(
                "Heads in rows {first} and {last}; rows below them: {count}",
                first=rows[0],
                last=rows[-1],
                count=values["count"],
            )
        return words("Heads in row {first}; rows below them: {count}", first=rows[0], count=values["count"])
    if "name" in values:
        values["name"] = name_of(words, values["name"])
    if one.told is Told.OFFICE:
        values["office"] = title_of(words, known, "office", values["office"])
    shown = {
        key: plain(_listed(value)) if not isinstance(value, int) else value for key, value in values.items()
    }
    return words(_SAID[one.told], **shown)


def _listed(value: object) -> str:
    return (
        value
        if isinstance(value, str)
        else ", ".join(map(str, value))
        if isinstance(value, Iterable)
        else str(value)
    )


def _of(texts: Mapping[tuple[Ask, str], str], question: Question, other: str = "") -> str:
    return texts.get((question.ask, question.name)) or texts.get((question.ask, "")) or other


def open_lines(words: Words, questions: Sequence[Question]) -> list[str]:
    """The questions that nobody has answered, each with the place in a map where its answer belongs."""
    return [f"{text}  →  [{_section(place)}] {line}" for place, text, line in _open(words, questions)]


def in_map(words: Words, questions: Sequence[Question]) -> list[tuple[str, str]]:
    """The same, by the places in a map."""
    return [(place, f"{text}  →  {line}") for place, text, line in _open(words, questions)]


def comments(words: Words, guess: Guess, sheet: str) -> dict[str, str]:
    """What a map says beside its answers: whose it is, and which keys may be answered where something is open."""
    said = {"": words("How complaint-sla reads {sheet}", sheet=plain(sheet))}
    for one in guess.questions:
        keys = [one.key.removeprefix(ALL) for one in one.choices if not one.is_column]
        if one.ask is Ask.WORD and keys:
            said[f"values.{one.name}"] = ", ".join(keys)
        elif one.name and keys:
            said.setdefault("columns", "")
            said["columns"] = "\n".join(filter(None, (said["columns"], f"{one.name}: {', '.join(keys)}")))
    return said


def _open(words: Words, questions: Sequence[Question]) -> Iterator[tuple[str, str, str]]:
    """Each question with the place of its answer, and how it is written there."""
    for one in questions:
        place = {
            Ask.SHEETS: "sheet.sheets",
            Ask.COLUMN: f"columns.{one.name}",
            Ask.ORDER: "dates.order",
            Ask.TWO_DIGITS: "dates.two_digits",
            Ask.WORD: f"values.{one.name}",
            Ask.ALL_ROWS: f"default.{one.name}",
            Ask.REST: "columns.leave_out",
        }[one.ask]
        yield place, asked(words, one), _line(one)


def _section(place: str) -> str:
    return place if place.startswith("values.") else place.partition(".")[0]


def _line(question: Question) -> str:
    """How an answer is written in a map."""
    name = question.name
    if question.ask is Ask.WORD:
        return f'{json.dumps(question.word, ensure_ascii=False)} = "…"'
    if question.ask is Ask.COLUMN:
        for_all = any(not one.is_column for one in question.choices)
        return f'{name} = "…"' + (f' | [default] {name} = "…"' if for_all else "")
    heads = json.dumps([one.key for one in question.choices], ensure_ascii=False)
    return {
        Ask.SHEETS: 'sheets = ["…"]',
        Ask.ORDER: f'order = "{Order.DAY_FIRST}" | "{Order.MONTH_FIRST}"',
        Ask.TWO_DIGITS: f'two_digits = "{Era.BUDDHIST}" | "{Era.COMMON}"',
        Ask.ALL_ROWS: f'{name} = "…"',
        Ask.REST: f"detail = {heads} | leave_out = {heads}",
    }[question.ask]
