"""`python -m tests.hostile [--share N]`: tries the tables on a throw-away database, and prints what was tried, with counts.

With `--share N` each door gets every Nth text. Ends with 1 where something came in, or out, that should not.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from complaint_sla.mail.replies import screened
from complaint_sla.mail.servers import Security, SmtpServer
from tests.cli.runner import Program, run
from tests.hostile import books, servers, sizes, texts, verdicts
from tests.hostile.doors import TEXT_DOORS, VALUE_DOORS, Scene

DOORS = (*TEXT_DOORS, *VALUE_DOORS)
Counts = defaultdict[tuple[str, str], Counter[str]]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--share", type=int, default=1)
    share = parser.parse_args().share
    counts: Counts = defaultdict(Counter)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ |= {"HOME": name, "NO_COLOR": "1", "COLUMNS": "120", "LANG": "C.UTF-8"}
        os.environ |= {f"XDG_{kind}_HOME": f"{name}/{kind}" for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        program = Program(f"sqlite:///{folder}/complaints.db")
        program("init", "--rehearsal")
        scene = Scene(program, folder, len(DOORS) * (len(texts.ALL) // share + 3))
        through_doors(scene, counts, share)
        for filling in sizes.FILLINGS:
            for door in DOORS:
                if door.name in sizes.LIMITS:
                    for megabytes in sizes.MEGABYTES if share == 1 else (1,):
                        attempt(
                            counts,
                            (f"{megabytes} MB: {filling}", "every field"),
                            sizes.push,
                            scene,
                            door,
                            filling,
                            megabytes,
                        )
        staff = next(door for door in VALUE_DOORS if door.name == "staff add EMAIL")
        for address, _ in texts.ADDRESSES:
            attempt(counts, ("odd e-mail addresses", staff.name), scene.push, staff, address)
        for title, bomb in books.BOMBS.items():
            attempt(
                counts,
                ("rule books made to be slow", "rules check"),
                checked,
                folder,
                title,
                bomb(10_000),
            )
        for title, text in books.TITLES.items():
            attempt(
                counts,
                ("titles of rule books", "rules check"),
                checked,
                folder,
                title,
                books.titled(text),
            )
    for said in servers.ANSWERS.values():
        for code in servers.CODES:
            attempt(counts, ("answers of mail servers", "outbox, doctor"), kept, f"{code} {said}")
    printed(counts)
    return 1 if any(outcomes["FAILED"] for outcomes in counts.values()) else 0


def through_doors(scene: Scene, counts: Counts, share: int) -> None:
    for number, door in enumerate(DOORS):
        for kind, text in texts.ALL[number % share :: share]:
            attempt(counts, (kind, door.name), scene.push, door, text)
        attempt(counts, ("screens looked at afterwards", door.name), lambda: scene.look(most=5) and "taken")


def attempt(counts: Counts, key: tuple[str, str], push: Callable[..., str], *arguments: object) -> None:
    try:
        counts[key][push(*arguments)] += 1
    except AssertionError as problem:
        counts[key]["FAILED"] += 1
        sys.stderr.write(f"{key[0]}, {key[1]}: {ascii(str(problem))[:300]}\n")


def checked(folder: Path, name: str, text: str) -> str:
    path = folder / f"book {name}"
    path.mkdir()
    (path / "hostile.toml").write_text(text, encoding="utf-8")
    answer = run(["rules", "check", str(path)])
    assert verdicts.STEERING.search(answer.out + answer.err) is None
    assert (answer.code, answer.out) == (4, ""), answer
    return "refused"


def kept(said: str) -> str:
    server = SmtpServer("127.0.0.1", 25, Security.PLAIN, "sla@example.org", servers.USER, servers.PASSWORD)
    text = screened(said, server)
    assert verdicts.STEERING.search(text) is None
    assert len(text) <= 200
    assert not any(secret in text for secret in servers.SECRETS)
    return "taken"


def printed(counts: Counts) -> None:
    """By kind of attack, then by door: how many were tried, and what became of them."""
    outcomes = ("refused", "taken", "impossible", "FAILED")
    for title, column in (("kind of attack", 0), ("door", 1)):
        sums: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for key, found in counts.items():
            sums[key[column]] += found
        sums["all"] = sum(counts.values(), Counter())
        lines = [f"{title:38}{'tried':>8}" + "".join(f"{name:>12}" for name in outcomes)]
        for name, found in sums.items():
            lines.append(f"{name:38}{found.total():8}" + "".join(f"{found[one]:12}" for one in outcomes))
        sys.stdout.write("\n".join([*lines, "", ""]))


if __name__ == "__main__":
    sys.exit(main())
