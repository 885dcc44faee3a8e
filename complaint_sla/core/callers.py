"""Who complained, as far as two complaints tell whether that was the same customer."""

from __future__ import annotations

from dataclasses import dataclass

from complaint_sla.core.fields import fold


@dataclass(frozen=True)
class Caller:
    """Telephone and account in their regular forms; None where it was not said, or is erased."""

    name: str | None = None
    phone: str | None = None
    account: str | None = None


def same(one: Caller, other: Caller) -> bool | None:
    """Whether it is the same customer: if one of name, telephone and account is. None where none of them is known of both."""
    alike = [mine == theirs for mine, theirs in zip(_told(one), _told(other), strict=True) if mine and theirs]
    return any(alike) if alike else None


def _told(caller: Caller) -> tuple[str | None, ...]:
    name = " ".join(fold(caller.name).split()) if caller.name is not None else None
    return name, caller.phone, caller.account
