"""What may be typed in: texts, telephone numbers, contract accounts, addresses. Made regular, or refused.

Source of the forms: a telephone has 9 digits (fixed line) or 10 from 0, a contract account (CA) has 12.
"""

from __future__ import annotations

import re
import unicodedata

from complaint_sla.core.erasure import is_erased
from complaint_sla.core.errors import BadValue

LINE = 500
PAGE = 20_000
# Marks on one letter: the limit of Unicode's stream-safe text (UAX 15, 13).
MARKS = 30
# RFC 5321, 4.5.3.1: the path is at most 256 with its brackets, the local part 64.
ADDRESS = 254
LOCAL_PART = 64

THAI_DIGITS = str.maketrans("๐๑๒๓๔๕๖๗๘๙", "0123456789")
# Those as wide as a Chinese letter, too, which come by copying.
_DIGITS = THAI_DIGITS | str.maketrans("０１２３４５６７８９", "0123456789")
# The dashes of keyboards, word processors and letters; what has no width stands in what is copied.
_DASH = "\\-\u00ad\u2010-\u2015\u2043\u2212\ufe58\ufe63\uff0d\u200b\u2060\ufeff"
_SLASH = "/\u2044\u2215\uff0f"
# Nikhahit, perhaps a tone mark, sara aa.
_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32")
# What follows the prefix is no 0: two of them dial abroad.
_PHONE = re.compile(r"0[1-9][0-9]{7,8}")
_IN_PHONE = re.compile(rf"[\s().{_DASH}]")
_COUNTRY = re.compile(r"(?:\+66|0066)0?")
_IN_ACCOUNT = re.compile(rf"[\s{_DASH}]")
_ACCOUNT = re.compile(r"[0-9]{12}")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
# Unicode's category Cc, without and with newlines and tabs allowed; NUL and halves of surrogate pairs.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_IN_PAGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
# As many characters of a decomposed text may become one.
_DECOMPOSED = 4
# Unicode's Default_Ignorable_Code_Point: what is there and can't be seen. Pages and Word put a space without width between
# Thai words; a soft hyphen, marks of direction and of bytes come along with what is copied.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")
# As Word mends what was typed with the keys of a typewriter.
_TYPED = str.maketrans("‐‒–—―−‘’‚“”„", "------'''\"\"\"")
# Marks above and below a Thai letter, in whatever order they were typed: on the screen it is all one. Vowels come first,
# then tones; the same twice shows as one.
_THAI_MARKS = re.compile("[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]{2,}")
_TONES = "\u0e48\u0e49\u0e4a\u0e4b"
# Sara am with the tone typed before it, within it, or after it.
_ANY_SARA_AM = re.compile("\u0e4d([\u0e48-\u0e4b]*)\u0e32([\u0e48-\u0e4b]*)")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,19}")
# What may part them in a number.
APART = rf"[\s{_DASH}{_SLASH}]"
# Two digits of the year and two of the month; where nothing parts them from the serial, it has to be a month.
_NUMBER = re.compile(
    rf"(?:C{APART}*)?(?:([0-9]{{4}}){APART}+|([0-9]{{2}}(?:0[1-9]|1[0-2])))([0-9]{{1,9}})", re.IGNORECASE
)
_REGULAR_NUMBER = re.compile(r"C-([0-9]{4})-0*([1-9][0-9]*)")


def normal(text: str) -> str:
    """NFC, with the decomposed sara am (nikhahit, perhaps a tone, sara aa) made one, as keyboards differ."""
    composed = _SARA_AM.sub("\\1\u0e33", unicodedata.normalize("NFC", text))
    # Without the nikhahit between them, marks may have to change places.
    return unicodedata.normalize("NFC", composed)


def fold(text: str) -> str:
    """The form that is searched, the same for all that looks the same: what is stored to be searched, and what is looked for.

    Case, width, digits of any script, dashes and quotes are one; what can't be seen is gone; white space is a single space;
    the marks on a Thai letter stand in one order, and sara e typed twice is sara ae.
    """
    plain = text
    # Folding case may compose what then folds again (UAX 31, NFKC_Casefold).
    for _ in range(2):
        plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", plain).casefold())
    if not plain.isascii():
        plain = _OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), plain.translate(_TYPED))
        plain = _THAI_MARKS.sub(lambda found: _sorted(found[0]), plain)
        plain = _ANY_SARA_AM.sub(lambda found: f"{_sorted(found[1] + found[2])}\u0e33", plain)
        plain = unicodedata.normalize("NFC", plain.replace("เเ", "แ"))
    return " ".join(plain.split())


def _sorted(marks: str) -> str:
    return "".join(sorted(set(marks), key=lambda mark: (mark in _TONES, mark)))


def line(name: str, text: str, most: int = LINE) -> str:
    """One line: white space of any kind becomes one space. Raises BadValue: empty, too long or not text."""
    return _regular(name, " ".join(text.split()), most, _CONTROL)


def page(name: str, text: str, most: int = PAGE) -> str:
    """Text of several lines; line ends become newlines. Raises BadValue as `line` does."""
    return _regular(name, text.replace("\r\n", "\n").replace("\r", "\n").strip(), most, _CONTROL_IN_PAGE)


def _regular(name: str, text: str, most: int, control: re.Pattern[str]) -> str:
    result = _text(name, text, most)
    if not _says_something(result):
        raise BadValue("empty-text", name=name)
    if control.search(result):
        raise BadValue("not-text", name=name)
    if len(result) > most:
        raise BadValue("too-long", name=name, length=len(result), most=most)
    return result


def _text(name: str, text: str, most: int) -> str:
    """The text in its normal form. Raises BadValue: `too-long`, before the work of normalising a megabyte; `not-text`
    for NUL and lone surrogates, which no database and no mail can carry, and for towers of marks."""
    if len(text) > _DECOMPOSED * most:
        raise BadValue("too-long", name=name, length=len(text), most=most)
    if _NO_TEXT.search(text) or (len(text) > LINE * _DECOMPOSED and _towers(text)):
        raise BadValue("not-text", name=name)
    return normal(text)


def _towers(text: str) -> bool:
    """Whether more marks stand in a row than any script has: sorting them takes the square of their number."""
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks > MARKS:
            return True
    return False


def _says_something(text: str) -> bool:
    """Whether there is a letter, a number, a sign in it: marks and characters without width alone are nothing to read."""
    return any(unicodedata.category(char)[0] in "LNPS" for char in text)


def phone(text: str) -> str:
    """Digits from 0, nine or ten of them; +66 and separators may be typed. Raises BadValue (`bad-phone`)."""
    plain = _IN_PHONE.sub("", text.translate(_DIGITS))
    if (abroad := _COUNTRY.match(plain)) is not None:
        plain = f"0{plain[abroad.end() :]}"
    if not _PHONE.fullmatch(plain):
        raise BadValue("bad-phone", value=text)
    return plain


def account(text: str) -> str:
    """A contract account (CA) of twelve digits. Raises BadValue (`bad-account`)."""
    plain = _IN_ACCOUNT.sub("", text.translate(_DIGITS))
    if not _ACCOUNT.fullmatch(plain):
        raise BadValue("bad-account", value=text)
    return plain


def email(text: str) -> str:
    """An address that any mail server takes, in lower case. Raises BadValue: `bad-email`, `too-long`."""
    plain = text.strip()
    if len(plain) > ADDRESS:
        raise BadValue("too-long", name="email", length=len(plain), most=ADDRESS)
    # What looks like an encoded word of a header is decoded by servers that mean well, into another address.
    if not _EMAIL.fullmatch(plain) or "=?" in plain or len(plain.partition("@")[0]) > LOCAL_PART:
        raise BadValue("bad-email", value=text)
    # Not before: among the letters that fall together in lower case are some that no server takes.
    return plain.lower()


def code(text: str) -> str:
    """The code of an office, in capitals. Raises BadValue (`bad-code`)."""
    plain = text.strip()
    if not _CODE.fullmatch(plain):
        raise BadValue("bad-code", value=text)
    return plain.upper()


def external_id(text: str) -> str:
    """The number that another system gives a complaint, in one line. Raises BadValue: `erased-id`, and as `line` does."""
    plain = line("external_id", text, 200)
    if is_erased(plain):
        # Else it would be taken for a digest, and never be shown.
        raise BadValue("erased-id", value=plain)
    return plain


def number(text: str) -> str:
    """A complaint's number as it is stored: `c-6003-1`, `6003 00001`, `6003/1` and `60031` are C-6003-00001.

    Anything else only turns to capitals: it names no complaint, and the search says so.
    """
    if _NO_TEXT.search(text):
        raise BadValue("not-text", name="NUMBER")
    plain = text.strip().translate(_DIGITS).upper()
    match = _NUMBER.fullmatch(plain)
    return f"C-{match[1] or match[2]}-{int(match[3]):05d}" if match else plain


def is_number(text: str) -> bool:
    """Whether it has the form of a complaint's number."""
    return _REGULAR_NUMBER.fullmatch(number(text)) is not None


def spoken(number: str) -> str:
    """A stored number in as few digits as name it: 6003-1."""
    match = _REGULAR_NUMBER.fullmatch(number)
    return f"{match[1]}-{match[2]}" if match else number


def digits(text: str) -> str:
    """What is left of digits that were typed with separators; anything else as it stands."""
    return re.sub(rf"[\s().+{_DASH}{_SLASH}]", "", text.translate(_DIGITS))
