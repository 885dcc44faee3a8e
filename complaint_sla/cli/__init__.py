"""The terminal: the only place that prints, exits, and reads the clock and the settings.

A family of commands is loaded when one of them is called, with what it needs on top of its file. Only what some of its
commands can do without is imported where it is used: what draws (`tables`, `dossier`, rich) beside an answer in JSON, the
forms of a report, what sends mail. Modules here don't postpone their annotations, since Typer reads them as they are
defined.
"""
