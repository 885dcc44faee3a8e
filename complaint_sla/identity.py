"""Reading from the system who sits at it. Environment variables count only where sudo has set them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from complaint_sla.core.identity import SystemUser

# Where Linux keeps the user that logged in, whoever they became since; the highest number is nobody.
LOGIN_UID = Path("/proc/self/loginuid")
_NOBODY = 2**32 - 1


def system_user(environment: Mapping[str, str]) -> SystemUser:
    """Whom the system knows this process as. LOGNAME and USER are nobody's proof and aren't asked."""
    if not hasattr(os, "getuid"):
        import getpass

        return SystemUser(getpass.getuser())
    uid = os.getuid()
    by_sudo = _number(environment.get("SUDO_UID", ""))
    return SystemUser(
        name=_name(uid),
        sudo=_name(by_sudo) if by_sudo is not None and by_sudo != uid else None,
        login=_login(),
    )


def masters(file: Path, environment: Mapping[str, str]) -> bool:
    """Whether this process may do with a file whatever its owner may, and nobody else came to it by sudo.

    Root may do so however they became it; who by sudo works as the owner is the person who called sudo.
    """
    if not hasattr(os, "getuid"):
        return True
    uid = os.getuid()
    if uid == 0:
        return True
    by_sudo = _number(environment.get("SUDO_UID", ""))
    with suppress(OSError):
        return file.stat().st_uid == uid and by_sudo in (None, 0, uid)
    return False


def _login() -> str | None:
    with suppress(OSError):
        uid = _number(LOGIN_UID.read_text(encoding="ascii").strip())
        if uid is not None and uid != _NOBODY:
            return _name(uid)
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None


def _name(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except (KeyError, OverflowError):
        return f"uid {uid}"
