"""The options by which complaints are picked, of every command that goes through many of them."""

import inspect
import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any

from typer import Option

from complaint_sla.cli import answers
from complaint_sla.cli.options import Category, Channel, Group, OfficeAndBelow, UrgentOrNot
from complaint_sla.core.calendars import parse_day
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue
from complaint_sla.core.matching import ME
from complaint_sla.core.terms import key_in
from complaint_sla.store.filters import Order
from complaint_sla.wording import N_
from complaint_sla.work.complaints.look import NOBODY, Wanted
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Filters:
    """What was asked for, as it was typed."""

    status: Annotated[str | None, Option(help="open|closed|withdrawn|duplicate", metavar="S")] = None
    open_: Annotated[bool, Option("--open", help=N_("the open ones"))] = False
    overdue: Annotated[
        bool | None, Option("--overdue/--no-overdue", help=N_("open and late, or open and not late"))
    ] = None
    due: Annotated[str | None, Option(help=N_("due on that day alone"), metavar="DAY|today")] = None
    due_within: Annotated[int | None, Option(help=N_("due within so many days"), metavar="DAYS")] = None
    office: OfficeAndBelow = None
    mine: Annotated[bool, Option("--mine", help=N_("whose owner you are"))] = False
    owner: Annotated[
        str | None, Option(help=N_("who takes care of it; none: nobody"), metavar="EMAIL|none")
    ] = None
    group: Group = None
    urgent: UrgentOrNot = None
    category: Category = None
    channel: Channel = None
    received_since: Annotated[str | None, Option(help=N_("received on that day or later"), metavar="DAY")] = (
        None
    )
    silent: Annotated[
        int | None, Option(help=N_("nobody has done anything for so many days"), metavar="DAYS")
    ] = None
    sort: Annotated[str | None, Option(help=N_("earliest first: due|received|touched"), metavar="ORDER")] = (
        None
    )

    def wanted(self, desk: Desk, limit: int | None = None) -> Wanted:
        """What it means. Raises BadValue for what means nothing, or for two that exclude each other."""
        for name, days in (("--due-within", self.due_within), ("--silent", self.silent)):
            if days is not None and days < 0:
                raise BadValue("bad-number", value=f"{name} {days}", least=0)
        status = answers.choice(self.status, Status, "--status") if self.status is not None else None
        if status not in (None, Status.OPEN) and (self.open_ or self.overdue is not None):
            raise BadValue("one-of-two", one="--status", two="--open" if self.open_ else "--overdue")
        if self.mine and self.owner is not None:
            raise BadValue("one-of-two", one="--mine", two="--owner")

        def term(kind: str) -> str | None:
            typed: str | None = getattr(self, kind)
            return typed if typed is None else key_in(desk.shelf, kind, typed)

        return Wanted(
            status=status or Status.OPEN,
            overdue=self.overdue,
            due_within=self.due_within,
            due=_day(desk, self.due),
            office=self.office,
            group=term("group"),
            urgent=self.urgent,
            channel=term("channel"),
            category=term("category"),
            owner=ME if self.mine else _nobody(self.owner),
            received_since=_day(desk, self.received_since),
            silent=self.silent,
            order=answers.choice(self.sort, Order, "--sort") if self.sort is not None else Order.DUE,
            limit=limit,
        )

    def __str__(self) -> str:
        """As it is typed."""
        typed: list[str] = []
        for name, value in asdict(self).items():
            option = name.strip("_").replace("_", "-")
            if isinstance(value, bool):
                # A plain switch that is off was not typed.
                typed += [f"--{option}"] if value else [f"--no-{option}"] if name in OR_NOT else []
            elif value is not None:
                typed += [f"--{option}", str(value)]
        return shlex.join(typed)


OR_NOT = ("overdue", "urgent")


def filtered(answer: Callable[..., None]) -> Callable[..., None]:
    """Gives a command the options of `Filters`, which it takes as one after the terminal."""

    def called(terminal: Any, **given: Any) -> None:
        answer(terminal, Filters(**{one.name: given.pop(one.name) for one in fields(Filters)}), **given)

    first, _, *own = inspect.signature(answer).parameters.values()
    options = inspect.signature(Filters).parameters.values()
    called.__name__, called.__doc__ = answer.__name__, answer.__doc__
    called.__annotations__ = {one.name: one.annotation for one in (first, *options, *own)}
    called.__signature__ = inspect.Signature([first, *options, *own])  # type: ignore[attr-defined]
    return called


def _day(desk: Desk, text: str | None) -> Any:
    if text is None:
        return None
    return parse_day(text, desk.today)


def _nobody(owner: str | None) -> str | None:
    return NOBODY if owner is not None and owner.strip().casefold() == NOBODY else owner
