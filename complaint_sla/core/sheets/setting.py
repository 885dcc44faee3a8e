"""What is said of a sheet beside its map, or without one: `channel=phone` holds for all rows that say nothing, `era=common`
stands for what the map says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Any

from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.map import COLUMNS, Encoding, Era, Order, Several, SheetMap
from complaint_sla.core.sheets.mapfile import DEFAULTS, SEPARATORS, Keys

# Settings of a map that are no columns, with the words that they know.
_WORDS: Mapping[str, Sequence[StrEnum]] = {
    "order": tuple(Order),
    "era": tuple(Era),
    "two_digits": (Era.BUDDHIST, Era.COMMON),
    "several_phones": tuple(Several),
    "encoding": tuple(Encoding),
}
_FLAGS = ("swapped", "phone_zero", "account_zeros")
OF_A_MAP = (*_WORDS, *_FLAGS, "separator")


def defaults(settings: Sequence[str], keys: Keys) -> dict[str, str]:
    """What holds for all rows that say nothing, where there is no map.

    Raises BadValue: `set-form`, `set-unknown`, `set-needs-map`, `set-value`.
    """
    found = {}
    for name, value in map(_parted, settings):
        if name in OF_A_MAP:
            raise BadValue("set-needs-map", name=name)
        found[name] = _default(name, value, keys, DEFAULTS)
    return found


def altered(sheet_map: SheetMap, settings: Sequence[str], keys: Keys) -> SheetMap:
    """The map with what is said otherwise. Raises BadValue: `set-form`, `set-unknown`, `set-value`."""
    for name, value in map(_parted, settings):
        sheet_map = _altered(sheet_map, name, value, keys)
    return sheet_map


def _altered(sheet_map: SheetMap, name: str, value: str, keys: Keys) -> SheetMap:
    said: dict[str, Any]
    if name in _WORDS:
        said = {name: _known(name, value, _WORDS[name])}
    elif name in _FLAGS:
        said = {name: _known(name, value, ("true", "false")) == "true"}
    elif name == "separator":
        said = {name: "\t" if value == "\\t" else value}
        _known(name, said[name], SEPARATORS)
    else:
        found = _default(name, value, keys, (*DEFAULTS, *OF_A_MAP))
        return replace(sheet_map, default={**sheet_map.default, name: found})
    if hasattr(sheet_map.dates, name):
        return replace(sheet_map, dates=replace(sheet_map.dates, **said))
    if hasattr(sheet_map.repair, name):
        return replace(sheet_map, repair=replace(sheet_map.repair, **said))
    return replace(sheet_map, **said)


def _parted(setting: str) -> tuple[str, str]:
    name, equals, value = setting.partition("=")
    if not equals or not name.strip() or not value.strip():
        raise BadValue("set-form", value=setting)
    return name.strip(), value.strip()


def _default(name: str, value: str, keys: Keys, settings: Sequence[str]) -> str:
    if name not in DEFAULTS:
        raise BadValue(
            "set-no-default" if name in COLUMNS else "set-unknown", value=name, known=list(settings)
        )
    known = keys.get(name)
    if known is not None and value not in known:
        raise BadValue("set-value", name=name, value=value, known=list(known))
    return value


def _known(name: str, value: str, known: Sequence[str]) -> str:
    found = next((one for one in known if one == value), None)
    if found is None:
        raise BadValue("set-value", name=name, value=value, known=list(known))
    return found
