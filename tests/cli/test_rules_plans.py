"""Plans beside the rule books, as people use them: checked, shown, put in force, and fixed once they are used."""

from __future__ import annotations

from pathlib import Path

import pytest

from complaint_sla.wording.width import cells_wide
from tests.cli.runner import PROJECT, Program, entries, run

SHIPPED = (PROJECT / "rules" / "plan-2560.toml").read_text(encoding="utf-8")
LETTER = ("--source", "ก.1กรท.(สจ) 374/2560", "--dated", "2560-04-07")
IN_MAY = "2017-05-10 09:00"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "plans").mkdir()
    return tmp_path / "plans"


def draft(
    folder: Path, *changes: tuple[str, str], id_: str = "pea-plan-2560", since: str = "2560-01-01"
) -> str:
    """The path of a plan with the text of the shipped one but for its id, its day and some changes."""
    text = SHIPPED
    for was, now in (
        ("pea-plan-2560", id_),
        ('effective_from = "2560-01-01"', f'effective_from = "{since}"'),
        *changes,
    ):
        assert was in text
        text = text.replace(was, now)
    path = folder / f"{id_}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


OTHER_MEAN = ('survey = "post", mean = "4.31"', 'survey = "post", mean = "4.50"')


def enter(program: Program, *what: str, now: str = IN_MAY) -> None:
    program("plan", "enter", *what, *LETTER, "--json", now=now)


def test_a_plan_is_changed_until_anything_is_entered_and_then_followed_by_one_that_carries_it_on(
    sqlite_program: Program, folder: Path, lang: str
) -> None:
    program = sqlite_program
    changed = program("rules", "publish", draft(folder, OTHER_MEAN), lang=lang).out
    assert "post-mean" in changed
    assert "4.31 → 4.5" in changed
    enter(program, "large-existing", "1/2560", "90/95")
    before = entries(program)

    refused = program("rules", "publish", draft(folder), code=4, lang=lang, now=IN_MAY).err

    # The cure stands beside what is wrong: a copy with an id and a day of its own, from the first one that is free.
    assert "pea-plan-2560: id: " in refused
    assert "`effective_from`" in refused
    assert ("1 Apr 2017" if lang == "en" else "1 เม.ย. 2560") in refused
    assert entries(program) == before
    enter(program, "sms-delivered", "2560-04", "90/100")
    follow = ("rules", "publish", draft(folder, id_="plan-q2", since="2560-04-01"), "--json")
    assert [one["outcome"] for one in program(*follow, now=IN_MAY).json] == ["new"]
    # What was entered of the second quarter under the first plan stands under the second, by the key of its measure.
    more = ("plan", "enter", "sms-delivered", "2560-04", "91/100", *LETTER, "--json")
    assert program(*more, now=IN_MAY).json["replaces"] is not None
    # The first is still as it was, and a comment in it changes nothing.
    same = ("rules", "publish", draft(folder, OTHER_MEAN, ("# A measure is", "# A measure")), "--json")
    assert [one["outcome"] for one in program(*same, now=IN_MAY).json] == ["same"]
    assert program("audit", "--json").json["discrepancies"] == []


@pytest.mark.parametrize(
    ("measure", "period", "words"),
    [
        # What is only waited for, or was taken back, was entered, too; a year's figure is of all four quarters.
        (("voc-summary", "1/2560", "--awaiting", "กฟก.1"), "1 Apr 2017", "2017-Q1"),
        (("channels", "2560", *LETTER), "1 Apr 2017", "2017-Q4"),
    ],
)
def test_whatever_was_entered_fixes_the_plan(
    program: Program, folder: Path, measure: tuple[str, ...], period: str, words: str
) -> None:
    program("plan", "enter", *measure, now=IN_MAY)
    refused = program("rules", "publish", draft(folder, OTHER_MEAN), code=4, now=IN_MAY).err
    assert period in refused
    assert words in refused


def test_a_plan_may_begin_with_any_quarter_of_which_nothing_is_frozen(
    sqlite_program: Program, folder: Path
) -> None:
    program = sqlite_program
    program("report", "1/2560", "--freeze", now=IN_MAY)
    changed = program("rules", "publish", draft(folder, OTHER_MEAN), code=4, now=IN_MAY).err
    assert "2017-Q1" in changed
    assert "1 Apr 2017" in changed
    early = program("rules", "publish", draft(folder, id_="next", since="2560-03-31"), code=4, now=IN_MAY).err
    assert "pea-plan-2560" not in early
    assert "next: effective_from: " in early
    assert "1 Apr 2017" in early
    # A quarter that runs already, and of which figures were entered, may come under another plan.
    enter(program, "sms-delivered", "2560-04", "90/100")
    follow = ("rules", "publish", draft(folder, id_="next", since="2560-04-01"), "--json")
    assert [one["outcome"] for one in program(*follow, now=IN_MAY).json] == ["new"]


def test_a_plan_that_is_faulty_is_refused_with_all_its_faults_and_nothing_is_changed(
    sqlite_program: Program, folder: Path, lang: str
) -> None:
    path = draft(
        folder, ('large-new", share = 100', 'large-new", share = 120'), OTHER_MEAN, ('"4.50"', "4.50")
    )
    for command in (("rules", "publish", path), ("rules", "check", path)):
        told = sqlite_program(*command, code=4, lang=lang).err
        assert "activity[9].measures[1].share" in told
        assert "120" in told
        assert 'mean = "4.31"' in told
    assert sqlite_program("rules", "publish", draft(folder), "--json").json[0]["outcome"] == "same"


# A plan as they were before plans had figures of their own, and an office's own words.
NARROW = (
    (PROJECT / "tests" / "records" / "plan-2560-1.toml")
    .read_text(encoding="utf-8")
    .replace('en = "Action plan', 'en = "Our action plan')
)


def test_a_plan_of_ones_own_is_left_alone_and_that_the_shipped_one_has_more_is_said(
    sqlite_program: Program, folder: Path, lang: str
) -> None:
    program = sqlite_program
    assert "plan-2560.toml" not in program("rules", "show", lang=lang).err
    path = folder / "own.toml"
    path.write_text(NARROW, encoding="utf-8")
    program("rules", "publish", str(path))

    made = program("init", lang=lang)
    shown = program("rules", "show", lang=lang)
    finding = next(
        one
        for one in program("doctor", "--json", lang=lang, code=None).json["findings"]
        if "pea-plan-2560" in one["text"]
    )

    assert "pea-plan-2560" not in made.out
    assert program("rules", "show", "--json").json["plan"]["title"]["en"].startswith("Our action plan")
    for told in (made.err, shown.err, finding["cure"]):
        assert "complaint-sla rules publish FILE" in told
        assert str(PROJECT / "rules" / "plan-2560.toml") in told
    assert finding["wrong"] is False
    # What it says to be done ends it.
    follow = draft(folder, id_="ours", since="2017-04-01")
    program("rules", "publish", follow)
    assert "plan-2560.toml" not in program("rules", "show", lang=lang).err


def test_a_plan_of_a_folder_is_published_beside_a_book_that_has_none(tmp_path: Path, folder: Path) -> None:
    """An office whose folder holds only its books has the plan that ships, or it could enter nothing."""
    book = (PROJECT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")
    (folder / "own.toml").write_text(book.replace('id = "pea-2560"', 'id = "own"'), encoding="utf-8")
    url = f"sqlite:///{tmp_path / 'new.db'}"
    made = run(["--db", url, "--rules", str(folder), "init", "--json"])
    assert made.json["published"] == ["own", "pea-plan-2560"]


def test_a_plan_is_checked_and_shown_with_all_that_it_asks_for(
    sqlite_program: Program, folder: Path, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    checked = sqlite_program("rules", "check", draft(folder), lang=lang).out
    assert ("14 activities, 32 measures" if lang == "en" else "14 กิจกรรม 32 ตัวชี้วัด") in checked
    assert ("1 January 2017" if lang == "en" else "1 มกราคม 2560") in checked
    data = sqlite_program("rules", "check", "--json").json
    assert [(one["kind"], one["id"]) for one in data] == [("book", "pea-2560"), ("plan", "pea-plan-2560")]

    shown = sqlite_program("rules", "show", lang=lang, now="2017-04-10").out
    listing = shown[shown.index("pea-plan-2560") :]
    plan = sqlite_program("rules", "show", "--json", now="2017-04-10").json["plan"]

    assert plan == {name: value for name, value in data[1].items() if name != "kind"}
    lines = listing.splitlines()
    assert max(map(cells_wide, lines)) <= 80
    assert (len(plan["activities"]), sum(len(one["measures"]) for one in plan["activities"])) == (14, 32)
    for activity in plan["activities"]:
        assert any(line.startswith(f"{activity['no']} ") for line in lines)
        for measure in activity["measures"]:
            [line] = [line for line in lines if line.split()[:1] == [measure["key"]]]
            held = measure["least"] if measure["kind"] != "done" and measure["least"] != "0" else None
            assert held is None or f" {held} " in f"{line} "
    due = next(line for line in lines if "plan-from-market-survey" in line)
    assert ("30 Jun 2017" if lang == "en" else "30 มิ.ย. 2560") in due
    named = run(["--rules", str(folder), "--db", sqlite_program.url, "rules", "check", "--json"]).json
    assert [one["id"] for one in named] == ["pea-plan-2560"]
