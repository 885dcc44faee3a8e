"""A call center on PostgreSQL with a login for each of its people: roles as they ship, offices, and a few complaints."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg
from sqlalchemy import make_url

from complaint_sla.core.permissions import AccessRole
from tests.cli.runner import SUNDAY, Program
from tests.published import rehearse
from tests.servers.postgres import BY_HAND

# Who works where, as what: logins of the server, the role that each is a member of, their post and office.
PEOPLE = {
    "malee": ("officer", "agent", "BANSANG"),
    "anong": ("officer", "agent", "PRACHIN"),
    "prasit": ("officer", "agent", "MAIN"),
    "somsri": ("supervisor", "supervisor", "BANSANG"),
    "suda": ("supervisor", "supervisor", "PRACHIN"),
    "auditor": ("reader", None, None),
    "robot": ("service", None, None),
    "boss": ("administrator", None, None),
    "stranger": (None, None, None),
}
LETTER = ("--source", "12/60", "--dated", "2017-03-03")


@dataclass
class Logins:
    """The roles of one database; the names are its own, since roles are the whole server's."""

    url: str
    number: str = field(default="", init=False)
    """A complaint of BANSANG."""
    other: str = field(default="", init=False)
    """One of PRACHIN, of the same telephone."""
    gone: str = field(default="", init=False)
    """One that BANSANG handed over to PRACHIN."""

    @classmethod
    def open(cls, url: str) -> Logins:
        found = cls(rehearse(url))
        owner = found.owner
        for code, above in (("BANSANG", "MAIN"), ("BELOW", "BANSANG"), ("PRACHIN", "MAIN")):
            owner.found_office(code, above)
        for name, (_, post, office) in PEOPLE.items():
            if post is not None:
                owner("staff", "set", owner.hire(name, post, office or ""), "--login", found.login(name))
        found.number = owner.number("residential", "--office", "BANSANG", "--phone", "0812345678")
        found.other = owner.number("residential", "--office", "PRACHIN", "--phone", "0812345678")
        found.gone = owner.number("residential", "--office", "BANSANG")
        owner("report", "2017-Q1", "--freeze", now="2017-05-02")
        for office in ("BANSANG", "PRACHIN"):
            owner("plan", "enter", "voc-summary", "1/2560", *LETTER, "--office", office, now=SUNDAY)
            listed = (
                f"reference,service,finished_on,customer,phone\n{office},new-meter,2017-03-01,x,0812345678\n"
            )
            through = ("--through", "2017-03-04", "--office", office)
            owner("survey", "import", "-", *through, now=SUNDAY, stdin=listed.encode())
        found.install()
        for name, (role, _, _) in PEOPLE.items():
            found.sql(f"CREATE ROLE {found.login(name)} LOGIN")
            if role is not None:
                found.sql(f"GRANT {found.prefix}_{role} TO {found.login(name)}")
        found.program("malee")("transfer", found.gone, "--office", "PRACHIN", "--reason", "x", now=SUNDAY)
        found.program("robot")("sweep", now=SUNDAY)
        return found

    def id_of(self, number: str) -> int:
        [(id_,)] = self.sql(f"SELECT id FROM complaint WHERE number = '{number}'")
        return int(id_)

    @property
    def prefix(self) -> str:
        return str(make_url(self.url).database)

    @property
    def owner(self) -> Program:
        return Program(self.url)

    def login(self, name: str) -> str:
        return f"{self.prefix}_{name}"

    def program(self, name: str) -> Program:
        """The program as one of the people uses it: under their own login."""
        url = make_url(self.url).set(username=self.login(name))
        return Program(url.render_as_string(hide_password=False))

    def install(self) -> None:
        self.sql(self.owner("roles", "--prefix", self.prefix).out)

    def sql(self, statement: str, name: str | None = None) -> list[tuple[Any, ...]]:
        """Raw SQL, as the owner of the tables or as one of the people; a row for each that was found or changed."""
        url = make_url(self.url)
        user = url.username if name is None else self.login(name)
        with psycopg.connect(
            host=str(url.query["host"]), user=user, dbname=url.database, autocommit=True, options=BY_HAND
        ) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else [()] * cursor.rowcount

    def drop(self) -> None:
        """The roles; they go when nothing of the database needs them any more."""
        names = [*map(self.login, PEOPLE), *(f"{self.prefix}_{role}" for role in AccessRole)]
        for name in names:
            self.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")
