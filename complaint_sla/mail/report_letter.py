"""The quarterly report as a letter: the figure in a few words, what can still save it, and the files."""

from __future__ import annotations

from collections.abc import Iterator

from complaint_sla.core.errors import BadValue
from complaint_sla.forms.document import DASH
from complaint_sla.forms.plans.render import whole_of, whole_rendered
from complaint_sla.forms.render import document_of, plan_of, rendered, signed, stand_in_text
from complaint_sla.forms.report import BUCKETS, NOT_THERE_THEN, margin
from complaint_sla.forms.review import restated_text
from complaint_sla.mail.alert_letter import Tone
from complaint_sla.mail.envelope import Attachment, Worded
from complaint_sla.mail.figures import outlook_of, rate_of, target_of, tone_of
from complaint_sla.wording import N_, Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.work.letters.report_letter import QuarterReport

PHASES = {
    "warning": N_("Warning: the target is in danger"),
    "provisional": N_("Provisional report"),
    "final": N_("Final report"),
    "asked": N_("Report"),
}
_TYPES = {
    "pdf": ("application", "pdf"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "html": ("text", "html"),
}


def quarter_report(letter: QuarterReport, words: Words) -> Worded:
    """The report in words, with its files. A file that can't be made is named in the letter instead."""
    figure, counts = letter.report.figure, letter.report.figure.counts
    quarter = words.quarter(figure.quarter)
    rate = rate_of(figure)
    phase = words(PHASES[letter.phase])
    topic = words("{quarter}: {rate} closed in time", quarter=quarter, rate=rate)
    attachments: list[Attachment] = []
    missing: list[str] = []
    for name in letter.attach:
        try:
            attachments.append(_attachment(name, letter, words))
        except BadValue as problem:
            missing.append(f"{name}: {message(words, problem, letter.zone)}")
    return Worded(
        subject=f"[{phase}] {topic}",
        template="report",
        tone=Tone.SOON if letter.phase == "warning" else tone_of(figure),
        values={
            "phase": phase,
            "quarter": quarter,
            "rate": rate,
            "office": letter.office,
            "verdict": _verdict(letter, words),
            "target": target_of(figure, words),
            "outlook": ""
            if counts.rate is None or (figure.is_final and not counts.redeemable)
            else outlook_of(figure, words),
            "counts": list(_counts(letter, words)),
            "facts": list(_facts(letter, words)),
            "saving": letter.saving,
            "missing": missing,
            "command": " ".join(
                ["complaint-sla report", str(figure.quarter)]
                + ([f"--office {letter.office.code}"] if letter.office is not None else [])
            ),
            "files": [one.name for one in attachments],
        },
        is_pressing=letter.phase == "warning",
        attachments=tuple(attachments),
    )


def _verdict(letter: QuarterReport, words: Words) -> str:
    figure = letter.report.figure
    if letter.report.is_before_the_office:
        return words(NOT_THERE_THEN)
    if figure.met is None:
        return words("No complaint of the quarter can be judged: neither met nor missed.")
    verdict = words("The target is met.") if figure.met else words("The target is missed.")
    return " ".join([verdict, *margin(figure, words)])


def _counts(letter: QuarterReport, words: Words) -> Iterator[tuple[str, str]]:
    counts = letter.report.figure.counts
    numbers = [(words("Total received"), counts.received)]
    numbers += [(words(title), counts.of_bucket(bucket)) for bucket, title in BUCKETS.items()]
    for title, number in numbers:
        yield title, f"{number:,}" if counts.received else DASH


def _facts(letter: QuarterReport, words: Words) -> Iterator[tuple[str, str]]:
    report = letter.report
    if report.frozen is not None:
        moment = words.moment(report.frozen.frozen_at, letter.zone)
        yield words("Version"), words("Version {n}, frozen {moment}", n=report.frozen.version, moment=moment)
        yield words("Fingerprint (SHA-256)"), report.frozen.digest
        if report.frozen.restated:
            yield words("Restated"), restated_text(report.frozen.restated, letter.zone, words)
        if report.differing_today:
            said = restated_text(report.differing_today, letter.zone, words)
            yield words("Otherwise today"), said
        if report.moved:
            yield words("Since then"), words("{n} complaints count otherwise today.", n=len(report.moved))
    else:
        final_at = words.moment(report.figure.final_at, letter.zone)
        yield words("State"), words("Provisional; final from {moment}", moment=final_at)
        if report.lost:
            yield words("Target"), stand_in_text(report, words)


def _attachment(name: str, letter: QuarterReport, words: Words) -> Attachment:
    kind, _, form = name.partition(".")
    if kind == "plan" and letter.plan is not None:
        content = whole_rendered(whole_of(letter.plan, letter.shelf, words), form)
    elif kind == "plan":
        content = signed(plan_of(letter.report, letter.shelf, words), form)
    else:
        cases = letter.cases if form == "xlsx" else ()
        content = rendered(document_of(letter.report, letter.shelf, words, cases), form)
    figure = letter.report.figure
    office = plain(figure.office) if figure.office is not None else "all"
    file = f"{kind}-{figure.quarter}-{office}.{form}"
    return Attachment(file, _TYPES[form], content.encode() if isinstance(content, str) else content)
