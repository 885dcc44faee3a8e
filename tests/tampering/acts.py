"""What somebody does who has the file open: one act each, in SQL, with the checks that must name it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC, datetime

from complaint_sla.core.chain import COVERED, Link, canonical, digest_of_words, next_number_head
from tests.tampering.office import statements, tampering
from tests.work.audit.test_audit import LATE, OPEN, PROMPT

# What an older backup tells of, whatever the journal says.
BESIDE_A_BACKUP = frozenset(
    {
        "what is real is a rehearsal",
        "a letter was sent on another day",
        "a letter was made on another day",
        "a letter went under another Message-ID",
        "a letter took more attempts",
        "the summaries are deleted",
        "a summary is another kind of letter",
        "an alert that was sent is superseded, and out of its letter",
        "all frozen figures are deleted",
        "the newest version of a figure is deleted",
        "a figure was frozen on another day",
    }
)

MINE = "complaint_id = (SELECT id FROM complaint WHERE number = '{}')".format
ONE_ALERT = "id = (SELECT min(id) FROM alert WHERE {})".format
WAITING = ONE_ALERT("state = 'waiting'")
# Of a letter that tells of several, and of one that tells of nothing else.
OF_MANY = ONE_ALERT(
    "state = 'sent' AND message_id IN (SELECT message_id FROM alert GROUP BY 1 HAVING count(*) > 2) AND EXISTS ("
    "SELECT 1 FROM alert AS later WHERE later.complaint_id = alert.complaint_id AND later.recipient = alert.recipient "
    "AND later.stage_at > alert.stage_at AND later.state = 'failed' AND later.stage != 'handed-over')"
)
ALONE = ONE_ALERT(
    "state = 'sent' AND message_id IN (SELECT message_id FROM alert GROUP BY 1 HAVING count(*) = 1)"
)
SENT = "id = (SELECT min(id) FROM message WHERE state = 'sent' AND kind = 'alerts')"

# --- alerts
statements(
    "alerts",
    "all that is owed is superseded",
    "UPDATE alert SET state = 'superseded', message_id = NULL WHERE state IN ('waiting', 'unalertable')",
    seen=["alert"],
)
for state in ("superseded", "dropped", "failed", "unalertable"):
    statements(
        "alerts",
        f"one that waits is {state}",
        f"UPDATE alert SET state = '{state}' WHERE {WAITING}",
        seen=["alert"],
    )
statements(
    "alerts", "one that waits was sent", f"UPDATE alert SET state = 'sent' WHERE {WAITING}", seen=["letter"]
)
for state in ("superseded", "dropped", "waiting"):
    # Of a complaint of which nobody was sent that stage: by that an empty role is rightly overtaken.
    statements(
        "alerts",
        f"what is owed to an empty role is {state}",
        f"UPDATE alert SET state = '{state}' WHERE "
        + ONE_ALERT("state = 'unalertable' AND recipient LIKE '%@FAR'"),
        seen=["alert"],
    )
for state in ("superseded", "waiting", "failed", "dropped"):
    statements(
        "alerts",
        f"one that was sent is {state}, and in its letter",
        f"UPDATE alert SET state = '{state}' WHERE " + ONE_ALERT("state = 'sent'"),
        seen=["alert"],
    )
statements(
    "alerts",
    "an alert that was sent is superseded, and out of its letter",
    f"UPDATE alert SET state = 'superseded', message_id = NULL WHERE {OF_MANY}",
)
statements(
    "alerts",
    "an alert that was sent waits again, and is out of its letter",
    f"UPDATE alert SET state = 'waiting', message_id = NULL WHERE {OF_MANY}",
    seen=["alert"],
)
statements(
    "alerts",
    "the only one of a letter is superseded, and out of it",
    f"UPDATE alert SET state = 'superseded', message_id = NULL WHERE {ALONE}",
    seen=["letter-empty"],
)
statements(
    "alerts",
    "one that was overtaken waits",
    "UPDATE alert SET state = 'waiting' WHERE " + ONE_ALERT("state = 'superseded' AND recipient LIKE 'sup%'"),
    seen=["alert"],
)
statements(
    "alerts",
    "one that was dropped waits",
    "UPDATE alert SET state = 'waiting' WHERE "
    + ONE_ALERT(
        "state = 'dropped' AND recipient LIKE '%@example.org' AND complaint_id IN "
        "(SELECT id FROM complaint WHERE status != 'open')"
    ),
    seen=["alert"],
)
statements(
    "alerts",
    "one that waits is in somebody else's letter, as sent",
    "UPDATE alert SET state = 'sent', message_id = (SELECT min(id) FROM message WHERE state = 'sent' AND recipient != "
    f"alert.recipient) WHERE {WAITING}",
    seen=["letter"],
)
statements(
    "alerts",
    "one that failed is in no letter",
    "UPDATE alert SET message_id = NULL WHERE " + ONE_ALERT("state = 'failed' AND recipient LIKE 'deputy%'"),
    seen=["alert"],
)
statements("alerts", "one is deleted", f"DELETE FROM alert WHERE {WAITING}", seen=["missing-alert"])
statements(
    "alerts",
    "one goes to somebody else",
    f"UPDATE alert SET recipient = 'friend@example.org' WHERE {WAITING}",
    seen=["surplus-alert"],
)

# --- letters
statements(
    "letters",
    "a letter has no moment of sending",
    f"UPDATE message SET sent_at = NULL WHERE {SENT}",
    seen=["letter-state"],
)
statements(
    "letters",
    "a letter is sent in 2099",
    f"UPDATE message SET sent_at = '2099-01-01 00:00:00.000000' WHERE {SENT}",
    seen=["to-come"],
)
statements(
    "letters",
    "a letter was sent on another day",
    f"UPDATE message SET sent_at = datetime(sent_at, '-1 day') || '.000000' WHERE {SENT}",
)
statements(
    "letters",
    "a letter was made on another day",
    f"UPDATE message SET created_at = datetime(created_at, '-1 day') || '.000000' WHERE {SENT}",
)
statements(
    "letters",
    "a letter was refused, and sent",
    f"UPDATE message SET answer = 'refused' WHERE {SENT}",
    seen=["letter-state"],
)
statements(
    "letters",
    "a letter went under another Message-ID",
    f"UPDATE message SET message_id = '<0123@sla.example.org>' WHERE {SENT}",
)
statements(
    "letters",
    "a letter has no Message-ID",
    f"UPDATE message SET message_id = '' WHERE {SENT}",
    seen=["letter-state"],
)
statements(
    "letters",
    "a letter was sent without an attempt",
    f"UPDATE message SET attempts = 0 WHERE {SENT}",
    seen=["letter-state"],
)
statements("letters", "a letter took more attempts", f"UPDATE message SET attempts = 7 WHERE {SENT}")
statements(
    "letters",
    "a letter of alerts is a summary",
    f"UPDATE message SET kind = 'summary' WHERE {SENT}",
    seen=["letter"],
)
statements(
    "letters",
    "a letter went to somebody else",
    f"UPDATE message SET recipient = 'friend@example.org' WHERE {SENT}",
    seen=["letter"],
)
statements(
    "letters",
    "a letter that was sent is dissolved",
    f"UPDATE message SET state = 'dissolved' WHERE {SENT}",
    seen=["letter-state"],
)
statements(
    "letters",
    "a letter that was refused was sent",
    "UPDATE message SET state = 'sent', answer = 'accepted', sent_at = created_at WHERE state = 'failed'",
    seen=["alert"],
)
statements(
    "letters",
    "a report is said to have been mailed",
    "INSERT INTO message (kind, occasion, recipient, message_id, state, created_at, attempts, first_tried_at, not_before, "
    "sent_at, answer) SELECT 'quarter', '2017-Q1/1', 'boss@example.org', '<77@sla.example.org>', state, created_at, "
    f"attempts, first_tried_at, not_before, sent_at, answer FROM message WHERE {SENT}",
)
statements("letters", "the summaries are deleted", "DELETE FROM message WHERE kind = 'summary'")
statements(
    "letters",
    "a summary is another kind of letter",
    "UPDATE message SET kind = 'addresses' WHERE kind = 'summary' AND state = 'sent'",
)

# --- figures
NEWEST = "id = (SELECT max(id) FROM figure)"


def resealed(
    connection: sqlite3.Connection, change: dict[str, object] | None = None, old: str = "", new: str = ""
) -> None:
    """The newest figure says something else, and its digest fits."""
    id_, content = connection.execute(f"SELECT id, content FROM figure WHERE {NEWEST}").fetchone()
    if change is not None:
        text = json.dumps(json.loads(content) | change, ensure_ascii=False, indent=2)
    else:
        text = content.replace(old, new)
    assert text != content
    digest = hashlib.sha256(text.encode()).hexdigest()
    connection.execute("UPDATE figure SET content = ?, digest = ? WHERE id = ?", (text, digest, id_))


statements("figures", "all frozen figures are deleted", "DELETE FROM figure")
statements("figures", "the newest version of a figure is deleted", f"DELETE FROM figure WHERE {NEWEST}")
statements(
    "figures",
    "the first version of a figure is deleted",
    "DELETE FROM figure WHERE version = 1",
    seen=["figure-version"],
)
statements(
    "figures",
    "a figure was frozen on another day",
    f"UPDATE figure SET frozen_at = datetime(frozen_at, '+1 day') || '.000000' WHERE {NEWEST}",
)
statements("figures", "a figure is void", f"UPDATE figure SET voided_at = frozen_at WHERE {NEWEST}")


@tampering("figures", "figure-sum", "figure-restated")
def _(connection: sqlite3.Connection) -> None:
    """the target of a figure is lower, and its digest fits"""
    resealed(connection, {"target": "10"})


@tampering("figures", "figure-sum")
def _(connection: sqlite3.Connection) -> None:
    """a figure has met its target, and its digest fits"""
    met = json.loads(connection.execute(f"SELECT content FROM figure WHERE {NEWEST}").fetchone()[0])["met"]
    resealed(connection, {"met": not met})


@tampering("figures")
def _(connection: sqlite3.Connection) -> None:
    """a figure was final on another day, and its digest fits"""
    resealed(connection, {"final_at": "2017-04-20T00:00:00+07:00"})


@tampering("figures")
def _(connection: sqlite3.Connection) -> None:
    """the offices of a figure have other names, and its digest fits"""
    resealed(connection, old="Area", new="Elsewhere")


@tampering("figures")
def _(connection: sqlite3.Connection) -> None:
    """the offices of a figure have other parents, and its digest fits"""
    resealed(connection, old='"parent": "AREA"', new='"parent": "BRANCH"')


@tampering("figures", "figure-sum")
def _(connection: sqlite3.Connection) -> None:
    """a figure counts one more in time, and its digest fits"""
    on_time = json.loads(connection.execute(f"SELECT content FROM figure WHERE {NEWEST}").fetchone()[0])[
        "on_time"
    ]
    resealed(connection, {"on_time": on_time + 1})


# --- the person
EMPTIED = (
    f"UPDATE event SET words = NULL, salt = NULL WHERE words IS NOT NULL AND {MINE(LATE)}",
    f"UPDATE complaint SET subject = '', subject_search = '', detail = NULL, outcome = NULL WHERE number = '{LATE}'",
    f"DELETE FROM customer WHERE {MINE(LATE)}",
)
statements("the person", "an erasure is faked", *EMPTIED, seen=["not-erased"])
statements("the person", "the words of one event are gone", EMPTIED[0] + " AND seq = 3", seen=["not-erased"])
for column, value in {
    "subject": "ไฟดับ",
    "subject_search": "ไฟดับ",
    "detail": "ทั้งซอย",
    "outcome": "done",
}.items():
    statements(
        "the person",
        f"{column} of an erased complaint is back",
        f"UPDATE complaint SET {column} = '{value}' WHERE number = '{PROMPT}'",
        seen=["erased"],
    )
statements(
    "the person",
    "who complained is back after an erasure",
    f"INSERT INTO customer (complaint_id, name) SELECT id, 'สมชาย' FROM complaint WHERE number = '{PROMPT}'",
    seen=["erased"],
)
statements(
    "the person",
    "words of an erased complaint are back",
    f"UPDATE event SET words = '{{}}', salt = '00' WHERE seq = 1 AND {MINE(PROMPT)}",
    seen=["erased"],
)
statements(
    "the person",
    "an erasure has another reason",
    f"UPDATE event SET words = '{{\"reason\":\"x\"}}' WHERE kind = 'erased' AND {MINE(PROMPT)}",
    seen=["words"],
)
statements(
    "the person",
    "a telephone number is changed",
    "UPDATE customer SET phone = '0800000000' WHERE phone IS NOT NULL",
    seen=["text"],
)

CORRECTED = f"seq = (SELECT max(seq) FROM event WHERE kind = 'corrected' AND {MINE(LATE)})"
for column, value, check in (
    ("subject", "ไฟดับ", "text"),
    ("channel", "phone", "column"),
    ("external_id", "X-1", "text"),
):
    statements(
        "the person",
        f"{column} is again what it was before it was corrected",
        f"UPDATE complaint SET {column} = '{value}' WHERE number = '{LATE}'",
        seen=[check],
    )
statements(
    "the person",
    "a telephone number that a correction took away is back",
    f"UPDATE customer SET phone = '0812345679' WHERE {MINE(LATE)}",
    seen=["text"],
)
statements(
    "the person",
    "a correction puts another word right",
    f"UPDATE event SET words = replace(words, 'subject', 'detail') WHERE {CORRECTED} AND {MINE(LATE)}",
    seen=["words"],
)
statements(
    "the person",
    "a correction is deleted",
    f"DELETE FROM event WHERE {CORRECTED} AND {MINE(LATE)}",
    seen=["missing-event"],
)


@tampering("the person", "text")
def _(connection: sqlite3.Connection) -> None:
    """a correction says that something else stood there, and its digest and every hash from there on fit"""
    seq, words, salt = connection.execute(
        f"SELECT seq, words, salt FROM event WHERE {CORRECTED} AND {MINE(LATE)}"
    ).fetchone()
    other = canonical(json.loads(words) | {"subject_was": "ค่าไฟแพง"})
    rehashed(connection, LATE, seq, words=other, words_digest=digest_of_words(other, salt))


@tampering("the person", "event")
def _(connection: sqlite3.Connection) -> None:
    """a correction says that it was another channel, and every hash from there on fits"""
    seq, data = connection.execute(
        f"SELECT seq, data FROM event WHERE data LIKE '%\"channel\"%' AND kind = 'corrected' AND {MINE(LATE)}"
    ).fetchone()
    rehashed(connection, LATE, seq, data=canonical(json.loads(data) | {"was": {"channel": "letter"}}))


# --- the record
statements(
    "the record",
    "a complaint was closed earlier",
    "UPDATE complaint SET closed_at = '2017-03-06 00:00:00.000000' WHERE status = 'closed'",
    seen=["column"],
)
statements(
    "the record",
    "an event is deleted",
    f"DELETE FROM event WHERE seq = 3 AND {MINE(LATE)}",
    seen=["missing-event"],
)
statements(
    "the record",
    "the last event is deleted",
    f"DELETE FROM event WHERE seq = (SELECT events FROM complaint WHERE number = '{OPEN}') AND {MINE(OPEN)}",
    seen=["length", "head"],
)
statements(
    "the record",
    "an event was somebody else's",
    f"UPDATE event SET actor = 'x@example.org' WHERE seq = 2 AND {MINE(LATE)}",
    seen=["hash"],
)
statements(
    "the record",
    "an event was another system user's",
    f"UPDATE event SET system_user = 'x' WHERE seq = 2 AND {MINE(LATE)}",
    seen=["hash"],
)
statements(
    "the record",
    "an event was another login's",
    f"UPDATE event SET server_user = 'x' WHERE seq = 2 AND {MINE(LATE)}",
    seen=["hash"],
)
statements(
    "the record",
    "a complaint is silent",
    f"UPDATE complaint SET next_alert_at = '2030-01-01 00:00:00.000000' WHERE number = '{OPEN}'",
    seen=["column"],
)
statements(
    "the record",
    "an entry of the journal is deleted",
    "DELETE FROM journal WHERE seq = (SELECT max(seq) FROM journal)",
    seen=["length"],
)
statements(
    "the record",
    "an entry of the journal was somebody else's",
    "UPDATE journal SET actor = 'x' WHERE seq = 1",
    seen=["hash"],
)
statements("the record", "what is real is a rehearsal", "UPDATE house SET rehearsal = 1")


def rehashed(connection: sqlite3.Connection, number: str, seq: int, **values: str) -> None:
    """One event says something else, and every hash from there on fits."""
    id_, before = connection.execute("SELECT id, '' FROM complaint WHERE number = ?", (number,)).fetchone()
    for name, value in values.items():
        connection.execute(
            f"UPDATE event SET {name} = ? WHERE complaint_id = ? AND seq = ?", (value, id_, seq)
        )
    names = ("id", *COVERED, "hash")
    chain = connection.execute(
        f"SELECT {', '.join(names)} FROM event WHERE complaint_id = ? ORDER BY seq", (id_,)
    )
    for row in chain.fetchall():
        one = dict(zip(names, row, strict=True))
        moments = {
            name: datetime.fromisoformat(one[name]).replace(tzinfo=UTC)
            for name in ("happened_at", "recorded_at")
        }
        link = Link(number, **{name: moments.get(name, one[name]) for name in COVERED})
        before = link.hash(before)
        connection.execute("UPDATE event SET hash = ? WHERE id = ?", (before, one["id"]))
    connection.execute("UPDATE complaint SET head = ? WHERE id = ?", (before, id_))


GONE = "(SELECT id FROM complaint ORDER BY id DESC LIMIT 1)"
DELETED = (
    f"DELETE FROM alert WHERE complaint_id = {GONE}",
    f"DELETE FROM event WHERE complaint_id = {GONE}",
    f"UPDATE counter SET serial = serial - 1 WHERE month = (SELECT month FROM complaint WHERE id = {GONE})",
)


@tampering("the record", "given", "counter")
def _(connection: sqlite3.Connection) -> None:
    """the newest complaint is deleted, and its number was never given out"""
    for one in (
        *DELETED,
        f"DELETE FROM customer WHERE complaint_id = {GONE}",
        f"DELETE FROM complaint WHERE id = {GONE}",
    ):
        connection.execute(one)


@tampering("the record", "backup-number", "backup-counter", beside_backup=True)
def _(connection: sqlite3.Connection) -> None:
    """the newest complaint is deleted, and the numbers are linked anew with the program's own code"""
    (month,) = connection.execute(f"SELECT month FROM complaint WHERE id = {GONE}").fetchone()
    for one in (
        *DELETED,
        f"DELETE FROM customer WHERE complaint_id = {GONE}",
        f"DELETE FROM complaint WHERE id = {GONE}",
    ):
        connection.execute(one)
    head = ""
    for number, first in connection.execute(
        "SELECT number, hash FROM complaint JOIN event ON complaint_id = complaint.id AND seq = 1 WHERE month = ? "
        "ORDER BY complaint.id",
        (month,),
    ):
        head = next_number_head(head, number, first)
    connection.execute("UPDATE counter SET head = ? WHERE month = ?", (head, month))


@tampering("the record", "backup-event", beside_backup=True)
def _(connection: sqlite3.Connection) -> None:
    """a note was somebody else's, and the chain is hashed anew with the program's own code"""
    rehashed(connection, LATE, 2, actor="friend@example.org")


# --- what was published
statements(
    "books",
    "a rule has more days",
    "UPDATE book SET text = replace(text, 'days = 25', 'days = 35')",
    seen=["book"],
)
statements(
    "books",
    "a book is not in force",
    "UPDATE book SET replaced_at = published_at WHERE book_id = 'pea-b'",
    seen=["in-force"],
)
statements("books", "a book is deleted", "DELETE FROM book WHERE book_id = 'pea-b'", seen=["missing-book"])

# --- people and offices
SUP = "WHERE email = 'sup@example.org'"
statements(
    "people",
    "a person has another address",
    "UPDATE staff SET email = 'friend@example.org' WHERE email = 'deputy@example.org'",
)
statements("people", "a person has another role", f"UPDATE staff SET role = 'agent' {SUP}")
statements(
    "people",
    "a person is of another office",
    f"UPDATE staff SET office_id = (SELECT id FROM office WHERE code = 'FAR') {SUP}",
)
statements(
    "people",
    "a person is away",
    "UPDATE staff SET away_until = '2017-12-31', deputy_id = (SELECT id FROM staff WHERE email = 'bob@example.org') "
    "WHERE email = 'boss@example.org'",
)
statements("people", "a person has another deputy", f"UPDATE staff SET deputy_id = id {SUP}")
statements(
    "people",
    "a person is back from their absence",
    f"UPDATE staff SET away_until = NULL, deputy_id = NULL {SUP}",
)
statements(
    "people", "a person has retired", f"UPDATE staff SET retired_at = '2017-06-01 00:00:00.000000' {SUP}"
)
statements(
    "people", "a person can't be reached", f"UPDATE staff SET failed_at = '2017-06-01 00:00:00.000000' {SUP}"
)
statements("people", "a person is deleted", "DELETE FROM staff WHERE email = 'deputy@example.org'")
statements(
    "people",
    "a person is put in",
    "INSERT INTO staff (email, name, office_id, role, language) SELECT 'friend@example.org', 'F', office_id, role, language "
    f"FROM staff {SUP}",
)
statements("people", "a person sits at another login", f"UPDATE staff SET login = 'root' {SUP}")
statements(
    "people",
    "the owner of a complaint is deleted",
    "DELETE FROM staff WHERE id = (SELECT owner_id FROM complaint WHERE owner_id IS NOT NULL LIMIT 1)",
    seen=["column"],
)
statements(
    "offices", "an office is torn from its parent", "UPDATE office SET parent_id = NULL WHERE code = 'BRANCH'"
)
statements(
    "offices", "an office is of another class", "UPDATE office SET class = 'region' WHERE code = 'BRANCH'"
)
statements("offices", "an office has another name", "UPDATE office SET name_en = 'X' WHERE code = 'BRANCH'")
statements(
    "offices",
    "offices stand in a circle",
    "UPDATE office SET parent_id = id WHERE code = 'AREA'",
    seen=["circle"],
)
statements(
    "offices",
    "an office is put in",
    "INSERT INTO office (code, name_th, name_en) VALUES ('NEW', 'ใหม่', 'New')",
)

# --- the plan
statements("plan", "a figure is one more", "UPDATE reading SET n = 91", seen=["reading"])
statements("plan", "a figure is deleted", "DELETE FROM reading", seen=["missing-reading"])
statements(
    "plan",
    "a figure was frozen as one more",
    """UPDATE figure SET cases = replace(cases, '"n":90', '"n":91') WHERE measure = 'plan'""",
    seen=["plan-lines"],
)
statements(
    "plan",
    "another target stands in the plan",
    "UPDATE book SET text = replace(text, 'share = 80', 'share = 70') WHERE kind = 'plan'",
    seen=["plan-text"],
)
statements(
    "plan", "a frozen plan is deleted", "DELETE FROM figure WHERE measure = 'plan'", seen=["figure-gone"]
)
