"""Files that hold tables, opened by what is in them: a name may have lost its ending, or have a wrong one."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path

from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.map import Encoding
from complaint_sla.work.sheets import workbook
from complaint_sla.work.sheets.encodings import text_of
from complaint_sla.work.sheets.tables import Source, Table
from complaint_sla.work.sheets.textfile import Score, TextFile, separator_of

# What a web page begins with, and a workbook of 2003 in XML: many systems give them out as .xls.
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<head")


def open_source(
    path: Path,
    *,
    encoding: Encoding | None = None,
    separator: str | None = None,
    score: Score = lambda _: 0,
    name: Path | None = None,
) -> Source:
    """The tables of a file that can be read again and again. What is given of a text file is not looked for.

    `score` says how well the cells of a row fit as heads: the separator is the one by which a row fits best. The file is
    named as `name` in what is said of it. Raises BadValue: `file-unreadable`, `not-utf8`, `encoding-doubtful`,
    `not-encoding`, `sheet-markup`, and as `workbook.tables_of`; going through a table, `sheet-broken`.
    """
    name = name or path
    try:
        with path.open("rb") as file:
            head = file.read(256)
        if workbook.begins_workbook(head):
            return Source(name, workbook.tables_of(path, name))
        if head.removeprefix(BOM_UTF8).lstrip().lower().startswith(_MARKUP):
            raise BadValue("sheet-markup", file=name)
        text = text_of(path, name, encoding)
    except OSError as problem:
        raise BadValue("file-unreadable", file=name, problem=problem.strerror or str(problem)) from None
    separator = separator or separator_of(path, text, name, score)
    table = Table(None, TextFile(path, text, separator, name).lines)
    return Source(name, (table,), text.encoding.value, separator)
