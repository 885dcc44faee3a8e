"""The schema's history. Only `runner` and the revisions import Alembic, and only when there is something to do."""

# The revisions, oldest first. A database at another one was made by a newer program.
KNOWN = (
    "0001_the_house",
    "0002_the_measures",
    "0003_the_truth",
    "0004_who_did_it",
    "0005_at_the_counter",
    "0006_the_plan",
)
HEAD = KNOWN[-1]
