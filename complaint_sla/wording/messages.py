"""The words of errors, by key: what is wrong, with which value, and what to do about it; and all errors put into words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import islice
from pathlib import PurePath
from zoneinfo import ZoneInfo

from complaint_sla.core.complaints import EventKind, Status
from complaint_sla.core.corrections import Correction
from complaint_sla.core.errors import BookFaults, Error, Fault, MapFaults, SeveralRefused
from complaint_sla.core.nearest import nearest
from complaint_sla.core.permissions import AccessRole, Action, Standing
from complaint_sla.core.terms import Choice
from complaint_sla.core.titles import Title
from complaint_sla.wording import access, clock, files, plans, refusals, servers, sheets, surveys
from complaint_sla.wording.corrections import stands
from complaint_sla.wording.faults import FAULTS, KINDS
from complaint_sla.wording.nearest import MOST_LISTED, asked, listed
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import N_, Words

LONGEST_VALUE = 200
# As many refusals are told one by one: whoever mends them begins with the first.
MOST_REFUSALS = 20
# What there may be hundreds of, with the command that lists it.
LISTED_BY: Mapping[str, str | None] = {
    "ambiguous": None,
    "unknown-office": "complaint-sla office list",
    "office-needed": "complaint-sla office list",
    "unknown-person": "complaint-sla staff list",
}

ERRORS: Mapping[str, str] = {
    # values that were typed
    "ambiguous": N_("{value} may mean: {known}."),
    "answer-needed": N_("This is needed."),
    "neither-n-nor-r": N_(
        "{value} is neither n (a note) nor r (reopen), with the number of one of these. Enter: a new one."
    ),
    "neither-yes-nor-no": N_("{value} is neither yes nor no."),
    "no-such-name": N_("No office has {value} in its name or code: type another part of it."),
    "none-of-them": N_("{value} is none of them: type a number from 1 to {n}."),
    "one-line-asked": N_("The pasted text has {lines} lines, and one is wanted here."),
    "recover-unasked": N_("Nobody can be asked here: work at a terminal to go on with what was kept."),
    "which-of-them": N_("Which one? Type {value} and its number."),
    "bad-account": N_("{value} is no contract account: it has 12 digits."),
    "bad-actor": N_("{value} can't be who acts. Give an e-mail address or a name with --as."),
    "editor-failed": N_(
        "The editor {editor} could not be started, or ended with an error: nothing was changed."
    ),
    "no-editor": N_("No editor is known here. Name one: export EDITOR=nano."),
    "input-not-utf8": N_("{file} is no text in UTF-8."),
    "input-twice": N_(
        "Numbers and {name} can't both come from standard input (-). Give one of them in another way: @FILE, say."
    ),
    "text-unreadable": N_(
        "{value}: the file {file} can't be read: {problem}. A text that begins with @ is written with two: @@."
    ),
    "no-numbers": N_("No complaint's number came on standard input: one a line, such as 6911-30."),
    "too-much": N_("{name} is too much. Put texts in quotes."),
    "erased-id": N_(
        "{value} can't be the number of another system: this program marks so what it has erased."
    ),
    "person-needed": N_("Say whose complaints are meant, with one of: {known}."),
    "erase-unasked": N_("Nobody can be asked here. Look first: complaint-sla person show; then add --yes."),
    "until-without-dry-run": N_("--until looks ahead, and erases nothing: add --dry-run."),
    "no-draft": N_("Nothing that you typed is kept: all was logged, or a day has passed."),
    "nobody-held": N_("No complaint is held under this {by}."),
    "bad-code": N_("{value} is no office code: up to 20 letters, digits, dots, dashes or underscores."),
    "bad-database-url": N_(
        "{value} is no database URL. Use sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE."
    ),
    "several-hosts": N_("Several servers are named in another way here: {instead}."),
    "question-mark-in-url": N_(
        "{value}: the URL of a file takes no settings, and what stands behind the question mark would be passed over. Leave it "
        "out; a file with one in its name, or in its folder's, is named by a link without."
    ),
    "bad-day": N_("{value} is no day. Write 2017-03-05, 5/3/2560 or 5 Mar 2017."),
    "day-or-month": N_(
        "{value} leaves open which is the month. Write {readings}; with the Buddhist year, {year}, the day comes first."
    ),
    "no-such-day": N_("{value} is no day: that month has {days} days."),
    "short-year": N_(
        "{value} has a year of two digits, which may be of either era. Write all four: 2560 or 2017."
    ),
    "bad-email": N_("{value} is no e-mail address. Write one such as name@pea.example."),
    "bad-language": N_("{value} is no language of this program. Choose one of: {known}."),
    "authority-empty": N_(
        "{file} holds no certificate (PEM: BEGIN CERTIFICATE). Name the file of the mail server's authority by "
        "COMPLAINT_SLA_MAIL_CA."
    ),
    "authority-unreadable": N_(
        "The certificates of the mail server's authority, {file}, can't be read: {problem}. Mend COMPLAINT_SLA_MAIL_CA."
    ),
    "bad-mail-from": N_("{value} can't be the sender. Set COMPLAINT_SLA_MAIL_FROM to an e-mail address."),
    "bad-mail-url": N_("{value} is no way to send mail. Use one of: {forms}."),
    "bad-moment": N_(
        "{value} is no moment. Write a day and a time: 2017-03-05 10:00, 5/3/2560 10:00, 5 Mar 2017 10:00."
    ),
    "bad-number": N_("{value} is not a whole number from {least} on."),
    "bad-phone": N_("{value} is no telephone number: 9 or 10 digits from 0."),
    "bad-quarter": N_("{value} is no quarter. Write 2017-Q1, 2560-Q1 or 1/2560."),
    "before-first-book": N_("No rule book is in force on {day}: the first one begins on {first}."),
    "config-broken": N_("The configuration {file} is no valid TOML: {problem}."),
    "config-unreadable": N_("The configuration {file} can't be read: {problem}."),
    "day-passed": N_("{value} has passed. Give a day from today on."),
    "empty-text": N_("{name} is empty. Say something."),
    "file-unwritable": N_("{file} can't be written: {problem}."),
    "folder-not-empty": N_("The folder {folder} is not empty. Name a new one, or none."),
    "missing-extra": N_("This needs more to be installed: pip install 'complaint-sla[{extra}]'."),
    "missing-option": N_("{name} is missing. Write: {example}, or be asked for it at a terminal."),
    "not-text": N_(
        "{name} holds characters that are no text (NUL, control characters, halves of a character)."
    ),
    "nothing-to-correct": N_("Nothing to correct was named. See --help for what can be."),
    "nothing-to-reclassify": N_(
        "Nothing to change was named: give --group, --urgent, --no-urgent, --channel or --category."
    ),
    "nothing-to-set": N_("Nothing to change was named. See --help for what can be set."),
    "number-or-group": N_("Give the number of a complaint, or --group and --received-at."),
    "office-needed": N_(
        "Which office? Give --office (in a sheet: the column office), or act as one of its staff with --as. Offices: {known}."
    ),
    "one-of-two": N_("Give {one} or {two}, not both."),
    "no-screen-form": N_(
        "{form} is no text for a screen. Name a file with --output, or send it on to another program."
    ),
    "no-terminal": N_("This needs a terminal. Where there is none: complaint-sla {instead}."),
    "nowhere-for-database": N_(
        "No database is named, and this user has no home folder where one would be. Name it with --db or COMPLAINT_SLA_DB."
    ),
    "nowhere-for-drafts": N_("This user has no home folder where it would be."),
    "nowhere-for-mail": N_(
        "No way for mail is set, and this user has no home folder where it would go. Set COMPLAINT_SLA_MAIL."
    ),
    "password-file-closed": N_(
        "The file with the mail password, {file}, can't be read by this user: {problem}. Mail is sent by the service's user."
    ),
    "password-file-unreadable": N_("The file with the mail password, {file}, can't be read: {problem}."),
    "password-in-mail-url": N_(
        "The mail server's password must not stand in {value}: it would be printed. Set COMPLAINT_SLA_MAIL_PASSWORD."
    ),
    "person-retired": N_(
        "{value} is retired. Take somebody else, or bring them back: complaint-sla staff set {value} --back."
    ),
    "plan-form": N_(
        "The plan's form is made to be handed in, not as {value}. Choose --format {known}, or such an ending for --output."
    ),
    "received-in-future": N_(
        "The complaint can't have been received at {value}: that is still to come. Give a moment that has passed, or leave it "
        "out."
    ),
    "rules-unreadable": N_("The folder of rule books, {folder}, can't be read: {problem}."),
    "too-long": N_(
        "{name} has {length} characters; at most {most} are kept. Shorten it, or put it into a note."
    ),
    "unclear-category": N_("{value} may mean: {choices}. Give its number or its key."),
    "unclear-channel": N_("{value} may mean: {choices}. Give its number or its key."),
    "unclear-group": N_("{value} may mean: {choices}. Give its number or its key."),
    "unknown-category": N_(
        "There is no complaint category {value} in the rule book {book}.{near} Categories: {known}."
    ),
    "unknown-channel": N_("There is no channel {value} in the rule book {book}.{near} Channels: {known}."),
    "unknown-choice": N_("{value} is none of the words that {name} takes.{near} It takes: {known}."),
    "unknown-country": N_("No public holidays are known for {value}. Use a country code such as TH."),
    "unknown-class": N_("There is no class {value} of offices in the plan {plan}.{near} Classes: {known}."),
    "unknown-group": N_("There is no customer group {value} in the rule book {book}.{near} Groups: {known}."),
    "unknown-office": N_("There is no office {value}.{near} Offices: {known}."),
    "nobody-acts": N_(
        "{value}, who acts here, is nobody on the staff. Say who you are: complaint-sla --as EMAIL."
    ),
    "unknown-person": N_("There is nobody with the address {value} on the staff.{near} Staff: {known}."),
    "setting-empty": N_("The setting {name} is set and empty ({source}). Give it a value, or take it out."),
    "unknown-setting": N_("{file} sets {value}, which is no setting or no text.{near} Settings: {known}."),
    # sheets that are imported
    "bad-cell": N_("{column} must be a text, a number, true, false or null."),
    "bad-json": N_("The line is not one JSON object: {problem}."),
    "bad-yes-no": N_("{name} is {value}. Write true or false (also 1, 0, yes, no, ใช่, ไม่)."),
    "column-twice": N_("These columns stand there twice: {columns}. Keep one of each."),
    "derived-differs": N_(
        "{column} is {value} in the sheet, and {expected} by the rule book and the moments given. Leave "
        "the cell empty or correct it."
    ),
    "open-and-old": N_(
        "It was received more than a year ago ({at}) and has no end: were it open, managers would be told of it. Type its "
        "closing date, or take such rows too with --open-too."
    ),
    "looks-like-known": N_(
        "The id {value} is like {like}, which is {number}, and all else is the same: a spreadsheet may have changed it. "
        "Give it as it is, in a column of texts."
    ),
    "looks-like-row": N_(
        "The id {value} is like {like} in line {line}, and all else is the same: a spreadsheet may have changed it. "
        "Give it as it is, in a column of texts."
    ),
    "differs-from-known": N_(
        "{number} is known with other values in: {columns}. An import changes nothing but the closing; "
        "correct the sheet, or the complaint itself."
    ),
    "end-incomplete": N_("A complaint that has ended ({status}) needs: {columns}."),
    "ended-here": N_(
        "{number} has ended here ({status}, {at}), and the sheet has it open. Reopen it, or correct the sheet."
    ),
    "ended-otherwise": N_(
        "{number} has already ended otherwise ({status}, {at}). Reopen it first, or correct the sheet."
    ),
    "file-unreadable": N_("The file {file} can't be read: {problem}. Check the name and the permissions."),
    "missing-columns": N_("These columns are needed and missing: {columns}."),
    "moment-out-of-order": N_("{column} is {value}; it must lie between {first} and {last}."),
    "not-utf8": N_(
        'The file {file} is neither UTF-8 nor UTF-16 nor Thai of Windows (windows-874). Save it as "CSV UTF-8" and import it '
        "again."
    ),
    "rejects-ending": N_(
        "Rejected rows are written in the form of the sheet: let the file end in {expected}, not {value}."
    ),
    "rejects-over-sheet": N_(
        "The rejected rows would take the place of the sheet {file}. Name another file."
    ),
    "sheet-broken": N_(
        "Line {line} of {file} is not proper CSV: {problem}. Often a quotation mark is not closed. "
        "Nothing was imported."
    ),
    "status-contradicts": N_('The status "{status}" contradicts what stands in: {columns}.'),
    "unknown-columns": N_(
        "These columns are not known: {columns}.{near} Remove or rename them; known are: {known}."
    ),
    "unknown-ending": N_("The ending {value} is not known.{near} Use one of: {known}."),
    "unknown-original": N_(
        "The original {value} is neither an external id nor a number that is known, or was rejected itself."
    ),
    "unknown-status": N_("The status {value} is not known.{near} Use one of: {known}."),
    "wrong-width": N_(
        "The row has {found} cells, and there are {expected} columns. Look for a missing quotation mark "
        "or separator."
    ),
    # what can't be found
    "no-such-complaint": N_(
        "There is no complaint {number}. `complaint-sla find` looks for words, names and telephones."
    ),
    "no-number": N_(
        "{number} is no number of a complaint: C-6911-00307 is one, 6911-307 will do. `complaint-sla find` looks for "
        "words, names and telephones."
    ),
    "no-such-message": N_("There is no message {id}. `complaint-sla mail list` shows them."),
    # rule books
    "book-lost": N_(
        "The rule book that it follows ({digest}) is not in the database, or can't be read there. Bring back the last backup."
    ),
    "book-unreadable": N_("The rule book {book} is in force and can't be read. Bring back the last backup."),
    "book-faults": N_("The rule books can't be used. Faults ({count}):"),
    "map-faults": N_("The map can't be used. Faults ({count}):"),
    "calendar-not-covered": N_(
        "The rule book's calendar doesn't reach {day}. Make a new book with a later holidays_through."
    ),
    "no-books-published": N_("No rule book is published. Publish one: complaint-sla rules publish."),
    "no-such-stage": N_("The rule book {book} has no stage {stage}."),
    "no-rule-fits": N_("No rule of the book {book} fits the group {group}."),
    # the database
    "database-foreign": N_(
        "This database is not of complaint-sla (it holds {tables}). Name another with --db."
    ),
    "database-forbidden": N_(
        "The database server does not let this login do that: {problem}. An administrator gives it a role "
        "(complaint-sla roles)."
    ),
    "database-new": N_(
        "The database was made by a newer complaint-sla (revision {version}). Upgrade the program."
    ),
    "figure-new": N_(
        "A frozen figure was written by a newer complaint-sla (format {format}, known up to {known}). Upgrade the program."
    ),
    "database-old": N_(
        "The database is of an older complaint-sla (revision {version}, needed {head}). Stop the services, back it up as it "
        "is (complaint-sla backup FILE), then: complaint-sla init."
    ),
    "event-newer": N_(
        "An event ({kind}) was written by a newer complaint-sla (format {format}; this one reads up to {known}). "
        "Upgrade the program."
    ),
    "database-missing": N_(
        "There is no database at {url}. Name the right one with --db or COMPLAINT_SLA_DB, or make one: complaint-sla init."
    ),
    "database-moved": N_(
        "The database {url} was moved or replaced while it was open; nothing more is written. Start again with the one "
        "that is there now."
    ),
    "schema-moved": N_(
        "The database was upgraded to the revision {version} while it was open, and this program knows it as {head}; nothing "
        "more is written. Start the program that is installed now."
    ),
    "log-without-database": N_(
        "{file} is not there, but its write-ahead log {file}-wal is, with records in it: the file was moved alone. Bring it "
        "back beside its log; both were left as they are."
    ),
    "house-damaged": N_("The database does not say what it is (table house). Bring back the last backup."),
    "database-unreachable": N_("The database can't be used: {problem}."),
    "database-locked": N_(
        "Somebody else has held for {seconds} seconds what this needs, and nothing was changed. Try again; if it stays so, see "
        "who it is: complaint-sla doctor."
    ),
    "database-not-empty": N_(
        "The database {url} is not empty ({tables}), and nothing there is replaced. Name a new one: "
        "complaint-sla --db URL restore {file}."
    ),
    **plans.ERRORS,
    **surveys.ERRORS,
    **refusals.ERRORS,
    **clock.ERRORS,
    **files.ERRORS,
    **servers.ERRORS,
    **sheets.ERRORS,
    **access.ERRORS,
}


def message(words: Words, error: Error, zone: ZoneInfo | None) -> str:
    """What to tell the person: one paragraph, for faults of rule books one line more each. Moments in `zone`."""
    text = words(ERRORS[error.key], **_values(words, error.values, zone, error.key))
    if isinstance(error, BookFaults | MapFaults):
        return "\n".join([text, *(f"  {fault(words, one)}" for one in error.faults)])
    if isinstance(error, SeveralRefused):
        told = [f"  {message(words, one, zone)}" for one in error.refusals[:MOST_REFUSALS]]
        more = len(error.refusals) - len(told)
        if more:
            told.append(f"  {words('… and {n} more.', n=more)}")
        return "\n".join([text, *told])
    return text


def reason(words: Words, problem: Exception, zone: ZoneInfo | None) -> str:
    """Why a thing could not be done: an error's own words; of a bug its kind and place, for it may quote a customer."""
    if isinstance(problem, Error):
        return message(words, problem, zone)
    at = problem.__traceback__
    while at is not None and at.tb_next is not None:
        at = at.tb_next
    place = f" ({PurePath(at.tb_frame.f_code.co_filename).name}:{at.tb_lineno})" if at is not None else ""
    return f"{type(problem).__name__}{place}"


def fault(words: Words, one: Fault) -> str:
    """A fault as `file: place: what is wrong, and the cure`."""
    values = dict(one.values)
    if "wanted" in values:
        values["wanted"] = words(KINDS.get(str(values["wanted"]), str(values["wanted"])))
    text = words(FAULTS[one.key], **_values(words, values, None))
    return ": ".join([*(plain(part) for part in (one.file, one.place) if part), text])


def numbered(words: Words, choices: Iterable[Choice]) -> str:
    """Terms in which an answer may end, each with the number to type: `8 ค่าไฟฟ้าผิดปกติ · 9 ไม่ได้รับใบแจ้งค่าไฟฟ้า`."""
    return " · ".join(f"{one.number} {plain(one.title.of(words.language))}" for one in choices)


def _values(
    words: Words, values: Mapping[str, object], zone: ZoneInfo | None, error: str = ""
) -> dict[str, str]:
    """Each value as it is said. Of what is `known` the nearest to what was typed stand first, and are asked for (`near`)."""
    found = {key: _shown(words, value, zone) for key, value in values.items()}
    near = values.get("near", ())
    if "known" in values:
        known = _listed(words, values["known"], zone)
        typed = _listed(words, values.get("value", values.get("columns", ())), zone)
        near = [*dict.fromkeys(meant for one in typed[:MOST_LISTED] for meant in nearest(one, known))]
        ordered = [*near, *(one for one in known if one not in near)]
        found["known"] = listed(words, ordered, many=error in LISTED_BY, all_by=LISTED_BY.get(error))
    question = asked(words, _listed(words, near, zone))
    return found | {"near": f" {question}" if question else ""}


def _listed(words: Words, value: object, zone: ZoneInfo | None) -> list[str]:
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [_shown(words, one, zone) for one in value]
    return [_shown(words, value, zone)]


def _shown(words: Words, value: object, zone: ZoneInfo | None) -> str:  # noqa: PLR0911 - one for each kind of value
    if isinstance(value, datetime):
        return words.moment(value, zone) if zone is not None else value.isoformat()
    if isinstance(value, date):
        return words.day(value)
    if isinstance(value, Status | EventKind):
        return words(value.value)
    if isinstance(value, AccessRole | Action | Standing):
        return access.said(words, value)
    if isinstance(value, Title):
        return plain(value.of(words.language))
    if isinstance(value, list) and value and isinstance(value[0], Choice):
        return numbered(words, value)
    if isinstance(value, list) and value and isinstance(value[0], Correction):
        return stands(words, value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        listed = [_shown(words, one, zone) for one in islice(value, MOST_LISTED + 1)]
        return ", ".join([*listed[:MOST_LISTED], *(["…"] if len(listed) > MOST_LISTED else [])]) or "–"
    text = str(value)
    if not text:
        return '""'
    # Cut before it is screened: what was typed may be a megabyte.
    return plain(text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…")
