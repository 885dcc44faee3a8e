"""Commands for rule books: check drafts, publish them, show what is in force."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from complaint_sla import resources
from complaint_sla.bookshelf import Drafts, drafts
from complaint_sla.cli.options import AsJson
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.contract import rules as shapes
from complaint_sla.core.calendars import Quarter, local_day
from complaint_sla.core.errors import BookRefused
from complaint_sla.core.plan import Plan, plan_of
from complaint_sla.core.publishing import Outcome
from complaint_sla.core.rulebook import RuleKind, Shelf
from complaint_sla.store import books
from complaint_sla.wording import N_, Words
from complaint_sla.wording.rulediff import line
from complaint_sla.wording.screening import plain
from complaint_sla.work.rules import publish as publishing
from complaint_sla.work.rules.publish import Published

# Of a plan as they were before plans had figures of their own, and what can be done about it.
NARROW = N_(
    "The plan {plan} asks for nothing but the complaints; one with all activities ships with the program."
)
COPY = N_(
    "Copy {folder}/plan-2560.toml, give the copy an id and an effective_from of its own, then: complaint-sla rules publish FILE"
)


def register(app: Commands, words: Words) -> None:
    rules = Commands()
    app.add_typer(rules, name="rules")

    @rules.command(help=words("Check the rule books of a folder; every fault is listed."))
    def check(
        terminal: Terminal,
        folder: Annotated[
            Path | None, Argument(help=words("folder of rule books, or one of them"), metavar="[DIR|FILE]")
        ] = None,
        json: AsJson = False,
    ) -> None:
        found = _drafts(terminal, folder)
        if json:
            data = [{"kind": RuleKind.BOOK, **shapes.book(book)} for book in found.books]
            data += [{"kind": RuleKind.PLAN, **shapes.planned(plan)} for plan in found.plans]
            terminal.answer_json(data)
            return
        for book in found.books:
            terminal.answer(
                "{book}: in order. {rules} rules, {stages} stages, in force from {day}.",
                book=book.id,
                rules=len(book.rules),
                stages=len(book.stages),
                day=words.long_day(book.effective_from),
            )
        for plan in found.plans:
            from complaint_sla.cli.planlist import counted

            terminal.answer("{plan}: in order. {counted}", plan=plan.id, counted=counted(words, plan))

    @rules.command(
        help=words(
            "Put rule books, plans and the service's settings in force, all of them or none; says what that changes."
        )
    )
    def publish(
        terminal: Terminal,
        path: Annotated[
            Path | None, Argument(help=words("folder of rule books, or one of them"), metavar="[DIR|FILE]")
        ] = None,
        dry_run: Annotated[bool, Option("--dry-run", help=words("only say what would change"))] = False,
        json: AsJson = False,
    ) -> None:
        found = _drafts(terminal, path)
        terminal.store(writes=not dry_run)
        try:
            terminal.shelf  # noqa: B018 - read, to see whether there are any
        except BookRefused:
            # The first ones say in which zone a day begins.
            terminal.shelf = found.shelf
        desk = terminal.opening.desk(terminal.now, shelf=terminal.shelf)
        published = publishing.publish(desk, found, dry_run=dry_run)
        if json:
            said = ([line(words, each) for each in one.differences] for one in published)
            terminal.answer_json([shapes.published(*pair) for pair in zip(published, said, strict=True)])
            return
        for one in published:
            _tell(terminal, one, dry_run=dry_run)
        changed = {difference.kind for one in published for difference in one.differences}
        if "permissions" in changed and desk.standing.on_server and not dry_run:
            terminal.remark(
                "Tell the database server who may do what now: complaint-sla roles | psql DATABASE"
            )

    @rules.command(help=words("Show the rule book and the plan in force: deadlines, stages, keys; measures."))
    def show(terminal: Terminal, json: AsJson = False) -> None:
        terminal.shelf = _shelf(terminal)
        today = local_day(terminal.now, terminal.zone)
        book = terminal.shelf.in_force(today)
        plan = _plan(terminal, Quarter.of(today))
        if json:
            terminal.answer_json(
                {**shapes.book(book), "plan": shapes.planned(plan) if plan is not None else None}
            )
            return
        from complaint_sla.cli import planlist, tables

        tables.book(terminal, book)
        if plan is not None:
            planlist.listed(terminal, plan)
            tell_of_more(terminal, plan)


def tell_of_more(terminal: Terminal, plan: Plan) -> None:
    """Of a plan as they were before plans had figures of their own, that there is more by now."""
    if not plan.is_entered:
        terminal.remark(NARROW, plan=plan.id)
        terminal.remark(COPY, folder=plain(str(resources.rules())))


def _tell(terminal: Terminal, one: Published, *, dry_run: bool) -> None:
    if one.outcome is Outcome.SAME:
        terminal.answer("{name}: as it is published already.", name=one.id)
        return
    said = N_("{name}: would be published.") if dry_run else N_("{name}: published.")
    terminal.say(terminal.words(said, name=one.id))
    if one.effective_from is not None:
        terminal.answer("  In force from {day}.", day=terminal.words.long_day(one.effective_from))
    if one.differences and one.than is not None:
        terminal.answer("  Other than {name}:", name=one.than)
        for difference in one.differences:
            terminal.say(f"    {line(terminal.words, difference)}")


def _drafts(terminal: Terminal, path: Path | None) -> Drafts:
    return drafts(path) if path is not None else terminal.opening.drafts


def _plan(terminal: Terminal, quarter: Quarter) -> Plan | None:
    """The plan of a quarter that is in force, or among the drafts where those are named."""
    if terminal.options.get("rules") is not None:
        return plan_of(terminal.opening.drafts.plans, quarter)
    with terminal.store(writes=False).read() as session:
        return plan_of(books.plans(session), quarter)


def _shelf(terminal: Terminal) -> Shelf:
    """The books in force, or the drafts where those are named."""
    if terminal.options.get("rules") is not None:
        return terminal.opening.drafts.shelf
    return terminal.shelf
