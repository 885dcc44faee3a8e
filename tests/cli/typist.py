"""Somebody who answers the questions of the program within this process: what is typed at a line is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from complaint_sla.cli import asking
from complaint_sla.cli.terminal import Terminal

Answer = str | Callable[[], str]


class Typist:
    """Answers in turn; one that is called may raise instead."""

    def __init__(self, answers: Sequence[Answer]) -> None:
        self._answers = list(answers)
        self.asked: list[tuple[str, str]] = []
        """Each question, with what stood in the line."""
        self.left = ""

    def ask(self, title: str, old: str = "") -> str:
        self.asked.append((title, old))
        if not self._answers:
            raise AssertionError(f"nothing to answer to {title!r}; asked so far: {self.asked}")
        answer = self._answers.pop(0)
        return answer if isinstance(answer, str) else answer()

    @property
    def titles(self) -> list[str]:
        return [title for title, _ in self.asked]

    @property
    def is_done(self) -> bool:
        return not self._answers


@contextmanager
def typing(*answers: Answer) -> Iterator[Typist]:
    """Somebody sits at the terminal, and types these answers, all of them."""
    typist = Typist(answers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "line", lambda: typist)
        patch.setattr(Terminal, "can_ask", True)
        yield typist
    assert typist.is_done, f"never asked for: {typist._answers}"
