"""The words of what an import has undone: what a spreadsheet had made of numbers, and what was only kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from complaint_sla.core.sheets.kept import Mended
from complaint_sla.wording.words import Words


def mended(words: Words, repaired: Mapping[str, int]) -> Iterator[str]:
    """A line for each kind of which there is one."""
    said: Mapping[str, Callable[[int], str]] = {
        Mended.PHONE_ZERO: lambda n: words.plural(
            "{n} telephone got its zero back.", "{n} telephones got their zero back.", n
        ),
        Mended.ACCOUNT_ZEROS: lambda n: words.plural(
            "{n} account got its zeros back.", "{n} accounts got their zeros back.", n
        ),
        Mended.SEVERAL_PHONES: lambda n: words.plural(
            "{n} cell holds several telephones: one was taken, the cell is in the detail.",
            "{n} cells hold several telephones: one was taken of each, the cells are in the detail.",
            n,
        ),
        Mended.TO_DETAIL: lambda n: words.plural(
            "{n} telephone, account or address could not be kept as it is: the cell is in the detail.",
            "{n} telephones, accounts or addresses could not be kept as they are: the cells are in the detail.",
            n,
        ),
        Mended.SERIALS: lambda n: words.plural(
            "{n} moment was a number as spreadsheets count days.",
            "{n} moments were numbers as spreadsheets count days.",
            n,
        ),
    }
    return (say(repaired[kind]) for kind, say in said.items() if repaired.get(kind))
