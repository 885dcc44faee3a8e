"""Makes a clean machine of this one, for one process and its children: what they change outside is gone with them.

Run as root of a mount namespace of its own: `clean_machine.py FILE`, where FILE (JSON) holds `people`, who get users; a
`script`, which root runs as it stands in the project's folder; `environment`, that it has; and `then`, code that is run after
it. /etc, /opt, /var/lib, /home and /usr/local/bin are as they are here, under a layer that takes up what is written.

Imitated, since a machine for tests has no network and no systemd: `python3 -m venv` makes a folder whose complaint-sla is the one
under test, `pip` writes down what it was asked, and `systemctl enable` does once what the unit says that it does.
"""

import ctypes
import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

PRIVATE, RECURSIVE = 0x40000, 0x4000
LIBC = ctypes.CDLL(None, use_errno=True)
STAGE = Path("/mnt")
PROJECT = Path(__file__).parents[1]
LAYERED = ("/etc", "/opt", "/var/lib", "/home", "/usr/local/bin")
UNITS = Path("/etc/systemd/system")

VENV = """#!/bin/sh
case "$1 $2" in "-m venv") ;; *) exec {python} "$@" ;; esac
mkdir -p "$3/bin"
ln -s {program} "$3/bin/complaint-sla"
printf '#!/bin/sh\\necho "$@" >> {asked}\\n' > "$3/bin/pip"
chmod 755 "$3/bin/pip"
"""


def mount(source: str, target: Path, kind: str | None, flags: int, options: str = "") -> None:
    arguments = [None if text is None else text.encode() for text in (source, str(target), kind)]
    if LIBC.mount(*arguments, flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def layer(target: Path) -> None:
    folder = STAGE / str(target).replace("/", "_")
    for part in ("written", "work"):
        (folder / part).mkdir(parents=True)
    options = f"lowerdir={target},upperdir={folder}/written,workdir={folder}/work"
    mount("overlay", target, "overlay", 0, options)


def build() -> None:
    mount("none", Path("/"), None, RECURSIVE | PRIVATE)
    mount("none", STAGE, "tmpfs", 0, "mode=755")
    # Where what is tested lies behind a folder that is closed to others, the way to it is opened.
    ways = {folder for name in (PROJECT, sys.prefix, sys.base_prefix) for folder in Path(name).parents}
    closed = sorted(folder for folder in ways if not folder.stat().st_mode & 0o001)
    for folder in (*map(Path, LAYERED), *closed):
        layer(folder)
    for folder in closed:
        folder.chmod(folder.stat().st_mode | 0o011)
    # The programs of the imitation come before all others.
    bin_ = STAGE / "bin"
    bin_.mkdir()
    program = Path(sys.prefix) / "bin" / "complaint-sla"
    venv = VENV.format(python=sys.executable, program=program, asked=STAGE / "pip")
    (bin_ / "python3").write_text(venv, encoding="utf-8")
    systemctl = f'#!/bin/sh\nexec {sys.executable} {__file__} systemctl "$@"\n'
    (bin_ / "systemctl").write_text(systemctl, encoding="utf-8")
    for one in bin_.iterdir():
        one.chmod(0o755)


def systemctl(*arguments: str) -> None:
    """What enabling a service does, as far as its unit says so, with one round in place of all."""
    command, now, name = arguments
    assert (command, now) == ("enable", "--now"), arguments
    unit: dict[str, list[str]] = {}
    for file in (UNITS / f"{name}.service", *sorted((UNITS / f"{name}.service.d").glob("*.conf"))):
        for line in file.read_text(encoding="utf-8").splitlines():
            key, found, value = line.partition("=")
            if found:
                unit.setdefault(key, []).append(value)
    [user], [group] = unit["User"], unit["Group"]
    state = Path("/var/lib") / unit["StateDirectory"][0]
    state.mkdir(exist_ok=True)
    shutil.chown(state, user, group)
    state.chmod(int(unit["StateDirectoryMode"][-1], 8))
    environment = [pair for line in unit["Environment"] for pair in shlex.split(line)]
    become = ["runuser", "-u", user, "-g", group, "--", "env", "-i", "PATH=/usr/bin:/bin", *environment]
    subprocess.run(
        [*become, *shlex.split(unit["ExecStart"][-1]), "--once"], check=True, umask=int(unit["UMask"][-1], 8)
    )


def main(file: Path) -> None:
    spec = json.loads(file.read_text(encoding="utf-8"))
    build()
    os.chdir(PROJECT)
    for name in spec["people"]:
        subprocess.run(["useradd", "--create-home", name], check=True)
    os.environ |= spec["environment"] | {"PATH": f"{STAGE}/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    # As careful administrators have it; what is for everybody must be so all the same.
    os.umask(0o077)
    subprocess.run(
        ["sh", "-eu", "-c", spec["script"]], input="sésame\n", encoding="utf-8", check=True, stdout=sys.stderr
    )
    exec(compile(spec["then"], "then", "exec"), {"asked": (STAGE / "pip").read_text(encoding="utf-8")})


if __name__ == "__main__":
    if sys.argv[1] == "systemctl":
        systemctl(*sys.argv[2:])
    else:
        main(Path(sys.argv[1]))
