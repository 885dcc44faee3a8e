"""The tree of offices, the people in it, and whom a role means on a given day.

A role that nobody fills goes up, never down: supervisor, manager, then the parent office's supervisor and manager, and
so on; a manager's goes to managers only. A person away is stood in for by the deputy. Nobody at all is said as
`role:supervisor@OFFICE`, never left out. Where a hand has closed the tree to a circle, each walk over it ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"


@dataclass(frozen=True)
class Office:
    code: str
    parent: str | None = None


@dataclass(frozen=True)
class Person:
    """Somebody on the staff; `email` is the identity. Away up to and including the local day `away_until`."""

    email: str
    office: str
    role: Role
    away_until: date | None = None
    deputy: str | None = None
    retired: bool = False
    unreachable: bool = False


NOBODY = "role:"


def is_nobody(recipient: str) -> bool:
    """Whether a recipient is a role that nobody fills."""
    return recipient.startswith(NOBODY)


def unfilled(role: str, office: str) -> str:
    """A role that nobody fills at an office, as the recipient of what is owed to it."""
    return f"{NOBODY}{role}@{office}"


def role_and_office(recipient: str) -> tuple[str, str]:
    """What `unfilled` was given."""
    role, _, office = recipient.removeprefix(NOBODY).partition("@")
    return role, office


@dataclass(frozen=True)
class Roster:
    offices: Mapping[str, Office]
    people: Mapping[str, Person]
    _posts: dict[tuple[str, Role], list[str]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for person in self.people.values():
            self._posts.setdefault((person.office, person.role), []).append(person.email)

    def recipients(
        self, role: str, office: str, owner: str | None, day: date, without: Collection[str] = ()
    ) -> tuple[str, ...]:
        """Who hears what is meant for `role` at `office` on a local day; `without` names people to pass over.

        Empty only for an owner where there is none; otherwise people, or one `role:…@OFFICE`.
        """
        *ups, name = role.split(":")
        at = office
        for _ in ups:
            at = self._parent(at) or at
        if name == "owner":
            if owner is None:
                return ()
            stand_in = self.stand_in(owner, day, without)
            if stand_in is not None:
                return (stand_in,)
            name = Role.SUPERVISOR.value
        for post in self._line(Role(name), at):
            found = tuple(
                dict.fromkeys(
                    stand_in
                    for email in sorted(self._posts.get(post, ()))
                    if (stand_in := self.stand_in(email, day, without)) is not None
                )
            )
            if found:
                return found
        return (unfilled(name, at),)

    def chosen(
        self, roles: Collection[str], office: str, owner: str | None, day: date, without: Collection[str] = ()
    ) -> dict[str, tuple[str, ...]]:
        """Each recipient of several roles once, with the roles that led there, in the order of the roles.

        What is meant for an owner only, where there is none, is the supervisor's: empty only for no roles.
        """
        as_said = {role: role for role in roles}
        for_owner = {role: role.replace("owner", Role.SUPERVISOR) for role in roles}
        return self._led_to(as_said, office, owner, day, without) or self._led_to(
            for_owner, office, owner, day, without
        )

    def _led_to(
        self, meant: Mapping[str, str], office: str, owner: str | None, day: date, without: Collection[str]
    ) -> dict[str, tuple[str, ...]]:
        """Each recipient, with the roles that led there; `meant` says which role is asked for each."""
        result: dict[str, tuple[str, ...]] = {}
        for role, asked in meant.items():
            for recipient in self.recipients(asked, office, owner, day, without):
                result[recipient] = (*result.get(recipient, ()), role)
        return result

    def hearing_for(self, email: str, day: date) -> set[str]:
        """The people who on a local day hear what is meant for somebody, as an owner or in the post that they hold."""
        person = self.people.get(email)
        if person is None:
            return set()
        roles = ("owner", person.role.value)
        heard = {one for role in roles for one in self.recipients(role, person.office, email, day)}
        return {one for one in heard if not is_nobody(one)} - {email}

    def below(self, office: str) -> list[str]:
        """The office and all below it, each once, parents before children, by code."""
        return self._walk([office])

    def tree(self) -> list[str]:
        """All offices, each once, parents before children, by code; a circle begins with its first."""
        roots = sorted(one.code for one in self.offices.values() if one.parent not in self.offices)
        return self._walk([*roots, *(circle[0] for circle in self.circles())])

    def circles(self) -> list[tuple[str, ...]]:
        """The offices that stand above themselves, which only a hand can have brought about: each circle by code."""
        found = set()
        for office in self.offices:
            walked = list(self._upwards(office))
            # A walk that ends at no root comes back to where its circle begins.
            back = self._parent(walked[-1])
            if back in walked:
                found.add(tuple(sorted(walked[walked.index(back) :])))
        return sorted(found)

    def _walk(self, tops: Sequence[str]) -> list[str]:
        children: dict[str | None, list[str]] = {}
        for one in self.offices.values():
            children.setdefault(one.parent, []).append(one.code)
        result: dict[str, None] = {}
        waiting = list(reversed(tops))
        while waiting:
            code = waiting.pop()
            if code not in result:
                result[code] = None
                waiting.extend(sorted(children.get(code, ()), reverse=True))
        return list(result)

    def _upwards(self, office: str) -> Iterator[str]:
        """The office and those above it, each once."""
        seen: set[str] = set()
        at: str | None = office
        while at is not None and at not in seen:
            seen.add(at)
            yield at
            at = self._parent(at)

    def _parent(self, office: str) -> str | None:
        """The office above; None at the root, and for an office that is not there."""
        known = self.offices.get(office)
        return known.parent if known is not None else None

    def _line(self, role: Role, office: str) -> Iterator[tuple[str, Role]]:
        """The posts to try, nearest first: what is meant for a manager never goes to a supervisor."""
        for at in self._upwards(office):
            if role is not Role.MANAGER:
                yield at, role if at == office else Role.SUPERVISOR
            yield at, Role.MANAGER

    def stand_in(self, email: str, day: date, without: Collection[str] = ()) -> str | None:
        """The person, or whoever stands in: the deputy, the deputy's deputy. None if that leads nowhere."""
        asked: set[str] = set()
        while email not in asked:
            asked.add(email)
            person = self.people.get(email)
            if person is None or person.retired or person.unreachable or email in without:
                return None
            if person.away_until is None or person.away_until < day:
                return email
            if person.deputy is None:
                return None
            email = person.deputy
        return None
