"""The words of errors about the sheets of others: how a text file is written, and what a workbook is."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.wording.words import N_

# Errors by their key, as `messages` has them.
ERRORS: Mapping[str, str] = {
    # text files
    "encoding-doubtful": N_(
        "The bytes of {file} are UTF-8 and Thai of Windows (windows-874) alike, and no mark says which is meant. Save it as "
        '"CSV UTF-8", or say which it is in a map: encoding under [sheet], then import --map MAP.toml.'
    ),
    "not-encoding": N_(
        "The file {file} is not written in {encoding}, as its mark or its map says. Save it anew, or correct encoding under "
        "[sheet] in the map."
    ),
    "sheet-line-too-long": N_(
        "Line {line} of {file} has no end within 32 million characters. A sheet of text has a row on each line."
    ),
    "sheet-markup": N_(
        "{file} is a web page or XML, whatever its ending. Open it in a spreadsheet and save it as .xlsx."
    ),
    "cell-too-long": N_(
        "A cell of the row has more than {most} characters. Shorten it, or look for a quotation mark that is not closed."
    ),
    # which table of a file
    "heads-differ": N_(
        "The sheets of this workbook don't have the same heads, and {value} has room for one table only. Let the file of the "
        "rejected rows end in {expected}."
    ),
    "no-such-table": N_(
        "No sheet of {file} has the columns {columns} among its first rows (sheets: {sheets}). Write these heads above the "
        "table, or let its own heads be understood: import --guess."
    ),
    "tables-alike": N_(
        "Several sheets of {file} have these columns: {sheets}. Say which are to be read: --sheet NAME, again for each."
    ),
    "unknown-sheet": N_("There is no sheet {value}.{near} Sheets: {known}."),
    # workbooks that are written
    "cell-full": N_(
        "Row {row} of {file} would hold a text of more than {most} characters, which no cell of a workbook does. Let the file "
        "end in .csv."
    ),
    "sheet-full": N_(
        "{file} would have more than {most} rows, which no sheet of a workbook has. Let the file end in .csv."
    ),
    # maps
    "map-or-guess": N_("--guess makes a map, and --map has one. Leave out one of them."),
    "sheet-needed": N_("The sheet is missing. Write: complaint-sla import FILE."),
    "set-form": N_("{value} sets nothing. Write --set KEY=VALUE, such as --set channel=phone."),
    "set-needs-map": N_("{name} is of a map, and none is given. Add --map MAP.toml."),
    "set-no-default": N_("No value of {value} holds for all rows. Such are only: {known}."),
    "set-unknown": N_("{value} can't be set.{near} Choose from: {known}."),
    "set-value": N_("{name} can't be {value}.{near} Choose from: {known}."),
    # cells
    "bad-time": N_("{value} is no time of day. Write 09:30."),
    "cell-faulty": N_(
        "Under {head} stands {value}: the spreadsheet could not reckon it. Write what is meant."
    ),
    "digits-lost": N_(
        "{name}: {value} is what is left of a number: it was kept as a number by the spreadsheet. Format the column as text, and "
        "write the number anew."
    ),
    "not-swapped": N_(
        "{value}: the map says that day and month are swapped in cells of days, and this one can't be. Write the day as text, "
        "5/1/2568, or correct swapped under [dates]."
    ),
    "title-of-several": N_("{value} means {known}, in different rule books. Write one of these keys."),
    "two-times": N_("Two times of day are said, {value} and {other}. Leave one."),
    # workbooks
    "workbook-broken": N_(
        "The workbook {file} can't be read: {problem}. Open it in a spreadsheet and save it as .xlsx."
    ),
    "workbook-locked": N_(
        "The workbook {file} is protected by a password. Save it without one, and import that."
    ),
    "workbook-of-old": N_(
        "{file} is a workbook of another kind than .xlsx, or none. Open it in a spreadsheet and save it as .xlsx."
    ),
    "workbook-too-large": N_(
        "The sheet {sheet} of {file} is too large to be read. Often one cell stands far from the table: go to the last cell "
        "(Ctrl+End), delete the empty rows and columns before it, and save it again."
    ),
    # a guess
    "only-counts": N_(
        "This is a table of counts, not of complaints: a row has to be one complaint, with the day of its receipt. Look for "
        "the sheet from which it was counted."
    ),
    "no-heads": N_(
        "No row of heads was found among the first 20 rows: a table of complaints has a row that names its columns, such as "
        "Received, Customer group, Subject. Name the columns so, or write a map: --map."
    ),
    "no-receipt": N_(
        "No column holds the days of receipt, and without them there is no deadline. Columns: {heads}. Add one with the head "
        "Received."
    ),
    "head-twice": N_(
        "The head {head} stands above two columns, and one of them is needed. Give one of the two another name."
    ),
    "dates-swapped": N_(
        "{head}: a spreadsheet of another country has taken the day for the month. In all cells that hold a day ({cells}) it is "
        "12 or less, and all others are texts, of a month that does not exist. If so, say --set swapped=true."
    ),
    "sheets-differ": N_("These sheets have other columns: {sheets}. Read them by themselves: --sheet NAME."),
    "guess-open": N_(
        "Nothing was taken in, for nobody can be asked here. Open questions: {count}. Answer the lines with # ? in the map; then "
        "`complaint-sla import {sheet} --map {file}` needs to ask nothing."
    ),
    "guess-settled": N_(
        "Nothing was taken in, for nobody can be asked here. No question is open: "
        "`complaint-sla import {sheet} --map {file}` reads it by its map."
    ),
    "guess-needed": N_("{name} belongs to --guess: without it no map is written."),
    "map-over-sheet": N_("The map would take the place of the sheet {file}. Name another file: --save-map."),
    "map-is-there": N_(
        "{file} is there already, and says something else: nothing was written. Read the sheet by it with --map, or name "
        "another file: --save-map."
    ),
}
