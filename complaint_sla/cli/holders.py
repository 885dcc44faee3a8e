"""What `doctor` says of whoever holds on the database's server what others wait for, and of a wire that is open."""

from collections.abc import Mapping

from complaint_sla.wording import N_

_END_SESSION = N_(
    "Let it finish, or end it as the server's administrator: SELECT pg_terminate_backend({pid})"
)
# Findings of `doctor` by key: what is said, and what to do about it.
SENTENCES: Mapping[str, tuple[str, str]] = {
    "unswept-locked": (
        N_("Complaints waiting to be raised: {n}, the oldest since {when}."),
        N_("Another session holds something; once it has ended, they are raised."),
    ),
    "lock-held": (
        N_(
            "Session {pid} of {user} ({application}) on the database's server holds what others wait for; since when, it tells "
            "only members of pg_read_all_stats."
        ),
        _END_SESSION,
    ),
    "lock-held-since": (
        N_(
            "Session {pid} of {user} ({application}) on the database's server holds what others wait for, since {since}."
        ),
        _END_SESSION,
    ),
    "database-open-wire": (
        N_(
            "What is said to the database's server may travel without encryption, and everybody on the way can read it."
        ),
        N_("Demand TLS in COMPLAINT_SLA_DB: postgresql+psycopg://…?sslmode=verify-full (or require)."),
    ),
}
