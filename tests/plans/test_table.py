"""Every line of the document, entered as far as it can be, stands and is marked as its reckoning by hand says."""

from tests.cli.runner import Program
from tests.plans import table
from tests.published import rehearse

LINES = table.rows()


def test_each_line_of_the_document_has_its_right_value_state_and_marks(sqlite_database: str) -> None:
    program = Program(rehearse(sqlite_database))
    table.prepare(program)
    refused = table.enter(program, LINES)
    # The document says 14, 18 and 18, and not of how many.
    assert refused == {
        "numbers-entered 2017-01 14": 2, "numbers-entered 2017-02 18": 2, "numbers-entered 2017-03 18": 2,
    }  # fmt: skip
    for one in table.table(program):
        row = one.row
        assert one.marks == (row["mark_by_rule_2560-04-10"], row["mark_by_rule_2560-05-01"]), row
        if row["margin"]:
            assert one.margin == int(row["margin"]), row
        if row["right_value"]:
            value = None if row["right_value"] == "–" else row["right_value"]
            assert (str(one.n), str(one.d), one.value) == (row["n"], row["d"], value), row
        if row["met"] and row["measure"] not in ("sms-rolled-out", "complaints"):
            assert one.state == row["met"], row
