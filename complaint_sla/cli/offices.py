"""Commands for the tree of offices and the people in it."""

from functools import partial
from typing import Annotated

from typer import Argument, Option

from complaint_sla.cli import answers
from complaint_sla.cli.options import AsJson, Everything, OfficeCode, Pager
from complaint_sla.cli.screen import Extent
from complaint_sla.cli.terminal import Terminal
from complaint_sla.cli.usage import Commands
from complaint_sla.core.roster import Role
from complaint_sla.wording import LANGUAGES, Words
from complaint_sla.work import offices


def register(app: Commands, words: Words) -> None:
    app.add_typer(_offices(words), name="office")
    app.add_typer(_staff(words), name="staff")


def _offices(words: Words) -> Commands:
    app = Commands()
    of_class = Option("--class", help=words("its class in the plan: see rules show"), metavar="KEY")

    @app.command(help=words("Add an office."))
    def add(
        terminal: Terminal,
        code: OfficeCode,
        name_th: Annotated[str, Option(help=words("name in Thai"), metavar="TEXT")],
        name_en: Annotated[str, Option(help=words("name in English"), metavar="TEXT")],
        parent: Annotated[str | None, Option(help=words("the office above it"), metavar="CODE")] = None,
        class_: Annotated[str | None, of_class] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        found = offices.add_office(desk, code, name_th, name_en, parent, class_)
        answers.done(terminal, found, words("Office {code} is there.", code=found.code), json=json)

    @app.command(
        "set",
        help=words(
            "Rename an office, move it in the tree (--parent '' makes it a root) or give it a class (--class '' takes it away)."
        ),
    )
    def set_(
        terminal: Terminal,
        code: OfficeCode,
        name_th: Annotated[str | None, Option(help=words("name in Thai"), metavar="TEXT")] = None,
        name_en: Annotated[str | None, Option(help=words("name in English"), metavar="TEXT")] = None,
        parent: Annotated[str | None, Option(help=words("the office above it"), metavar="CODE")] = None,
        class_: Annotated[str | None, of_class] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        found = offices.set_office(desk, code, name_th=name_th, name_en=name_en, parent=parent, class_=class_)
        answers.done(terminal, found, words("Office {code} is changed.", code=found.code), json=json)

    @app.command("list", help=words("All offices, as a tree."))
    def list_(
        terminal: Terminal, everything: Everything = False, pager: Pager = False, json: AsJson = False
    ) -> None:
        desk = terminal.desk(writes=False)
        found = offices.list_offices(desk)
        if json:
            terminal.answer_json(found)
        else:
            from complaint_sla.cli import tables

            extent = Extent(None, everything, pager)
            tables.listed(terminal, found, partial(tables.offices, terminal), extent, "office list")

    return app


def _staff(words: Words) -> Commands:
    app = Commands()
    email = Argument(help=words("e-mail of the person"), metavar="EMAIL")
    role = Option(help="agent|supervisor|manager", metavar="ROLE")
    lang = Option(help=words("language of their mails: th or en"), metavar="th|en")
    login = Option(help=words("name by which the system or the database server knows them"), metavar="NAME")

    @app.command(help=words("Add a person."))
    def add(
        terminal: Terminal,
        email: Annotated[str, email],
        name: Annotated[str, Option(help=words("name"), metavar="TEXT")],
        office: Annotated[str, Option(help=words("code of the office"), metavar="CODE")],
        role: Annotated[str, role],
        lang: Annotated[str, lang] = "th",
        login: Annotated[str | None, login] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        meant = answers.choice(role, Role, "--role")
        answers.one_of(lang, LANGUAGES, "--lang")
        found = offices.add_staff(desk, email, name, office, meant, lang, login)
        answers.done(terminal, found, words("{email} is on the staff.", email=found.email), json=json)

    @app.command("set", help=words("Change a person."))
    def set_(
        terminal: Terminal,
        email: Annotated[str, email],
        name: Annotated[str | None, Option(help=words("name"), metavar="TEXT")] = None,
        office: Annotated[str | None, Option(help=words("code of the office"), metavar="CODE")] = None,
        role: Annotated[str | None, role] = None,
        lang: Annotated[str | None, lang] = None,
        reachable: Annotated[bool, Option("--reachable", help=words("the address exists after all"))] = False,
        back: Annotated[bool, Option("--back", help=words("back from absence or retirement"))] = False,
        login: Annotated[str | None, login] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        if lang is not None:
            answers.one_of(lang, LANGUAGES, "--lang")
        found = offices.set_staff(
            desk,
            email,
            name=name,
            office=office,
            role=answers.choice(role, Role, "--role") if role is not None else None,
            language=lang,
            reachable=reachable,
            back=back,
            login=login,
        )
        answers.done(terminal, found, words("{email} is changed.", email=found.email), json=json)

    @app.command("list", help=words("Everybody on the staff."))
    def list_(
        terminal: Terminal,
        retired: Annotated[bool, Option("--retired", help=words("the retired too"))] = False,
        everything: Everything = False,
        pager: Pager = False,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=False)
        found = offices.list_staff(desk, retired=retired)
        if json:
            terminal.answer_json(found)
        elif not found:
            terminal.answer(
                "Nobody yet. Add somebody: complaint-sla staff add EMAIL --name NAME --office CODE --role ROLE"
            )
        else:
            from complaint_sla.cli import tables

            command = "staff list --retired" if retired else "staff list"
            extent = Extent(None, everything, pager)
            tables.listed(terminal, found, partial(tables.staff, terminal), extent, command)

    @app.command(help=words("Somebody is away; the deputy hears what is meant for them."))
    def away(
        terminal: Terminal,
        email: Annotated[str, email],
        until: Annotated[str, Option(help=words("last day away"), metavar="DAY")],
        deputy: Annotated[str, Option(help=words("who stands in"), metavar="EMAIL")],
        json: AsJson = False,
    ) -> None:
        day = terminal.day(until)
        desk = terminal.desk(writes=True)
        found = offices.away(desk, email, day, deputy)
        said = words("{email} is away until {day}.", email=found.email, day=words.long_day(day))
        answers.done(terminal, found, said, json=json)

    @app.command(help=words("Take somebody off the staff; --to takes over their open complaints."))
    def retire(
        terminal: Terminal,
        email: Annotated[str, email],
        to: Annotated[str | None, Option(help=words("who takes over"), metavar="EMAIL")] = None,
        json: AsJson = False,
    ) -> None:
        desk = terminal.desk(writes=True)
        found = offices.retire(desk, email, to)
        answers.done(terminal, found, words("{email} is retired.", email=found.email), json=json)

    return app
