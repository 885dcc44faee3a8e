"""One act on one complaint or on several, from what was typed to what is answered, with what is asked before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import typer

from complaint_sla.cli import answers, texts
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.texts import STDIN, Text
from complaint_sla.core import fields
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import NotFound
from complaint_sla.core.numbers import is_number, joined, listed
from complaint_sla.wording.screening import plain
from complaint_sla.work.complaints import change
from complaint_sla.work.complaints.change import Act, Done
from complaint_sla.work.complaints.glance import Glance, glance, same_customer
from complaint_sla.work.desk import Desk

# From so many on, whoever sits there is asked: a list may hold more than they think.
MANY = 3


# As many are shown before it is asked whether all of them are meant.
MOST_SHOWN = 15


# As shells have it of what was interrupted.
DECLINED = 130


@dataclass(frozen=True)
class Kind:
    """What is asked before an act on a complaint that is another's; empty where nobody is asked before.

    `on`: the status in which it can be done, where it is but one; `needs_note`: asked as well where nothing was noted.
    """

    question: str = ""
    on: Status | None = Status.OPEN
    needs_note: bool = False


class Doing:
    """One act on one complaint or on several, from what was typed to what is answered.

    Asking comes before doing: what is missing, and whether it is meant, of what is another's.
    """

    def __init__(
        self, terminal: Terminal, arguments: Sequence[str], kind: Kind, *, yes: bool, json: bool
    ) -> None:
        self.terminal, self._kind, self._yes, self._json = terminal, kind, yes, json
        # A script, for which nobody answers, need not wait for it.
        self.can_ask = terminal.can_ask and not json
        self._from_stdin = STDIN in arguments
        self._numbers = [
            number
            for one in joined(arguments)
            for number in (listed(texts.standard_input("NUMBER")) if one == STDIN else [one])
        ]
        if self._numbers and not is_number(self._numbers[0]):
            # Said before what is missing: most often two arguments have changed places.
            fields.number(self._numbers[0])
            raise NotFound("no-number", number=self._numbers[0])
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The desk, once it is agreed that the act is meant."""
        if self._desk is None:
            self._desk = self.terminal.desk(writes=True)
            if self.can_ask and not self._yes:
                self._agree(glance(self._desk, self._numbers))
        return self._desk

    def text(self, name: str, title: str, given: str | None, *, edit: bool = False) -> Text:
        text = Text(
            self.terminal,
            name,
            title,
            given,
            edit=edit,
            can_ask=self.can_ask,
            stdin_is_taken=self._from_stdin,
        )
        if text.is_missing:
            # Nobody writes a page about what they did not mean.
            _ = self.desk
        return text

    def require(self, given: str | None, name: str) -> None:
        """Raises BadValue (`missing-option`) for what was not given where nobody can be asked."""
        if given is None and not self.can_ask:
            raise self.terminal.missing(name)

    def chosen(self, title: str, meant: Callable[[Desk, str], str]) -> str:
        return texts.chosen(self.terminal, title, lambda text: meant(self.desk, text))

    def compare(self, of: str) -> bool | None:
        """Whether the one complaint and another are of one customer; asked where they don't tell."""
        same = same_customer(self.desk, self._numbers[0], of)
        if same is not True and self.can_ask and not self._yes:
            pair = glance(self.desk, [self._numbers[0], of])
            if len(pair) > 1:
                for one in pair:
                    self.terminal.tell(f"  {_line(self.terminal, one)}")
                if same is None:
                    self._ask(self.terminal.words("Are they one? (y, Enter: no)"))
        return same

    def do(self, act: Act) -> list[Done]:
        return change.done(self.desk, self._numbers, act)

    def tell(self, found: Sequence[Done], said: Callable[[Done], str], of_all: str | None = None) -> None:
        """Answers with each complaint and what was done to it, and with the sum where there are several."""
        if len(found) == 1 and not self._from_stdin:
            one = found[0]
            answers.changed(
                self.terminal, self.desk, one.complaint, said(one), json=self._json, customer=one.customer
            )
            return
        if self._json:
            self.terminal.answer_json({"complaints": [one.complaint for one in found]})
            return
        for one in found:
            self.terminal.say(answers.about(self.terminal, one.complaint, one.customer, said(one)))
        done = said(found[0]) if of_all is None else of_all
        self.terminal.say(
            self.terminal.words.plural(
                "{n} complaint: {done}", "{n} complaints: {done}", len(found), done=done
            )
        )

    def say_without_owner(self, found: Sequence[Done]) -> None:
        if not self._json:
            answers.without_owner(self.terminal, *(one.complaint for one in found))

    def _agree(self, seen: Sequence[Glance]) -> None:
        """Asks where it may be a slip: once, however many they are."""
        if any(self._kind.on not in (None, one.complaint.status) for one in seen):
            # It will be refused, all of it.
            return
        words = self.terminal.words
        doubts = [doubt for one in seen if (doubt := self._doubt(one))]
        if len(seen) == 1:
            if doubts:
                self.terminal.tell(_line(self.terminal, seen[0]))
                self._ask(f"{doubts[0]} {words(self._kind.question)}")
        elif doubts or len(seen) >= MANY:
            for one in seen[:MOST_SHOWN]:
                self.terminal.tell(_line(self.terminal, one, self._doubt(one)))
            if len(seen) > MOST_SHOWN:
                self.terminal.remark("… and {n} more.", n=len(seen) - MOST_SHOWN)
            self._ask(words("All {n} of them? (y, Enter: no)", n=len(seen)))

    def _doubt(self, one: Glance) -> str:
        words = self.terminal.words
        if not self._kind.question:
            return ""
        if one.of_another:
            return words("It is with {owner}.", owner=plain(one.owner or one.complaint.owner or ""))
        if self._kind.needs_note and not one.noted and not one.in_hand:
            return words("Nothing has been noted of it.")
        return ""

    def _ask(self, question: str) -> None:
        if not texts.agreed(self.terminal, question):
            self.terminal.remark("Nothing was changed.")
            raise typer.Exit(DECLINED)


def _line(terminal: Terminal, one: Glance, doubt: str = "") -> str:
    return answers.about(terminal, one.complaint, one.customer, doubt)
