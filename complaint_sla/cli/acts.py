"""Commands that do something to complaints that were logged, to one or to many at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from typer import Argument, Option

from complaint_sla.cli import answers, texts
from complaint_sla.cli.options import AsJson, Category, Channel, Group, Number, UrgentOrNot
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.texts import STDIN, Text
from complaint_sla.cli.usage import Commands
from complaint_sla.core import fields
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue, NotFound
from complaint_sla.core.numbers import is_number, joined, leading, listed
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain
from complaint_sla.work import whom
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

Numbers = Annotated[
    list[str],
    Argument(help=N_("of one complaint or more; - takes them from standard input"), metavar="NUMBER..."),
]
# What follows them may be a number, too: whoever reads them tells.
BeforeLast = Annotated[
    list[str] | None,
    Argument(
        help=N_("of one complaint or more; - takes them from standard input"),
        metavar="NUMBER...",
        default_factory=list,
        show_default=False,
    ),
]
Reason = Annotated[str | None, Option(help=N_("why; also - or @FILE"), metavar="TEXT")]
Edit = Annotated[bool, Option("--edit", help=N_("write the text in the editor ($VISUAL, $EDITOR)"))]
Yes = Annotated[bool, Option("--yes", help=N_("don't ask"))]


@dataclass(frozen=True)
class Kind:
    """What is asked before an act on a complaint that is another's; empty where nobody is asked before.

    `on`: the status in which it can be done, where it is but one; `needs_note`: asked as well where nothing was noted.
    """

    question: str = ""
    on: Status | None = Status.OPEN
    needs_note: bool = False


NOTE = Kind(on=None)
ACKNOWLEDGE = Kind()
ASSIGN = Kind(N_("Assign it to somebody else? (y, Enter: no)"))
TRANSFER = Kind(N_("Transfer it? (y, Enter: no)"))
CLOSE = Kind(N_("Close it? (y, Enter: no)"), needs_note=True)
WITHDRAW = Kind(N_("Mark it as withdrawn? (y, Enter: no)"))
DUPLICATE = Kind(N_("Mark it as a duplicate? (y, Enter: no)"))
RECLASSIFY = Kind(N_("Reclassify it? (y, Enter: no)"))
REOPEN = Kind(N_("Open it again? (y, Enter: no)"), on=None)


def register(app: Commands, words: Words) -> None:
    @app.command()
    def note(
        terminal: Terminal,
        numbers: BeforeLast,
        text: Annotated[str, Argument(help=words("what to write down; also - or @FILE"), metavar="TEXT")],
        kind: Annotated[
            str | None, Option(help="assess|investigate|respond|communicate", metavar="KIND")
        ] = None,
        edit: Edit = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        these, rest = leading(joined([*(numbers or ()), text]))
        if len(rest) > 1:
            raise BadValue("too-much", name=rest[1])
        meant = answers.choice(kind, change.NoteKind, "--kind") if kind is not None else None
        doing = Doing(terminal, these, NOTE, yes=yes, json=json)
        note = doing.text("TEXT", words("What to write down"), rest[0] if rest else None, edit=edit)
        with note.said() as said:
            doing.tell(doing.do(change.note(said, meant)), lambda _: words("noted"))

    @app.command()
    def assign(
        terminal: Terminal,
        numbers: BeforeLast,
        email: Annotated[str, Argument(help=words("who takes care of it"), metavar="EMAIL")],
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        these, to = joined([*(numbers or ()), email]), None
        if len(these) > 1 and not is_number(these[-1]):
            to = these.pop()
        doing = Doing(terminal, these, ASSIGN, yes=yes, json=json)
        doing.require(to, "EMAIL")
        if to is None:
            to = doing.chosen(words("Who takes care of it (address or part of the name)"), whom.address_meant)
        found = doing.do(change.assign(to))
        to_all = words("assigned to {owner}", owner=found[0].owner or found[0].complaint.owner)
        doing.tell(found, lambda one: assigned(words, one), to_all)

    @app.command()
    def acknowledge(terminal: Terminal, numbers: Numbers, yes: Yes = False, json: AsJson = False) -> None:
        doing = Doing(terminal, numbers, ACKNOWLEDGE, yes=yes, json=json)
        doing.tell(doing.do(change.acknowledge()), lambda _: words("acknowledged"))

    @app.command()
    def transfer(
        terminal: Terminal,
        numbers: Numbers,
        office: Annotated[
            str | None, Option(help=words("code of the office, or a part of its name"), metavar="CODE")
        ] = None,
        reason: Reason = None,
        edit: Edit = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        doing = Doing(terminal, numbers, TRANSFER, yes=yes, json=json)
        doing.require(office, "--office")
        text = doing.text("--reason", words("Reason"), reason, edit=edit)
        if office is None:
            office = doing.chosen(words("Office (code or part of its name)"), whom.code_meant)
        with text.said() as said:
            found = doing.do(change.transfer(office, said))
            doing.tell(found, lambda one: words("transferred to {office}", office=one.complaint.office))
        doing.say_without_owner(found)

    @app.command()
    def close(
        terminal: Terminal,
        numbers: Numbers,
        outcome: Annotated[
            str | None, Option(help=words("what was done; also - or @FILE"), metavar="TEXT")
        ] = None,
        at: Annotated[str | None, Option(help=words("when, if not now"), metavar="MOMENT")] = None,
        edit: Edit = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        doing = Doing(terminal, numbers, CLOSE, yes=yes, json=json)
        text = doing.text("--outcome", words("Outcome"), outcome, edit=edit)
        moment = terminal.moment(at)
        with text.said() as said:
            doing.tell(
                doing.do(change.close(said, moment)),
                lambda one: words("closed in time") if one.complaint.on_time else words("closed late"),
                words("closed"),
            )

    @app.command()
    def reopen(
        terminal: Terminal,
        numbers: Numbers,
        reason: Reason = None,
        edit: Edit = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        doing = Doing(terminal, numbers, REOPEN, yes=yes, json=json)
        with doing.text("--reason", words("Reason"), reason, edit=edit).said() as said:
            found = doing.do(change.reopen(said))
            doing.tell(found, lambda _: words("open again"))
        doing.say_without_owner(found)

    @app.command()
    def withdraw(
        terminal: Terminal,
        numbers: Numbers,
        reason: Reason = None,
        edit: Edit = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        doing = Doing(terminal, numbers, WITHDRAW, yes=yes, json=json)
        with doing.text("--reason", words("Reason"), reason, edit=edit).said() as said:
            doing.tell(doing.do(change.withdraw(said)), lambda _: words("withdrawn"))

    @app.command()
    def duplicate(
        terminal: Terminal,
        number: Number,
        of: Annotated[str, Option(help=words("the complaint that goes on"), metavar="NUMBER")],
        reason: Annotated[
            str | None,
            Option(
                help=words("why it is one with that of another customer; also - or @FILE"), metavar="TEXT"
            ),
        ] = None,
        edit: Edit = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        doing = Doing(terminal, [number], DUPLICATE, yes=yes, json=json)
        given = reason is not None or edit
        text = doing.text("--reason", words("Reason"), reason, edit=edit) if given else None
        if doing.compare(of) is False and not given and doing.can_ask:
            text = doing.text("--reason", words("Of different customers. Why are they one"), None)
        if text is None:
            _twins(doing, number, of, None)
            return
        with text.said() as said:
            _twins(doing, number, of, said)

    @app.command()
    def reclassify(
        terminal: Terminal,
        numbers: Numbers,
        reason: Reason = None,
        group: Group = None,
        urgent: UrgentOrNot = None,
        channel: Channel = None,
        category: Category = None,
        edit: Edit = False,
        yes: Yes = False,
        json: AsJson = False,
    ) -> None:
        given = {"group": group, "channel": channel, "category": category}
        if urgent is None and not any(given.values()):
            raise BadValue("nothing-to-reclassify")
        doing = Doing(terminal, numbers, RECLASSIFY, yes=yes, json=json)
        with doing.text("--reason", words("Reason"), reason, edit=edit).said() as said:
            act = change.reclassify(said, urgent=urgent, **given)
            doing.tell(doing.do(act), lambda _: words("reclassified"))


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


def assigned(words: Words, one: Done) -> str:
    """To whom, and from whom it was taken."""
    owner = one.owner or one.complaint.owner
    if one.was is None:
        return words("assigned to {owner}", owner=owner)
    return words("assigned to {owner} (was: {was})", owner=owner, was=one.was)


def _twins(doing: Doing, number: str, of: str, reason: str | None) -> None:
    mine, original = change.duplicate(doing.desk, number, of, reason)
    other = answers.about(doing.terminal, original.complaint, original.customer)
    doing.tell([mine], lambda _: doing.terminal.words("duplicate of {number}", number=other))
