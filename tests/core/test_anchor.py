"""What an anchor stands for: all events up to it, however often one was made, and nothing that is none."""

from dataclasses import asdict
from hashlib import sha256
from typing import Any

import pytest

from complaint_sla.core.anchor import Reach

FIRST = Reach().on(7, iter([(1, "a"), (2, "b"), (1, "c")]))


def test_an_anchor_counts_and_covers_all_up_to_it() -> None:
    assert Reach(7, 3, 2, sha256(b"\na\nb\nc").hexdigest()) == FIRST
    assert FIRST.on(9, iter([(3, "d")])) == Reach(9, 4, 2, sha256(f"{FIRST.digest}\nd".encode()).hexdigest())
    assert Reach.read({"day": "2017-03-05", **asdict(FIRST)}) == FIRST


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("through", "7"),
        ("through", 2**63),
        ("events", True),
        ("complaints", -1),
        ("digest", None),
        ("events", 1.5),
    ],
)
def test_what_is_no_anchor_is_none(name: str, value: Any) -> None:
    with pytest.raises(TypeError):
        Reach.read({**asdict(FIRST), name: value})
    with pytest.raises(KeyError):
        Reach.read({key: one for key, one in asdict(FIRST).items() if key != name})
