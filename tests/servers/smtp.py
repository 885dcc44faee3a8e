"""A real SMTP server for tests, which fails on request: at any phase, for any recipient, as often as asked.

It runs in a thread with an event loop of its own, so the code under test may block, be asynchronous or be
another process. It knows nothing of complaint_sla.
"""

import asyncio
import contextlib
import functools
import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import Enum
from ipaddress import ip_address
from typing import Any, AnyStr, Literal, NoReturn, cast

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session, TLSSetupException
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

# How long a test waits for what must come. Reached only by a test that fails.
PATIENCE = 20.0


class Phase(Enum):
    """The moments of a conversation at which the server can be told to fail, in their order."""

    GREETING = "greeting"
    EHLO = "EHLO"
    STARTTLS = "STARTTLS"
    AUTH = "AUTH"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    BODY = "body"
    """The letter has arrived and is not yet taken: a fault here means that it never is."""
    ACCEPTED = "accepted"
    """The letter is taken: a fault here means that the client is not told."""
    RSET = "RSET"
    NOOP = "NOOP"
    QUIT = "QUIT"


class Certificate(Enum):
    """What the server shows for itself. All but GOOD must be refused by a careful client."""

    GOOD = "signed by the tests' authority, for 127.0.0.1 and localhost"
    WRONG_NAME = "signed by the tests' authority, for another machine"
    LOCAL_NAME = "signed by the tests' authority, for localhost and no address"
    SELF_SIGNED = "signed by itself, for 127.0.0.1 and localhost"
    UNTRUSTED = "signed by an authority that nobody trusts"
    EXPIRED = "signed by the tests' authority, valid until 2001"


@functools.cache
def authority() -> trustme.CA:
    """The authority that tests trust; one for each process, since keys take time to make."""
    return trustme.CA(organization_name="complaint_sla tests")


@functools.cache
def self_signed() -> trustme.LeafCert:
    """A certificate of no authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ไฟฟ้า house")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime(2001, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2099, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return trustme.LeafCert(private, made.public_bytes(Encoding.PEM), [])


@functools.cache
def server_context(certificate: Certificate) -> ssl.SSLContext:
    """The server's side of TLS, showing `certificate`."""
    names = ["127.0.0.1", "localhost"]
    match certificate:
        case Certificate.LOCAL_NAME:
            leaf = authority().issue_cert("localhost")
        case Certificate.SELF_SIGNED:
            leaf = self_signed()
        case Certificate.GOOD:
            leaf = authority().issue_cert(*names)
        case Certificate.WRONG_NAME:
            leaf = authority().issue_cert("mail.example.org")
        case Certificate.UNTRUSTED:
            leaf = trustme.CA(organization_name="nobody").issue_cert(*names)
        case Certificate.EXPIRED:
            leaf = authority().issue_cert(*names, not_after=datetime(2001, 1, 1, tzinfo=UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    """A careful client's side of TLS, trusting the tests' authority and no other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority().configure_trust(context)
    return context


@dataclass(frozen=True)
class Letter:
    """One accepted letter with its envelope."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    """As it came, lines ending in CRLF."""
    secure: bool
    """Whether it came through TLS."""
    login: str | None
    connection: int
    """Which connection brought it, counted from 1."""

    @property
    def message(self) -> EmailMessage:
        """The content, parsed."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def message_id(self) -> str:
        """The header Message-ID, without surrounding space."""
        return str(self.message["Message-ID"]).strip()


@dataclass(frozen=True)
class Step:
    """One phase that a client reached."""

    connection: int
    phase: Phase
    argument: str = ""
    """The address of MAIL and RCPT, the name given by EHLO; never what AUTH brought."""
    secure: bool = False


class Hold:
    """A conversation stopped at a phase until `release`, or until the client gives up."""

    def __init__(self) -> None:
        self._reached = threading.Event()
        self._lock = threading.Lock()
        self._released = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    def wait(self) -> None:
        """Blocks until a client has come to the phase."""
        if not self._reached.wait(PATIENCE):
            raise TimeoutError("No client came to where it was to be held")

    async def reached(self) -> None:
        """As `wait`, for asynchronous tests."""
        await asyncio.to_thread(self.wait)

    def release(self) -> None:
        """Lets the conversation go on as if nothing had been."""
        with self._lock:
            self._released = True
            waiting, self._waiting = self._waiting, []
        for loop, event in waiting:
            # The postbox may have closed meanwhile, and its loop with it.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(event.set)

    async def _stay(self) -> None:
        event = asyncio.Event()
        with self._lock:
            if self._released:
                event.set()
            else:
                self._waiting.append((asyncio.get_running_loop(), event))
        self._reached.set()
        await event.wait()


@dataclass
class _Fault:
    phase: Phase
    action: str | Literal[False] | Hold
    """A reply to give, False to close the connection, or a hold."""
    to: str | None
    left: int | None
    """How often it still strikes; None is for ever."""

    def fits(self, phase: Phase, addresses: Iterable[str]) -> bool:
        if self.phase is not phase or self.left == 0:
            return False
        return self.to is None or self.to.casefold() in (address.casefold() for address in addresses)


@dataclass(eq=False)
class Postbox:
    """The server. Listens on a free port of the loopback from `start` to `stop`; started again, on the same.

    Faults are told with `answer`, `drop` and `hold`. Of several that fit, the one told first strikes; with
    `times` it does so that often, else until `mend`. `to` limits a fault to letters for that address (phases
    RCPT, DATA, BODY and ACCEPTED).
    """

    tls: Literal["none", "offered", "required", "implicit"] = "none"
    """No TLS; STARTTLS offered; refused without STARTTLS; TLS from the first byte."""
    login: tuple[str, str] | None = None
    """User and password to demand before MAIL. Taken in the clear only where tls is "none"."""
    certificate: Certificate = Certificate.GOOD
    at_once: int | None = None
    """So many connections may send at a time; others hear at `limit_phase` that it is one too many."""
    on_one: int | None = None
    """So many letters may come on one connection; then 421."""
    in_all: int | None = None
    """So many more letters are taken until this is set anew; others are put off at `limit_phase`."""
    limit_phase: Phase = Phase.MAIL
    size: int | None = None
    """What EHLO says of the size of a message; None: nothing."""
    knows_ehlo: bool | None = True
    """False: it refuses EHLO, and knows HELO; None: it hangs up at it."""

    received: list[Letter] = field(default_factory=list, init=False)
    """Letters accepted, in order."""
    steps: list[Step] = field(default_factory=list, init=False)
    """All that clients did, in order."""
    errors: list[Exception] = field(default_factory=list, init=False)
    """What went wrong inside the server by nobody's order: a fault of the test's machinery."""
    host: str = field(default="127.0.0.1", init=False)
    port: int = field(default=0, init=False)
    """Known after the first `start`."""
    options: list[list[str]] = field(default_factory=list, init=False)
    """What clients gave MAIL beside the address, one list for each that got so far."""
    connections: int = field(default=0, init=False)
    """How many were ever opened."""

    _faults: list[_Fault] = field(default_factory=list, init=False, repr=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False, repr=False)
    _open: set["_Conversation"] = field(default_factory=set, init=False, repr=False)
    _thread: threading.Thread | None = field(default=None, init=False, repr=False)
    _loop: asyncio.AbstractEventLoop | None = field(default=None, init=False, repr=False)
    _stopping: asyncio.Event | None = field(default=None, init=False, repr=False)
    _refusal: OSError | None = field(default=None, init=False, repr=False)

    def start(self) -> None:
        """Returns when the server listens."""
        if self._thread is not None:
            raise RuntimeError("This postbox is already open")
        listening = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[listening], name="postbox", daemon=True)
        self._thread.start()
        listening.wait()
        if self._refusal is not None:
            self._thread.join()
            self._thread = None
            raise self._refusal

    def stop(self) -> None:
        """Cuts every connection and stops listening. What was received stays."""
        if self._thread is None:
            return
        assert self._loop is not None
        assert self._stopping is not None
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            raise TimeoutError("The postbox did not close")
        self._thread = None

    def answer(self, phase: Phase, reply: str, *, to: str | None = None, times: int | None = None) -> None:
        """Replies with `reply` (such as "550 5.1.1 No such user"); after a 421 the connection is closed."""
        self._faults.append(_Fault(phase, reply, to, times))

    def drop(self, phase: Phase, *, to: str | None = None, times: int | None = None) -> None:
        """Cuts the connection without a word."""
        self._faults.append(_Fault(phase, False, to, times))

    def hold(self, phase: Phase, *, to: str | None = None, times: int | None = 1) -> Hold:
        """Says nothing until the hold is released; then goes on as usual."""
        hold = Hold()
        self._faults.append(_Fault(phase, hold, to, times))
        return hold

    def mend(self) -> None:
        """Forgets all faults and releases all holds."""
        faults, self._faults = self._faults, []
        for fault in faults:
            if isinstance(fault.action, Hold):
                fault.action.release()

    def wait_for(self, letters: int) -> list[Letter]:
        """Blocks until so many letters are there (another process sends them); all received so far."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.received) >= letters, PATIENCE):
                raise TimeoutError(f"{len(self.received)} letters came, {letters} were expected")
            return list(self.received)

    def reached(self, phase: Phase) -> list[Step]:
        """The times that clients came to `phase`, in order."""
        return [step for step in self.steps if step.phase is phase]

    def _strike(self, phase: Phase, addresses: Iterable[str]) -> _Fault | None:
        # Only the server's thread calls this, so counting down needs no lock.
        for fault in self._faults:
            if fault.fits(phase, addresses):
                if fault.left is not None:
                    fault.left -= 1
                return fault
        return None

    def _limited(self, phase: Phase, conversation: "_Conversation") -> str | None:
        """What is said of a limit that is reached."""
        if phase is not self.limit_phase:
            return None
        # The oldest connections are those that were let in.
        others = sum(one.number < conversation.number for one in self._open)
        if self.at_once is not None and others >= self.at_once:
            return "432 4.3.2 Concurrent connections limit exceeded"
        brought = sum(letter.connection == conversation.number for letter in self.received)
        if self.on_one is not None and brought >= self.on_one:
            return "421 too many messages in this connection"
        if self.in_all is not None and self.in_all <= 0:
            return "451 4.7.500 Server busy. Please try again later"
        return None

    def _accept(self, letter: Letter) -> None:
        if self.in_all is not None:
            self.in_all -= 1
        with self._changed:
            self.received.append(letter)
            self._changed.notify_all()

    def _run(self, listening: threading.Event) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._serve(listening))

    async def _serve(self, listening: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_exception_handler(self._note_error)
        self._stopping = asyncio.Event()
        self._refusal = None
        context = server_context(self.certificate) if self.tls == "implicit" else None
        try:
            server = await self._loop.create_server(
                lambda: _Conversation(self), self.host, self.port, ssl=context
            )
        except OSError as error:
            self._refusal = error
            listening.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        await self._stopping.wait()
        server.close()
        async with asyncio.timeout(PATIENCE):
            while self._open:
                for conversation in list(self._open):
                    conversation.cut()
                await asyncio.sleep(0.001)

    def _note_error(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self._note(context.get("exception") or RuntimeError(context["message"]))

    def _note(self, error: Exception) -> None:
        # Clients that leave in mid-conversation, or don't like the certificate, are no fault of the server.
        if not isinstance(error, OSError | TLSSetupException):
            self.errors.append(error)


class _Handler:
    """aiosmtpd's hooks: what is decided once a command has been understood."""

    def __init__(self, postbox: Postbox) -> None:
        self._postbox = postbox

    async def handle_EHLO(
        self, server: "_Conversation", session: Session, _: Envelope, hostname: str, replies: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return (
            replies if server.may_log_in else [reply for reply in replies if not reply.startswith("250-AUTH")]
        )

    async def handle_MAIL(
        self, server: "_Conversation", session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (reply := await server.meet(Phase.MAIL, address)) is not None:
            return reply
        if server.postbox.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self._postbox.options.append(list(options))
        return "250 OK"

    async def handle_RCPT(
        self, server: "_Conversation", _: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if (reply := await server.meet(Phase.RCPT, address, [address])) is not None:
            return reply
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: "_Conversation", session: Session, envelope: Envelope) -> str:
        recipients = tuple(envelope.rcpt_tos)
        if (reply := await server.meet(Phase.BODY, addresses=recipients)) is not None:
            return reply
        login = cast(LoginPassword, session.auth_data).login.decode() if session.authenticated else None
        server.postbox._accept(
            Letter(
                sender=envelope.mail_from or "",
                recipients=recipients,
                content=cast(bytes, envelope.content),
                secure=server.secure,
                login=login,
                connection=server.number,
            )
        )
        return await server.meet(Phase.ACCEPTED, addresses=recipients) or "250 OK"

    async def handle_exception(self, error: Exception) -> str:
        self._postbox._note(error)
        return "451 4.3.0 Something broke"


class _Conversation(SMTP):
    """One client's connection."""

    def __init__(self, postbox: Postbox) -> None:
        self.postbox = postbox
        self.number = 0
        super().__init__(
            _Handler(postbox),
            # Asked of the resolver otherwise.
            hostname="localhost",
            tls_context=server_context(postbox.certificate)
            if postbox.tls in {"offered", "required"}
            else None,
            require_starttls=postbox.tls == "required",
            # aiosmtpd does not see TLS from the first byte as TLS: `may_log_in` decides instead.
            auth_require_tls=False,
            authenticator=self._check_login,
            loop=asyncio.get_running_loop(),
            data_size_limit=postbox.size,
        )

    @property
    def secure(self) -> bool:
        return self.transport is not None and self.transport.get_extra_info("ssl_object") is not None

    @property
    def may_log_in(self) -> bool:
        return self.postbox.login is not None and (self.secure or self.postbox.tls == "none")

    def cut(self) -> None:
        if self.transport is not None:
            cast(asyncio.Transport, self.transport).abort()

    async def meet(self, phase: Phase, argument: str = "", addresses: Iterable[str] = ()) -> str | None:
        """Notes that the client is here; the scripted reply, or None to go on. May never return."""
        self.postbox.steps.append(Step(self.number, phase, argument, self.secure))
        fault = self.postbox._strike(phase, addresses)
        if fault is None:
            return self.postbox._limited(phase, self)
        if isinstance(fault.action, Hold):
            await fault.action._stay()
            return None
        if fault.action is False:
            await self._vanish()
        return fault.action

    async def _vanish(self) -> NoReturn:
        self.cut()
        # The loss of the connection cancels this task; until then it must not write into what is gone.
        await asyncio.Event().wait()
        raise AssertionError

    async def push(self, status: AnyStr) -> None:
        # Servers speak to people in any encoding.
        said: Any = status
        await super().push(said.encode("utf-8", "surrogateescape") if isinstance(said, str) else said)
        if status[:3] in {"421", b"421"} and self.transport is not None:
            cast(asyncio.Transport, self.transport).close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Called a second time when STARTTLS has wrapped the first transport.
        if self not in self.postbox._open:
            self.postbox._open.add(self)
            self.postbox.connections += 1
            self.number = self.postbox.connections
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        # A failed handshake comes here twice, and aiosmtpd's state is gone after the first.
        if self in self.postbox._open:
            self.postbox._open.discard(self)
            super().connection_lost(error)

    async def _handle_client(self) -> None:
        try:
            reply = await self.meet(Phase.GREETING)
        except asyncio.CancelledError:
            # The client has left; aiosmtpd ends only what has been greeted.
            self.cut()
            raise
        if reply is not None:
            await self.push(reply)
            cast(asyncio.Transport, self.transport).close()
            return
        await super()._handle_client()

    async def _scripted(self, phase: Phase, argument: str = "", addresses: Iterable[str] = ()) -> bool:
        """Whether a scripted reply was given in place of the ordinary one."""
        reply = await self.meet(phase, argument, addresses)
        if reply is not None:
            await self.push(reply)
        return reply is not None

    async def smtp_HELO(self, hostname: str) -> None:
        if not await self._scripted(Phase.EHLO, hostname):
            await super().smtp_HELO(hostname)

    async def smtp_EHLO(self, hostname: str) -> None:
        if await self._scripted(Phase.EHLO, hostname):
            return
        if self.postbox.knows_ehlo is None:
            await self._vanish()
        elif not self.postbox.knows_ehlo:
            await self.push("502 5.5.1 Command not implemented")
        else:
            await super().smtp_EHLO(hostname)

    async def smtp_STARTTLS(self, arg: str) -> None:
        if not await self._scripted(Phase.STARTTLS):
            await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if await self._scripted(Phase.AUTH):
            return
        if self.may_log_in:
            await super().smtp_AUTH(arg)
        elif self.postbox.login:
            await self.push("538 5.7.11 Encryption required for requested authentication mechanism")
        else:
            await self.push("503 5.5.1 Nobody logs in here")

    async def smtp_DATA(self, arg: str) -> None:
        recipients = self.envelope.rcpt_tos if self.envelope else []
        if not await self._scripted(Phase.DATA, addresses=recipients):
            await super().smtp_DATA(arg)

    async def smtp_RSET(self, arg: str) -> None:
        if not await self._scripted(Phase.RSET):
            await super().smtp_RSET(arg)

    async def smtp_NOOP(self, arg: str) -> None:
        if not await self._scripted(Phase.NOOP):
            await super().smtp_NOOP(arg)

    async def smtp_QUIT(self, arg: str) -> None:
        if not await self._scripted(Phase.QUIT):
            await super().smtp_QUIT(arg)

    def _check_login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _how: str, data: Any
    ) -> AuthResult:
        given = (data.login.decode(), data.password.decode()) if isinstance(data, LoginPassword) else None
        # `handled` would tell aiosmtpd that the refusal has been sent.
        return AuthResult(success=given == self.postbox.login, handled=False, auth_data=data)
