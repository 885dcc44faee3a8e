"""Another front than the command line: it opens an office and gives the same answers, without a part of `cli`."""

import json
import subprocess
import sys

from complaint_sla import contract
from complaint_sla.settings import load
from tests.cli.runner import Program
from tests.published import rehearse

FRONT = """
import sys
from datetime import UTC, datetime
from complaint_sla import contract
from complaint_sla.contract import values
from complaint_sla.core.identity import SystemUser
from complaint_sla.opening import Opening
from complaint_sla.settings import load
from complaint_sla.work.complaints import look
from complaint_sla.work.health import findings as health
from complaint_sla.work.health.facts import vitals

office = Opening(load({"db": sys.argv[1]}, {}, "page"), lambda: datetime.now(UTC), SystemUser("page"))
desk = office.desk(datetime(2017, 3, 5, 3, tzinfo=UTC))
found = look.find_all(desk, look.Wanted())
print(values.document(
    {
        "list": found,
        "show": contract.dossier(look.show(desk, found[0].number), desk.zone, contact=False),
        "wrong": [one.key for one in health.findings(desk, vitals(desk)) if one.gravity is health.Gravity.WRONG],
        "mail leaves": office.transport().leaves_machine,
        "modules": sorted(sys.modules),
    },
    desk.zone,
))
office.close()
"""


def test_another_front_opens_an_office_and_speaks_the_contract_without_the_command_line(
    sqlite_database: str,
) -> None:
    program = Program(rehearse(sqlite_database))
    number = program.number()

    done = subprocess.run(
        [sys.executable, "-c", FRONT, sqlite_database], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    now = "2017-03-05 10:00"
    assert said["list"] == program("list", "--json", now=now).json
    assert said["show"] == program("show", number, "--json", now=now).json
    assert "nobody-alerted" in said["wrong"]
    assert said["mail leaves"] is False
    assert {name for name in said["modules"] if name.startswith("complaint_sla.cli")} == set()
    assert {"typer", "rich"} & set(said["modules"]) == set()


def test_no_setting_is_told_with_a_password() -> None:
    settings = load(
        {"db": "postgresql://u:s3cret@h/d?password=s3cret"},
        {"COMPLAINT_SLA_MAIL": "smtp://u:s3cret@h", "COMPLAINT_SLA_MAIL_PASSWORD": "s3cret"},
        "somebody",
    )

    told = contract.in_force(settings)

    assert "s3cret" not in str(told)
    assert told["mail_password"] == {"value": "***", "source": "COMPLAINT_SLA_MAIL_PASSWORD"}
    assert told["db"]["source"] == "--db"
