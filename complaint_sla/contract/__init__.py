"""Answers as JSON, the promise of the contract: every shape that a program may read, whichever front gives it.

Moments are ISO 8601 with the offset of the rule book's zone. Sentences for people are passed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from complaint_sla.contract import plan
from complaint_sla.contract.quarter import counts
from complaint_sla.contract.values import jsonable
from complaint_sla.core.masking import masked
from complaint_sla.core.measures import plain_percent
from complaint_sla.settings import without_secrets

if TYPE_CHECKING:
    from pathlib import Path

    from complaint_sla.core.errors import Error
    from complaint_sla.core.replies import Reply
    from complaint_sla.core.sheets.guessed import Guess
    from complaint_sla.core.sheets.map import SheetMap
    from complaint_sla.settings import Settings
    from complaint_sla.store.backup import Copied
    from complaint_sla.store.engine import Store
    from complaint_sla.work.audit.audit import Audited, Discrepancy
    from complaint_sla.work.chronicle import EntryView
    from complaint_sla.work.complaints.correct import Corrected
    from complaint_sla.work.complaints.erase import Erased
    from complaint_sla.work.complaints.log import Logged
    from complaint_sla.work.complaints.look import Dossier, Explanation
    from complaint_sla.work.health.facts import Vitals
    from complaint_sla.work.letters.listing import LetterView
    from complaint_sla.work.morning import Morning
    from complaint_sla.work.person.access import Found
    from complaint_sla.work.person.retention import Due
    from complaint_sla.work.sheets.exchange import Imported


def logged(result: Logged, zone: ZoneInfo) -> dict[str, Any]:
    """`log`: the complaint's keys; was it known, and who else and which stages are to be looked at."""
    return {
        **jsonable(result.complaint, zone),
        "known": result.known,
        "same_customer": [one.number for one in result.same_customer],
        "recent_customer": [one.number for one in result.recent_customer],
        "silent_stages": list(result.silent_stages),
    }


def corrected(found: Corrected, zone: ZoneInfo) -> dict[str, Any]:
    """`correct`: the complaint's keys, and each field that was corrected; telephone, account and e-mail masked."""
    changes = [
        {"field": one.field, **{when: masked({one.field: text})[one.field] for when, text in sides}}
        for one in found.corrections
        for sides in [(("was", one.was), ("now", one.now))]
    ]
    return {**jsonable(found.complaint, zone), "corrected": changes}


def dossier(found: Dossier, zone: ZoneInfo, *, contact: bool) -> dict[str, Any]:
    """`show`: the complaint's keys, with customer, events and alerts; telephone, account and e-mail masked, in the texts,
    too, but for `contact`."""
    complaint: dict[str, Any] = jsonable(found.complaint, zone)
    customer, events = jsonable(found.customer, zone), jsonable(found.events, zone)
    if not contact:
        complaint, customer = masked(complaint), customer and masked(customer)
        events = [{**one, "words": masked(one["words"])} for one in events]
    return {
        **complaint,
        "customer": customer,
        "events": events,
        "alerts": jsonable(found.alerts, zone),
        "coming": [
            {
                "stage": ahead.stage.key,
                "stage_at": jsonable(ahead.at, zone),
                "recipients": list(ahead.recipients),
            }
            for ahead in found.coming
        ],
    }


def morning(found: Morning, commands: Mapping[str, str], cures: Sequence[str]) -> dict[str, Any]:
    """`today`: of each part how many there are, the first of them, and the command that lists it; how the quarter stands.

    Of the plan what the daily summary tells; `cures` are the commands that put in what is not, one for each line.
    """
    return {
        "day": found.day,
        "office": found.office,
        **{
            name: {"count": part.every, "first": part.first, "command": commands[name]}
            for name, part in found.parts.items()
        },
        "unheard": {"count": found.unheard, "first": (), "command": "doctor"},
        "quarters": [
            {
                "quarter": str(figure.quarter),
                "state": "final" if figure.is_final else "provisional",
                "target": plain_percent(figure.target),
                "met": figure.met,
                **counts(figure.counts),
            }
            for figure in found.figures
        ],
        "plan": plan.reminders(found.plan, cures),
        "service": {"alerts_raised_at": found.raised_at, "mail_sent_at": found.sent_at},
    }


def explanation(found: Explanation, zone: ZoneInfo) -> dict[str, Any]:
    """`explain`: the rule and every day of the count; what was assumed of the case, and the rules that else may hold."""
    deadline = found.deadline
    return {
        "number": found.number,
        "received_at": jsonable(found.facts.received_at, zone),
        "group": found.facts.group,
        "urgent": found.facts.urgent,
        "rule_book": found.book.id,
        "rule": deadline.rule.key,
        "days": deadline.rule.days,
        "counting": "working" if deadline.counting.working else "calendar",
        "due_on": deadline.due_on.isoformat(),
        "due_at": jsonable(deadline.due_at, zone),
        "trail": jsonable(deadline.trail(), zone),
        "assumed": dict(found.assumed),
        "other_rules": [rule.key for rule in found.others],
    }


def imported(result: Imported, say: Callable[[Error], str]) -> dict[str, Any]:
    """`import`: rows by what came of them, and what they change by quarter; `say` words an error."""
    names = ("logged", "ended", "closed", "unchanged", "open", "late", "sheets", "rows", "skipped")
    return {
        **{name: getattr(result, name) for name in names},
        "repaired": dict(result.repaired),
        "quarters": [{**vars(one), "quarter": str(one.quarter)} for one in result.quarters],
        "letters": {"people": result.people, "complaints": result.told},
        "rejected": [
            {"line": one.line, "sheet": one.sheet, "error": one.error.key, "message": say(one.error)}
            for one in result.rejected
        ],
    }


def map_checked(file: Path, sheet_map: SheetMap) -> dict[str, Any]:
    """`import --check-map`: a map that is in order, and which columns it finds."""
    return {"map": str(file), "columns": list(sheet_map.columns), "default": dict(sheet_map.default)}


def guessed(guess: Guess, map_file: Path, said: Sequence[str]) -> dict[str, Any]:
    """`import --guess` where nobody can be asked: the map that was written, and what is open; `said` words it."""
    return {
        "map": str(map_file),
        "rows": guess.rows,
        "questions": [
            {
                "about": one.ask.value,
                "column": one.name or None,
                "word": one.word or None,
                "rows": one.count,
                "question": text,
            }
            for one, text in zip(guess.questions, said, strict=True)
        ],
    }


def exported(count: int, file: Path) -> dict[str, Any]:
    return {"exported": count, "file": str(file)}


def person(found: Found, zone: ZoneInfo) -> dict[str, Any]:
    """`person show`: what is held, contact details masked as in every list."""
    return {
        "complaints": [
            {
                **{name: jsonable(getattr(one.complaint, name), zone) for name in _LISTED},
                "customer": masked(vars(one.customer)),
                "texts": one.texts,
                "letters": one.letters,
                "erase_at_end": one.erase_at_end,
            }
            for one in found.held
        ],
        "names_like": [{"name": name, "complaints": count} for name, count in found.like],
        "requests": [
            {
                **masked({**vars(one), "remarks": None}),
                "finished_on": one.finished_on,
                "remarks": len(one.remarks),
            }
            for one in found.requests
        ],
    }


_LISTED = ("number", "office", "status", "subject", "received_at", "closed_at")


def erased(result: Erased, zone: ZoneInfo) -> dict[str, Any]:
    """`person erase`: numbers erased, and noted to be erased at their end; what else holds the words."""
    return {
        "erased": [one.number for one in result.erased],
        "erase_at_end": [one.number for one in result.marked],
        "copies": jsonable(result.copies, zone),
    }


def erased_one(result: Erased, zone: ZoneInfo) -> dict[str, Any]:
    """`erase`: the complaint's keys; what else holds the words."""
    [one] = (*result.erased, *result.marked)
    return {
        **jsonable(one, zone),
        "erase_at_end": bool(result.marked),
        "copies": jsonable(result.copies, zone),
    }


def kept(listed: Iterable[Due], zone: ZoneInfo) -> list[dict[str, Any]]:
    """`retention --dry-run`: what goes, and on which local day."""
    names = ("number", "office", "group", "closed_at")
    return [
        {name: jsonable(getattr(one.complaint, name), zone) for name in names}
        | {"goes_on": one.goes_on.isoformat()}
        for one in listed
    ]


def letter(summary: LetterView, subject: str, text: str, zone: ZoneInfo) -> dict[str, Any]:
    """`mail show`: the letter's keys, and its words as it would be written now."""
    return {**jsonable(summary, zone), "subject": subject, "text": text}


def retried(count: int) -> dict[str, Any]:
    return {"retried": count}


def tried(reply: Reply, *, accepted: bool) -> dict[str, Any]:
    """`mail test`: what the server answered."""
    return {"accepted": accepted, "code": reply.code, "text": reply.text}


def audited(
    done: Audited, listed: Iterable[Discrepancy], say: Callable[[Discrepancy], str]
) -> dict[str, Any]:
    """`audit`: what was looked at, and each discrepancy; `say` words one. `against` is null where no backup was named."""
    against = vars(done.against) if done.against is not None else None
    found = [{**vars(one), "message": say(one)} for one in listed]
    return {**vars(done), "against": against, "discrepancies": found}


def journal(
    found: Iterable[EntryView], say: Callable[[EntryView], str], zone: ZoneInfo
) -> list[dict[str, Any]]:
    """`journal`: each entry with what it holds, and as a sentence; `say` words one."""
    return [{**jsonable(one, zone), "message": say(one)} for one in found]


def backed_up(file: Path, digest: str, store: Store, copied: Copied) -> dict[str, Any]:
    """`digest` is the SHA-256 of the file."""
    size = file.stat().st_size
    told = {
        "file": str(file),
        "size": size,
        "sha256": digest,
        "database": store.shown_url,
        "schema": store.schema,
    }
    return told | vars(copied)


def restored(file: Path, database: str, copied: Copied) -> dict[str, Any]:
    return {"file": str(file), "database": database, **vars(copied)}


def made(
    store: Store, settings: Settings, published: Sequence[str], was: str | None, copy: Path | None
) -> dict[str, Any]:
    """`init`: where the office's records and its mail are, the ids of what was published, and of an upgraded one the
    schema that it had, and the copy of it as it was.
    """
    return {
        "database": store.shown_url,
        "mail": without_secrets(settings.mail.value),
        "rehearsal": store.is_rehearsal,
        "published": list(published),
        "schema": store.schema,
        "upgraded_from": was,
        "copy": str(copy) if copy is not None else None,
    }


def examined(
    settings: Settings, findings: Iterable[object], vitals: Vitals | None, free_bytes: Mapping[str, int]
) -> dict[str, Any]:
    """`doctor`: the settings in force, the findings in words, and the figures behind them."""
    return {
        "settings": in_force(settings),
        "findings": list(findings),
        "figures": vitals,
        "free_bytes": free_bytes,
    }


def in_force(settings: Settings) -> dict[str, dict[str, str]]:
    """Each setting with its value and its source; of the password only that there is one."""
    shown = {
        "db": settings.db,
        "rules": settings.rules,
        "lang": settings.lang,
        "as": settings.actor,
        "mail": settings.mail,
        "mail_from": settings.mail_from,
    } | ({"mail_ca": settings.mail_ca} if settings.mail_ca is not None else {})
    values = {
        name: {
            "value": without_secrets(one.value) if name in ("db", "mail") else one.value,
            "source": one.source or "default",
        }
        for name, one in shown.items()
    }
    if settings.password is not None:
        values["mail_password"] = {"value": "***", "source": settings.password.source}
    return values
