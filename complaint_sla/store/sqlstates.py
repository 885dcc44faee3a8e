"""What PostgreSQL's errors mean: whose matter each is, by its SQLSTATE (Appendix A of its manual), and who mends it.

What is not here is a fault of ours. A server that can't be connected to gives no SQLSTATE, only its words: in English they are
known; in another language they are told as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

# Passes by itself: somebody else was in the way, and the same thing is done again.
PASSING = ("40001", "40P01")
# "cached plan must not change result type": the tables were changed between two of our statements.
_STALE_PLAN = "0A000"
LOCKED = "55P03"
# A column that must be filled, a condition, an exclusion: those that a hand has added are that hand's matter.
RULES = ("23502", "23514", "23P01")
ALTERED = "database-altered"
# What is only known to keep the database from being used.
UNKNOWN = "database-unreachable"

# The key of the message; by the whole code, else by its class (two characters).
KEYS: Mapping[str, str] = {
    "08": "server-lost",
    "25006": "server-read-only",
    "25P03": "server-lost",
    "25P04": "server-cancelled",
    "28": "server-login",
    "3D000": "server-database",
    "3F000": "schema-gone",
    # Of a table's columns: only where the tables are found to be others than ours, see `engine`.
    "42P01": ALTERED,
    "42703": ALTERED,
    "42804": ALTERED,
    "42883": ALTERED,
    "42501": "database-forbidden",
    "22021": "database-text",
    "22P05": "database-text",
    "53": "server-full",
    "53100": "server-disk",
    "53200": "server-memory",
    "53300": "server-connections",
    "53400": "server-limit",
    "55000": "server-refuses",
    "57014": "server-cancelled",
    "57": "server-lost",
    "57P03": "server-starting",
    "57P04": "server-database",
    "58": "server-disk-fault",
    "F0": "server-refuses",
    "P0": "server-refuses",
    "XX": "server-disk-fault",
    "0A000": "server-refuses",
}
# With these a read ends through no fault of its own, and may begin again: nothing was written.
TAKEN_BACK = (*PASSING, "08000", "08003", "08006", "25P03", "57P01", "57P02", "57P03", "57P05")

# What a server, or a pooler before it, says to whom it does not let in.
REFUSALS: Mapping[str, str] = {
    r"password authentication failed|no password supplied|authentication failed": "server-login",
    r'role ".*" does not exist|is not permitted to log in|no such user': "server-login",
    r'database ".*" does not exist|no such database': "server-database",
    r"no pg_hba\.conf entry|pg_hba\.conf rejects": "server-closed",
    r"server does not support SSL|SSL required|certificate verify failed|root certificate file": "server-tls",
    r"permission denied for database": "database-forbidden",
    r"too many clients|remaining connection slots|too many connections|no more connections allowed": "server-connections",
    r"is starting up|is shutting down|in recovery mode|not yet accepting|not accepting": "server-starting",
    r"unsupported startup parameter|unrecognized configuration parameter|parameter .* cannot be changed": "server-options",
    r"session is (not )?read-only|server is (not )?in hot standby": "server-other",
    r"definition of service|service file": "server-service",
    r"server closed the connection|consuming input failed|connection has been closed": "server-lost",
}


def is_passing(state: str | None, said: str) -> bool:
    return state in PASSING or (state == _STALE_PLAN and "cached plan" in said)


def is_taken_back(state: str | None, *, is_lost: bool) -> bool:
    """Whether a read ended through no fault of its own, or its connection `is_lost`."""
    return is_lost or state in TAKEN_BACK


def key_of(state: str | None, said: str) -> str | None:
    """The key of what is to be told, by the SQLSTATE, or by what was `said` where there is none; None for a fault of ours."""
    if state is not None:
        return KEYS.get(state) or KEYS.get(state[:2])
    return next((key for words, key in REFUSALS.items() if re.search(words, said, re.IGNORECASE)), None)
