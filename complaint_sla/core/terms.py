"""Which customer group, channel or category somebody means by what they typed.

A key or a number of the book, a title, or what everybody says (`also`) means that one; else the beginning of a key, or a part
of a title or of such a word, may mean any in which it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from complaint_sla.core.errors import BadValue
from complaint_sla.core.fields import fold
from complaint_sla.core.rulebook import Book, Shelf, Term
from complaint_sla.core.titles import Title

# A part counts from so many letters or digits on: one alone is a slip of the keyboard, and stands in many titles.
FEWEST = 2


@dataclass(frozen=True)
class Choice:
    """A term with its place among those of its kind, from 1 on, as questions number them."""

    number: int
    term: Term

    @property
    def title(self) -> Title:
        return self.term.title


def may_mean(terms: Sequence[Term], answer: str) -> tuple[Choice, ...]:
    """Those of the terms that the answer may mean, in their order: one where it is clear, none where it fits nothing."""
    typed = said(answer)
    if not typed:
        return ()
    choices = [Choice(number, term) for number, term in enumerate(terms, 1)]
    number = int(typed) if typed.isdecimal() and len(typed) < 4 else 0
    for is_meant in (
        lambda one: one.term.key == typed,
        lambda one: one.number == number,
        lambda one: typed in _names(one.term),
        lambda one: one.term.key.startswith(typed) or _is_part(typed, _names(one.term)),
    ):
        if meant := tuple(filter(is_meant, choices)):
            return meant
    return ()


def key_of(book: Book, kind: str, answer: str) -> str:
    """The key of the one `group`, `channel` or `category` of the book that the answer means.

    Raises BadValue: `unknown-group` and so on, naming the keys; `unclear-group` and so on, naming what it may mean.
    """
    return _only(book.terms(kind), kind, answer, book.id)


def key_in(shelf: Shelf, kind: str, answer: str) -> str:
    """As `key_of`, of any book of the shelf: by the numbers of the latest, which an earlier one's own terms follow."""
    terms: dict[str, Term] = {}
    for book in reversed(shelf.books):
        terms |= {term.key: term for term in book.terms(kind) if term.key not in terms}
    return _only(list(terms.values()), kind, answer, shelf.latest.id)


def _only(terms: Sequence[Term], kind: str, answer: str, book: str) -> str:
    meant = may_mean(terms, answer)
    if len(meant) > 1:
        raise BadValue(f"unclear-{kind}", value=answer, choices=list(meant))
    if not meant:
        raise BadValue(f"unknown-{kind}", value=answer, known=[term.key for term in terms], book=book)
    return meant[0].term.key


def said(text: str) -> str:
    """The form in which words are held against each other: Thai is written with spaces here and there, or without."""
    return "".join(fold(text).split())


def _names(term: Term) -> list[str]:
    return [said(one) for one in (term.title.th, term.title.en, *term.also)]


def _is_part(typed: str, names: Iterable[str]) -> bool:
    return sum(map(str.isalnum, typed)) >= FEWEST and any(typed in name for name in names)
