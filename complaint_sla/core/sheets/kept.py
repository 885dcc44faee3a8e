"""What is only kept of a customer: telephone, account, address. Whatever stands there, the complaint is not lost for it.

One that can be read is taken; what stands beside it is for the detail. What a spreadsheet has done to a number is undone where
only one number can be meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue
from complaint_sla.core.fields import fold
from complaint_sla.core.sheets.map import Repair, Several
from complaint_sla.core.sheets.words import FAULTY

# All that is undone without being asked: a zero in front, and the first of several.
ALL = Repair(phone_zero=True, account_zeros=True, several_phones=Several.FIRST)
ACCOUNT = 12


class Mended(StrEnum):
    """What was undone, or left out, as it is counted."""

    PHONE_ZERO = "phone-zero"
    ACCOUNT_ZEROS = "account-zeros"
    SEVERAL_PHONES = "several-phones"
    TO_DETAIL = "to-detail"
    SERIALS = "serials"


@dataclass(frozen=True)
class Kept:
    """What is taken of a cell, whether all of it goes into the detail, and what was mended."""

    value: str | None = None
    rest: bool = False
    mended: tuple[Mended, ...] = ()


NOTHING = Kept()
_WHOLE = Kept(rest=True, mended=(Mended.TO_DETAIL,))

_NONE = frozenset(
    """x|none|nil|null|n/a|na|n.a.|unknown|not given|not known|no|ไม่มี|ไม่ระบุ|ไม่ทราบ|ไม่แจ้ง|ไม่ได้แจ้ง|ไม่ได้ระบุ|ไม่ให้
    |ไม่ประสงค์แจ้ง|ไม่ประสงค์ให้|ไม่ประสงค์ออกนาม|ไม่สะดวกให้|ไม่มีข้อมูล|ไม่ปรากฏ|ไม่ทราบเบอร์|ไม่มีเบอร์|ว่าง""".replace(
        "\n    ", ""
    ).split("|")
)
# As a spreadsheet shows a number that is too long for its cell: the digits are gone.
_LOST = re.compile(r"([0-9])(?:[.,]([0-9]+))?e\+?([0-9]{1,3})")
_WHOLE_NUMBER = re.compile(r"([0-9]+)\.0+")
_PARTS = re.compile(r"[,;/|\n\r]+|หรือ|และ|\bor\b|\band\b|&|ต่อ|\bext\b\.?|#|\bx(?=[ 0-9])", re.IGNORECASE)
_RUN = re.compile(r"[+(]{0,2}[0-9][0-9 ().-]*")
_ADDRESSES = re.compile(r"[\s,;/|<>()\[\]\"]+|mailto:|หรือ|และ", re.IGNORECASE)
_ACCOUNTS = re.compile(r"[,;/|\n\r]+|หรือ|และ|\bor\b|\band\b|&", re.IGNORECASE)


def says_none(text: str) -> bool:
    """Whether a cell says that there is nothing."""
    plain = fold(text)
    return (
        not plain or plain in _NONE or FAULTY.fullmatch(plain) is not None or not any(map(str.isalnum, plain))
    )


def is_faulty(text: str) -> bool:
    """Whether a spreadsheet says in it that it could not reckon."""
    return text.lstrip().startswith("#") and FAULTY.fullmatch(text.strip()) is not None


def require_digits(name: str, text: str) -> str:
    """The text, and a whole number without its decimals. Raises BadValue (`digits-lost`) for a number that was shortened."""
    plain = fold(text)
    if (whole := _WHOLE_NUMBER.fullmatch(plain)) is not None:
        return whole[1]
    lost = _LOST.fullmatch(plain)
    if lost is None:
        return text
    first, decimals, power = lost[1], lost[2] or "", int(lost[3])
    # Only where all of its digits are there it can be written out.
    if len(decimals) < power or power > ACCOUNT:
        raise BadValue("digits-lost", name=name, value=text)
    return first + decimals[:power] if not decimals[power:].strip("0") else text


def phone(text: str, repair: Repair = ALL) -> Kept:
    """Raises BadValue (`digits-lost`)."""
    text = require_digits("phone", text)
    if (found := _read(fields.phone, text)) is not None:
        return Kept(found)
    if says_none(text):
        return NOTHING
    parts = [one for one in _PARTS.split(text) if one and any(map(str.isdigit, one))]
    zero = _with_zero if repair.phone_zero else lambda _: None
    if len(parts) == 1 and (mended := zero(text)) is not None:
        return Kept(mended, mended=(Mended.PHONE_ZERO,))
    # Of several without their zeros the same holds as of one.
    found_all = [
        one
        for part in parts
        for one in (list(_phones(part)) or filter(None, [zero(part)] if len(parts) > 1 else []))
    ]
    if len(found_all) > 1:
        if repair.several_phones is None:
            return _WHOLE
        one = found_all[0 if repair.several_phones is Several.FIRST else -1]
        return Kept(one, rest=True, mended=(Mended.SEVERAL_PHONES,))
    return Kept(found_all[0], rest=True, mended=(Mended.TO_DETAIL,)) if found_all else _WHOLE


def _phones(part: str) -> Iterator[str]:
    for run in _RUN.findall(fold(part)):
        if run.startswith("+") and not run.startswith("+66"):
            continue
        # What is longer than a number may be two of them, parted by a space, or the last digits of others.
        for end in (len(run), *(at for at, char in enumerate(run) if char in " -")):
            if (found := _read(fields.phone, run[:end].strip(" ().-"))) is not None:
                yield found
                other = run[end:].strip(" ().-")
                if other and (second := _read(fields.phone, other)) is not None:
                    yield second
                break


def _is_digits(text: str) -> bool:
    return re.fullmatch(r"[0-9 ().-]+", fold(text)) is not None


def _with_zero(text: str) -> str | None:
    """The number of a telephone that has lost its zero, or the plus before 66; None where that can't be told."""
    if not _is_digits(text):
        return None
    plain = re.sub(r"[^0-9]", "", fold(text))
    if re.fullmatch("[2-7][0-9]{7}|[1-9][0-9]{8}", plain):
        return f"0{plain}"
    # No number here has so many digits without a zero in front.
    return _read(fields.phone, f"+{plain}") if re.fullmatch("66[1-9][0-9]{8}", plain) else None


def account(text: str, repair: Repair = ALL, most_zeros: int = 1) -> Kept:
    """So many zeros in front may have been lost. Raises BadValue (`digits-lost`)."""
    text = require_digits("account", text)
    if (found := _read(fields.account, text)) is not None:
        return Kept(found)
    if says_none(text):
        return NOTHING
    plain = re.sub("[^0-9]", "", fold(text))
    fewest = ACCOUNT - most_zeros
    if repair.account_zeros and _is_digits(text) and fewest <= len(plain) < ACCOUNT and int(plain):
        return Kept(plain.zfill(ACCOUNT), mended=(Mended.ACCOUNT_ZEROS,))
    return _first(text, _ACCOUNTS, fields.account, "[^0-9 -]+")


def email(text: str) -> Kept:
    if (found := _read(fields.email, text)) is not None:
        return Kept(found)
    return NOTHING if says_none(text) else _first(text, _ADDRESSES, fields.email, r"[.:]+$|^[.:]+")


def _first(text: str, apart: re.Pattern[str], read: Callable[[str], str], beside: str) -> Kept:
    """The first part that can be read, and the whole text for the detail."""
    for part in apart.split(text):
        if part and (found := _read(read, re.sub(beside, "", part).strip())) is not None:
            return Kept(found, rest=True, mended=(Mended.TO_DETAIL,))
    return _WHOLE


def _read(read: Callable[[str], str], text: str) -> str | None:
    try:
        return read(text)
    except BadValue:
        return None
