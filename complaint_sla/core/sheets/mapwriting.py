"""A map as a file: written so that a person reads it, and `mapfile` reads the same map from it again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from complaint_sla.core.sheets.map import (
    Place,
    SheetMap,
)
from complaint_sla.core.sheets.mapfile import ALL, FORMAT, UNKNOWN
from complaint_sla.core.sheets.words import CHOSEN


def write_map(
    sheet_map: SheetMap,
    questions: Iterable[tuple[str, str]] = (),
    comments: Mapping[str, str] | None = None,
) -> str:
    """The map as a file. `questions` are what is open, by the place of what would answer it: `columns.channel`,
    `values.group`, `dates.order`; each is a line that begins with `# ?`. `comments` are said beside a place or above a section,
    and above all of it (``).
    """
    return _Writing(sheet_map, list(questions), comments or {}).text()


class _Writing:
    def __init__(
        self, sheet_map: SheetMap, questions: list[tuple[str, str]], comments: Mapping[str, str]
    ) -> None:
        self._map = sheet_map
        self._questions = questions
        self._comments = comments
        self._lines: list[str] = []

    def text(self) -> str:
        one = self._map
        self._lines = [f"# {_plain(line)}".rstrip() for line in self._comments.get("", "").splitlines()]
        self._lines.append(f"format = {FORMAT}")
        self._section("sheet", self._sheet())
        dates = one.dates
        two = [("two_digits", _text(dates.two_digits))] if dates.two_digits is not None else []
        self._section(
            "dates",
            [
                ("order", _text(UNKNOWN if "dates.order" in dict(self._questions) else dates.order)),
                ("era", _text(dates.era)),
                *two,
                ("swapped", _flag(dates.swapped)),
            ],
        )
        columns = [(name, _place(place)) for name, place in one.columns.items()]
        left = [("leave_out", _texts(one.leave_out))] if one.leave_out else []
        self._section("columns", [*columns, *left])
        for name in CHOSEN:
            words = one.values.get(name, {})
            lines = [(_text(word), _text(key)) for word, key in words.items()]
            # Of a column without a place there is nothing to say yet.
            self._section(f"values.{name}", lines, is_open=name in one.columns)
        self._section("default", [(name, _text(value)) for name, value in one.default.items()])
        repair = one.repair
        several = (
            [("several_phones", _text(repair.several_phones))] if repair.several_phones is not None else []
        )
        flags = [
            ("phone_zero", _flag(repair.phone_zero)),
            ("account_zeros", _flag(repair.account_zeros)),
            *several,
        ]
        self._section("repair", flags)
        self._lines += [f"# ? {_plain(said)}" for _, said in self._questions]
        return "\n".join(self._lines) + "\n"

    def _sheet(self) -> list[tuple[str, str]]:
        one = self._map
        lines = [("encoding", _text(one.encoding))] if one.encoding is not None else []
        lines += [("separator", _text(one.separator))] if one.separator is not None else []
        lines += [("sheets", _text(ALL) if one.sheets is None else _texts(one.sheets))]
        lines += [("heads", f"[{', '.join(map(str, one.heads))}]")]
        if one.skip:
            skipped = ", ".join(f"{_text(head)} = {_text(text)}" for head, text in one.skip.items())
            lines += [("skip", f"{{ {skipped} }}")]
        return lines

    def _section(self, name: str, lines: Sequence[tuple[str, str]], *, is_open: bool = True) -> None:
        """A table with its comments and what is asked of it."""
        asked = [one for one in self._questions if one[0] == name or one[0].startswith(f"{name}.")]
        if not lines and not (asked and is_open):
            return
        self._lines += ["", *(f"# {_plain(line)}" for line in self._comments.get(name, "").splitlines())]
        self._lines.append(f"[{name}]")
        for key, value in lines:
            beside = self._comments.get(f"{name}.{key}")
            said = f"  # {_plain(beside)}" if beside else ""
            self._lines.append(f"{key} = {value}{said}")
            for one in [one for one in asked if one[0] == f"{name}.{key}"]:
                self._ask(one)
                asked.remove(one)
        for one in asked:
            self._ask(one)

    def _ask(self, question: tuple[str, str]) -> None:
        self._questions.remove(question)
        self._lines.append(f"# ? {_plain(question[1])}")


def _place(place: Place) -> str:
    heads = _text(place.heads[0]) if len(place.heads) == 1 else _texts(place.heads)
    return heads if place.time is None else f"{{ head = {heads}, time = {_text(place.time)} }}"


def _texts(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _flag(value: bool) -> str:
    return "true" if value else "false"


# What TOML wants escaped, and what an editor would not show: it would be lost by whoever types the line anew.
_HIDDEN = re.compile(
    '["\\\\\x00-\x1f\x7f-\x9f\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]'
)


_HALF = re.compile("[\ud800-\udfff]")


def _text(text: str) -> str:
    whole = _HALF.sub("\ufffd", text)
    return f'"{_HIDDEN.sub(_escaped, whole)}"'


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}" if found[0] in '"\\' else f"\\u{ord(found[0]):04X}"


def _plain(text: str) -> str:
    """A comment: one line."""
    return " ".join(_HALF.sub("\ufffd", re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)).split())
