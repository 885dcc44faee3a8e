"""Contact details, made unrecognisable wherever they are shown: in their own fields, and where people type them, in texts.

Personal data protection act, B.E. 2562: contact details stay out of lists, mails, reports and logs. What is stored stays whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Any

# An address; %40 stands for the @ in the links that some mail servers give. It is looked for where a word begins: from
# each character of a long one, the search would take the square of its length.
_ADDRESS = re.compile(
    r"""(?<![^\s<>"'=,;:/()\[\]@%])([^\s<>"'=,;:/()\[\]@%]+)(@|%40)([^\s<>"',;:/()\[\]@%]+)"""
)
_DIGIT = re.compile(r"\d")
# Most texts have no nine digits near one another.
_NINE_DIGITS = re.compile(r"\d(?:\W{0,3}\d){8}")
# Between the digits of a number people type spaces of any kind, dashes of any kind, dots, brackets.
_SPACE = re.compile("[\t\u00a0\u00ad\u2000-\u200d\u202f\u2060\u3000\ufeff]")
_DASH = re.compile("[\u2010-\u2015\u2212\uff0d]")
_GAP = r"[ .()-]{0,3}"
# What looks like one and is none: the number of a complaint, a day in either order, a time of day, a fraction.
_OTHER = re.compile(
    r"(?<![0-9A-Za-z])[Cc]-?[0-9]{4}-[0-9]{1,9}(?![0-9])"
    r"|(?<![0-9])(?<![0-9][ .-])[0-3]?[0-9]([ ./-])[01]?[0-9]\1(?:19|20|24|25)[0-9]{2}(?![0-9])"
    r"|(?<![0-9])(?<![0-9][ .-])(?:19|20|24|25)[0-9]{2}([./-])[01]?[0-9]\2[0-3]?[0-9](?![0-9])(?!-[0-9])"
    r"|(?<![0-9.])(?<![0-9]-)[0-2]?[0-9][.:][0-5][0-9](?![0-9.])"
    r"|(?<![0-9.])0\.[0-9]+(?![0-9.])"
)
_BEGINS, _ENDS = r"(?<![0-9])(?<![0-9][.-])", r"(?![0-9])"
# A contract account has twelve digits, in one or in groups of three or more.
_ACCOUNT = re.compile(rf"{_BEGINS}(?:[0-9]{{12}}|[0-9]{{3,6}}(?:[ -][0-9]{{3,6}}){{1,3}}){_ENDS}(?!-[0-9])")
_ACCOUNT_DIGITS = 12


def _telephone(first: str, more: int) -> str:
    return rf"{_BEGINS}(?:\(?0|\+{_GAP}66{_GAP}0?|0066{_GAP}0?){_GAP}{first}(?:{_GAP}[0-9]){{{more}}}{_ENDS}"


# Ten digits of a mobile telephone, nine of a fixed line; then whatever the field itself takes.
_PHONE = re.compile(
    "|".join(
        (_telephone("[689]", 8), _telephone("[2-57]", 7), _telephone("[1-9]", 8), _telephone("[1-9]", 7))
    )
)


def masked(said: Mapping[str, Any]) -> dict[str, Any]:
    """What was said of a complaint, by name, with telephone, account and e-mail masked, in the texts, too."""
    return {name: _WAYS[name](value) if name in _WAYS and value else value for name, value in said.items()}


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


def masked_text(text: str) -> str:
    """What somebody wrote, with every telephone number, contract account and address in it masked as its field is."""
    if "@" in text or "%40" in text:
        text = masked_emails(text)
    shown, done = [], 0
    for begin, end, instead in sorted(_numbers(text)):
        shown += [text[done:begin], instead]
        done = end
    return "".join([*shown, text[done:]]) if done else text


def _numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a number stands in a text, and what is shown instead."""
    if _NINE_DIGITS.search(text) is None:
        return
    # Character by character, so that places stay what they are.
    plain = _DASH.sub("-", _SPACE.sub(" ", _DIGIT.sub(lambda one: str(unicodedata.decimal(one[0])), text)))
    plain = _OTHER.sub(lambda found: "x" * len(found[0]), plain)
    for pattern in (_ACCOUNT, _PHONE):
        at = 0
        while (found := pattern.search(plain, at)) is not None:
            digits = re.sub("[^0-9]", "", found[0])
            at = found.end()
            if pattern is _PHONE:
                # A bracket around all that is said is none of the number's.
                begin = found.start() + (found[0].startswith("(") and ")" not in found[0])
                yield begin, found.end(), masked_phone(re.sub("^(?:66|0066)0?", "0", digits))
            elif len(digits) == _ACCOUNT_DIGITS:
                yield found.start(), found.end(), masked_account(digits)
            else:
                at = found.start() + 1
                continue
            # What follows is not the rest of it.
            plain = f"{plain[: found.start()]}{'x' * len(found[0])}{plain[at:]}"


# How each of the things that are said of a complaint is shown; what is not named is shown as it is.
_TEXTS = ("subject", "detail", "outcome", "customer", "name", "note", "reason")
_SHOWN: Mapping[str, Callable[[str], str]] = {
    "phone": masked_phone,
    "account": masked_account,
    "email": masked_email,
    **dict.fromkeys(_TEXTS, masked_text),
}
# Of what was corrected the words as they were stand beside the new ones.
_WAYS = {**_SHOWN, **{f"{name}_was": way for name, way in _SHOWN.items()}}
