"""How much a server takes: connections at a time and letters on one, as it has let us know. Knows nothing of SMTP."""

from __future__ import annotations

import asyncio
from collections import deque

# Seconds after which one connection more is tried than a server took the last time; twice as many after each that fails.
_PROBE_AFTER, _PROBE_AT_MOST = 300.0, 3600.0


class Gate:
    """Lets in as many at a time as there may be connections; all in one event loop.

    `letters` is how many one connection may carry, if that is known.
    """

    def __init__(self, connections: int) -> None:
        self.letters: int | None = None
        self._usual = self._most = connections
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._pause, self._probe_at = _PROBE_AFTER, 0.0

    async def enter(self) -> None:
        if self._most < self._usual and (now := asyncio.get_running_loop().time()) >= self._probe_at:
            self._most, self._probe_at = self._most + 1, now + self._pause
        while self._inside >= self._most:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                # Whoever was called in and left lets the next one try.
                self._waiting.remove(turn) if turn in self._waiting else self._call()
                raise
        self._inside += 1

    def leave(self) -> None:
        self._inside -= 1
        self._call()

    def _call(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def one_too_many(self, idle: int) -> bool:
        """The server takes no more than whoever else is inside, and those that are `idle`. False if there is nobody else."""
        others = self._inside - 1 + idle
        if others < 1:
            return False
        if self._most < self._usual:
            self._pause = min(2 * self._pause, _PROBE_AT_MOST)
        self._most = min(self._most, others)
        self._probe_at = asyncio.get_running_loop().time() + self._pause
        return True
