"""What `doctor` found as Prometheus reads it, for a textfile collector: figures only, of nobody in particular."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from complaint_sla.core.errors import BadValue
from complaint_sla.store.heartbeats import JOBS
from complaint_sla.work.health.facts import Vitals
from complaint_sla.work.health.findings import ABOUTS, Finding, Gravity


def exposition(
    findings: Sequence[Finding], found: Vitals | None, free_bytes: Mapping[str, int], now: datetime
) -> str:
    """The text format at a moment (UTC). What could not be measured is left out. Raises BadValue (`missing-extra`)."""
    try:
        from prometheus_client import CollectorRegistry, Gauge, generate_latest
    except ModuleNotFoundError:
        raise BadValue("missing-extra", extra="monitoring") from None
    # Not the client's own registry, which would add figures of this short-lived process.
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"complaint_sla_{name}", about, labels, registry=registry)

    gauge("up", "1 if the database could be looked at.").set(found is not None)
    wrong = gauge("finding", "1 if something about it needs attention.", "about")
    faulty = {one.about for one in findings if one.gravity is Gravity.WRONG}
    for about in ABOUTS:
        wrong.labels(about).set(about in faulty)
    free = gauge("disk_free_bytes", "Free on the disk of the database's file and of the mail folder.", "of")
    for of, size in free_bytes.items():
        free.labels(of).set(size)
    if found is None:
        return generate_latest(registry).decode()
    gauge("database_version", "1, at the revision of the schema.", "revision").labels(found.version).set(1)
    gauge("open_complaints", "Complaints that are open.").set(found.open)
    gauge("overdue_complaints", "Open complaints that are or were overdue.").set(found.overdue)
    gauge("unraised_complaints", "Complaints whose stage should have been raised by now.").set(found.unswept)
    unheard = sum(one.alerts for one in found.unheard)
    gauge("unalertable_alerts", "Alerts owed to roles that nobody fills.").set(unheard)
    gauge("outbox_pending", "Messages that wait to be sent.").set(found.pending)
    oldest = found.oldest_pending_at
    gauge("outbox_oldest_seconds", "Age of the oldest message that waits, 0 if none does.").set(
        max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0
    )
    gauge("refused_letters", "Messages that were refused for good.").set(found.refused)
    succeeded = {beat.job: beat.succeeded_at for beat in found.beats}
    last = gauge("job_last_success_timestamp_seconds", "When a job last did its work, 0 if never.", "job")
    for job in JOBS:
        at = succeeded.get(job)
        last.labels(job).set(at.timestamp() if at is not None else 0)
    return generate_latest(registry).decode()
