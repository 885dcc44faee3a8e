"""Another of the system's users runs the program: a process of theirs, forked off, since ours may read what theirs may not."""

from __future__ import annotations

import os
import pickle
import pkgutil
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import pytest

import complaint_sla
from tests.cli.runner import Answer, run

# Only root becomes others.
AS_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root, to be others of the system's users"
)


@dataclass(frozen=True)
class Somebody:
    """A user and their groups, by number; none of them needs a name."""

    user: int
    group: int
    others: tuple[int, ...] = ()

    def run(self, *arguments: str, umask: int = 0o077) -> Answer:
        """What the program answers them. All that it imports is there already: they may not be able to read it."""
        for module in pkgutil.walk_packages(complaint_sla.__path__, "complaint_sla."):
            if ".versions." not in module.name and not module.name.endswith("__main__"):
                import_module(module.name)
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            # Whoever tests may have threads, none of which holds what is needed here.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            os.close(reading)
            self._answer(arguments, umask, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as answer:
            said = answer.read()
        os.waitpid(child, 0)
        found: Answer = pickle.loads(said)
        return found

    def _answer(self, arguments: Sequence[str], umask: int, writing: int) -> None:
        try:
            os.umask(umask)
            os.setgroups(self.others)
            os.setgid(self.group)
            os.setuid(self.user)
            os.write(writing, pickle.dumps(run(arguments)))
        finally:
            os._exit(0)
