"""The queue at the terminal: one key an act, by place on either keyboard; nothing is done that was not meant."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from complaint_sla import identity
from complaint_sla.cli import keys
from complaint_sla.cli.line import LEFT
from complaint_sla.cli.sitting import DEEDS, KEYS, Sitting
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core import keyboard
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import DatabaseMoved
from complaint_sla.core.identity import SystemUser
from complaint_sla.wording import Words
from complaint_sla.wording.corrections import FIELDS
from complaint_sla.wording.width import cells_wide
from complaint_sla.work.complaints.look import Wanted
from complaint_sla.work.counter.queue import Queue
from tests.cli.runner import PATIENCE, SUNDAY, Answer, Program, without_mark
from tests.cli.screen import CTRL_C, ENTER, Screen, pasted

NOW = "2017-03-07 09:00"
BOSS = "boss@example.org"


class Hand:
    """Presses keys and types texts in turn; what can be called is done elsewhere meanwhile. In the end nothing more comes."""

    def __init__(self, *typed: Any) -> None:
        self.typed = list(typed)
        self.asked: list[tuple[str, str]] = []

    def press(self) -> str:
        found = self._next()
        return keys.NO_MORE if found is None else str(found)

    def ask(self, title: str, old: str = "", *, remember: bool = False) -> str:
        self.asked.append((title, old))
        found = self._next()
        if found is None:
            raise EOFError
        return str(found)

    def _next(self) -> Any:
        while self.typed:
            one = self.typed.pop(0)
            if not callable(one):
                return one
            one()
        return None


def sit(
    program: Program, hand: Hand, *, lang: str = "en", out: io.StringIO | None = None, **wanted: Any
) -> Answer:
    """Somebody at the queue, within this process."""
    out, err = out or io.StringIO(), io.StringIO()
    terminal = Terminal(Words(lang), {"db": program.url, "as": BOSS}, NOW)
    with terminal.closing, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        desk = terminal.desk(writes=True)
        queue = Queue(Wanted(status=Status.OPEN, **wanted))
        Sitting(terminal, desk, queue, hand, hand.press).run()  # type: ignore[arg-type]
    return Answer(0, out.getvalue(), without_mark(err.getvalue()))


@pytest.fixture
def office(sqlite_program: Program) -> Program:
    for name in ("nok", "lek", "boss"):
        sqlite_program.hire(name)
    sqlite_program.found_office("EAST")
    return sqlite_program


@pytest.fixture
def logged(office: Program) -> Callable[..., str]:
    def log(*more: str) -> str:
        return office.number("residential", "--office", "MAIN", *more)

    return log


def told(program: Program, number: str) -> list[tuple[Any, ...]]:
    """What stands in the record, after the receipt."""
    _, *events = program.show(number, now=NOW)["events"]
    return [(one["kind"], one["happened_at"], one["actor"], one["data"], one["words"]) for one in events]


SAME = {
    "a": (["nok"], ["assign", "{}", "nok"]),
    "n": (["called"], ["note", "{}", "called"]),
    "r": (["told"], ["note", "{}", "told", "--kind", "respond"]),
    "k": ([], ["acknowledge", "{}"]),
    "c": (["done"], ["close", "{}", "--outcome", "done"]),
    "t": (["east", "theirs"], ["transfer", "{}", "--office", "east", "--reason", "theirs"]),
}


def test_each_key_does_what_its_command_does_on_either_keyboard(office: Program, logged: Any) -> None:
    assert SAME.keys() == DEEDS.keys()
    for key, (answers, command) in SAME.items():
        by_command, by_key, by_mark = (
            logged("--category", one) for one in ("outage", "low-voltage", "meter-fault")
        )
        office(*(part.format(by_command) for part in command), now=NOW, acting=BOSS)
        sit(office, Hand(keyboard.thai(key), *answers), category="low-voltage")
        sit(office, Hand("ท", "ฤ", key, *(["y"] if key == "c" else []), *answers), category="meter-fault")
        events = told(office, by_command)
        assert events
        assert told(office, by_key) == told(office, by_mark) == events, key
        for one in (by_command, by_key, by_mark):
            if key != "c":
                office("close", one, "--outcome", "x", now=NOW)


def test_what_was_done_is_summed_up_and_what_was_left_is_not_done(
    office: Program, logged: Any, lang: str
) -> None:
    for _ in range(4):
        logged()
    before = office.dump()
    nothing = sit(
        office,
        Hand("a", LEFT, "n", "", "c", "", "t", "east", "", "c", None, "A", "x", keys.SEVERAL, "b", "u"),
        lang=lang,
    )
    assert office.dump() == before
    assert nothing.out.splitlines()[-1] == Words(lang)("Nothing was done.")

    hand = Hand(
        "a",
        "nok",
        ENTER_,
        "a",
        "",
        "n",
        "x",
        ENTER_,
        "m",
        "m",
        "A",
        "a",
        "lek",
        "u",
        "b",
        "b",
        "c",
        "y",
        "done",
    )
    done = sit(office, hand, lang=lang)
    expected = {
        "en": "2 assigned, 1 closed, 1 noted, 2 taken back",
        "th": "มอบหมาย 2 เรื่อง, ปิด 1 เรื่อง, บันทึก 1 เรื่อง, ยกเลิก 2 เรื่อง",
    }
    assert done.out.splitlines()[-1] == expected[lang]
    assert "nok@example.org" in hand.asked[1][0]


def test_a_text_is_not_lost_where_its_act_is_refused_and_the_complaint_is_shown_anew(
    office: Program, logged: Any
) -> None:
    number = logged()
    hand = Hand(
        "c", lambda: office("assign", number, "lek", now=NOW), "meter changed", "c", "y", "meter changed now"
    )
    said = sit(office, hand)
    assert f"{number} was changed meanwhile (assigned, " in said.err
    assert [old for _, old in hand.asked] == ["", "meter changed"]
    assert said.out.count("1/1") == 2
    assert office.show(number, now=NOW)["outcome"] == "meter changed now"

    # So it is with a name that nobody has; and what was left, or was for another complaint, is gone.
    first, _ = logged(), logged()
    hand = Hand("a", "nobody", "nok", "n", LEFT, "n", LEFT, "a", "nope", LEFT, ENTER_, "a", "lek")
    said = sit(office, hand)
    assert said.err.count("There is nobody with the address") == 2
    assert [old for title, old in hand.asked if title.startswith("Assign")] == ["", "nobody", "", "nope", ""]
    assert office.show(first, now=NOW)["owner"] == "nok@example.org"


def test_what_is_somebody_elses_is_closed_only_when_it_is_meant(office: Program, logged: Any) -> None:
    number = logged("--owner", "nok@example.org")
    said = sit(office, Hand("c", "x", "c", "n", "c", keys.SEVERAL))
    assert "It is with Nok. Close it?" in said.out
    assert office.show(number, now=NOW)["status"] == "open"
    sit(office, Hand("แ", "ั", "done"))
    assert office.show(number, now=NOW)["status"] == "closed"


def test_who_may_not_close_is_told_so_at_that_key_and_loses_nothing_else(
    office: Program, logged: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    number = logged()
    office("staff", "set", "nok@example.org", "--login", "nok")
    office(
        "staff",
        "add",
        "an@example.org",
        "--name",
        "An",
        "--office",
        "MAIN",
        "--role",
        "agent",
        "--login",
        "an",
    )
    settings = tmp_path / "service.toml"
    settings.write_text('[permissions]\nclose = ["supervisor"]\nreopen = ["administrator"]', encoding="utf-8")
    office("rules", "publish", str(settings), now=SUNDAY)
    monkeypatch.setattr(identity, "masters", lambda *_: False)
    monkeypatch.setattr(identity, "system_user", lambda _: SystemUser("an"))
    hand = Hand("n", "called", "c", "a", "nok")
    said = sit(office, hand)
    assert said.err.count("You may not end complaints") == 1
    assert said.out.splitlines()[-1] == "1 assigned, 1 noted"
    assert "Outcome" not in str(hand.asked)

    monkeypatch.setattr(identity, "system_user", lambda _: SystemUser("nok"))
    said = sit(office, Hand("c", "y", "done", "u"))
    assert said.err.count("You may not reopen") == 1
    assert office.show(number, now=NOW)["status"] == "closed"


def test_what_was_done_is_told_where_the_database_goes_away_meanwhile(office: Program, logged: Any) -> None:
    logged()
    file = Path(office.url.removeprefix("sqlite:///"))
    hand = Hand("n", "called", "c", lambda: file.rename(f"{file}.away"), "done", "n", "once more")
    out = io.StringIO()
    with pytest.raises(DatabaseMoved):
        sit(office, hand, out=out)
    assert out.getvalue().splitlines()[-1] == "1 noted"


def test_what_others_typed_cannot_steer_the_screen(office: Program, logged: Any) -> None:
    logged("--subject", "a\u202eb", "--customer", "c\u2067d")
    said = sit(office, Hand("n", "e\u202ef", "s", "?"))
    assert not re.search("[\u202e\u2067]", said.out)
    assert "a\\u202eb" in said.out


def test_what_has_no_terminal_is_told_of_the_list(sqlite_program: Program) -> None:
    said = sqlite_program("queue", "--owner", "none", "--urgent", now=NOW, code=2).err
    assert "complaint-sla list --owner none --urgent" in said


# --- at a real terminal


class Counter:
    """The program's queue at a terminal."""

    def __init__(
        self, program: Program, *filters: str, lang: str = "en", size: tuple[int, int] = (80, 24)
    ) -> None:
        # Whatever is measured here is not the width of a test's window.
        environment = {"COLUMNS": str(size[0]), "LINES": str(size[1])}
        self.screen = Screen.of(
            *program.options(NOW, BOSS, lang), "queue", *filters, size=size, environment=environment
        )
        self.last = Q[lang]
        # The screen lets go of its own when the program has ended.
        self.driver = os.dup(self.screen.process.child_fd)
        self.before = self.ways()

    def ways(self) -> list[Any]:
        """How the terminal's driver reads."""
        return termios.tcgetattr(self.driver)

    def waits(self) -> None:
        """Until a key is waited for."""
        until = time.monotonic() + PATIENCE
        while self.ways()[3] & termios.ICANON:
            assert time.monotonic() < until, self.screen.text
            self.screen.settle()

    def sees(self, text: str, times: int) -> None:
        """Until a text stands there so often, and a key is waited for again."""
        until = time.monotonic() + PATIENCE
        while self.screen.text.count(text) < times:
            assert time.monotonic() < until, self.screen.text
            self.screen.settle()
        self.screen.expect(self.last, since=text)
        self.waits()

    def end(self) -> int:
        """Its exit code; the terminal is as it was."""
        code = self.screen.end()
        assert self.ways() == self.before
        os.close(self.driver)
        return code


ENTER_ = keys.ENTER
Q = {"en": "q end", "th": "q เลิก"}


@pytest.fixture
def sheet(office: Program, tmp_path: Path) -> Callable[[int], None]:
    """So many complaints without an owner."""

    def take_in(many: int) -> None:
        row = {"group": "residential", "channel": "phone", "category": "outage", "office": "MAIN"}
        lines = [
            json.dumps(
                {
                    **row,
                    "subject": f"ไฟดับ {n}",
                    "customer": "กมล มั่นคง",
                    "phone": "0812345678",
                    "received_at": SUNDAY,
                }
            )
            for n in range(many)
        ]
        (tmp_path / "in.jsonl").write_text("\n".join(lines), encoding="utf-8")
        office("import", str(tmp_path / "in.jsonl"), now=SUNDAY)

    return take_in


def test_forty_of_many_are_assigned_with_few_keys_and_nobody_is_assigned_by_a_paste(
    office: Program, sheet: Any
) -> None:
    sheet(149)
    at = Counter(office, "--owner", "none")
    screen = at.screen
    for n in range(1, 41):
        screen.expect(f"{n}/149", since=f"{n - 1}/149" if n > 1 else None)
        at.waits()
        screen.press("a")
        screen.expect("Assign to", since=f"{n}/149")
        screen.press(*("nok" if n == 1 else ""), ENTER)
    screen.expect("41/149")
    command = len("complaint-sla queue --owner none") + 1
    assert screen.keys + command <= 130
    at.waits()
    screen.press("n")
    screen.expect("Note (Enter: nothing):")
    screen.press("x")
    screen.expect("Note (Enter: nothing): x")
    screen.press("\x1b", ENTER)
    at.sees("Nothing was done.", 1)
    for many, paste in enumerate((pasted("a\nnok\nq\n"), "a\rnok\r"), 1):
        at.waits()
        screen.process.send(paste)
        at.sees("More than one key at once, as of a paste: nothing was done.", many)
    # A shell sets its own ways while the program is stopped.
    os.kill(screen.process.pid, signal.SIGSTOP)
    termios.tcsetattr(at.driver, termios.TCSANOW, at.before)
    os.kill(screen.process.pid, signal.SIGCONT)
    at.waits()
    screen.press("q")
    screen.expect("40 assigned")
    assert at.end() == 0
    assert len(office("list", "--owner", "nok", "--json", now=NOW).json) == 40


def test_one_complaint_fits_into_a_small_window_in_either_language(
    office: Program, logged: Any, lang: str
) -> None:
    long = "ไฟฟ้าดับบ่อยครั้งที่บ้านเลขที่ ๑๒ หมู่ ๓ ตำบลบางพลวง " * 4
    number = logged(
        "--subject",
        long.strip(),
        "--customer",
        "กมล มั่นคง",
        "--phone",
        "0812345678",
        "--owner",
        "nok@example.org",
    )
    office("note", number, "โทรหาลูกค้าแล้ว " * 40, now=NOW)
    office("sweep", now="2017-04-20 09:00")
    at = Counter(office, lang=lang)
    at.screen.expect(Q[lang])
    at.waits()
    shown = at.screen.lines
    for text in (
        f"1/1  {number}",
        "กมล มั่นคง · 08x-xxx-5678",
        "Nok (nok@example.org)",
        "โทรหาลูกค้าแล้ว",
        "(waiting)" if lang == "en" else "(รอส่ง)",
    ):
        assert text in "\n".join(shown), text
    assert max(map(cells_wide, shown)) <= 80
    at.screen.press("ฦ")
    at.screen.expect(Words(lang)(KEYS["k"].about))
    at.waits()
    # What is put right is asked as its command asks it: what leaves a question of the queue leaves none of these.
    at.screen.press("ำ")
    for asked, keys_ in (
        (Words(lang)("Number to correct (Enter: none)"), "1"),
        # With its colon: without, it stands in the list above, and the keys come before the line is there.
        (f"{Words(lang)(FIELDS['subject'])}:", "\x1b\x1b\r!"),
    ):
        at.screen.expect(asked, since=Words(lang)(KEYS["k"].about))
        at.screen.press(*keys_, ENTER)
    at.screen.expect(Words(lang)("Number to correct (Enter: save)"))
    at.screen.press(ENTER)
    at.sees(f"1/1  {number}", 2)
    at.screen.press("ๆ")
    at.screen.expect(Words(lang)("{n} corrected", n=1))
    assert at.end() == 0
    assert office.show(number, now=NOW)["subject"] == f"{long.strip()}!"


@pytest.mark.parametrize(
    ("how", "code"), [(None, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["ctrl-c", "term", "hup"]
)
def test_however_it_ends_the_terminal_is_as_it_was_and_nothing_is_half_done(
    office: Program, logged: Any, how: signal.Signals | None, code: int
) -> None:
    number = logged()
    at = Counter(office)
    at.screen.expect(Q["en"])
    at.waits()
    at.screen.press("n")
    at.screen.expect("Note")
    at.screen.press(*"called", ENTER)
    at.screen.expect("noted")
    at.screen.expect(Q["en"], since="noted")
    at.waits()
    if how is signal.SIGTERM:
        at.screen.press("c")
        at.screen.expect("Outcome")
        at.screen.press(*"half")
        at.screen.settle()
    if how is None:
        at.screen.press(CTRL_C)
    else:
        os.kill(at.screen.process.pid, how)
    at.screen.expect("1 noted", since=Q["en"])
    assert at.end() == code
    assert office.show(number, now=NOW)["status"] == "open"
