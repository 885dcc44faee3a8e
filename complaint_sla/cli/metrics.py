"""What `doctor` found as Prometheus reads it, for a textfile collector: figures only, of nobody in particular."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from complaint_sla import __version__
from complaint_sla.core.errors import BadValue
from complaint_sla.core.replies import Answer
from complaint_sla.store.heartbeats import JOBS
from complaint_sla.work.health.facts import Vitals
from complaint_sla.work.health.findings import ABOUTS, Finding, Gravity


def exposition(
    findings: Sequence[Finding],
    found: Vitals | None,
    free_bytes: Mapping[str, int],
    now: datetime,
    written_at: datetime,
) -> str:
    """The text format, with ages at `now`; `written_at` is the real moment (UTC).

    What could not be looked at or measured is left out: no figure says that all is well there. Raises BadValue
    (`missing-extra`).
    """
    try:
        from prometheus_client import CollectorRegistry, Gauge, generate_latest
    except ModuleNotFoundError:
        raise BadValue("missing-extra", extra="monitoring") from None
    # Not the client's own registry, which would add figures of this short-lived process.
    registry = CollectorRegistry()

    def gauge(name: str, about: str, *labels: str) -> Gauge:
        return Gauge(f"complaint_sla_{name}", about, labels, registry=registry)

    gauge("written_timestamp_seconds", "When this was written.").set(written_at.timestamp())
    gauge("build_info", "1, for this version of the program.", "version").labels(__version__).set(1)
    gauge("up", "1 if the database could be looked at.").set(found is not None)
    wrong = gauge("finding", "1 if something about it needs attention.", "about")
    faulty = {one.about for one in findings if one.gravity is Gravity.WRONG}
    told = {one.about for one in findings} | {"settings"}
    for about in ABOUTS if found is not None else [one for one in ABOUTS if one in told]:
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
    gauge("locked_complaints", "Complaints that the last sweep left, for others held them.").set(found.locked)
    unheard = sum(one.alerts for one in found.unheard)
    gauge("unalertable_alerts", "Alerts owed to roles that nobody fills.").set(unheard)
    gauge("outbox_pending", "Messages that wait to be sent.").set(found.pending)
    oldest = found.oldest_pending_at
    gauge("outbox_oldest_seconds", "Age of the oldest message that waits, 0 if none does.").set(
        max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0
    )
    held = gauge("outbox_held", "Messages that were tried and wait, by whose matter that is.", "answer")
    counts = {one.answer: one.letters for one in found.held}
    for answer in Answer:
        if answer not in (Answer.ACCEPTED, Answer.NO_ADDRESS):
            held.labels(answer.value).set(counts.get(answer.value, 0))
    gauge("refused_letters", "Messages that were refused for good.").set(found.refused)
    succeeded = {beat.job: beat.succeeded_at for beat in found.beats}
    last = gauge("job_last_success_timestamp_seconds", "When a job last did its work, 0 if never.", "job")
    for job in JOBS:
        at = succeeded.get(job)
        last.labels(job).set(at.timestamp() if at is not None else 0)
    for what, at in (("backup", found.backed_up_at), ("audit", found.audited_at)):
        made = gauge(f"last_{what}_timestamp_seconds", f"When the last {what} was made, 0 if never.")
        made.set(at.timestamp() if at is not None else 0)
    return generate_latest(registry).decode()
