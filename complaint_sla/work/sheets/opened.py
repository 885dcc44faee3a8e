"""A sheet that an import takes in, however its rows came to have our columns: by their own heads, or by a map."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from complaint_sla.core.errors import Error
from complaint_sla.core.sheets import offered
from complaint_sla.work.sheets.formats import Row, open_sheet
from complaint_sla.work.sheets.mending import Mender
from complaint_sla.work.sheets.rejects import Rejects, rejects_of
from complaint_sla.work.sheets.rows import COLUMNS, REQUIRED


@dataclass(frozen=True)
class Opened:
    """A sheet that has been gone through once, and can be again: its columns by our names, and its `rows` in their order.

    `rejects` writes rows that are not taken, into a file. Of the sheet as it stands: so many `tables`, so many rows that
    are none (`skipped`: totals, repeated heads), and how often which kind of repair was made in what was read of `rows`.
    `is_ours`: it was written for this program, and no map says what its words mean. `heads` are what our columns are called
    there, where that is not as here.
    """

    columns: Collection[str]
    rows: Callable[[], Iterator[Row]]
    rejects: Callable[[Path], AbstractContextManager[Rejects]]
    tables: int = 1
    skipped: int = 0
    repaired: Mapping[str, int] = field(default_factory=dict)
    is_ours: bool = False
    heads: Mapping[str, str] = field(default_factory=dict)

    def called(self, problem: Error) -> Error:
        """What is wrong with a row, in which columns are called as in the sheet."""
        for value in ("name", "columns"):
            match problem.values.get(value):
                case str() as name:
                    problem.values[value] = self.heads.get(name, name)
                case list() as names:
                    problem.values[value] = [self.heads.get(name, name) for name in names]
        return problem


Look = Callable[[Row], None]


class Opener(Protocol):
    """Goes through a sheet, and shows every row; if not `in_full`, one with an id as little as it is known by.

    Raises BadValue for a sheet that can't be used.
    """

    def __call__(self, look: Look, *, in_full: bool = True) -> Opened: ...


def by_our_heads(path: Path, mender: Mender, sheets: Collection[str] = ()) -> Opener:
    """The columns are named as here. Of a workbook it is its only sheet with those heads, or `sheets`. Raises as `open_sheet`."""

    def opened(look: Look, *, in_full: bool = True) -> Opened:
        required = [name for name in REQUIRED if name not in mender.default]
        show = mender.look(look, in_full=in_full)
        sheet = open_sheet(path, COLUMNS, required, show, titles=offered.names(), sheets=sheets)
        return Opened(
            {*sheet.columns, *mender.default},
            lambda: mender.rows(sheet.rows()),
            lambda file: rejects_of(sheet, file),
            max(len(sheet.tables), 1),
            repaired=mender.count,
            is_ours=True,
        )

    return opened
