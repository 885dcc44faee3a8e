"""The Thai catalogue is whole, and every error that the code raises has its words.

What is marked is read out of the source: a text or a key that somebody adds is held to this from that moment on.
"""

from __future__ import annotations

import ast
import gettext
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import complaint_sla.core.errors
from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import Error
from complaint_sla.core.roster import Role
from complaint_sla.store import sqlstates
from complaint_sla.store.alerts import AlertState
from complaint_sla.store.outbox import MessageState
from complaint_sla.wording import Words
from complaint_sla.wording.messages import ERRORS, FAULTS
from complaint_sla.wording.words import CATALOGUES

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "complaint_sla"
CATALOGUE = CATALOGUES / "th" / "LC_MESSAGES" / "complaint_sla.po"
THAI = re.compile("[\u0e01-\u0e5b]")

# The functions that take a text to be translated. Within `Words` it is the object itself.
MARKERS: dict[str, tuple[int, ...] | None] = {
    "words": None,
    "answer": None,
    "remark": None,
    "N_": None,
    "self": None,
    "plural": (1, 2),
}

# An error's key that is put together: what it can become.
PUT_TOGETHER = {
    "unknown-{kind}": ("unknown-group", "unknown-channel", "unknown-category"),
    "unclear-{kind}": ("unclear-group", "unclear-channel", "unclear-category"),
    "meaning": tuple(
        {sqlstates.UNKNOWN, *sqlstates.KEYS.values(), *sqlstates.REFUSALS.values()} - {sqlstates.ALTERED}
    ),
}


@cache
def marked() -> frozenset[str | tuple[str, str]]:
    """Every text that the code and the templates mark; one with a plural as a pair."""
    found: set[str | tuple[str, str]] = set()
    for folder, methods in (
        (PACKAGE, [("**.py", "python")]),
        (ROOT / "templates", [("**.txt", "jinja2"), ("**.html", "jinja2"), ("**.jinja", "jinja2")]),
    ):
        for _file, _line, text, _comments, _context in extract_from_dir(
            # A template that can't be read has no texts, unless this is said.
            folder,
            method_map=methods,
            options_map={"**": {"silent": "false"}},
            keywords=MARKERS,
        ):
            found.add(text if isinstance(text, str) else (text[0], text[1]))
    return frozenset(found)


@cache
def catalogue() -> Catalog:
    with CATALOGUE.open("rb") as text:
        return read_po(text, locale="th", abort_invalid=True)


def entries() -> list[Message]:
    return [message for message in catalogue() if message.id]


def english(message: Message) -> str:
    """The source text; of one with a plural the plural, which has all the places."""
    return message.id if isinstance(message.id, str) else message.id[1]


def thai(message: Message) -> str:
    return message.string if isinstance(message.string, str) else message.string[0]


def places(text: str) -> set[str]:
    """The `{places}` of a text, with what follows the name in the braces."""
    return {
        f"{name}!{conversion}:{form}"
        for _, name, form, conversion in Formatter().parse(text)
        if name is not None
    }


def sources() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def test_every_text_that_is_marked_has_a_thai_translation():
    known = {message.id for message in entries() if thai(message).strip() and not message.fuzzy}
    assert sorted(marked() - known, key=str) == []


def test_the_catalogue_holds_nothing_that_the_code_no_longer_says():
    assert sorted({message.id for message in entries()} - marked(), key=str) == []
    assert list(catalogue().obsolete) == []


def test_no_text_is_marked_where_the_extraction_does_not_see_it():
    """Within an f-string, say: it would stay English."""
    seen = {text if isinstance(text, str) else text[0] for text in marked()}
    unseen = [
        f"{file}:{node.lineno}: {node.args[0].value}"
        for file, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and called(node) in MARKERS
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and node.args[0].value not in seen
    ]
    assert unseen == []


def test_states_and_roles_that_are_translated_by_their_value_are_in_the_catalogue():
    values = [kind.value for kinds in (Status, Role, AlertState, MessageState) for kind in kinds]
    assert set(values) <= marked()


def test_texts_stand_in_one_order_so_that_a_change_shows_as_one_line():
    ids = [message.id if isinstance(message.id, str) else message.id[0] for message in entries()]
    assert ids == sorted(ids)


def test_a_translation_has_the_places_of_its_source():
    assert [english(one) for one in entries() if places(thai(one)) != places(english(one))] == []


def test_the_singular_of_a_source_has_no_places_that_the_plural_lacks():
    pairs = [one.id for one in entries() if not isinstance(one.id, str)]
    assert [one for one, many in pairs if not places(one) <= places(many)] == []


def test_a_translation_begins_and_ends_with_the_white_space_of_its_source():
    assert [english(one) for one in entries() if margins(thai(one)) != margins(english(one))] == []


def margins(text: str) -> tuple[str, str]:
    return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]


def test_a_translation_is_thai():
    letters = [one for one in entries() if re.search("[A-Za-z]", re.sub(r"\{.*?\}", "", english(one)))]
    assert [english(one) for one in letters if not THAI.search(thai(one))] == []


def test_a_translation_keeps_what_has_to_be_typed():
    """Options, variables, settings of a book, commands, and what stands in backticks or quotation marks."""
    typed = re.compile(
        r"--[a-z][a-z-]*|COMPLAINT_SLA_[A-Z_]+|\b[a-z]+_[a-z_]+\b|`[^`]*`|\"[^\"]*\"|\bpip .*'"
        r"|complaint-sla (?:deliver|doctor|find|init|reopen|run|(?:mail|office|staff) [a-z]+)\b"
    )
    changed = [
        one for one in entries() if sorted(typed.findall(thai(one))) != sorted(typed.findall(english(one)))
    ]
    assert [english(one) for one in changed] == []


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        (re.compile("\u0e4d[\u0e48-\u0e4b]?\u0e32"), "sara am in two pieces"),
        (re.compile("\u0e40\u0e40"), "sara ae typed as two sara e"),
        (
            re.compile("(?:^|[^\u0e01-\u0e5b])[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e]"),
            "a mark without a letter below it",
        ),
        (re.compile("[\u200b-\u200f\ufeff]"), "a character without width"),
        (re.compile("[\u0e01-\u0e5b]{5}[.]$"), "a full stop, which ends no Thai sentence"),
    ],
)
def test_thai_is_written_as_one_types_it(fault, what):
    assert [thai(one) for one in entries() if fault.search(thai(one))] == [], what


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("open", "ยังไม่ปิด"),
        ("closed", "ปิดเรื่องแล้ว"),
        ("acknowledged", "แจ้งรับเรื่องแล้ว"),
        ("responded", "ตอบลูกค้าแล้ว"),
        ("Overdue", "เกินกำหนด"),
        ("Due today", "ครบกำหนดวันนี้"),
        ("Due soon", "ใกล้ครบกำหนด"),
        ("Received", "รับเรื่องแล้ว"),
        ("Closed in time", "ปิดทันกำหนด"),
        ("Closed late", "ปิดเกินกำหนด"),
        ("Important and urgent", "สำคัญเร่งด่วน"),
        ("Case owner", "ผู้รับผิดชอบเรื่อง"),
        ("supervisor", "หัวหน้าแผนก"),
        ("manager", "ผู้จัดการ"),
        ("Channel", "ช่องทาง"),
        ("Complaint category", "ประเภทเรื่องร้องเรียน"),
        ("Target", "เป้าหมาย"),
        ("Result of the quarter", "ผลการดำเนินงานของไตรมาส"),
        ("According to plan", "เป็นไปตามแผนงาน"),
        ("Not according to plan", "ไม่เป็นไปตามแผนงาน"),
        ("Open, not yet due", "ยังไม่ปิด ยังไม่ครบกำหนด"),
        ("Open, overdue", "ยังไม่ปิด เกินกำหนด"),
        ("Provisional", "ข้อมูลเบื้องต้น"),
        ("Final", "ข้อมูลสิ้นสุด"),
    ],
)
def test_words_of_the_utility_are_used_as_its_forms_use_them(source, target):
    assert Words("th")(source) == target


def test_what_is_compiled_is_what_the_catalogue_says():
    compiled = io.BytesIO()
    write_mo(compiled, catalogue())
    compiled.seek(0)
    built = CATALOGUE.with_suffix(".mo")
    assert built.exists(), "The catalogues are not compiled. Run: python hatch_build.py"
    with built.open("rb") as binary:
        used = gettext.GNUTranslations(binary)
    same = texts(used) == texts(gettext.GNUTranslations(compiled))
    assert same, "A catalogue was changed after it was compiled. Run: python hatch_build.py"


def texts(translations: gettext.GNUTranslations) -> dict[object, str]:
    # But for the header, which Babel writes as it likes.
    return {key: text for key, text in translations._catalog.items() if key}  # type: ignore[attr-defined]


# --- Errors and faults: their keys, and the values that fill in their words ------------------------------------


@dataclass(frozen=True)
class Site:
    """A place in the source where an error or a fault is made. `values` is None if they can't be read there."""

    where: str
    key: str
    values: frozenset[str] | None


ERROR_CLASSES = {
    name
    for name, kind in vars(complaint_sla.core.errors).items()
    if isinstance(kind, type)
    and issubclass(kind, Error)
    and name not in ("BookFaults", "MapFaults", "SeveralRefused")
}


@cache
def raised() -> tuple[tuple[Site, ...], tuple[Site, ...]]:
    """Where errors are made, and where faults of rule books are."""
    errors: list[Site] = []
    faults: list[Site] = []
    for file, tree in sources():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if not isinstance(node, ast.Call):
                    continue
                where = f"{file}:{node.lineno}"
                if called(node) in ERROR_CLASSES or (
                    file.endswith("core/errors.py") and called(node) == "__init__"
                ):
                    if isinstance(node.args[0], ast.Name) and node.args[0].id == "key":
                        continue
                    errors += [Site(where, key, named(node)) for key in keys(node.args[0])]
                elif (
                    called(node) == "fault" and len(node.args) == 2 and isinstance(node.args[1], ast.Constant)
                ):
                    faults += [Site(where, key, named(node)) for key in keys(node.args[1])]
                elif called(node) == "Fault" and isinstance(node.args[2], ast.Constant):
                    faults += [Site(where, key, paired(node, function)) for key in keys(node.args[2])]
    return tuple(errors), tuple(faults)


def keys(node: ast.expr) -> tuple[str, ...]:
    if isinstance(node, ast.Constant):
        return (str(node.value),)
    if isinstance(node, ast.IfExp):
        return keys(node.body) + keys(node.orelse)
    return PUT_TOGETHER[ast.unparse(node).strip("f'\"")]


def named(node: ast.Call) -> frozenset[str] | None:
    """The names of the values, unless a mapping is handed on."""
    names = [keyword.arg for keyword in node.keywords]
    return None if None in names else frozenset(name for name in names if name)


def paired(node: ast.Call, function: ast.AST) -> frozenset[str] | None:
    """The names in a `Fault`'s pairs; of pairs made elsewhere in the function, of all made there."""
    if len(node.args) < 4:
        return frozenset()
    return frozenset(
        pair.elts[0].value
        for pair in ast.walk(node.args[3] if isinstance(node.args[3], ast.Tuple) else function)
        if isinstance(pair, ast.Tuple)
        and len(pair.elts) == 2
        and isinstance(pair.elts[0], ast.Constant)
        and isinstance(pair.elts[0].value, str)
    )


def test_errors_and_faults_are_found_in_the_source():
    errors, faults = raised()
    assert len(errors) > 80
    assert len(faults) > 30


def test_every_error_that_is_raised_has_words_and_all_words_are_of_an_error_that_is_raised():
    errors, faults = raised()
    assert sorted(f"{site.where}: {site.key}" for site in errors if site.key not in ERRORS) == []
    assert sorted(f"{site.where}: {site.key}" for site in faults if site.key not in FAULTS) == []
    assert sorted(set(ERRORS) - {site.key for site in errors}) == []
    assert sorted(set(FAULTS) - {site.key for site in faults}) == []


def test_what_is_nearest_is_asked_for_only_where_it_is_said_what_is_known():
    errors, faults = raised()
    assert [
        site.where
        for sites, said in ((errors, ERRORS), (faults, FAULTS))
        for site in sites
        if "{near}" in said.get(site.key, "") and not {"known", "near"} & (site.values or {"known"})
    ] == []


def test_every_place_in_an_errors_words_is_filled_wherever_it_is_raised():
    errors, faults = raised()
    missing = [
        f"{site.where}: {site.key} needs {sorted(needed - site.values)}"
        for sites, said in ((errors, ERRORS), (faults, FAULTS))
        for site in sites
        if site.values is not None
        and site.key in said
        # The nearest of what is known is looked for where the words are put together.
        and (needed := {place.partition("!")[0] for place in places(said[site.key])} - {"near"}) - site.values
    ]
    assert missing == []
