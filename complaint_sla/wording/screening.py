"""What is shown of other people's text: contact details masked, and nothing that could steer a screen.

Personal data protection act, B.E. 2562: contact details stay out of lists, mails, reports and logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from complaint_sla.core.corrections import field_of

# Controls, halves of surrogate pairs, separators of lines and paragraphs; and what reorders what stands around it: a
# subject could be made to read as something else.
_STEERING = re.compile(
    "[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029"
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069]"
)
# An address; %40 stands for the @ in the links that some mail servers give. It is looked for where a word begins: from
# each character of a long one, the search would take the square of its length.
_ADDRESS = re.compile(
    r"""(?<![^\s<>"'=,;:/()\[\]@%])([^\s<>"'=,;:/()\[\]@%]+)(@|%40)([^\s<>"',;:/()\[\]@%]+)"""
)


def plain(text: str, *, keep: str = "") -> str:
    """Text with every control and direction mark shown as an escape (`\\x1b`), except those in `keep`."""

    def shown(match: re.Match[str]) -> str:
        return match[0] if match[0] in keep else match[0].encode("unicode_escape").decode()

    return _STEERING.sub(shown, text)


def masked(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a customer, by name, with telephone, account and e-mail masked, as they are and as they were."""
    ways = {"phone": masked_phone, "account": masked_account, "email": masked_email}
    fields = {name: field_of(name) for name in said}
    return {
        name: ways[fields[name]](value) if value and fields[name] in ways else value
        for name, value in said.items()
    }


def masked_phone(phone: str) -> str:
    """08x-xxx-1234: the first two and the last four digits."""
    return f"{phone[:2]}x-xxx-{phone[-4:]}"


def masked_account(account: str) -> str:
    """xxxx-xxxx-9012: the last four digits."""
    return f"xxxx-xxxx-{account[-4:]}"


def masked_email(email: str) -> str:
    """s…@example.org: the first letter and the domain."""
    local, _, domain = email.partition("@")
    return f"{local[:1]}…@{domain}"


def masked_emails(text: str) -> str:
    """Text in which every address is masked."""
    return _ADDRESS.sub(lambda match: masked_email(f"{match[1]}@{match[3]}"), text)
