"""What a hostile mail server says, and secrets that it may quote."""

from __future__ import annotations

import base64

from tests.servers.smtp import Phase

USER, PASSWORD = "officer", "s3cret-passw0rd"
PERSON = "private.person@example.org"
SECRETS = (
    PASSWORD,
    base64.b64encode(PASSWORD.encode()).decode(),
    base64.b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode(),
    PERSON,
    PERSON.replace("@", "%40"),
)
# By name: what follows the code.
ANSWERS = {
    "terminal escapes": "\x1b[2J\x1b]0;owned\x07 all is well",
    "backspaces": "refused\x08\x08\x08\x08\x08\x08\x08accepted",
    "markup": "<script>alert(1)</script> [bold red]x[/] :skull:",
    "a formula": "=cmd|' /C calc'!A0",
    "an address": f"<{PERSON}> is unknown; see http://example.org/?who={PERSON.replace('@', '%40')}",
    "our password": f"you said {PASSWORD}",
    "our password as it was sent": f"you said {SECRETS[1]} and {SECRETS[2]}",
    "placeholders": "{error} {0.__class__} %(n)s %s",
    "a long word": "x" * 480,
    "many ats": "@a" * 230,
    "NUL": "a\0b",
    "nothing": "",
    "another code": "250 2.1.5 ok",
}
PHASES = (Phase.MAIL, Phase.RCPT, Phase.DATA, Phase.BODY, Phase.EHLO)
CODES = ("450", "550", "550 5.1.1", "550 5.7.1")
