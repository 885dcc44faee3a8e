"""The whole form of a plan in the form that is asked for, by its name. What a form needs is imported when it is used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import local_day
from complaint_sla.core.rulebook import Shelf
from complaint_sla.forms.plans.form import WholeForm
from complaint_sla.forms.plans.results import Letter, Teller
from complaint_sla.forms.plans.writer import Imprint, whole_form
from complaint_sla.forms.render import VOID, marked, plan_of
from complaint_sla.forms.report import Names, quarter_document
from complaint_sla.wording import Words
from complaint_sla.work.plans.card import Card
from complaint_sla.work.plans.whole import WholePlan

# As many digits of a fingerprint as tell two papers apart.
SHORT = 12


def whole_of(whole: WholePlan, shelf: Shelf, words: Words) -> WholeForm:
    """The form in one language. Raises BadValue (`before-first-book`)."""
    card, report = whole.card, whole.report
    lines = [one for one in card.activities if whole.activity in (None, one.activity.key)]
    has_complaints = any(one.measure.source for line in lines for one in line.measures)
    closure = whole.shown.sight.closure
    year = closure.year if closure is not None else None
    page = plan_of(report, shelf, words, year) if has_complaints else None
    if page is not None:
        office = page.office
    else:
        facts = {
            one.key: one.value for one in quarter_document(report.figure, shelf, report.titles, words).facts
        }
        office = facts["office"]
    names = Names(shelf, card.quarter, {**report.titles, **whole.shown.titles}, words)
    teller = Teller(whole.shown.sight, card.activities, letters_of(card, shelf.zone), names, words)
    form = whole_form(
        whole.shown.sight, lines, teller, office, page, imprint_of(whole, shelf.zone, words), words
    )
    return replace(form, heading=marked(form.heading, report, words))


def letters_of(card: Card, zone: ZoneInfo) -> Mapping[int, Letter]:
    """What the journal says of the readings on a card, by their number."""
    found = {}
    for seq, one in card.written.items():
        said = one.entry.said or {}
        found[seq] = Letter(
            source=str(said.get("source") or ""),
            whom=str(said.get("whom") or ""),
            entered_on=local_day(one.entry.happened_at, zone),
            late_days=one.late_days,
            note=str(one.entry.words.get("note") or ""),
        )
    return found


def imprint_of(whole: WholePlan, zone: ZoneInfo, words: Words) -> Imprint:
    """What tells two papers of one quarter apart: which version, as of when, the beginning of the fingerprint."""
    card, frozen = whole.card, whole.shown.frozen
    if frozen is not None:
        moment = words.moment(frozen.frozen_at, zone)
        foot = words("Version {n}, frozen {moment}", n=frozen.version, moment=moment)
        digest = frozen.digest[:SHORT]
        parts = [foot, f"{words('Fingerprint (SHA-256)')} {digest}…"]
        if frozen.voided_at is not None:
            parts.append(words(VOID))
        version = words("Version {n}", n=frozen.version)
        return Imprint(whole.as_of, frozen.voided_at is None, version, " · ".join(parts))
    final_at = words.moment(card.final_at, zone)
    state = (
        words("Final since {moment}", moment=final_at)
        if card.is_final
        else words("Provisional; final from {moment}", moment=final_at)
    )
    foot = words("{state}; as of {moment}", state=state, moment=words.moment(whole.as_of, zone))
    return Imprint(
        whole.as_of, card.is_final, words("Final") if card.is_final else words("Provisional"), foot
    )


def whole_rendered(form: WholeForm, kind: str) -> str | bytes:
    """The whole form, to be signed: a page of the document a page. Raises BadValue (`missing-extra`)."""
    match kind:
        case "pdf":
            from complaint_sla.forms.pdf import compiled

            return compiled("whole.typ", form)
        case "xlsx":
            from complaint_sla.forms.plans.sheet import whole_xlsx

            return whole_xlsx(form)
    from complaint_sla.forms.html import environment

    # Below each other on a screen; everything it shows is escaped.
    return environment().get_template("whole.html").render(form=form)
