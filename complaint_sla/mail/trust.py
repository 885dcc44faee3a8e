"""By whose word a mail server is itself: the system's authorities and one of the house; why a certificate proves nothing."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from complaint_sla.core.errors import BadValue

# Parts of a name (RFC 5280, 4.1.2.4) by their identifiers as they are encoded.
_PARTS = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}
# Tags of what stands before the serial number, and of text in UTF-16.
_VERSION, _UTF16 = 0xA0, 0x1E
# Bytes: a system's own list of authorities has a quarter of a million.
_LARGEST = 4_000_000


class Flaw(StrEnum):
    """What is wrong with a certificate. UNTRUSTED: of an authority that nobody here trusts; SELF_SIGNED: of none."""

    UNTRUSTED = "untrusted"
    SELF_SIGNED = "self-signed"
    OUT_OF_DATE = "out-of-date"
    OTHER_NAME = "other-name"


# X509_V_ERR_… of OpenSSL's `x509_vfy.h`; whatever else there is leaves the certificate untrusted.
_FLAWS = {
    **dict.fromkeys((9, 10), Flaw.OUT_OF_DATE),
    18: Flaw.SELF_SIGNED,
    **dict.fromkeys((62, 63, 64), Flaw.OTHER_NAME),
}


def context(authority: Path | None) -> ssl.SSLContext:
    """TLS that verifies. Raises BadValue: `authority-unreadable` (file, problem), `authority-empty` (file)."""
    trusting = ssl.create_default_context()
    if authority is None:
        return trusting
    try:
        with authority.open("rb") as file:
            # What stands between the certificates may be in any encoding.
            text = file.read(_LARGEST).decode("ascii", "ignore")
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise BadValue("authority-unreadable", file=authority, problem=why or "") from None
    # OpenSSL's own words for that would be of lines and no file.
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise BadValue("authority-empty", file=authority)
    try:
        trusting.load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError) as problem:
        why = problem.reason if isinstance(problem, ssl.SSLError) else str(problem)
        raise BadValue("authority-unreadable", file=authority, problem=why or "") from None
    return trusting


def blind() -> ssl.SSLContext:
    """TLS that takes any certificate: to look at one that is not trusted, and for nothing else."""
    looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    looking.check_hostname, looking.verify_mode = False, ssl.CERT_NONE
    return looking


def flaw(error: BaseException | None) -> Flaw | None:
    """What is wrong with the certificate because of which an error was raised; None if it is no such error."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _FLAWS.get(error.verify_code, Flaw.UNTRUSTED)
        error = error.__cause__ or error.__context__
    return None


def issuer(certificate: bytes) -> str:
    """Who has issued it (DER), as far as it says in common words: "House CA, PEA". Empty if that can't be read."""
    try:
        _, outer = next(_parts(certificate))
        _, body = next(_parts(outer))
        parts = [part for part in _parts(body) if part[0] != _VERSION]
        # Serial number, algorithm, issuer.
        _, name = parts[2]
        found: dict[str, str] = {}
        for _, group in _parts(name):
            for _, pair in _parts(group):
                (_, key), (kind, value) = _parts(pair)
                if key in _PARTS:
                    found[_PARTS[key]] = value.decode("utf-16-be" if kind == _UTF16 else "utf-8", "replace")
    except (StopIteration, IndexError, ValueError):
        return ""
    return ", ".join(found[part] for part in _PARTS.values() if part in found)


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of what stands one after the other (DER). Raises IndexError."""
    at = 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, at = int.from_bytes(data[at : at + size]), at + size
        yield tag, data[at : at + length]
        at += length
