"""The Thai keyboard left on: what its keys would have been on the Latin one, where digits, y or n are wanted.

Source: the layout of Kedmanee, TIS 820-2538.
"""

from __future__ import annotations

from complaint_sla.core.errors import BadValue
from complaint_sla.core.fields import THAI_DIGITS

# Row by row, each without and with Shift, as the keys lie.
_ROWS = (
    ("ๅ/-ภถุึคตจขช", "1234567890-="),
    ("+๑๒๓๔ู฿๕๖๗๘๙", "!@#$%^&*()_+"),
    ("ๆไำพะัีรนยบลฃ", "qwertyuiop[]\\"),
    ('๐"ฎฑธํ๊ณฯญฐ,ฅ', "QWERTYUIOP{}|"),
    ("ฟหกดเ้่าสวง", "asdfghjkl;'"),
    ("ฤฆฏโฌ็๋ษศซ.", 'ASDFGHJKL:"'),
    ("ผปแอิืทมใฝ", "zxcvbnm,./"),
    ("()ฉฮฺ์?ฒฬฦ", "ZXCVBNM<>?"),
)
_KEYS = str.maketrans("".join(thai for thai, _ in _ROWS), "".join(latin for _, latin in _ROWS))
_DIGITS = str.maketrans(*_ROWS[0])
_YES, _NO = ("y", "yes", "ใช่"), ("", "n", "no", "ไม่", "ไม่ใช่")


def latin(text: str) -> str:
    """What would stand there if the Latin keyboard had been on; a text without a Thai letter stays as it is."""
    return text.translate(_KEYS) if any("\u0e00" < char < "\u0e7f" for char in text) else text


def digits(text: str) -> str:
    """What was typed where a number or a telephone is wanted, with digits of either kind as ASCII.

    With a digit in it the keyboard was right; without, `/`, `-` and letters are the keys of 2, 3 and the others.
    """
    plain = text.translate(THAI_DIGITS)
    return plain if any(char in "0123456789" for char in plain) else plain.translate(_DIGITS)


def letter(text: str) -> str:
    """The Latin letter, in lower case, of a key that stands for an act or for yes and no."""
    return latin(text).lower()


def number_in(text: str, most: int) -> int | None:
    """Which of so many, from 1 on, is meant by its number, typed with the Thai keyboard on or not."""
    typed = digits(text)
    number = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
    return number if 0 < number <= most else None


def yes_or_no(text: str) -> str:
    """`y` or `n`, in either language and on either keyboard; nothing is no. Raises BadValue (`neither-yes-nor-no`)."""
    for said in (text.lower(), letter(text)):
        if said in _NO:
            return "n"
        if said in _YES:
            return "y"
    raise BadValue("neither-yes-nor-no", value=text)
