"""The log of the service, an event in a line: what came of a job into entries, an entry into a line. Nothing is written here.

Keys of jobs, events and counts are fixed; sentences are in the operator's language. No line bears personal data or a
secret. A round that had nothing to do is not worth a line: that the service is alive is said once an hour.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from complaint_sla.core.masking import masked_emails
from complaint_sla.wording import N_, Words
from complaint_sla.wording.clock import leapt, span
from complaint_sla.wording.screening import plain

if TYPE_CHECKING:
    from complaint_sla.service.rounds import Round

# What is said again while it lasts is said again after so long, then after twice as long each time, up to a day.
_AGAIN = timedelta(minutes=5)
_RARELY = timedelta(days=1)
_ALIVE = timedelta(hours=1)
# Characters of a sentence: with all that stands around it less than a pipe takes in one piece (4,096 bytes), in JSON too.
_LONGEST = 500
# As many things as a job names one by one when it set them aside.
_MOST_NAMED = 10
# What is said when something wrong is over, by its event.
_OVER: Mapping[str, str] = {
    "fault": N_("back after {span}"),
    "mail": N_("mail leaves again after {span}"),
    "locked": N_("nothing is in other hands any more after {span}"),
    "aside": N_("nothing is set aside any more after {span}"),
}


class Level(IntEnum):
    """By the numbers of syslog (RFC 5424, 6.2.1), which journald reads."""

    ERROR = 3
    WARNING = 4
    INFO = 6


class Form(StrEnum):
    """How an entry is written."""

    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True)
class Entry:
    """One event: of a `job`, or of the service itself, with what was counted and, where a number does not say it, a sentence."""

    level: Level
    event: str
    job: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    message: str = ""


def line(entry: Entry, at: datetime, form: Form, *, journald: bool) -> str:
    """An entry of a moment (aware, in the zone to show) as a line. journald keeps the time itself, and the level apart."""
    said = " / ".join(part.strip() for part in entry.message.splitlines() if part.strip())
    said = plain(masked_emails(said))
    said = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
    level, time = entry.level.name.lower(), at.isoformat(timespec="seconds")
    if form is Form.JSON:
        written = json.dumps(
            {
                "time": time,
                "level": level,
                "job": entry.job or None,
                "event": entry.event,
                "counts": dict(entry.counts),
                "message": said or None,
            }
        )
    else:
        counted = [f"{name}={n}" for name, n in entry.counts.items()]
        head = [] if journald else [time, level]
        written = " ".join([*head, entry.job or "service", *counted, *([said] if said else [])])
    return f"<{entry.level.value}>{written}" if journald else written


@dataclass
class _Trouble:
    """Something wrong that goes on: since when, how often it was met, when it was said last, and how long to be silent."""

    since: datetime
    said_at: datetime
    met_at: datetime
    times: int = 1
    silent: timedelta = _AGAIN


class Log:
    """What of the rounds of a service is worth a line. `why` words what stopped a job; moments are shown in `zone`."""

    def __init__(self, words: Words, zone: ZoneInfo, why: Callable[[Exception], str]) -> None:
        self.words = words
        self._zone = zone
        self._why = why
        # By job, event and what it is about.
        self._troubles: dict[tuple[str, str, str], _Trouble] = {}
        self._alive_at: datetime | None = None
        self._rounds = self._faults = 0

    def done(self, job: str, done: Round, at: datetime) -> Iterator[Entry]:
        """What came of a job that ended at a moment (UTC)."""
        if done.leap is not None:
            yield Entry(
                Level.WARNING,
                "leap",
                counts={"seconds": round(done.leap.total_seconds())},
                message=leapt(self.words, done.leap),
            )
        problem = done.faults.get(job)
        self._rounds += 1
        self._faults += problem is not None
        if done.published:
            names = ", ".join(done.published)
            yield Entry(
                Level.INFO, "books", message=self.words("What is in force has changed: {names}", names=names)
            )
        if problem is not None:
            yield from self._met(Level.ERROR, job, "fault", self._why(problem), at)
        else:
            yield from self._of_work(job, done, at)
            yield from self._over(job, "fault", at)
            yield from self._of_aside(job, done, at)
        if self._alive_at is None:
            self._alive_at = at
        elif abs(at - self._alive_at) >= _ALIVE:
            yield Entry(Level.INFO, "alive", counts={"rounds": self._rounds, "faults": self._faults})
            self._alive_at, self._rounds, self._faults = at, 0, 0
            # Of what has not been met for so long nobody would remember that it is the same.
            self._troubles = {
                key: one for key, one in self._troubles.items() if abs(at - one.met_at) < 2 * _RARELY
            }

    def _of_work(self, job: str, done: Round, at: datetime) -> Iterator[Entry]:
        match job:
            case "sweep":
                yield from self._of_sweep(done, at)
            case "quarter" if done.frozen:
                yield Entry(Level.INFO, "done", job, {"frozen": done.frozen})
            case "retention" if done.erased:
                yield Entry(Level.INFO, "done", job, {"erased": done.erased})
            case "notices" if done.posted:
                yield Entry(Level.INFO, "done", job, {"written": done.posted})
            case "deliver":
                yield from self._of_delivery(done, at)

    def _of_sweep(self, done: Round, at: datetime) -> Iterator[Entry]:
        tally = done.swept
        counts = {
            "due": tally.due,
            "raised": tally.alerts,
            "superseded": tally.superseded,
            "unalertable": tally.unalertable,
            "locked": tally.locked,
        }
        if any(counts[name] for name in counts if name != "locked"):
            yield Entry(Level.INFO, "done", "sweep", counts)
        if tally.locked:
            said = self.words("Due, and in other hands: {n}", n=tally.locked)
            yield from self._met(Level.WARNING, "sweep", "locked", said, at, counts=counts)
        else:
            yield from self._over("sweep", "locked", at)
        if tally.wrong_at is not None:
            said = self.words(
                "A clock was wrong: it had raised alerts up to {moment}. Taken up again: {n}",
                moment=self.words.moment(tally.wrong_at, self._zone),
                n=len(tally.healed),
            )
            yield Entry(Level.WARNING, "clock", "sweep", {"healed": len(tally.healed)}, said)

    def _of_delivery(self, done: Round, at: datetime) -> Iterator[Entry]:
        delivered = done.delivered
        counts = {name: getattr(delivered, name) for name in ("sent", "retried", "failed", "dropped")}
        if delivered.put_off is not None:
            counts["put_off"] = delivered.put_off.letters
        if delivered.fault is not None:
            said = self.words("Mail can't leave: {fault}", fault=delivered.fault)
            yield from self._met(Level.ERROR, "deliver", "mail", said, at, counts=counts)
        elif delivered.sent or delivered.failed:
            # Between two tries nothing fails, and nothing leaves either.
            yield from self._over("deliver", "mail", at)
        unsaid = {"put_off", *(["retried"] if delivered.fault is not None else [])}
        if any(n for name, n in counts.items() if name not in unsaid):
            level = Level.INFO if delivered.all_well else Level.WARNING
            yield Entry(level, "done", "deliver", counts)
        for id_, fault in delivered.unwritten.items():
            said = self.words("Message {id} can't be written: {fault}", id=id_, fault=fault)
            yield from self._met(Level.WARNING, "deliver", "letter", said, at, about=f"{id_} {fault}")

    def _of_aside(self, job: str, done: Round, at: datetime) -> Iterator[Entry]:
        if not done.aside:
            yield from self._over(job, "aside", at)
        for one in done.aside[:_MOST_NAMED]:
            said = self.words("Set aside: {about}: {why}", about=one.about, why=self._why(one.problem))
            counts = {"aside": len(done.aside)}
            yield from self._met(Level.WARNING, job, "aside", said, at, about=one.about, counts=counts)

    def _met(
        self,
        level: Level,
        job: str,
        event: str,
        said: str,
        at: datetime,
        *,
        about: str | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> Iterator[Entry]:
        """Something wrong: said at once, then only counted, and said at growing intervals how often it was met."""
        # What differs in numbers only, such as a moment or a process, is the same.
        key = (job, event, re.sub(r"\d+", "0", said) if about is None else about)
        known = self._troubles.get(key)
        if known is None:
            self._troubles[key] = _Trouble(at, at, at)
            yield Entry(level, event, job, counts or {}, said)
            return
        known.times += 1
        known.met_at = at
        # A clock that is set back must not silence it.
        if abs(at - known.said_at) < known.silent:
            return
        known.said_at, known.silent = at, min(2 * known.silent, _RARELY)
        again = self.words(
            "the same, {n} times since {when}: {said}",
            n=known.times,
            when=self._when(known.since, at),
            said=said,
        )
        yield Entry(level, event, job, {**(counts or {}), "times": known.times}, again)

    def _over(self, job: str, event: str, at: datetime) -> Iterator[Entry]:
        """What had been wrong of this kind is not any more."""
        over = [key for key in self._troubles if key[:2] == (job, event)]
        if over:
            gone = [self._troubles.pop(key) for key in over]
            seconds = max(0, round((at - min(one.since for one in gone)).total_seconds()))
            counts = {"seconds": seconds, "times": sum(one.times for one in gone)}
            said = self.words(_OVER[event], span=span(self.words, seconds))
            yield Entry(Level.INFO, "back", job, counts, said)

    def _when(self, moment: datetime, now: datetime) -> str:
        """The time of the day, on the same day."""
        local = moment.astimezone(self._zone)
        if local.date() == now.astimezone(self._zone).date():
            return f"{local:%H:%M}"
        return self.words.moment(moment, self._zone)
