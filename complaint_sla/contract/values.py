"""Any answer as JSON: moments with the offset of the rule book's zone, fractions, enumerations, what has fields."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    pass


def document(data: Any, zone: ZoneInfo) -> str:
    """The one JSON document of an answer."""
    return json.dumps(jsonable(data, zone), ensure_ascii=False, indent=2)


def jsonable(value: Any, zone: ZoneInfo) -> Any:
    """The value as JSON knows it: dataclasses by field, days and moments as text."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return (value.astimezone(zone) if isinstance(value, datetime) else value).isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        # A name that Python has taken ends in a dash below.
        return {one.name.rstrip("_"): jsonable(getattr(value, one.name), zone) for one in fields(value)}
    if isinstance(value, Mapping):
        return {key: jsonable(one, zone) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(one, zone) for one in value]
    return value
