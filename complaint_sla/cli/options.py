"""Options and arguments that several commands have, each declared once; `usage` says their help in the person's language."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from complaint_sla.wording import N_

AsJson = Annotated[bool, Option("--json", help=N_("answer as JSON"))]
Everything = Annotated[bool, Option("--all", help=N_("all of them, however many fit the screen"))]
Pager = Annotated[bool, Option("--pager", help=N_("all of them, through $PAGER"))]
# Of what grows without end, so many are shown to a program unless it asks for more.
FIRST = 100
Limit = Annotated[int | None, Option(help=N_("at most so many"), metavar="N", min=1, max=1_000_000)]
Output = Annotated[Path | None, Option(help=N_("write it to a file"), metavar="FILE")]
# Of what takes a sheet in.
SheetOrStdin = Annotated[
    Path, Argument(help=N_("the sheet: .csv, .xlsx or .jsonl; -: stdin"), metavar="FILE")
]
# Where an option may say what else to look at.
SheetIfAny = Annotated[
    Path | None, Argument(help=N_("the sheet: .csv, .xlsx or .jsonl; -: stdin"), metavar="FILE")
]
OnlySaid = Annotated[bool, Option("--dry-run", help=N_("only say what would be taken in"))]
Rejects = Annotated[Path | None, Option(help=N_("write rejected rows to a file"), metavar="FILE")]

Number = Annotated[str, Argument(help=N_("number of the complaint"), metavar="NUMBER")]
# As it is read aloud: a shell takes `6911 307` for two.
NumberApart = Annotated[list[str], Argument(help=N_("number of the complaint"), metavar="NUMBER")]
Reason = Annotated[str, Option(help=N_("why"), metavar="TEXT")]
Group = Annotated[str | None, Option(help=N_("customer group"), metavar="KEY")]
Channel = Annotated[str | None, Option(help=N_("how it came in"), metavar="KEY")]
Category = Annotated[str | None, Option(help=N_("what it is about"), metavar="KEY")]
Owner = Annotated[str | None, Option(help=N_("who takes care of it"), metavar="EMAIL")]
# Unlike a plain switch it may be left open.
UrgentOrNot = Annotated[bool | None, Option("--urgent/--no-urgent", help=N_("important and urgent"))]

ClockIsRight = Annotated[
    bool, Option("--clock-is-right", help=N_("you have looked: this machine's clock is right"))
]

OfficeAndBelow = Annotated[str | None, Option(help=N_("an office and all below it"), metavar="CODE")]
OfficeCode = Annotated[str, Argument(help=N_("code of the office"), metavar="CODE")]

# What a command needs in all, of which Typer requires less: at a terminal the rest is asked for.
FORMS = {
    "import": "import FILE",
    "log": "log --group KEY --channel KEY --category KEY --subject TEXT",
    "note": "note NUMBER TEXT",
    "assign": "assign NUMBER EMAIL",
    "transfer": "transfer NUMBER --office CODE --reason TEXT",
    "close": "close NUMBER --outcome TEXT",
    "reopen": "reopen NUMBER --reason TEXT",
    "withdraw": "withdraw NUMBER --reason TEXT",
    "reclassify": "reclassify NUMBER --group KEY --reason TEXT",
}
