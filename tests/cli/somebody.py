"""Another of the system's users runs the program: a process of theirs, forked off, since ours may read what theirs may not."""

from __future__ import annotations

import ctypes
import os
import pickle
import pkgutil
import subprocess
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

import complaint_sla
from tests.cli.runner import Answer, run

PROJECT = Path(__file__).parents[2]
NEW_MOUNTS = 0x00020000

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
        with tempfile.TemporaryDirectory() as aside:
            with warnings.catch_warnings():
                # Whoever tests may have threads, none of which holds what is needed here.
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if child == 0:
                os.close(reading)
                self._answer(arguments, umask, writing, aside)
            os.close(writing)
            with os.fdopen(reading, "rb") as answer:
                said = answer.read()
            os.waitpid(child, 0)
        found: Answer = pickle.loads(said)
        return found

    def _answer(self, arguments: Sequence[str], umask: int, writing: int, aside: str) -> None:
        try:
            _open_the_way(aside)
            os.umask(umask)
            os.setgroups(self.others)
            os.setgid(self.group)
            os.setuid(self.user)
            os.write(writing, pickle.dumps(run(arguments)))
        finally:
            os._exit(0)


def _open_the_way(aside: str) -> None:
    """Lets others through to the program where a folder above it is closed to them, in the mounts of this process alone."""
    closed = [folder for folder in reversed(PROJECT.parents) if not folder.stat().st_mode & 0o001]
    if not closed:
        return
    if ctypes.CDLL(None, use_errno=True).unshare(NEW_MOUNTS):
        raise OSError(ctypes.get_errno(), "unshare")
    for arguments in (
        ("--make-rprivate", "/"),
        ("--bind", PROJECT, aside),
        ("-t", "tmpfs", "-o", "mode=755", "tmpfs", closed[0]),
    ):
        subprocess.run(["mount", *map(str, arguments)], check=True)
    PROJECT.mkdir(parents=True)
    subprocess.run(["mount", "--bind", aside, str(PROJECT)], check=True)
    os.chdir(PROJECT)
