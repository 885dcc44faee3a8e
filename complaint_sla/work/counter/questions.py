"""The questions of `log`: which comes next, what an answer means, how one goes back, and what is kept of it.

Nothing is printed or read here: a line at a terminal asks today, a full screen could. An answer that can't be taken raises
an Error, and nothing has changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from complaint_sla.core.complaints import EventKind
from complaint_sla.core.errors import BadValue, Error, NotPossible
from complaint_sla.core.fields import THAI_DIGITS, page
from complaint_sla.core.keyboard import digits, letter, number_in, yes_or_no
from complaint_sla.core.permissions import Action
from complaint_sla.core.rulebook import Book, Term
from complaint_sla.core.terms import key_of, may_mean
from complaint_sla.store import offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Office
from complaint_sla.work.complaints import log
from complaint_sla.work.complaints.filing import FORMS
from complaint_sla.work.counter.caller import Caller, Earlier, caller
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import own_office_meant, person_meant

# A list that is longer is no help: then a part of the name is asked for.
MOST_OFFICES = 20
# As an answer to what may be left open: nothing, where Enter alone takes what was said the last time.
NOTHING = "-"


class Part(StrEnum):
    """What a question is about; of what is said of a complaint, as an Intake names it."""

    PHONE = "phone"
    ACCOUNT = "account"
    EARLIER = "earlier"
    NOTE = "note"
    REASON = "reason"
    OFFICE = "office"
    CUSTOMER = "customer"
    EMAIL = "email"
    GROUP = "group"
    URGENT = "urgent"
    CHANNEL = "channel"
    CATEGORY = "category"
    SUBJECT = "subject"
    DETAIL = "detail"


# In the order in which they are asked.
ORDER = (
    *(Part.PHONE, Part.ACCOUNT, Part.EARLIER, Part.NOTE, Part.REASON, Part.OFFICE, Part.CUSTOMER),
    *(Part.GROUP, Part.URGENT, Part.CHANNEL, Part.CATEGORY, Part.SUBJECT),
)
CHOICES = (Part.GROUP, Part.CHANNEL, Part.CATEGORY)
# Without these nothing can be logged.
NEEDED = (*CHOICES, Part.SUBJECT)
# Of several pasted lines, the rest has a place.
SEVERAL_LINES = (Part.SUBJECT, Part.DETAIL, Part.NOTE, Part.REASON)
MAY_BE_LEFT = (Part.PHONE, Part.ACCOUNT, Part.CUSTOMER, Part.EMAIL, Part.DETAIL)
# Of what is done to an earlier complaint: what is recorded then.
ACTS = {Part.NOTE: EventKind.NOTED, Part.REASON: EventKind.REOPENED}


@dataclass
class Form:
    """What is known of a complaint that is being taken.

    `values` are in regular form, by part; what was left open is not among them, urgent is `y` or `n`. `done` has been
    answered or was given, `asked` has been answered. `act` is what is done to an earlier complaint
    instead: its part and the number. `again` is a part that is asked once more. `half` is what stood in a line that was
    left, `lost` what was kept and can't be taken any more. `whole`: nothing that is needed was missing from the start.
    """

    desk: Desk
    book: Book
    directory: Directory
    began: datetime
    values: dict[str, str] = field(default_factory=dict)
    done: set[Part] = field(default_factory=set)
    asked: set[Part] = field(default_factory=set)
    caller: Caller = field(default_factory=Caller)
    act: tuple[Part, str] | None = None
    again: Part | None = None
    half: dict[str, str] = field(default_factory=dict)
    lost: list[Error] = field(default_factory=list)
    whole: bool = False
    has_typed: bool = False

    @classmethod
    def begin(cls, desk: Desk, given: Mapping[str, str | None], received_at: datetime | None = None) -> Form:
        """With what was given, which is checked before anything is asked. Raises as `log` does for it."""
        began = desk.now if received_at is None else received_at
        with desk.store.read() as session:
            form = cls(desk, log.governing(desk, began), offices.directory(session), began)
        for name, text in given.items():
            if text:
                form.values[name] = form.regular(name, text)
                if name in list(Part):
                    form.done.add(Part(name))
        if received_at is not None:
            form.values["received_at"] = received_at.isoformat()
        if Part.ACCOUNT in form.done:
            form.done.add(Part.PHONE)
        if Part.PHONE in form.done:
            form.done.add(Part.ACCOUNT)
        form.whole = form.done.issuperset(NEEDED)
        if form.whole:
            form.done |= {Part.PHONE, Part.ACCOUNT, Part.CUSTOMER, Part.URGENT}
        form.caller = form.who(form.values)
        return form

    def regular(self, name: str, text: str) -> str:
        """The regular form of what was given. Raises BadValue, NotPossible (`office-not-yours`)."""
        if name in CHOICES:
            return key_of(self.book, name, text)
        if name == "office":
            return own_office_meant(self.desk, self.directory, text).code
        if name == "owner":
            return person_meant(self.desk, self.directory, text).email
        return FORMS[name](text) if name in FORMS else text

    # Which is next.

    def next(self) -> Part | None:
        """The next question; None where all is said."""
        if self.again is not None:
            return self.again
        return next((part for part in ORDER if part not in self.done and self._is_wanted(part)), None)

    def _is_wanted(self, part: Part) -> bool:
        if self.act is not None:
            return part is self.act[0]
        if part is Part.ACCOUNT:
            return Part.PHONE not in self.values
        if part is Part.EARLIER:
            return bool(self.caller.earlier)
        if part is Part.OFFICE:
            return self._is_office_in_doubt()
        return part not in ACTS

    def _is_office_in_doubt(self) -> bool:
        """Where there are several: whoever acts has none, or the customer was another one's the last time."""
        if self.desk.standing.office is not None or len(self.directory.offices) < 2:
            return False
        mine = self._own_office()
        return mine is None or self.caller.office not in (None, mine)

    def _own_office(self) -> str | None:
        if self.desk.standing.office is not None:
            return self.desk.standing.office
        acting = self.directory.person(self.desk.actor)
        return (
            self.directory.code(acting.office_id)
            if acting is not None and acting.retired_at is None
            else None
        )

    # What is shown with a question.

    def terms(self, part: Part) -> tuple[Term, ...]:
        return self.book.terms(part.value)

    def offices(self) -> Sequence[Office]:
        """Those to choose from, by code; none where a part of the name is to be typed."""
        known = sorted(self.directory.offices.values(), key=lambda one: one.code)
        return known if len(known) <= MOST_OFFICES else []

    def default(self, part: Part) -> str | None:
        """What Enter alone takes, as it is kept: what the customer said the last time, or whose desk it is."""
        if part in self.values:
            return None
        if part is Part.OFFICE:
            return self.caller.office or self._own_office()
        if part is Part.CUSTOMER:
            return self.caller.customer
        if part is Part.GROUP:
            known = [term.key for term in self.book.groups]
            return self.caller.group if self.caller.group in known else None
        return None

    def old(self, part: Part) -> str:
        """What stands in the line to be edited: what was answered before, as one types it."""
        if part in self.half:
            return self.half[part]
        return self.typed(part, self.values.get(part, ""))

    def typed(self, part: Part, kept: str) -> str:
        """What is kept, as one types it: of a list its number."""
        if part in CHOICES and kept:
            return str(1 + [term.key for term in self.terms(part)].index(kept))
        return kept

    @property
    def office(self) -> str | None:
        """The code of its office, as far as it is known."""
        only = next(iter(self.directory.offices.values())).code if len(self.directory.offices) == 1 else None
        return self.values.get("office") or self._own_office() or only

    def parts(self) -> list[Part]:
        """What is looked over before it is logged, in the order of its numbers."""
        shown = [part for part in Part if part is not Part.EARLIER and part not in ACTS]
        if Part.PHONE in self.values and Part.ACCOUNT not in self.values:
            shown.remove(Part.ACCOUNT)
        if len(self.directory.offices) < 2:
            shown.remove(Part.OFFICE)
        return [part for part in shown if part in self.values or part not in (Part.EMAIL, Part.DETAIL)]

    # Answers.

    def answer(self, part: Part, text: str) -> None:
        """Takes an answer. Raises BadValue, NotPossible; DatabaseUnusable where the customer can't be looked up."""
        text = text.strip()
        if part is Part.EARLIER:
            self.act = self._act(text)
        elif part in ACTS:
            self.values[part] = page(part.value, text)
        elif part is Part.SUBJECT:
            self._put_subject(text)
        else:
            value = self._value(part, text)
            changed = {**self.values, part: value or ""}
            if part in (Part.PHONE, Part.ACCOUNT):
                self._meet(self.who(changed))
            self.values = {name: kept for name, kept in changed.items() if kept}
        self.has_typed = self.has_typed or bool(text)
        self.half.pop(part, None)
        self.done.add(part)
        self.asked.add(part)
        self.again = None

    def _value(self, part: Part, text: str) -> str | None:
        if "\n" in text and part not in SEVERAL_LINES:
            raise BadValue("one-line-asked", lines=len(text.splitlines()))
        if not text and self.default(part) is not None:
            return self.default(part)
        if part is Part.URGENT:
            return yes_or_no(text)
        if part in MAY_BE_LEFT and text in ("", NOTHING):
            return None
        if not text:
            raise BadValue("answer-needed")
        if part in CHOICES:
            return self._chosen(part, text)
        if part is Part.OFFICE:
            return self._office(text)
        return FORMS[part](digits(text) if part in (Part.PHONE, Part.ACCOUNT) else text)

    def _chosen(self, part: Part, text: str) -> str:
        terms = self.terms(part)
        number = number_in(text, len(terms))
        meant = may_mean(terms, text if number is None else str(number))
        if not meant:
            raise BadValue("none-of-them", value=text, n=len(terms))
        return meant[0].term.key if len(meant) == 1 else key_of(self.book, part.value, text)

    def _office(self, text: str) -> str:
        known = self.offices()
        number = number_in(text, len(known))
        if number is not None and self.directory.office(text.upper()) is None:
            text = known[number - 1].code
        try:
            return own_office_meant(self.desk, self.directory, text).code
        except BadValue as problem:
            if problem.key != "unknown-office":
                raise
        # The codes of all there are help nobody who knows a name.
        raise (
            BadValue("none-of-them", value=text, n=len(known))
            if known
            else BadValue("no-such-name", value=text)
        )

    def _put_subject(self, text: str) -> None:
        """The first line; the rest goes to the detail, behind what stands there."""
        first, _, rest = text.partition("\n")
        subject = FORMS["subject"](first) if first else None
        if subject is None:
            raise BadValue("answer-needed")
        if rest.strip():
            detail, rest = self.values.get(Part.DETAIL, ""), FORMS["detail"](rest)
            self.values[Part.DETAIL] = detail if rest in detail else FORMS["detail"](f"{detail}\n{rest}")
        self.values[Part.SUBJECT] = subject

    def _act(self, text: str) -> tuple[Part, str] | None:
        """What is done to which earlier complaint; None for a new one. Raises BadValue, NotPossible."""
        if not text:
            return None
        found = re.fullmatch(r"([nr])\s*([0-9]*)", letter(text.translate(THAI_DIGITS)))
        if found is None:
            raise BadValue("neither-n-nor-r", value=text)
        wanted = Part.NOTE if found[1] == "n" else Part.REASON
        earlier = list(enumerate(self.caller.earlier, 1))
        if wanted is Part.REASON:
            self.desk.standing.require(Action.REOPEN, self.desk.service.permissions)
        if found[2]:
            fit = [one for number, one in earlier if number == int(found[2])]
        else:
            fit = [one for _, one in earlier if wanted is Part.NOTE or not one.complaint.is_open]
        if len(fit) != 1:
            raise BadValue("which-of-them", value=text)
        if wanted is Part.REASON and fit[0].complaint.is_open:
            raise NotPossible("already-open", number=fit[0].complaint.number)
        return wanted, fit[0].complaint.number

    def who(self, values: Mapping[str, str]) -> Caller:
        phone, account = values.get(Part.PHONE) or None, values.get(Part.ACCOUNT) or None
        if phone is None and account is None:
            return Caller()
        return caller(self.desk, phone, account)

    def _meet(self, who: Caller) -> None:
        """Somebody else on the line: what they have told is asked of anew."""
        if who != self.caller:
            self.caller = who
            self.done.discard(Part.EARLIER)
            self.asked.discard(Part.EARLIER)

    def earlier(self) -> Earlier | None:
        """The complaint to which something is done."""
        number = self.act[1] if self.act is not None else None
        return next((one for one in self.caller.earlier if one.complaint.number == number), None)

    # The way back.

    def back(self) -> bool:
        """Goes back to the question before; False at the first one."""
        if self.again is not None:
            self.done.add(self.again)
            self.again = None
            return True
        here = self.next()
        before = ORDER if here is None else ORDER[: ORDER.index(here)]
        last = next((part for part in reversed(before) if part in self.asked), None)
        if last is None:
            return False
        self.asked.discard(last)
        self.done.discard(last)
        if last is Part.EARLIER:
            self.act = None
        return True

    def ask_again(self, part: Part) -> None:
        """Asks one part once more, with what was answered."""
        self.again = part

    def part_of(self, problem: Error) -> Part | None:
        """What a refusal at the end is about, if it can be asked again."""
        name = str(problem.values.get("name", problem.key.rpartition("-")[2]))
        return Part(name) if isinstance(problem, BadValue) and name in self.parts() else None

    # What is kept of it.

    def kept(self) -> dict[str, Any]:
        """As JSON, to go on with later."""
        return {
            "began": self.began.isoformat(),
            "values": self.values,
            "half": self.half,
            "done": sorted(self.done),
            "asked": sorted(self.asked),
            "act": list(self.act) if self.act is not None else None,
        }

    @classmethod
    def resume(cls, desk: Desk, kept: Mapping[str, Any]) -> Form:
        """Goes on with what was kept: received when it was told. What can't be taken any more is asked again.

        Raises BadValue, TypeError, KeyError where that is none.
        """
        values = dict(kept["values"])
        received = datetime.fromisoformat(values.pop("received_at", None) or kept["began"])
        form = cls.begin(desk, {}, min(received, desk.now))
        done = {Part(one) for one in kept["done"]}
        for name, text in values.items():
            try:
                form.values[name] = (
                    str(text) if name in (*ACTS, Part.URGENT) else form.regular(name, str(text))
                )
            except Error as problem:
                form.lost.append(problem)
                done -= {part for part in Part if part == name}
        form.done, form.asked = done, {Part(one) for one in kept["asked"]} & done
        form.half = {str(name): str(text) for name, text in kept["half"].items()}
        form.caller = form.who(form.values)
        if kept["act"] is not None:
            form.act = Part(kept["act"][0]), str(kept["act"][1])
            # There is no last look at it.
            form.done.discard(form.act[0])
        form.has_typed = True
        return form
