"""The terminal: the only place that prints, exits, and reads the clock and the settings.

Modules here don't postpone their annotations, since Typer reads them as they are defined; what is heavy (SQLModel,
rich, templates) is imported by the command that needs it, so that `--help` answers at once.
"""
