"""Who sits at the machine, as the system knows them: nothing that they could say of themselves."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SystemUser:
    """The user of the process's uid; who came to it by `sudo`; and the user that logged in, where the system keeps it.

    Each is a name, or the number (`uid 12345`) of one without.
    """

    name: str
    sudo: str | None = None
    login: str | None = None

    @property
    def person(self) -> str:
        """Who it is: whoever works as a shared user by sudo is still themselves."""
        return self.sudo or self.name

    def __str__(self) -> str:
        """As it is written into events: `csla (sudo malee, login malee)`."""
        beside = [f"sudo {self.sudo}"] if self.sudo is not None else []
        if self.login is not None and self.login != self.name:
            beside.append(f"login {self.login}")
        return f"{self.name} ({', '.join(beside)})" if beside else self.name
