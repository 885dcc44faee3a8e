"""How mail leaves: the setting `COMPLAINT_SLA_MAIL` as a value. Nothing is connected or read from outside."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue
from complaint_sla.settings import without_secrets

FORMS = ("smtps://user@host:465", "smtp://user@host:587", "smtp+plain://127.0.0.1:2525", "folder:PATH")


class Security(StrEnum):
    """TLS from the first byte; STARTTLS, demanded; none."""

    TLS = "tls"
    STARTTLS = "starttls"
    PLAIN = "plain"


@dataclass(frozen=True)
class Patience:
    """Seconds that a server may take for each step (RFC 5321, 4.5.3.2): whoever gives up sooner doubles mail.

    `connect` is for the network and for TLS, of which the RFC says nothing; `text` for the answer to the last dot; `check` for
    all of a trial without a message, which somebody waits for.
    """

    connect: float = 60.0
    greeting: float = 300.0
    command: float = 300.0
    data: float = 120.0
    block: float = 180.0
    text: float = 600.0
    check: float = 20.0

    @classmethod
    def of(cls, seconds: float) -> Patience:
        """The same for every step."""
        return cls(*[seconds] * len(fields_of(cls)))


@dataclass(frozen=True)
class SmtpServer:
    """A server and our access to it. `sender` is the envelope's address; `authority` a file of certificates that are trusted
    beside those that the system trusts.
    """

    host: str
    port: int
    security: Security
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authority: Path | None = None
    patience: Patience = Patience()

    @property
    def is_loopback(self) -> bool:
        """Whether the server is this machine."""
        if self.host.lower().rstrip(".") == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


_SCHEMES = {
    "smtps": (Security.TLS, 465),
    "smtp": (Security.STARTTLS, 587),
    "smtp+plain": (Security.PLAIN, 25),
}


def parse_mail_url(url: str, sender: str) -> SmtpServer | Path:
    """The server, as yet without a password, or the folder that `url` names.

    `sender` may be `Name <address>`, of which the address is kept.

    Raises BadValue: `bad-mail-url` (value, forms), `password-in-mail-url` (value; such a URL is printed and
    stays in histories), `bad-mail-from` (value). What stands before the @ is never among the values.
    """
    if any(char.isspace() or ord(char) < 32 for char in url.strip()) and not url.startswith("folder:"):
        raise _bad(url)
    scheme, _, rest = url.strip().partition(":")
    if scheme.lower() == "folder":
        if not rest or "\0" in rest:
            raise _bad(url)
        try:
            return Path(rest).expanduser()
        except RuntimeError:
            raise _bad(url) from None
    parts, port = _split(url.strip())
    if parts.scheme not in _SCHEMES or not parts.hostname or port == 0:
        raise _bad(url)
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise _bad(url)
    security, usual_port = _SCHEMES[parts.scheme]
    return SmtpServer(
        host=parts.hostname,
        port=port or usual_port,
        security=security,
        sender=envelope_address(sender),
        user=unquote(parts.username) if parts.username else None,
    )


def envelope_address(sender: str) -> str:
    """The address in `Name <address>` or `address`. Raises BadValue (`bad-mail-from`)."""
    try:
        return fields.email(parseaddr(sender)[1])
    except BadValue:
        raise BadValue("bad-mail-from", value=sender) from None


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        # Before anything else is said about the URL: whatever is said would show the password.
        if parts.password is not None:
            raise BadValue("password-in-mail-url", value=without_secrets(url))
        return parts, parts.port
    except ValueError:
        raise _bad(url) from None


def _bad(url: str) -> BadValue:
    return BadValue("bad-mail-url", value=without_secrets(url), forms=FORMS)
