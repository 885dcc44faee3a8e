"""A worker falls asleep with a letter in hand, the lease runs out, another takes over, the first wakes up."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial

from tests.faults.bureau import IMPATIENT, Bureau, read, wait_until
from tests.faults.worker import TURNED_AWAY

# Outside transactions: within one, a sleeper on SQLite would hold up everybody, which is a fault of its own.
STEPS = (
    *("claim: after commit", "write: after commit", "begin: after commit"),
    *("send: before connecting", "send: before DATA", "send: text handed over", "send: after the 250"),
    "record: before",
)


def _asleep(bureau: Bureau, step: str) -> None:
    bureau.urgent_matter()
    worker, diary = bureau.send_out(fate=signal.SIGSTOP, at=step)
    wait_until(lambda: step in read(diary))
    bureau.survive()
    before = bureau.house.dump()["message"]
    worker.signal(signal.SIGCONT)
    code = worker.ended()
    if code != 0:
        bureau.oracle.problems.append(f"the sleeper did not end well: {read(diary)[-1]}")
    if bureau.house.dump()["message"] != before:
        bureau.oracle.problems.append("what the sleeper wrote down on waking was taken")
    bureau.settle_post()
    bureau.notice()
    bureau.check()


def _asleep_in_a_transaction(bureau: Bureau) -> None:
    """On PostgreSQL the sleeper is thrown out, and the others go on; on SQLite they wait until it wakes or is ended."""
    bureau.urgent_matter()
    step = "record: before commit"
    worker, diary = bureau.send_out(fate=signal.SIGSTOP, at=step, frozen_seconds=1)
    wait_until(lambda: step in read(diary))
    if bureau.server is not None:
        server = bureau.server
        # Until then the others pass over what it has locked.
        wait_until(
            lambda: not server.execute("SELECT 1 FROM pg_stat_activity WHERE state = 'idle in transaction'")
        )
        bureau.survive()
    else:
        second, its_diary = bureau.send_out(lock_seconds=IMPATIENT)
        code = second.ended()
        if code != TURNED_AWAY:
            bureau.oracle.problems.append(
                f"a worker behind a sleeper ended with {code}: {read(its_diary)[-1:]}"
            )
    worker.signal(signal.SIGCONT)
    code = worker.ended()
    if code != (0 if bureau.server is None else TURNED_AWAY):
        bureau.oracle.problems.append(f"the sleeper ended with {code}: {read(diary)[-1:]}")
    bureau.settle_post()
    bureau.notice()
    bureau.check()


def _at_once(bureau: Bureau) -> None:
    """Three workers in the same round: nothing goes out twice."""
    bureau.morning()
    doubled = bureau.oracle.count().doubled
    started = [bureau.send_out() for _ in range(3)]
    for worker, diary in started:
        if worker.ended() != 0:
            bureau.oracle.problems.append(f"a worker among others did not end well: {read(diary)[-1]}")
    bureau.settle_post()
    bureau.notice()
    bureau.check()
    if bureau.oracle.count().doubled != doubled:
        bureau.oracle.problems.append("workers at once sent a letter twice")


FAULTS: dict[str, Callable[[Bureau], None]] = {
    **{f"asleep beyond the lease after «{step}»": partial(_asleep, step=step) for step in STEPS},
    "asleep in the middle of a transaction": _asleep_in_a_transaction,
    "three workers at once": _at_once,
}
