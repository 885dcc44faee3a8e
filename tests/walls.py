"""Builds around itself what systemd builds around a unit, as far as no privileges are needed, and becomes the unit's command.

Run as root of a mount namespace of its own, with a spec (JSON): `command`, to be run as it stands; `keep`: folders that
are there for the command wherever they lie; `places`: what lies under a path of the unit; `passwd`: a line more there.

ProtectHome=yes: /home, /root and /run/user are empty and nobody may look into them. ProtectSystem=strict: nothing of the
system can be written but what `writable` names. PrivateTmp=yes: /tmp and /var/tmp are new. What is kept is there, below them too.
"""

import ctypes
import json
import os
import struct
import sys
from pathlib import Path

BIND, RECURSIVE, PRIVATE = 0x1000, 0x4000, 0x40000
SET_ATTRIBUTES, EVERYTHING_BELOW, READ_ONLY = 442, 0x8000, 0x1
LIBC = ctypes.CDLL(None, use_errno=True)
STAGE = Path("/mnt")


def call(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def mount(source: str, target: Path, kind: str | None, flags: int, options: str = "") -> None:
    arguments = [None if text is None else text.encode() for text in (source, str(target), kind)]
    call(LIBC.mount(*arguments, flags, options.encode()), f"mount {target}")


def fresh(target: Path, mode: str) -> None:
    if target.is_dir():
        mount("none", target, "tmpfs", 0, f"mode={mode}")


def bind(source: Path, target: Path) -> None:
    mount(str(source), target, None, BIND | RECURSIVE)


def write_protect(target: Path, *, on: bool) -> None:
    attributes = struct.pack("QQQQ", READ_ONLY if on else 0, 0 if on else READ_ONLY, 0, 0)
    below = EVERYTHING_BELOW if on else 0
    call(LIBC.syscall(SET_ATTRIBUTES, -100, str(target).encode(), below, attributes, 32), f"protect {target}")


def build(spec: dict) -> None:
    mount("none", Path("/"), None, RECURSIVE | PRIVATE)
    fresh(STAGE, "755")
    kept = {}
    for number, name in enumerate([*spec["keep"], *spec["places"].values()]):
        kept[name] = STAGE / str(number)
        kept[name].mkdir()
        bind(Path(name), kept[name])
    # What is in /etc stays; what the unit has there comes beside it.
    etc = STAGE / "etc"
    etc.mkdir()
    bind(Path("/etc"), etc)
    known = (etc / "passwd").read_text(encoding="utf-8")
    for name, mode in (
        ("/etc", "755"),
        ("/opt", "755"),
        ("/var/lib", "755"),
        ("/tmp", "1777"),
        ("/var/tmp", "1777"),
    ):
        fresh(Path(name), mode)
    for one in etc.iterdir():
        (Path("/etc") / one.name).symlink_to(one)
    Path("/etc/passwd").unlink()
    Path("/etc/passwd").write_text(known + spec["passwd"], encoding="utf-8")
    homes = [Path(name) for name in ("/home", "/root", "/run/user")]
    for home in homes:
        fresh(home, "755")
    Path("/home/complaints").mkdir(mode=0o000)
    for name in spec["keep"]:
        Path(name).mkdir(parents=True, exist_ok=True)
        bind(kept[name], Path(name))
    for target, source in spec["places"].items():
        Path(target).mkdir(parents=True)
        bind(kept[source], Path(target))
    for home in homes:
        if home.is_dir():
            # Where what is tested lies there itself, the way to it stays open.
            home.chmod(0o711 if any(home in Path(name).parents for name in spec["keep"]) else 0o000)
    write_protect(Path("/"), on=True)
    for name in ("/proc", "/tmp", "/var/tmp", *spec["writable"]):
        write_protect(Path(name), on=False)


if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    build(given)
    os.chdir("/")
    os.execvp(given["command"][0], given["command"])
