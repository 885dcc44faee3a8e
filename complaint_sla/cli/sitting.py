"""Somebody at the queue: one complaint at a time, and one key for what is to be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from complaint_sla.cli import answers, card, keys, permits, show
from complaint_sla.cli.acts import assigned
from complaint_sla.cli.correct import at_terminal
from complaint_sla.cli.line import LEFT, Line
from complaint_sla.cli.terminal import Terminal
from complaint_sla.core import keyboard
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.errors import BadValue, DatabaseMoved, Error
from complaint_sla.wording import N_, Words
from complaint_sla.wording.messages import message
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import cells_wide, wrapped
from complaint_sla.work.complaints import change, look
from complaint_sla.work.complaints.change import Act, Done, NoteKind
from complaint_sla.work.counter.queue import Queue
from complaint_sla.work.desk import Desk


@dataclass
class Sitting:
    """What they see, what they are asked, and what each key does."""

    terminal: Terminal
    desk: Desk
    queue: Queue
    line: Line = field(default_factory=lambda: Line(may_leave=True))
    read_key: Callable[[], str] = keys.press
    # Whom the last one was assigned to.
    owner: str | None = None
    # What was typed for an act that was refused, by the question.
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> Words:
        return self.terminal.words

    def run(self) -> None:
        """Ends with what was done, in any case. Raises KeyboardInterrupt, DatabaseUnusable."""
        self.queue.begin(self.desk)
        if self.queue.current is None:
            self.terminal.answer("No complaints.")
            return
        try:
            self.draw()
            while self._goes_on():
                pass
        except KeyboardInterrupt:
            # The line of keys, or a question, stands there.
            self.terminal.tell("")
            raise
        finally:
            # Whose terminal has gone hears nothing any more.
            with suppress(OSError):
                self.terminal.say(self._sum())

    def draw(self) -> None:
        queue = self.queue
        if queue.current is None:
            self.terminal.remark("That was the last one.")
            return
        place, marked = f"{queue.position}/{queue.count}", queue.current.complaint.number in queue.marks
        card.draw(self.terminal, self.desk, queue.current, place, is_marked=marked)

    def press(self, line: str) -> str:
        """The Latin letter of the key that is pressed below a line that says what each does."""
        lines = [line] if cells_wide(line) < self.terminal.width else wrapped(line, self.terminal.width - 1)
        print("\n".join(self.terminal.screen.painted(one, "dim") for one in lines), end=" ", flush=True)
        key = self.read_key()
        print(flush=True)
        if len(key) != 1 or key == keys.ENTER:
            return key
        pressed = keyboard.latin(key)
        return pressed if pressed == ON_MARKED else pressed.lower()

    def ask(self, title: str) -> str | None:
        """A text; None where the question was left. What was typed before, and refused, stands there to be edited."""
        try:
            answer = self.line.ask(title, self.typed.get(title, ""), remember=True)
        except EOFError:
            self.terminal.tell("")
            return None
        if answer == LEFT:
            return None
        self.typed[title] = answer
        return answer

    def act(self, deed: Deed, *, on_marked: bool = False) -> None:
        """Asks what the act needs, and does it to the one that is shown or to all that are marked."""
        permits.require(self.desk, deed.command)
        if deed.kind is EventKind.CLOSED and not self._may_close(on_marked=on_marked):
            self._let_be()
            return
        while True:
            try:
                act = deed.ask(self)
                if act is None:
                    self._let_be()
                    return
                # The answer may have taken its time.
                self.desk = self.terminal.renewed(self.desk)
                do = self.queue.do_marked if on_marked else self.queue.do
                found = do(self.desk, deed.kind, act)
                break
            except BadValue as problem:
                self._refuse(problem)
        self.typed.clear()
        for one in found:
            self._tell(one, deed.said(self.words, one))
        if deed.kind is EventKind.ASSIGNED:
            self.owner = found[0].complaint.owner
        self.queue.go_on(self.desk)
        self.draw()

    def act_on_marked(self) -> None:
        if not self.queue.marks:
            self.terminal.remark("Nothing is marked. m marks the one that is shown.")
            return
        offered = ", ".join(f"{key} {self.words(KEYS[key].title)}" for key in DEEDS)
        deed = DEEDS.get(self.press(self.words("{n} marked: {keys}", n=len(self.queue.marks), keys=offered)))
        if deed is None:
            self._let_be()
        else:
            self.act(deed, on_marked=True)

    def take_back(self) -> None:
        words, done = self.words, self.queue.done
        command, said = WAYS_BACK.get(done[-1].kind, NO_WAY_BACK) if done else NO_WAY_BACK
        permits.require(self.desk, command)
        for one in self.queue.take_back(self.desk, words("Taken back: it was done by mistake.")):
            self._tell(one, words("taken back, {state}", state=said(words, one)))
        self.queue.again(self.desk)
        self.draw()

    def correct(self) -> None:
        """Raises KeyboardInterrupt, also where nothing more comes."""
        if self.queue.current is None:
            return
        permits.require(self.desk, "correct")
        number = self.queue.current.complaint.number
        if at_terminal(self.terminal, self.desk, number) is not None:
            self.queue.was_done(EventKind.CORRECTED, number)
        self.queue.again(self.desk)
        self.draw()

    def mark(self) -> None:
        if self.queue.mark():
            self.queue.forward(self.desk)
        self.typed.clear()
        self.draw()

    def show(self) -> None:
        if self.queue.current is not None:
            found = look.show(self.desk, self.queue.current.complaint.number)
            show.draw(self.terminal, self.desk, found, contact=False)

    def forward(self) -> None:
        self.typed.clear()
        self.queue.forward(self.desk)
        self.draw()

    def back(self) -> None:
        self.typed.clear()
        if self.queue.back(self.desk):
            self.draw()
        else:
            self.terminal.remark("This is the first one.")

    def help(self) -> None:
        for key, one in KEYS.items():
            name, thai = ("Enter", "") if key == keys.ENTER else (key, keyboard.thai(key))
            self.terminal.tell(f"  {name:5} {thai:2} {self.words(one.about)}")

    def _goes_on(self) -> bool:
        queue = self.queue
        if queue.current is None and not queue.marks and not queue.done:
            return False
        key = self.press(self._line_of_keys())
        if key in ENDS or (queue.current is None and key == keys.ENTER):
            return False
        known = KEYS.get(key)
        if key == keys.SEVERAL:
            self.terminal.remark("More than one key at once, as of a paste: nothing was done.")
        elif known is None or (queue.current is None and key not in AT_THE_END):
            self.terminal.remark("That key does nothing here. ? shows those that do.")
        else:
            self.desk = self.terminal.renewed(self.desk)
            try:
                known.does(self)
            except DatabaseMoved:
                raise
            except Error as problem:
                self._refuse(problem)
                self.queue.again(self.desk)
                self.draw()
        return True

    def _line_of_keys(self) -> str:
        """As many keys as there is room for, those that are pressed most."""
        words, queue = self.words, self.queue
        offered = [key for key in (KEYS if queue.current else AT_THE_END) if queue.marks or key != ON_MARKED]
        told = {key: f"{'Enter' if key == keys.ENTER else key} {words(KEYS[key].title)}" for key in offered}
        for key in reversed(offered):
            if cells_wide(BETWEEN.join(told.values())) < self.terminal.width:
                break
            if key not in ALWAYS:
                del told[key]
        return BETWEEN.join(told.values())

    def _may_close(self, *, on_marked: bool) -> bool:
        """Whether it is meant, where it is somebody else's or there are many."""
        words, shown = self.words, self.queue.current
        if on_marked:
            asked = words("Close all {n} that are marked? (y, another key: no)", n=len(self.queue.marks))
        elif shown is not None and shown.complaint.owner not in (None, self.desk.actor):
            asked = words(
                "It is with {owner}. Close it? (y, another key: no)", owner=plain(shown.owner or "")
            )
        else:
            return True
        return self.press(asked) == "y"

    def _tell(self, one: Done, done: str) -> None:
        answers.changed(self.terminal, self.desk, one.complaint, done, json=False, customer=one.customer)

    def _let_be(self) -> None:
        self.typed.clear()
        self.terminal.remark("Nothing was done.")

    def _refuse(self, problem: Error) -> None:
        self.terminal.tell(message(self.words, problem, self.terminal.known_zone))

    def _sum(self) -> str:
        tally = self.queue.tally
        parts = [self.words(text, n=tally[kind]) for kind, text in SUMS.items() if tally[kind]]
        if self.queue.taken_back:
            parts.append(self.words("{n} taken back", n=self.queue.taken_back))
        return ", ".join(parts) or self.words("Nothing was done.")


@dataclass(frozen=True)
class Deed:
    """What a key does to a complaint: what stands in the record then, which command does the same, what is asked for it."""

    kind: EventKind
    command: str
    ask: Callable[[Sitting], Act | None]
    said: Callable[[Words, Done], str]


def _assign(at: Sitting) -> Act | None:
    known = (
        at.words("Assign to (Enter: {owner}, Esc Enter: nothing)", owner=at.owner)
        if at.owner
        else at.words("Assign to (Enter: nothing)")
    )
    to = at.ask(known)
    return change.assign(to or at.owner or "") if to or (to is not None and at.owner) else None


def _note(at: Sitting) -> Act | None:
    text = at.ask(at.words("Note (Enter: nothing)"))
    return change.note(text) if text else None


def _respond(at: Sitting) -> Act | None:
    text = at.ask(at.words("Answer to the customer (Enter: nothing)"))
    return change.note(text, NoteKind.RESPOND) if text else None


def _close(at: Sitting) -> Act | None:
    outcome = at.ask(at.words("Outcome (Enter: nothing)"))
    return change.close(outcome) if outcome else None


def _transfer(at: Sitting) -> Act | None:
    office = at.ask(at.words("To which office (Enter: nothing)"))
    reason = at.ask(at.words("Why (Enter: nothing)")) if office else None
    return change.transfer(office, reason) if office and reason else None


def _closed(words: Words, one: Done) -> str:
    return words("closed in time") if one.complaint.on_time else words("closed late")


def _moved(words: Words, one: Done) -> str:
    return words("transferred to {office}", office=one.complaint.office)


def _given_back(words: Words, one: Done) -> str:
    return words("assigned to {owner}", owner=one.owner) if one.owner else words("no owner")


DEEDS: Mapping[str, Deed] = {
    "a": Deed(EventKind.ASSIGNED, "assign", _assign, assigned),
    "n": Deed(EventKind.NOTED, "note", _note, lambda words, _: words("noted")),
    "r": Deed(EventKind.RESPONDED, "note", _respond, lambda words, _: words("noted")),
    "c": Deed(EventKind.CLOSED, "close", _close, _closed),
    "t": Deed(EventKind.TRANSFERRED, "transfer", _transfer, _moved),
    "k": Deed(
        EventKind.ACKNOWLEDGED,
        "acknowledge",
        lambda _: change.acknowledge(),
        lambda words, _: words("acknowledged"),
    ),
}


# Which command an act is taken back by, and how that is said.
WAYS_BACK: Mapping[EventKind, tuple[str, Callable[[Words, Done], str]]] = {
    EventKind.ASSIGNED: ("assign", _given_back),
    EventKind.CLOSED: ("reopen", lambda words, _: words("open again")),
    EventKind.TRANSFERRED: ("transfer", _moved),
}
# What was said stands; whether anything can be taken back is known below.
NO_WAY_BACK = ("note", _given_back)


@dataclass(frozen=True)
class Key:
    """A key by its name in the line of keys, what the help says of it, and what it does."""

    title: str
    about: str
    does: Callable[[Sitting], None]


def _does(key: str) -> Callable[[Sitting], None]:
    return lambda at: at.act(DEEDS[key])


def _end(_: Sitting) -> None:
    """Nothing is done any more."""


# Held with Shift, on either keyboard.
ON_MARKED = "A"
# Those that are pressed most come first.
KEYS: Mapping[str, Key] = {
    "a": Key(
        N_("assign"),
        N_("make somebody the owner; Enter: the same as before"),
        _does("a"),
    ),
    "n": Key(N_("note"), N_("add a note"), _does("n")),
    "r": Key(N_("answer"), N_("note what the customer was answered"), _does("r")),
    "c": Key(N_("close"), N_("close it with its outcome"), _does("c")),
    "t": Key(N_("transfer"), N_("hand it to another office"), _does("t")),
    ON_MARKED: Key(N_("to the marked"), N_("do one act to all that are marked"), Sitting.act_on_marked),
    keys.ENTER: Key(N_("next"), N_("the next one"), Sitting.forward),
    "?": Key(N_("all keys"), N_("all keys, on both keyboards"), Sitting.help),
    "q": Key(N_("end"), N_("end, and say what was done"), _end),
    "e": Key(N_("correct"), N_("put right what was typed wrongly"), Sitting.correct),
    "u": Key(N_("take back"), N_("take the last act back"), Sitting.take_back),
    "b": Key(N_("back"), N_("the one before"), Sitting.back),
    "m": Key(N_("mark"), N_("mark it, or take the mark away"), Sitting.mark),
    "s": Key(N_("all of it"), N_("show all about it"), Sitting.show),
    "k": Key(N_("acknowledge"), N_("the customer was told that it has been received"), _does("k")),
}
BETWEEN = "  "
ENDS = (keys.NO_MORE, "q")
# Without them nobody finds the others.
ALWAYS = (ON_MARKED, keys.ENTER, "?", "q")
# Behind the last one there is nothing to act on.
AT_THE_END = (ON_MARKED, keys.ENTER, "u", "b", "?", "q")
SUMS: Mapping[EventKind, str] = {
    EventKind.ASSIGNED: N_("{n} assigned"),
    EventKind.CLOSED: N_("{n} closed"),
    EventKind.NOTED: N_("{n} noted"),
    EventKind.RESPONDED: N_("{n} answered"),
    EventKind.ACKNOWLEDGED: N_("{n} acknowledged"),
    EventKind.TRANSFERRED: N_("{n} transferred"),
    EventKind.CORRECTED: N_("{n} corrected"),
}
