"""Every line of the document, entered as far as it can be, stands and is marked as its reckoning by hand says."""

from tests.cli.runner import Program
from tests.plans import table
from tests.published import rehearse

LINES = table.rows()


def test_each_line_of_the_document_has_its_right_value_state_and_marks(sqlite_database: str) -> None:
    program = Program(rehearse(sqlite_database))
    table.prepare(program)
    refused = table.enter(program, LINES)
    # The document says 14, 50 or 8, and not of how many.
    assert set(refused.values()) == {2}
    assert [what.split()[0] for what in refused] == [
        *["numbers-entered"] * 3, "post-new-meter", "post-lv-extension",
        "meter-15-minutes", "meter-24-hours", "extension-30-minutes",
    ]  # fmt: skip
    for one in table.table(program):
        row = one.row
        assert one.marks == (row["mark_by_rule_2560-04-10"], row["mark_by_rule_2560-05-01"]), row
        if row["margin"]:
            assert one.margin == int(row["margin"]), row
        if row["right_value"]:
            value = None if row["right_value"] == "–" else row["right_value"]
            assert (str(one.n), str(one.d), one.value) == (row["n"], row["d"], value), row
        if row["met"] and row["measure"] not in ("sms-rolled-out", "complaints"):
            assert ("not-stated" if one.state in table.NOT_IN else one.state) == row["met"], row
