"""`import --guess`: says what a sheet tells of itself, asks what it does not tell, and keeps the answers as a map."""

from __future__ import annotations

from collections.abc import Sequence

from complaint_sla.cli import asking
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core import keyboard
from complaint_sla.core.errors import Error
from complaint_sla.core.sheets.guess import Guess, answered, taken_back
from complaint_sla.core.sheets.questions import Ask, Question
from complaint_sla.wording import guess as wording
from complaint_sla.wording.width import cells_wide, padded, wrapped

# What there are more of is asked for by a part of its name.
MOST_LISTED = 40


class Dialogue:
    """The questions of one guess, one after the other and back again."""

    def __init__(self, terminal: Terminal, guess: Guess) -> None:
        self._terminal = terminal
        self.guess = guess
        self._asked: list[Question] = []
        self._drawn = ""

    def run(self) -> None:
        """Asks until nothing is open. Raises KeyboardInterrupt, typer.Abort, and as `guess` does where an answer ends it."""
        if self.guess.questions:
            self._terminal.remark("A single < goes back one question.")
        while self.guess.questions:
            self._one(self.guess.questions[0])

    def back(self) -> bool:
        """Takes the last answer back; False where there is none."""
        if not self._asked:
            self._terminal.remark("This is the first question.")
            return False
        self.guess = taken_back(self.guess, self._asked.pop())
        self._drawn = ""
        return True

    def _one(self, question: Question) -> None:
        terminal, words = self._terminal, self._terminal.words
        done, left = len(self._asked), len(self.guess.questions)
        terminal.tell("")
        terminal.tell(f"{done + 1}/{done + left} {wording.asked(words, question)}")
        self._draw(question)
        while True:
            answer = asking.ask(asking.fitted(terminal, wording.prompt(words, question)))
            if keyboard.latin(answer.strip()) == asking.BACK:
                if self.back():
                    return
                continue
            try:
                kept = question.meant(answer)
                self.guess = answered(self.guess, question, answer)
            except Error as problem:
                if question.ask is Ask.SHEETS and problem.key == "sheets-differ":
                    raise
                asking.tell(terminal, problem)
                continue
            self._asked.append(question)
            if question.choices or not answer.strip():
                terminal.tell(f"→ {wording.answer(words, question, kept)}")
            return

    def _draw(self, question: Question) -> None:
        """What there is to choose from, once for all words of a column."""
        drawn = f"{question.ask}:{question.name}"
        if question.choices and drawn != self._drawn and len(question.choices) <= MOST_LISTED:
            asking.columns(
                self._terminal, [wording.choice(self._terminal.words, one) for one in question.choices]
            )
        self._drawn = drawn


def tell_certain(terminal: Terminal, guess: Guess) -> None:
    """All that is taken for certain: of the file, of its columns, of its words."""
    words = terminal.words
    for line in wording.remarks(words, guess):
        terminal.tell(line)
    _table(terminal, words("Columns"), wording.columns(words, guess))
    _table(terminal, words("Words"), wording.meanings(words, guess))


def _table(terminal: Terminal, title: str, rows: Sequence[tuple[str, str]]) -> None:
    """What is ours on the left, what the sheet says on the right."""
    if not rows:
        return
    terminal.tell(f"{title}:")
    left = max(cells_wide(name) for name, _ in rows)
    room = max(terminal.width - left - 6, 20)
    for name, said in rows:
        first, *others = wrapped(said, room)
        terminal.tell(f"  {padded(name, left)}  {first}".rstrip())
        for other in others:
            terminal.tell(f"  {' ' * left}  {other}")
