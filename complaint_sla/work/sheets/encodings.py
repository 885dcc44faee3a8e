"""In which encoding a text file is written. Its bytes decide, all of them; what could be two things is refused."""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.map import Encoding

_CHUNK = 1 << 20
_MARK = codecs.BOM_UTF8
_ODD, _EVEN = "utf-16-le", "utf-16-be"
# Letters, vowels, tone marks and digits of windows-874.
_THAI = bytes([*range(0xA1, 0xDB), *range(0xDF, 0xFC)])
_ASCII = bytes(range(0x80))
# Quotation marks, dashes and the like of windows-874, which say nothing of the letters.
_MARKS = bytes([0x80, 0x85, *range(0x91, 0x98), 0xA0])
# Of the other bytes that are none of ASCII, so many are Thai letters in a text that is Thai.
_MOSTLY = 0.98
# The upper bytes of what a Thai sheet is made of, in UTF-16: ASCII and Thai.
_UPPER = b"\0\x0e"
_MOSTLY_UPPER = 0.9
# A vowel or tone mark above or below needs a consonant; a Thai letter alone in a Latin word is an accented one.
_MISPLACED = re.compile("(?<![ก-๎])[ัิ-ฺ็-๎]|(?<=[A-Za-z])[ก-๙](?=[A-Za-z])")
_THAI_LETTER = re.compile("[ก-๙]")
# What the first two bytes of Thai letters in UTF-8 are in windows-874: a text that is cut, or damaged.
_UTF_8 = re.compile("เธ|เน")
_MOST_UTF_8 = 0.15
_AFTER_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")


@dataclass(frozen=True)
class Text:
    """How a text file is to be opened: the codec, how many bytes of marks go before, and the name of the encoding."""

    encoding: Encoding
    codec: str
    marks: int = 0
    errors: str = "strict"


def text_of(path: Path, name: Path, given: Encoding | None = None) -> Text:
    """How the text of a file is to be read. A mark at its beginning stands above what is `given`, which a map says of the
    file as it came, and not of its rejects; nothing else does, and nothing is guessed then. `name` is the file in words.

    Raises BadValue: `not-utf8`, `encoding-doubtful`, `not-encoding`; OSError.
    """
    with path.open("rb") as file:
        head = file.read(64)
    text = _marked(path, head, name)
    if text is not None:
        return text
    if given is None:
        return _found(path, name)
    if given is Encoding.UTF_16:
        text = Text(given, _Bytes(path).endian or _ODD)
    elif given is Encoding.WINDOWS_874:
        return _WINDOWS_874
    else:
        text = Text(given, "utf-8")
    if not _decodes(path, text):
        raise BadValue("not-encoding", file=name, encoding=given.value)
    return text


# A byte that windows-874 does not know is half a character, for which its row is refused.
_WINDOWS_874 = Text(Encoding.WINDOWS_874, "cp874", errors="surrogateescape")


def _marked(path: Path, head: bytes, name: Path) -> Text | None:
    """By the mark at the beginning; two of them stand there where two files were joined."""
    marks = 0
    while head.startswith(_MARK, marks):
        marks += len(_MARK)
    if marks:
        text = Text(Encoding.UTF_8, "utf-8", marks)
    elif head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise BadValue("not-utf8", file=name)
    elif head.startswith(codecs.BOM_UTF16_LE):
        text = Text(Encoding.UTF_16, _ODD, 2)
    elif head.startswith(codecs.BOM_UTF16_BE):
        text = Text(Encoding.UTF_16, _EVEN, 2)
    else:
        return None
    if not _decodes(path, text):
        raise BadValue("not-encoding", file=name, encoding=text.encoding.value)
    return text


def _found(path: Path, name: Path) -> Text:
    seen = _Bytes(path)
    if seen.endian is not None:
        text = Text(Encoding.UTF_16, seen.endian)
        if all(map(_is_ordinary, seen.characters(text))):
            return text
    plain = Text(Encoding.UTF_8, "utf-8")
    is_thai = seen.thai > 0 and seen.thai >= _MOSTLY * seen.high and 4 * seen.marks <= seen.thai
    if _decodes(path, plain):
        if not is_thai:
            return plain
        # All of its bytes are Thai letters in windows-874, too.
        high = {one for one in seen.characters(plain) if one > "\x7f"}
        if all("\u0e00" < one < "\u0e7f" for one in high) or _is_latin(path, plain, high):
            return plain
        if any("\u0e00" < one < "\u0e7f" or not _is_doubtful(one) for one in high):
            raise BadValue("encoding-doubtful", file=name)
    if is_thai and _reads_thai(path):
        return _WINDOWS_874
    raise BadValue("not-utf8", file=name)


def _is_ordinary(one: str) -> bool:
    return unicodedata.category(one) not in {"Co", "Cn", "Cs"} and not _is_doubtful(one)


def _is_doubtful(one: str) -> bool:
    """Whether no sheet of a Thai office holds this letter: it is of none of its scripts."""
    if one < "\u0250" or "\u0e00" < one < "\u0e7f":
        return False
    return unicodedata.category(one) in {"Co", "Cn", "Cs", "Lo", "Lu", "Ll", "Lm", "Mn", "Mc"}


def _is_latin(path: Path, text: Text, high: set[str]) -> bool:
    """Whether it is all accented letters of Latin words: café."""
    if not all("\u00c0" <= one < "\u0250" for one in high):
        return False
    for piece in _pieces(path, text):
        for found in re.finditer("[\u00c0-\u024f]+", piece):
            around = piece[max(found.start() - 1, 0) : found.start()] + piece[found.end() : found.end() + 1]
            if _AFTER_LATIN.search(around) is None:
                return False
    return True


def _reads_thai(path: Path) -> bool:
    """Whether the marks above and below stand where Thai has them; in another encoding they are accented letters."""
    letters = misplaced = of_utf_8 = 0
    for piece in _pieces(path, _WINDOWS_874):
        letters += len(_THAI_LETTER.findall(piece))
        misplaced += len(_MISPLACED.findall(piece))
        of_utf_8 += len(_UTF_8.findall(piece))
    return misplaced * 20 <= letters and of_utf_8 <= _MOST_UTF_8 * letters


def _pieces(path: Path, text: Text) -> Iterator[str]:
    with path.open(encoding=text.codec, errors=text.errors, newline="") as file:
        while piece := file.read(_CHUNK):
            yield piece


def _decodes(path: Path, text: Text) -> bool:
    try:
        for _ in _pieces(path, text):
            pass
    except UnicodeDecodeError:
        return False
    return True


@dataclass
class _Bytes:
    """What can be counted of all bytes of a file, without reading it as a text."""

    path: Path
    size: int = 0
    high: int = 0
    thai: int = 0
    marks: int = 0
    _upper: list[int] = field(default_factory=lambda: [0, 0])

    def __post_init__(self) -> None:
        with self.path.open("rb") as file:
            # Each piece but the last has an even number of bytes.
            while piece := file.read(_CHUNK):
                self.size += len(piece)
                high = piece.translate(None, _ASCII)
                plain = high.translate(None, _MARKS)
                self.high += len(plain)
                self.marks += len(high) - len(plain)
                self.thai += len(high) - len(high.translate(None, _THAI))
                for at in (0, 1):
                    every_other = piece[at::2]
                    self._upper[at] += len(every_other) - len(every_other.translate(None, _UPPER))

    @property
    def endian(self) -> str | None:
        """The codec of UTF-16 without a mark: every other byte is the upper one of a character."""
        even, odd = self._upper
        if self.size % 2 or max(even, odd) < _MOSTLY_UPPER * self.size / 2 or even == odd:
            return None
        return _ODD if odd > even else _EVEN

    def characters(self, text: Text) -> set[str]:
        seen: set[str] = set()
        try:
            for piece in _pieces(self.path, text):
                seen.update(piece)
        except UnicodeDecodeError:
            # Half a character is no ordinary one.
            seen.add("\ud800")
        return seen
