"""How far a long piece of work has come, on a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Move(Protocol):
    """Told how much is done: a count of what there is, of how many if that is known, and of what just now."""

    def __call__(self, done: int, total: int | None = None, what: str | None = None) -> None: ...


@contextmanager
def progress(what: str, *, bar: bool) -> Iterator[Move | None]:
    """A bar, or a count that runs along; nothing where stderr is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich import progress as rich
    from rich.console import Console

    columns: tuple[rich.ProgressColumn, ...] = (
        rich.SpinnerColumn(),
        rich.TextColumn("{task.completed:,} {task.description}"),
        rich.TimeElapsedColumn(),
    )
    if bar:
        columns = (
            rich.TextColumn("{task.description}"),
            rich.BarColumn(),
            rich.MofNCompleteColumn(),
            rich.TimeRemainingColumn(),
        )
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    with rich.Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(what, total=None)

        def move(done: int, total: int | None = None, what: str | None = None) -> None:
            shown.update(task, completed=done, total=total, description=what)

        yield move
