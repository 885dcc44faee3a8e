"""Megabytes, through every door that keeps or looks up a text."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.hostile.doors import LATER, Door, Scene

MEGABYTES = (1, 10)
# What a megabyte is made of; marks that have to be sorted cost the square of their number to normalise.
FILLINGS: Mapping[str, Callable[[int], str]] = {
    "letters": lambda length: "x" * length,
    "Thai": lambda length: "ก" * length,
    "marks out of order": lambda length: ("a" + "\u0301\u0327" * length)[:length],
    "digits": lambda length: "9" * length,
    "ats": lambda length: "@" * length,
    "quotation marks": lambda length: '"' * length,
}
# What is named in the refusal beside the length, where the length is the fault.
LIMITS = {
    "log --subject": ("subject", "500"),
    "log --detail": ("detail", "20000"),
    "log --customer": ("customer", "200"),
    "log --external-id": ("external_id", "200"),
    "log --email": ("email", "254"),
    "log --phone": ("9 or 10 digits",),
    "log --account": ("12 digits",),
    "log --office": ("office", "200"),
    "assign EMAIL": ("email", "254"),
    "note TEXT": ("note", "20000"),
    "close --outcome": ("outcome", "20000"),
    "reopen --reason": ("reason", "20000"),
    "withdraw --reason": ("reason", "20000"),
    "transfer --reason": ("reason", "20000"),
    "reclassify --reason": ("reason", "20000"),
    "correct --subject": ("subject", "500"),
    "office add --name-th": ("name_th", "200"),
    "office set --name-en": ("name_en", "200"),
    "office add CODE": ("20 letters",),
    "staff add --name": ("name", "200"),
    "staff add EMAIL": ("email", "254"),
    "find TEXT": ("text", "500"),
}


def push(scene: Scene, door: Door, filling: str, megabytes: int) -> str:
    """A refusal of a few hundred characters that names the field and its limit, and nothing written."""
    text = FILLINGS[filling](megabytes * 1_000_000)
    options, command = door.command(scene, text)
    answer = scene.program(*options, *command, now=LATER, code=2)
    assert answer.out == ""
    assert len(answer.err) < 700, len(answer.err)
    for part in LIMITS[door.name]:
        assert part in answer.err, answer.err
    assert scene.program.dump() == scene.before
    return "refused"
