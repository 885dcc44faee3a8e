"""Which column of a sheet is what: by its head, by what was answered, or asked for. Nothing of its cells is meant here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.facts import SHORTEST_ID, Column, Seen, Sight
from complaint_sla.core.sheets.guessed import File, Remark, Told
from complaint_sla.core.sheets.heads import MARK
from complaint_sla.core.sheets.map import Place
from complaint_sla.core.sheets.questions import (
    ALL,
    Ask,
    Choice,
    Question,
)
from complaint_sla.core.sheets.words import RUNNING, TERMS, TIMES, Known, form
from complaint_sla.core.titles import Title

# In this order what is needed is asked; all of it has to come from somewhere.
NEEDED = ("received_at", "subject", "group", "category", "channel")
# Several columns of these are one text.
JOINED = ("detail", "outcome")
_DESCRIBES = tuple(form(one) for one in ("รายละเอียด", "เนื้อ", "detail", "description"))


class Placing:
    """The columns of one guess, and what is said and asked meanwhile."""

    def __init__(self, file: File, seen: Seen, known: Known, answers: Mapping[str, str]) -> None:
        self._file, self._seen, self._known, self._answers = file, seen, known, answers
        self._sight: Sight = seen.sights[0]
        self._questions: list[Question] = []
        self._remarks: list[Remark] = []
        self._columns: dict[str, Place] = {}
        self._default: dict[str, str] = {}
        self._left_out: list[str] = []

    def _say(self, told: Told, **values: object) -> None:
        self._remarks.append(Remark(told, values))

    def _ask(self, question: Question) -> str | None:
        """The answer to a question; None while it is open."""
        if question.key not in self._answers:
            self._questions.append(question)
            return None
        return self._answers[question.key]

    def _place(self) -> None:
        """Which column is what; what has none is asked for, as far as it is needed."""
        own = dict.fromkeys(one.meaning for one in self._sight.columns if one.head and one.meaning)
        for name in own:
            if name in TIMES or name in (RUNNING, MARK):
                continue
            heads = list(dict.fromkeys(one.head for one in self._sight.named(name)))
            if name in JOINED:
                self._columns[name] = Place(tuple(heads))
            elif len(heads) == 1:
                self._put(name, heads[0])
            else:
                said = self._ask(Question(Ask.COLUMN, name, choices=tuple(map(_column, heads))))
                if said is not None and not said.startswith(ALL):
                    self._put(name, said)
        self._describe()
        for name in NEEDED:
            if name not in self._columns and not self._is_asked(name):
                self._find(name)
        if (
            "received_at" in self._columns
            and "closed_at" not in self._columns
            and not self._is_asked("closed_at")
        ):
            dated = [one for one in self._free() if one.holds_dates]
            if dated:
                choices = tuple(_column(one.head) for one in dated)
                said = self._ask(Question(Ask.COLUMN, "closed_at", choices=choices, default=""))
                if said:
                    self._put("closed_at", said)
        self._look_at_ids()
        self._put_times()

    def _is_asked(self, name: str) -> bool:
        return any(one.ask is Ask.COLUMN and one.name == name for one in self._questions)

    def _put(self, name: str, head: str) -> None:
        if len(self._sight.under(head)) > 1:
            raise BadValue("head-twice", head=head, name=name)
        self._columns[name] = Place((head,))

    def _describe(self) -> None:
        """Where nothing is called a subject, what describes the complaint is."""
        if "subject" in self._columns or self._is_asked("subject"):
            return
        detail = self._columns.get("detail", Place(()))
        first = next((one for one in detail.heads if form(one).startswith(_DESCRIBES)), None)
        if first is None or len(self._sight.under(first)) > 1:
            return
        self._columns["subject"] = Place((first,))
        others = tuple(one for one in detail.heads if one != first)
        self._columns.pop("detail")
        if others:
            self._columns["detail"] = Place(others)

    def _find(self, name: str) -> None:
        """Asks where what is needed stands, or what holds for all rows."""
        free = [
            one
            for one in self._free()
            if one.meaning not in TIMES and (name != "received_at" or one.holds_dates)
        ]
        if name == "received_at" and not free:
            raise BadValue("no-receipt", heads=[one.head for one in self._sight.columns if one.head])
        choices = tuple(_column(one.head) for one in free)
        if name in TERMS:
            choices += tuple(
                Choice(f"{ALL}{term.key}", term.title, (term.key, *term.also))
                for term in self._known.terms(name)
            )
        said = self._ask(Question(Ask.COLUMN, name, choices=choices))
        if said is None:
            return
        if said.startswith(ALL):
            self._default[name] = said.removeprefix(ALL)
        else:
            self._put(name, said)

    def _taken(self) -> set[str]:
        places = self._columns.values()
        return {head for one in places for head in (*one.heads, one.time) if head is not None}

    def _free(self) -> list[Column]:
        """Columns that say something, and are nothing yet."""
        taken = self._taken() | set(self._left_out)
        found = {one.head: one for one in reversed(self._sight.columns) if one.filled and one.head}
        return [
            one
            for one in self._sight.columns
            if found.get(one.head) is one and one.head not in taken and one.meaning != RUNNING
        ]

    def _look_at_ids(self) -> None:
        place = self._columns.get("external_id")
        if place is None:
            return
        ids = self._sight.under(place.heads[0])[0].ids
        is_short = ids.run and ids.longest < SHORTEST_ID
        if not ids.seen or is_short or ids.repeated:
            self._columns.pop("external_id")
            if ids.repeated and not is_short:
                # It is of use to whoever looks a complaint up, and to nobody who counts them.
                before = self._columns.get("detail", Place(()))
                self._columns["detail"] = Place((*before.heads, *place.heads))
                self._say(Told.ID_REPEATED, head=place.heads[0], count=ids.repeated)
            else:
                self._left_out += place.heads
                if ids.seen:
                    self._say(Told.ID_RUNS, head=place.heads[0])

    def _put_times(self) -> None:
        for name, of in TIMES.items():
            columns = [one for one in self._sight.named(name) if one.filled]
            if len(columns) == 1 and of in self._columns and len(self._sight.under(columns[0].head)) == 1:
                self._columns[of] = replace(self._columns[of], time=columns[0].head)

    def _rest(self) -> Question | None:
        """Columns without a meaning: into the detail, or nowhere. They are asked about last."""
        empty = [one.head for one in self._sight.columns if one.head and not one.filled]
        running = [one.head for one in self._sight.columns if one.head and one.meaning == RUNNING]
        self._left_out += [one for one in (*running, *empty) if one not in self._taken()]
        nameless = sum(not one.head and one.meaning is None and one.filled > 0 for one in self._sight.columns)
        if nameless:
            self._say(Told.NAMELESS, count=nameless)
        free = self._free()
        if not free:
            return None
        question = Question(Ask.REST, choices=tuple(_column(one.head) for one in free), default="")
        said = self._answers.get(question.key)
        out = {int(one) for one in said.split()} if said is not None else set()
        kept = [one.head for number, one in enumerate(free, 1) if number not in out]
        if said is None:
            return question
        self._left_out += [one.head for number, one in enumerate(free, 1) if number in out]
        if kept:
            before = self._columns.get("detail", Place(()))
            self._columns["detail"] = Place((*before.heads, *kept))
        return None

    def _tell_columns(self) -> None:
        for name, place in self._columns.items():
            self._say(Told.COLUMN, name=name, heads=place.heads, time=place.time)
        if self._left_out:
            self._say(Told.LEFT_OUT, heads=tuple(dict.fromkeys(self._left_out)))

    def _column_of(self, name: str) -> Column | None:
        place = self._columns.get(name)
        return self._sight.under(place.heads[0])[0] if place is not None else None


def _column(head: str) -> Choice:
    return Choice(head, Title(head, head), is_column=True)
