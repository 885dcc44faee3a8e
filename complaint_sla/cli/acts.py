"""Commands that do something to complaints that were logged, to one or to many at once."""

from typing import Annotated

from typer import Argument, Option

from complaint_sla.cli import answers
from complaint_sla.cli.doing import Doing, Kind
from complaint_sla.cli.options import AsJson, Category, Channel, Group, Number, UrgentOrNot
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.errors import BadValue
from complaint_sla.core.numbers import is_number, joined, leading
from complaint_sla.wording import N_, Words
from complaint_sla.work import whom
from complaint_sla.work.complaints import change, duplicates
from complaint_sla.work.complaints.change import Done

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


def assigned(words: Words, one: Done) -> str:
    """To whom, and from whom it was taken."""
    owner = one.owner or one.complaint.owner
    if one.was is None:
        return words("assigned to {owner}", owner=owner)
    return words("assigned to {owner} (was: {was})", owner=owner, was=one.was)


def _twins(doing: Doing, number: str, of: str, reason: str | None) -> None:
    mine, original = duplicates.mark(doing.desk, number, of, reason)
    other = answers.about(doing.terminal, original.complaint, original.customer)
    doing.tell([mine], lambda _: doing.terminal.words("duplicate of {number}", number=other))
