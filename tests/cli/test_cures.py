"""No finding of `doctor` that nothing can cure: each kind is brought about, and what it says is to be done ends it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, delete, text, update

from complaint_sla.cli import doctor
from complaint_sla.cli.cures import SENTENCES
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.doubt import DRIFT
from complaint_sla.core.errors import BadValue
from complaint_sla.mail.servers import SmtpServer
from complaint_sla.settings import Password
from complaint_sla.store import postgresql
from complaint_sla.store.engine import Store
from complaint_sla.store.heartbeats import beat
from complaint_sla.store.tables import Complaint, Event, FrozenFigure, Heartbeat, JournalEntry, Message, Staff
from complaint_sla.work.health.findings import Gravity
from tests.cli.runner import Program
from tests.cli.test_doctor import LONG, RULES, beats, on, put_letter
from tests.conftest import OpenPostbox
from tests.servers.smtp import Certificate, Phase, Postbox, self_signed
from tests.store.test_locks import as_reader, forgotten, hold
from tests.work.health.test_facts import RULES as BOOK

SUP, BOSS = "sup@example.org", "boss@example.org"
AGO = datetime.now(UTC) - timedelta(days=60)


class Ward:
    """A program that is well, with a supervisor and a manager; what its doctor finds, by kind."""

    def __init__(
        self, program: Program, well: Path | None, folder: Path, monkeypatch: pytest.MonkeyPatch, box: Postbox
    ) -> None:
        self.program, self.folder, self.monkeypatch, self.box = program, folder, monkeypatch, box
        self.file = Path(program.url.removeprefix("sqlite:///"))
        self.set("MAIL", f"folder:{folder / 'mail'}")
        self.backup = folder / "backup.db"
        self.set("MAIL", f"folder:{folder / 'mail'}")
        # What is taken away when all was looked at.
        self.leaving = ExitStack()
        if well is not None and well.exists():
            shutil.copy(well, self.file)
            beats(program.url, timedelta())
            return
        program.hire("sup")
        program.hire("boss", "manager")
        self.round()
        assert self.finds() == set()
        if well is not None:
            self.keep()
            shutil.copy(self.file, well)

    def __call__(self, *arguments: str, code: int | None = 0) -> Any:
        return self.program(*arguments, code=code)

    def round(self) -> None:
        self("run", "--once", code=None)

    def on(self, statement: Any) -> None:
        """Something that a hand, a disk or a wrong clock has done."""
        on(self.program.url, lambda session: session.execute(statement))

    def set(self, name: str, value: str) -> None:
        self.monkeypatch.setenv(f"COMPLAINT_SLA_{name}", value)

    def mail(self, scheme: str = "smtp+plain", host: str = "127.0.0.1") -> None:
        self.set("MAIL", f"{scheme}://{host}:{self.box.port}")

    def folder_of_rules(self, **changed: tuple[str, str]) -> Path:
        folder = self.folder / "rules"
        shutil.copytree(RULES, folder, dirs_exist_ok=True)
        for name, (old, new) in changed.items():
            file = next(folder.glob(f"{name}*.toml"))
            file.write_text(file.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
        return folder

    def keep(self) -> None:
        """The last backup."""
        self.by_hand("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.file, self.backup)

    def damage(self, statement: str) -> None:
        """What a hand has broken, after a backup."""
        self.keep()
        self.by_hand("PRAGMA foreign_keys = OFF", "PRAGMA ignore_check_constraints = ON", statement)

    def by_hand(self, *statements: str) -> None:
        with closing(sqlite3.connect(self.file)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()

    def bring_back(self) -> None:
        self.by_hand("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.backup, self.file)

    def finds(self) -> set[str]:
        """The kinds that need somebody, or are worth doing."""
        found: list[doctor.Checkup] = []
        with self.monkeypatch.context() as patched:
            patched.setattr(doctor, "_answer", lambda _terminal, checkup, *_: found.append(checkup))
            self("doctor", code=None)
        return {one.key for one in found[0].findings if one.gravity is not Gravity.WELL}

    def has(self, key: str) -> bool:
        return key in self.finds()

    def typed(self, command: str) -> str:
        """What `doctor` says is to be typed: this command, with what belongs to it."""
        cures = [one["cure"] for one in self("doctor", "--json", code=None).json["findings"]]
        [cure] = [one[one.index(command) :] for one in cures if command in one]
        return str(cure)

    def type(self, command: str) -> None:
        subprocess.run(self.typed(command), shell=True, check=True)

    def open_folder(self) -> Path:
        """One that everybody may look into, as pytest's may not."""
        folder = Path(self.leaving.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        return folder

    def move(self) -> None:
        """The database, to where everybody may look."""
        self.by_hand("PRAGMA wal_checkpoint(TRUNCATE)")
        self.file = Path(shutil.copy(self.file, self.open_folder()))
        self.program.url = f"sqlite:///{self.file}"

    def late(self, *more: str) -> str:
        """An urgent complaint that was received long ago."""
        received_at = f"{AGO:%Y-%m-%d 10:00}"
        logged = self.program.log("residential", "--urgent", "--received-at", received_at, *more, now=None)
        return str(logged["number"])


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the first that asks leaves a database in which all is well."""
    return tmp_path_factory.mktemp("well") / "complaints.db"


# Brings a kind of finding about; what is done from `yield` on is what `doctor` says is to be done.
Case = Callable[[Ward], Iterator[None]]
CASES: dict[str, Case] = {}


def case(key: str) -> Callable[[Case], Case]:
    def taken(one: Case) -> Case:
        CASES[key] = one
        return one

    return taken


@case("rules-unusable")
def _(ward: Ward) -> Iterator[None]:
    ward.on(text("DELETE FROM book"))
    yield
    ward("rules", "publish", str(RULES))


@case("drafts-unusable")
def _(ward: Ward) -> Iterator[None]:
    folder = ward.folder_of_rules(pea=("[[rule]]", "[[rules]]"))
    ward.set("RULES", str(folder))
    yield
    shutil.copytree(RULES, folder, dirs_exist_ok=True)
    ward("rules", "publish")


@case("database-unusable")
def _(ward: Ward) -> Iterator[None]:
    right = ward.program.url
    ward.program.url = f"{right}.typo"
    yield
    ward.program.url = right


@case("mail-unusable")
def _(ward: Ward) -> Iterator[None]:
    ward.set("MAIL", "carrier pigeon")
    yield
    ward.mail()
    ward("mail", "test", SUP)


@case("mail-turned-away")
def _(ward: Ward) -> Iterator[None]:
    ward.mail()
    ward.box.answer(Phase.GREETING, "554 5.7.1 your address is on our list")
    yield
    ward.box.mend()


@case("mail-slow")
def _(ward: Ward) -> Iterator[None]:
    ward.mail()
    ward.monkeypatch.setitem(vars(SmtpServer.patience), "check", 1.0)
    ward.box.hold(Phase.GREETING)
    yield
    ward.box.mend()


@case("mail-kept-here")
def _(ward: Ward) -> Iterator[None]:
    ward.monkeypatch.delenv("COMPLAINT_SLA_MAIL")
    yield
    ward.set("MAIL", f"folder:{ward.folder / 'mail'}")


@case("mail-stuck")
def _(ward: Ward) -> Iterator[None]:
    (ward.folder / "file").write_text("")
    ward.set("MAIL", f"folder:{ward.folder / 'file'}")
    yield
    ward.mail()
    ward("mail", "test", SUP)


@case("mail-kept-here")
def _(ward: Ward) -> Iterator[None]:
    ward.monkeypatch.delenv("COMPLAINT_SLA_MAIL", raising=False)
    yield
    ward.mail()


@case("mail-plain")
def _(ward: Ward) -> Iterator[None]:
    # Every address of this machine, and no loopback by its name.
    ward.mail(host="0.0.0.0")
    yield
    ward.box.stop()
    ward.box.tls = "required"
    ward.box.start()
    ward.mail("smtp")


@case("books-lost")
def _(ward: Ward) -> Iterator[None]:
    ward.damage("UPDATE book SET text = 'nothing' WHERE kind = 'book'")
    yield
    ward.bring_back()


@case("plan-of-complaints")
def _(ward: Ward) -> Iterator[None]:
    file, whole = ward.folder / "plan.toml", (RULES / "plan-2560.toml").read_text("utf-8")
    narrow = Path(__file__).parents[1] / "records" / "plan-2560-1.toml"
    file.write_text(narrow.read_text("utf-8").replace("Action plan of", "Plan of"), "utf-8")
    ward("rules", "publish", str(file))
    yield
    copy = whole.replace("pea-plan-2560", "ours").replace('"2560-01-01"', '"2560-04-01"')
    file.write_text(copy, "utf-8")
    ward("rules", "publish", str(file))


@case("complaints-astray")
def _(ward: Ward) -> Iterator[None]:
    ward.program.number(now=None)
    ward.damage("UPDATE complaint SET office_id = 99")
    yield
    ward.bring_back()


@case("people-damaged")
def _(ward: Ward) -> Iterator[None]:
    ward.damage("UPDATE staff SET role = 'king' WHERE email LIKE 'boss%'")
    yield
    ward.bring_back()


@case("database-unreadable")
def _(ward: Ward) -> Iterator[None]:
    ward.damage("UPDATE message SET created_at = 'never'")
    ward.monkeypatch.setattr(doctor, "vitals", _unreadable)
    yield
    ward.monkeypatch.undo()
    ward.bring_back()


def _unreadable(_desk: object) -> None:
    raise TypeError("what no column can hold")


@case("database-damaged")
def _(ward: Ward) -> Iterator[None]:
    ward.program.number(now=None)
    ward.keep()
    with closing(sqlite3.connect(ward.file)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_customer_email'"
        (page,) = connection.execute(query).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    with ward.file.open("r+b") as disk:
        disk.seek((page - 1) * size)
        disk.write(b"\x5a" * size)
    yield
    shutil.copy(ward.backup, ward.file)


@case("offices-in-circle")
def _(ward: Ward) -> Iterator[None]:
    ward.program.found_office("EAST")
    ward.program.found_office("WEST", "EAST")
    ward.on(
        text("UPDATE office SET parent_id = (SELECT id FROM office WHERE code = 'WEST') WHERE code = 'EAST'")
    )
    yield
    ward("office", "set", "EAST", "--parent", "MAIN")


@case("no-book-in-force")
def _(ward: Ward) -> Iterator[None]:
    day = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    coming = ward.folder_of_rules(pea=("2017-01-01", day))
    ward.program.publish(coming)
    shutil.rmtree(coming)
    yield
    # The one that holds today, put into the folder.
    ward.program.publish(RULES)


@case("report-for-nobody")
def _(ward: Ward) -> Iterator[None]:
    order = '\n[[report]]\nto = ["a@example.org"]\noffice = "NOWHERE"\nattach = []\n'
    folder = ward.folder_of_rules()
    file = folder / "service.toml"
    file.write_text(file.read_text(encoding="utf-8") + order, encoding="utf-8")
    ward("rules", "publish", str(folder))
    yield
    file.write_text((file.read_text(encoding="utf-8")).replace("NOWHERE", "MAIN"), encoding="utf-8")
    ward("rules", "publish", str(folder))


@case("quarter-uncounted")
def _(ward: Ward) -> Iterator[None]:
    now = datetime.now(UTC)
    ward.program.log("residential", "--received-at", f"{now - timedelta(days=120):%Y-%m-%d 10:00}", now=None)
    day = Quarter.of(now.date()).first_day
    ward.damage(f"UPDATE book SET text = replace(text, '2017-01-01', '{day}') WHERE kind = 'book'")
    yield
    ward.bring_back()


def planned(ward: Ward, office: str = "MAIN") -> None:
    """A figure of the quarter that has ended is in: its plan is in use."""
    ended = Quarter.of(datetime.now(UTC).date()).previous
    letter = ("--source", "374/2560", "--dated", str(ended.following.first_day))
    ward("plan", "enter", "large-existing", str(ended), "90/95", *letter, "--office", office)


@case("plan-untold")
def _(ward: Ward) -> Iterator[None]:
    planned(ward)
    folder = ward.folder_of_rules(service=("[summary]", "[[summaries]]"))
    file = folder / "service.toml"
    head, _, rest = file.read_text("utf-8").partition("[[summaries]]")
    file.write_text(head + rest.partition("\n\n")[2], "utf-8")
    ward("rules", "publish", str(folder))
    yield
    ward("rules", "publish", str(RULES))


@case("plan-classless")
def _(ward: Ward) -> Iterator[None]:
    planned(ward)
    yield
    ward("office", "set", "MAIN", "--class", "branch")


@case("plan-unheard")
def _(ward: Ward) -> Iterator[None]:
    ward.program.found_office("EAST", parent=None)
    planned(ward, "EAST")
    yield
    ward("staff", "add", "east@example.org", "--name", "East", "--office", "EAST", "--role", "supervisor")


def last_year(ward: Ward) -> str:
    """A complaint of a sheet, of a quarter that is final; the quarter."""
    received = (datetime.now(UTC) - timedelta(days=300)).date()
    sheet = ward.folder / "old.csv"
    sheet.write_text(
        "group,channel,category,subject,received_at,closed_at,outcome\n"
        f"residential,phone,outage,old,{received},{received},ok\n"
    )
    ward("import", str(sheet))
    return str(Quarter.of(received))


@case("quarters-of-sheets")
def _(ward: Ward) -> Iterator[None]:
    quarter = last_year(ward)
    ward.round()
    yield
    ward("report", quarter, "--freeze")


@case("quarters-unserved")
def _(ward: Ward) -> Iterator[None]:
    quarter = last_year(ward)
    ward.program.log(now=None)
    ward.round()
    yield
    ward("report", quarter, "--freeze")


@case("plan-unfrozen")
def _(ward: Ward) -> Iterator[None]:
    past = Quarter.of(datetime.now(UTC).date()).previous.previous
    letter = ("--source", "374/2560", "--dated", str(past.following.first_day))
    ward("plan", "enter", "large-existing", str(past), "90/95", *letter, "--office", "MAIN")
    ward.on(update(JournalEntry).values(happened_at=datetime.now(UTC) - timedelta(days=400)))
    yield
    ward("run", "--once", code=None)


@case("calendar-ends")
def _(ward: Ward) -> Iterator[None]:
    head, _, rest = BOOK.read_text(encoding="utf-8").partition("[counting]\n")
    rest = rest[rest.index("[target]") :]
    year = datetime.now(UTC).year

    def folder(through: int, name: str = "pea-2560") -> Path:
        made = ward.folder / f"rules-{through}"
        made.mkdir()
        counting = f'[counting]\ndays = "working"\nholidays = "TH"\nholidays_through = {through}\n'
        (made / "book.toml").write_text(head.replace("pea-2560", name) + counting + rest, encoding="utf-8")
        return made

    # It reaches some months ahead, or a few days, or none.
    ward.program.publish(folder(year if datetime.now(UTC).timetuple().tm_yday > 290 else year - 1))
    yield
    ward.program.publish(folder(year + 2, "later"))


@case("disk-full")
def _(ward: Ward) -> Iterator[None]:
    ward.monkeypatch.setattr(doctor, "free_bytes", lambda _: 1)
    yield
    ward.monkeypatch.undo()


@case("job-never")
def _(ward: Ward) -> Iterator[None]:
    ward.on(delete(Heartbeat))
    yield
    ward.round()


@case("job-late")
def _(ward: Ward) -> Iterator[None]:
    beats(ward.program.url, timedelta(hours=1))
    yield
    ward.round()


@case("job-to-come")
def _(ward: Ward) -> Iterator[None]:
    beats(ward.program.url, -timedelta(days=2), "sweep")
    yield
    ward.round()


@case("mail-stopped")
def _(ward: Ward) -> Iterator[None]:
    yield from mail_stops(ward, since=False)


@case("mail-stopped-since")
def _(ward: Ward) -> Iterator[None]:
    yield from mail_stops(ward, since=True)


def mail_stops(ward: Ward, *, since: bool) -> Iterator[None]:
    ward.mail()
    ward.box.answer(Phase.MAIL, "550 5.7.1 not you")
    ward.late()
    if not since:
        ward.on(delete(Heartbeat))
    ward.round()
    yield
    ward.box.mend()
    ward("mail", "retry")
    ward.round()


@case("service-stopped")
def _(ward: Ward) -> Iterator[None]:
    ward.on(delete(Heartbeat))
    stopped(ward.program.url, "no space left")
    yield
    ward.round()


@case("service-stopped-since")
def _(ward: Ward) -> Iterator[None]:
    stopped(ward.program.url, "no space left")
    yield
    ward.round()


def stopped(url: str, fault: str) -> None:
    on(url, lambda session: beat(session, "sweep", datetime.now(UTC), fault, worked=False))


@case("job-set-aside")
def _(ward: Ward) -> Iterator[None]:
    ward.late()
    ward.damage("UPDATE complaint SET office_id = 99, recorded_at = received_at")
    ward.round()
    yield
    ward.bring_back()
    ward.round()


@case("unswept")
def _(ward: Ward) -> Iterator[None]:
    ward.late()
    yield
    ward("sweep")


@case("letters-held-up")
def _(ward: Ward) -> Iterator[None]:
    put_letter(ward.program.url, "waiting", LONG)
    ward.on(update(Message).values(not_before=datetime.now(UTC) + timedelta(minutes=30), error="452 full"))
    yield
    assert "452 full" in ward("mail", "list", "--failed").out
    ward("mail", "retry")
    ward.round()


@case("letter-unwritten")
def _(ward: Ward) -> Iterator[None]:
    ward.late()
    ward("sweep")
    with ward.monkeypatch.context() as patched:
        patched.setattr("complaint_sla.mail.fitting.compose", lambda *_: 1 / 0)
        ward("deliver", code=None)
    yield
    for one in ward("mail", "list", "--failed", "--json").json:
        ward("mail", "retry", str(one["id"]))
    ward.round()


@case("letters-refused")
def _(ward: Ward) -> Iterator[None]:
    ward.mail()
    ward.late()
    ward.box.answer(Phase.RCPT, "550 5.1.1 no such person", to=SUP)
    ward.round()
    yield
    ward.box.mend()
    ward("mail", "retry")
    ward.round()


def refused(phase: Phase, reply: str) -> Callable[[Ward], Iterator[None]]:
    """What a mail server says of every letter, until somebody has mended it."""

    def course(ward: Ward) -> Iterator[None]:
        ward.mail()
        ward.late()
        ward.box.answer(phase, reply)
        ward.round()
        yield
        ward.box.mend()
        ward("mail", "retry")
        ward.round()

    return course


case("letters-turned-away")(refused(Phase.RCPT, "554 5.6.0 no"))
case("letters-too-large")(refused(Phase.BODY, "552 5.3.4 too large"))
case("letters-later")(refused(Phase.RCPT, "452 4.2.2 mailbox full"))
case("mail-not-as-sender")(refused(Phase.BODY, "554 5.2.252 SendAsDenied"))


@case("letters-unanswered")
def _(ward: Ward) -> Iterator[None]:
    ward.mail()
    ward.late()
    ward.box.drop(Phase.ACCEPTED)
    ward.round()
    yield
    ward.box.mend()
    ward("mail", "retry")
    ward.round()


@case("mail-limited")
def _(ward: Ward) -> Iterator[None]:
    ward.mail()
    ward.late()
    ward.box.answer(Phase.MAIL, "451 4.7.500 Server busy. Please try again later")
    ward.round()
    assert not ward.has("mail-limited")
    ward.on(update(Message).values(first_tried_at=AGO))
    ward.round()
    yield
    ward.box.mend()
    ward("mail", "retry")
    ward.round()


@case("post-unreached")
def _(ward: Ward) -> Iterator[None]:
    ward("staff", "retire", BOSS)
    ward.mail()
    ward.late()
    ward.box.answer(Phase.RCPT, "452 4.2.2 mailbox full")
    ward.round()
    ward.on(update(Message).values(first_tried_at=AGO, not_before=AGO))
    ward.round()
    yield
    ward.box.mend()
    ward("mail", "retry")
    ward.round()


@case("letters-perhaps-arrived")
def _(ward: Ward) -> Iterator[None]:
    ward.mail()
    ward.late()
    ward.box.drop(Phase.ACCEPTED, to=SUP, times=1)
    ward.box.answer(Phase.RCPT, "554 5.6.0 no", to=BOSS)
    ward.round()
    ward.box.answer(Phase.RCPT, "550 5.1.1 no such person", to=SUP)
    ward("mail", "retry")
    ward.round()
    assert "an earlier copy may have arrived" in ward("mail", "list", "--failed").out
    listed = ward("mail", "list", "--failed", "--json").json
    assert sorted(one["unheard_at"] is not None for one in listed) == [False, True]
    yield
    ward.box.mend()
    ward("mail", "retry")
    ward.round()


@case("nobody-alerted")
def _(ward: Ward) -> Iterator[None]:
    ward("staff", "retire", SUP)
    ward("staff", "retire", BOSS)
    yield
    ward.program.hire("new")


@case("no-supervisor")
def _(ward: Ward) -> Iterator[None]:
    ward.program.found_office("APART", parent=None)
    ward.program.number("residential", "--office", "APART", now=None)
    yield
    ward.program.hire("apart", office="APART")


@case("no-manager")
def _(ward: Ward) -> Iterator[None]:
    ward("staff", "retire", BOSS)
    yield
    ward.program.hire("new", "manager")


@case("post-empty")
def _(ward: Ward) -> Iterator[None]:
    for one in (SUP, BOSS):
        ward("staff", "retire", one)
    ward.late()
    ward("sweep")
    yield
    ward.program.hire("new")
    ward.program.hire("head", "manager")


@case("owner-retired")
def _(ward: Ward) -> Iterator[None]:
    owner = ward.program.hire("owner", "agent")
    number = ward.program.number("residential", "--owner", owner, now=None)
    ward.on(update(Staff).where(Staff.email == owner).values(retired_at=datetime.now(UTC)))  # type: ignore[arg-type]
    yield
    assert number in ward("list", "--owner", owner).out
    ward("assign", number, SUP)


@case("nobody-stands-in")
def _(ward: Ward) -> Iterator[None]:
    deputy = ward.program.hire("deputy", "agent")
    until = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    ward("staff", "away", SUP, "--until", until, "--deputy", deputy)
    ward("staff", "retire", deputy)
    yield
    ward("staff", "away", SUP, "--until", until, "--deputy", BOSS)


@case("address-dead")
def _(ward: Ward) -> Iterator[None]:
    ward.on(update(Staff).where(Staff.email == SUP).values(failed_at=datetime.now(UTC), failure="550"))  # type: ignore[arg-type]
    yield
    ward("staff", "set", SUP, "--reachable")


@case("address-strange")
def _(ward: Ward) -> Iterator[None]:
    ward.program.hire("gone", "agent")
    ward.on(update(Staff).where(Staff.email == "gone@example.org").values(email="gone@gmail.example"))  # type: ignore[arg-type]
    ward.program.publish(
        ward.folder_of_rules(service=("mail_domains = []", 'mail_domains = ["example.org"]'))
    )
    yield
    ward("staff", "retire", "gone@gmail.example", "--to", SUP)
    shutil.rmtree(ward.folder / "rules")


@case("settled-ahead")
def _(ward: Ward) -> Iterator[None]:
    ward.program.number(now=None)
    ward.round()
    ward.on(update(Complaint).values(alerted_through=datetime.now(UTC) + timedelta(days=400)))
    yield
    ward.round()


@case("frozen-ahead")
def _(ward: Ward) -> Iterator[None]:
    ward.late()
    ward("report", "1/2560", "--freeze", code=None)
    ward.on(update(FrozenFigure).values(frozen_at=datetime.now(UTC) + timedelta(days=400)))
    yield
    ward("run", "--once", "--clock-is-right", code=None)


@case("dated-ahead")
def _(ward: Ward) -> Iterator[None]:
    ward.program.number(now=None)
    came = datetime.now(UTC) + DRIFT + timedelta(hours=1)
    ward.on(update(Event).values(happened_at=came))
    yield
    # Nothing but the day itself.
    ward.on(update(Event).values(happened_at=datetime.now(UTC)))


@case("clock-healed")
def _(ward: Ward) -> Iterator[None]:
    ward.program.number(now=None)
    ward.round()
    ward.on(update(Complaint).values(alerted_through=datetime.now(UTC) + timedelta(days=400)))
    ward.round()
    yield
    # It is told for a week.
    ward.on(update(JournalEntry).values(recorded_at=datetime.now(UTC) - timedelta(days=8)))


@case("clock-leapt")
def _(ward: Ward) -> Iterator[None]:
    ward.round()
    # By the machine's count it would be seven hours earlier.
    with closing(sqlite3.connect(ward.file)) as connection:
        [(said,)] = connection.execute("SELECT machine FROM heartbeat WHERE job = 'clock'")
    boot_id, _, seconds = said.rpartition(" ")
    later = f"{boot_id} {int(seconds) + 25_200}"
    ward.on(update(Heartbeat).where(Heartbeat.job == "clock").values(machine=later))
    ward.round()
    yield
    # It is told for a week.
    ward.on(update(JournalEntry).values(recorded_at=datetime.now(UTC) - timedelta(days=8)))


@case("settings-unusable")
def _(ward: Ward) -> Iterator[None]:
    config = ward.folder / "config.toml"
    config.write_text('lang = "klingon"\n')
    ward.set("CONFIG", str(config))
    yield
    config.write_text('lang = "th"\n')


@case("mail-untrusted")
def _(ward: Ward) -> Iterator[None]:
    ward.box.stop()
    ward.box.tls = "required"
    ward.box.start()
    ward.mail("smtp")
    authority = os.environ["SSL_CERT_FILE"]
    ward.monkeypatch.delenv("SSL_CERT_FILE")
    yield
    ward.set("MAIL_CA", authority)
    ward("mail", "test", SUP)


@case("mail-self-signed")
def _(ward: Ward) -> Iterator[None]:
    ward.box.stop()
    ward.box.tls, ward.box.certificate = "required", Certificate.SELF_SIGNED
    ward.box.start()
    ward.mail("smtp")
    yield
    own = ward.folder / "own.pem"
    own.write_bytes(self_signed().cert_chain_pems[0].bytes())
    ward.set("MAIL_CA", str(own))


@case("mail-out-of-date")
def _(ward: Ward) -> Iterator[None]:
    ward.box.stop()
    ward.box.tls, ward.box.certificate = "required", Certificate.EXPIRED
    ward.box.start()
    ward.mail("smtp")
    yield
    ward.box.stop()
    ward.box.certificate = Certificate.GOOD
    ward.box.start()


@case("mail-other-name")
def _(ward: Ward) -> Iterator[None]:
    ward.box.stop()
    ward.box.tls, ward.box.certificate = "required", Certificate.LOCAL_NAME
    ward.box.start()
    ward.mail("smtp")
    yield
    ward.mail("smtp", "localhost")


@case("mail-untried")
def _(ward: Ward) -> Iterator[None]:
    ward.box.stop()
    ward.box.login = ("officer", "secret")
    ward.box.start()
    ward.mail(host="officer@127.0.0.1")
    password = ward.folder / "password"
    password.write_text("secret")
    password.chmod(0o600)
    ward.set("MAIL_PASSWORD_FILE", str(password))

    def closed(_: Password) -> str:
        raise BadValue("password-file-closed", file=password, problem="Permission denied")

    # Root, as whom tests may run, is kept from no file: whoever is, tests/cli/test_secrecy.py has look.
    with ward.monkeypatch.context() as patched:
        patched.setattr(Password, "read", closed)
        yield
    # It is the user of the service who asks now.


@case("password-open")
def _(ward: Ward) -> Iterator[None]:
    config = ward.open_folder() / "config.toml"
    config.write_text('mail_password = "secret"\n')
    config.chmod(0o644)
    ward.set("CONFIG", str(config))
    yield
    ward.type("chmod")


@case("records-open")
def _(ward: Ward) -> Iterator[None]:
    ward.move()
    ward.file.chmod(0o666)
    # That everybody may write into it, too, is no second finding.
    assert ward.finds() == {"records-open"}
    yield
    ward.type("chmod")


@case("database-open-to-all")
def _(ward: Ward) -> Iterator[None]:
    ward.move()
    ward.file.chmod(0o640)
    ward.file.parent.chmod(0o777)
    yield
    ward.type("chmod")


@case("database-on-network")
def _(ward: Ward) -> Iterator[None]:
    ward.move()
    told = ward.folder / "mountinfo"
    told.write_text(
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        f"36 22 0:31 / {ward.file.parent} rw,relatime - nfs4 server:/export rw\n"
    )
    ward.monkeypatch.setattr("complaint_sla.store.mounts.MOUNTS", told)
    assert "(nfs4)" in ward("init").err
    yield
    ward.move()


@case("drafts-left")
def _(ward: Ward) -> Iterator[None]:
    # From a folder of others nothing keeps root; what is no folder nobody takes away.
    left = ward.file.parent / ".complaint-sla-0.part"
    left.touch()
    os.utime(left, (0, 0))
    yield
    ward.type("rm -r")


@case("database-standby")
def _(ward: Ward) -> Iterator[None]:
    primary = Store.is_standby
    ward.monkeypatch.setattr(Store, "is_standby", property(lambda _: True))
    assert ward("log", "--subject", "x", code=5).err.startswith("Error: postgresql")
    yield
    ward.monkeypatch.setattr(Store, "is_standby", primary)


@case("database-open-wire")
def _(ward: Ward) -> Iterator[None]:
    is_open = postgresql.is_open_wire
    # The tests' server listens on a socket alone: as if that were another machine.
    ward.monkeypatch.setattr(
        postgresql, "is_open_wire", lambda _host, _address, sslmode: is_open("db.example.org", "", sslmode)
    )
    yield
    ward.program.url += "&sslmode=verify-full"


@case("unswept-locked")
def _(ward: Ward) -> Iterator[None]:
    psql = forgets(ward)
    yield
    end(ward, psql, ward.program.url)
    ward.round()


@case("lock-held-since")
def _(ward: Ward) -> Iterator[None]:
    psql = forgets(ward)
    yield
    end(ward, psql, ward.program.url)


@case("lock-held")
def _(ward: Ward) -> Iterator[None]:
    administrator = ward.program.url
    psql = forgets(ward)
    ward.program.url = ward.leaving.enter_context(as_reader(administrator))
    yield
    end(ward, psql, administrator)


def forgets(ward: Ward) -> Connection:
    """Somebody who holds what is due, and does nothing more."""
    number = ward.late()
    psql = ward.leaving.enter_context(forgotten(ward.program.url, hold(number)))
    ward.round()
    return psql


def end(ward: Ward, psql: Connection, administrator: str) -> None:
    """Sends somebody away as `doctor` says, and waits until they are gone."""
    gone = text(f"SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = {pid_of(psql)})")
    server = create_engine(administrator, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(ward.typed("SELECT pg_terminate_backend")))
        while not connection.execute(gone).scalar():
            pass
    server.dispose()
    psql.invalidate()


def pid_of(psql: Connection) -> int:
    return int(psql.execute(text("SELECT pg_backend_pid()")).scalar_one())


# What SQLite does not have.
A_SESSION_WITH_A_NAME = pytest.mark.own_session("a pooler's sessions bear its own names")
ON_A_SERVER = ("database-open-wire", "database-standby", "lock-held", "lock-held-since", "unswept-locked")


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(key, marks=[pytest.mark.postgresql, A_SESSION_WITH_A_NAME] if key in ON_A_SERVER else [])
        for key, (_, cure) in sorted(SENTENCES.items())
        if cure or key == "database-unusable"
    ],
)
def test_what_doctor_finds_ends_by_what_it_says_is_to_be_done(
    key: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postbox: OpenPostbox,
    trusted_authority: Path, well: Path,
) -> None:  # fmt: skip
    on_a_server = key in ON_A_SERVER
    url = request.getfixturevalue("postgresql_database" if on_a_server else "sqlite_database")
    ward = Ward(Program(url), None if on_a_server else well, tmp_path, monkeypatch, postbox())
    with ward.leaving:
        course = CASES[key](ward)
        next(course)
        assert ward.has(key)
        next(course, None)
        assert not ward.has(key)


def test_every_case_is_of_a_finding() -> None:
    assert CASES.keys() <= SENTENCES.keys()


def test_an_office_that_was_never_used_is_no_finding(sqlite_program: Program) -> None:
    sqlite_program.found_office("CHONBURI", parent=None)
    sqlite_program.hire("sup", office="CHONBURI")
    sqlite_program.hire("boss", "manager", office="CHONBURI")
    sqlite_program("run", "--once")
    assert "All is well." in sqlite_program("doctor").out
