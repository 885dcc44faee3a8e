"""A pooler by transactions, as stands before many a PostgreSQL: it gives each transaction another connection of the server.

It speaks protocol 3 and knows nothing of complaint_sla. Like the stricter ones of its kind it knows no named prepared
statements and takes no `options`, and it never resets a connection: what a client leaves in one, others find.
"""

import queue
import re
import selectors
import shutil
import socket
import struct
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

SOCKET = ".s.PGSQL.5432"
_PARAMETERS = {"user", "database", "client_encoding", "application_name", "datestyle", "timezone"}
# What tells one pool from another: a session bears the name of those whom it serves.
_NAMED = ("user", "database", "application_name")
_GOODBYE = b"X\0\0\0\4"


class _RefusedError(Exception):
    """The server lets nobody in; `answer` is what it said."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer


# What outlasts a transaction, and would be left to others, or missed.
_LASTING = re.compile(
    rb"(?:^|;)\s*SET\s+(?!LOCAL\b|TRANSACTION\b)\w+|\bLISTEN\b|WITH HOLD|pg_(?:try_)?advisory_lock|CREATE TEMP",
    re.IGNORECASE,
)
# What somebody may have left in a connection: settings, and a table of a name that others use.
LEFT = (
    "SET DateStyle = 'German'; SET TimeZone = 'Asia/Kathmandu'; SET IntervalStyle = 'sql_standard'; "
    "SET statement_timeout = '5s'; "
    "SET default_transaction_isolation = 'serializable'; SET lock_timeout = '1s'; SET extra_float_digits = 0; "
    "SET bytea_output = 'escape'; CREATE TEMP TABLE complaint (recipe text)"
)


class Pooler:
    """One pooler before the server whose socket is in a folder. `start` before use, `stop` afterwards."""

    def __init__(self, server: Path, size: int = 2, left: str = "") -> None:
        """`left`: what somebody has done in each of its connections before."""
        self._server, self._size, self._left = server / SOCKET, size, left
        self.home = Path(tempfile.mkdtemp(prefix="pooler-"))
        # What clients did that a pooler of this kind forbids, or spoils.
        self.offences: list[str] = []
        # How many transactions each connection of the server has had.
        self.served: list[int] = []
        self._pools: dict[tuple[str, str, str], queue.Queue[_Backend]] = {}
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX)
        # An error for the next messages of clients, in place of the server's answer: its SQLSTATE and words.
        self.refusals: list[tuple[str, str]] = []

    def start(self) -> None:
        self._listener.bind(str(self.home / SOCKET))
        self._listener.listen(100)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for pool in self._pools.values():
            while not pool.empty():
                pool.get().close()
        shutil.rmtree(self.home, ignore_errors=True)

    def forget(self, database: str) -> None:
        """Ends the connections to a database in which nobody is at work."""
        with self._lock:
            for key in [key for key in self._pools if key[1] == database]:
                pool = self._pools.pop(key)
                for _ in range(self._size):
                    pool.get().close()

    def url(self, url: str) -> str:
        """The URL of the same database by way of the pooler."""
        return url.replace(quote(str(self._server.parent), safe="/"), quote(str(self.home), safe="/"))

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with closing(client), suppress(OSError, EOFError):
            given = _startup(client)
            unknown = sorted(given.keys() - _PARAMETERS)
            if unknown:
                client.sendall(_error("FATAL", "08P01", f"unsupported startup parameter: {unknown[0]}"))
                return
            try:
                pool = self._pool(given["user"], given["database"], given.get("application_name", ""))
            except _RefusedError as refused:
                client.sendall(refused.answer)
                return
            backend = pool.get()
            client.sendall(_message(b"R", b"\0\0\0\0") + backend.greeting + _message(b"Z", b"I"))
            pool.put(backend)
            while True:
                first = _read(client)
                if first[:1] == b"X":
                    return
                if self.refusals:
                    client.sendall(_error("FATAL", *self.refusals.pop(0)))
                    return
                # From the other end of the queue: never the one that this client had last.
                backend = pool.get()
                try:
                    if backend.is_gone:
                        backend.close()
                        backend = self._backend(
                            given["user"], given["database"], given.get("application_name", "")
                        )
                    self._transact(client, backend, first)
                except _RefusedError as refused:
                    client.sendall(refused.answer)
                    return
                except (OSError, EOFError):
                    # Whoever went away in the middle takes back what was begun.
                    backend.close()
                    raise
                finally:
                    pool.put(backend)

    def _pool(self, user: str, database: str, name: str) -> "queue.Queue[_Backend]":
        with self._lock:
            if (user, database, name) not in self._pools:
                pool: queue.Queue[_Backend] = queue.Queue()
                for _ in range(self._size):
                    pool.put(self._backend(user, database, name))
                self._pools[user, database, name] = pool
            return self._pools[user, database, name]

    def _backend(self, user: str, database: str, name: str) -> "_Backend":
        self.served.append(0)
        return _Backend(self._server, (user, database, name), self._left, len(self.served) - 1)

    def _transact(self, client: socket.socket, backend: "_Backend", message: bytes) -> None:
        """Passes on what both say until the server is outside a transaction and owes no answer."""
        self.served[backend.number] += 1
        owed = self._pass_on(backend, message)
        with selectors.DefaultSelector() as both:
            both.register(client, selectors.EVENT_READ)
            both.register(backend.socket, selectors.EVENT_READ)
            while True:
                for key, _ in both.select():
                    if key.fileobj is client:
                        message = _read(client)
                        if message[:1] == b"X":
                            raise EOFError
                        owed += self._pass_on(backend, message)
                        continue
                    answer = _read(backend.socket)
                    client.sendall(answer)
                    owed -= answer[:1] == b"Z"
                    if answer[:1] == b"Z" and answer[5:] == b"I" and not owed:
                        return

    def _pass_on(self, backend: "_Backend", message: bytes) -> int:
        """How many answers are owed for it."""
        kind, body = message[:1], message[5:]
        if kind == b"P" and body[:1] != b"\0":
            self.offences.append("a named prepared statement")
        if kind in (b"P", b"Q"):
            self.offences += [found[0].decode() for found in _LASTING.finditer(body)]
        backend.socket.sendall(message)
        return int(kind in (b"Q", b"S"))


class _Backend:
    """A connection of the server. `greeting` is what it tells of itself to whoever connects."""

    def __init__(self, path: Path, whose: tuple[str, str, str], left: str, number: int) -> None:
        self.number = number
        self.socket = socket.socket(socket.AF_UNIX)
        try:
            self._come_in(path, whose, left)
        except BaseException:
            self.socket.close()
            raise

    def _come_in(self, path: Path, whose: tuple[str, str, str], left: str) -> None:
        self.socket.connect(str(path))
        given = "".join(f"{name}\0{value}\0" for name, value in zip(_NAMED, whose, strict=True))
        body = struct.pack("!I", 196608) + given.encode() + b"\0"
        self.socket.sendall(struct.pack("!I", len(body) + 4) + body)
        self.greeting = b"".join(one for one in self._answers() if one[:1] in (b"S", b"K"))
        self.socket.sendall(_message(b"Q", left.encode() + b"\0"))
        for _ in self._answers():
            pass

    @property
    def is_gone(self) -> bool:
        """Whether the server has ended it, or said something that nobody has asked."""
        try:
            self.socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _answers(self) -> list[bytes]:
        answers = [_read(self.socket)]
        while answers[-1][:1] not in (b"Z", b"E"):
            answers.append(_read(self.socket))
        if answers[-1][:1] == b"E":
            raise _RefusedError(answers[-1])
        return answers

    def close(self) -> None:
        with suppress(OSError):
            self.socket.sendall(_GOODBYE)
        self.socket.close()


def _startup(client: socket.socket) -> dict[str, str]:
    while True:
        (length,) = struct.unpack("!I", _exactly(client, 4))
        body = _exactly(client, length - 4)
        if struct.unpack("!I", body[:4])[0] == 196608:
            words = body[4:].decode().split("\0")
            return {name: value for name, value in zip(words[::2], words[1::2], strict=False) if name}
        # No encryption.
        client.sendall(b"N")


def _read(of: socket.socket) -> bytes:
    head = _exactly(of, 5)
    return head + _exactly(of, struct.unpack("!I", head[1:])[0] - 4)


def _exactly(of: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        part = of.recv(count - len(found))
        if not part:
            raise EOFError
        found += part
    return found


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def _error(severity: str, state: str, words: str) -> bytes:
    fields = {"S": severity, "V": severity, "C": state, "M": words}
    return _message(b"E", b"".join(f"{name}{value}\0".encode() for name, value in fields.items()) + b"\0")
