"""`kill -9` at every step of every piece of work, counted: first each step once, then at random."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.bureau import Bureau, read, wait_until
from tests.faults.oracle import MANAGER, SUPERVISOR
from tests.servers.smtp import Phase

# Of so many kills one comes from outside, at whatever moment.
FROM_OUTSIDE = 10
# Not every round comes to every step.
TRIES = 3
# What a server says now and then, so that workers also die while they write down a refusal.
SAID = (
    "250 OK",
    "250 OK",
    "250 OK",
    "451 4.3.0 Later",
    "550 5.1.1 No such user",
    "554 5.6.0 No",
    "550 5.7.1 Not from you",
    "drop",
)


@dataclass
class Kills:
    """How often a worker died at each step; `outside` at a moment that nobody chose."""

    at: Counter[str] = field(default_factory=Counter)
    undisturbed: int = 0
    seconds: float = 0.0

    @property
    def total(self) -> int:
        return self.at.total()


def kill(bureau: Bureau, wanted: int, every: int = 1, stride: slice = slice(None)) -> Kills:
    """Kills so many workers of a bureau; after `every` kills the survivors finish, and everything is checked.

    First at each step of a round, or those that `stride` takes of them, then at any.
    """
    kills, chance, started = Kills(), bureau.chance, time.monotonic()
    plan = _plan(_steps_of_a_round(bureau), stride, kills, chance)
    target, tries, since = next(plan), 0, 0
    while kills.total < wanted:
        bureau.morning()
        said = _disturb(bureau, chance)
        commands = (bureau.change(),) if target[0].startswith("_change") or chance.random() < 0.3 else ()
        if chance.randrange(FROM_OUTSIDE) == 0:
            dead = _kill_from_outside(bureau, chance, commands)
        else:
            dead, tries = _kill_at(bureau, *target, commands), tries + 1
        if dead == target[0] or tries == TRIES:
            target, tries = next(plan), 0
        if dead is None:
            kills.undisturbed += 1
        else:
            kills.at[dead] += 1
            since += 1
        if chance.random() < 0.2:
            # While it is not known whether a letter has gone out, what it is about changes.
            bureau.do(bureau.change())
        if since >= every or said != "250 OK":
            bureau.check()
            since = 0
    bureau.check()
    bureau.oracle.check_chains()
    kills.seconds = time.monotonic() - started
    return kills


def _steps_of_a_round(bureau: Bureau) -> list[str]:
    bureau.morning()
    code, steps = bureau.work(commands=(("close", bureau.open[0]),))
    assert code == 0, steps[-1]
    bureau.check()
    return steps


def _plan(steps: list[str], stride: slice, kills: Kills, chance: random.Random) -> Iterator[tuple[str, int]]:
    """Every step of a round that nobody disturbs, the first time and the second; then any, rather the rarer ones."""
    names = list(dict.fromkeys(steps))
    yield from ((name, 1) for name in names[stride])
    yield from ((name, 2) for name in names if steps.count(name) > 1)
    while True:
        (name,) = chance.choices(names, [1 / (1 + kills.at[name]) for name in names])
        yield name, chance.choice([1, 1, 2])


def _disturb(bureau: Bureau, chance: random.Random) -> str:
    said = chance.choice(SAID)
    phase = chance.choice([Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY])
    to = None if phase is Phase.MAIL else chance.choice((SUPERVISOR, MANAGER))
    if said == "drop":
        bureau.box.drop(chance.choice([phase, Phase.ACCEPTED]), to=None, times=1)
    elif said != "250 OK":
        bureau.box.answer(phase, said, to=to, times=1)
        if to is not None:
            bureau.oracle.refused.add(to)
    return said


def _kill_at(bureau: Bureau, step: str, time: int, commands: tuple[tuple[str, ...], ...]) -> str | None:
    code, steps = bureau.work(commands=commands, fate=signal.SIGKILL, at=step, time=time)
    if code == -signal.SIGKILL:
        return step
    assert code == 0, steps[-1]
    return None


def _kill_from_outside(
    bureau: Bureau, chance: random.Random, commands: tuple[tuple[str, ...], ...]
) -> str | None:
    worker, diary = bureau.send_out(commands=commands)
    wait_until(lambda: bool(read(diary)))
    if worker.code(chance.uniform(0.0, 0.1)) is None:
        worker.signal(signal.SIGKILL)
    code = worker.ended()
    diary.unlink()
    bureau.settle_post()
    bureau.notice()
    return "anywhere, from outside" if code == -signal.SIGKILL else None
