"""The build backend: Hatchling, and what is made from the sources on the way.

Message catalogues (`.po`, kept in git) are compiled to what gettext reads at run time (`.mo`, not kept), for a wheel and for
an editable install alike; after changing one, `python hatch_build.py` compiles again without installing. A wheel gets the
manual's pages, too. They are the help of the program itself, so that making one needs what the program needs.
"""

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling import build as hatchling
from hatchling.build import (
    build_editable,
    build_sdist,
    build_wheel,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
)
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# What a backend is asked for (PEP 517, PEP 660).
__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]

CATALOGUES = "complaint_sla/locale/*/LC_MESSAGES/complaint_sla.po"


def compile_catalogues(root: Path) -> list[Path]:
    """Writes a `.mo` beside each `.po` under `root` and returns those written."""
    written = []
    for source in sorted(root.glob(CATALOGUES)):
        locale = source.parent.parent.name
        # A catalogue that gettext would half read must stop the build, not ship.
        with source.open("rb") as text:
            catalogue = read_po(text, locale=locale, abort_invalid=True)
        target = source.with_suffix(".mo")
        with target.open("wb") as binary:
            write_mo(binary, catalogue)
        written.append(target)
    return written


def get_requires_for_build_wheel(config_settings: dict[str, Any] | None = None) -> list[str]:
    """Hatchling's own, and what the program needs; an editable install has no pages and needs no more than before."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    return [*hatchling.get_requires_for_build_wheel(config_settings), *project["dependencies"]]


def write_manual(root: Path, folder: Path) -> dict[str, str]:
    """Writes the manual's pages below `folder`; each file with its place below the prefix of an installation."""
    # In a process of its own: the program is not to be loaded into the builder. Nothing of it opens a database. What pip has
    # laid out for the build is known by its path alone.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), *sys.path])}
    command = [sys.executable, "-m", "complaint_sla.cli.manual", str(folder)]
    subprocess.run(command, cwd=root, env=environment, check=True)  # noqa: S603 - our own
    pages = sorted(folder.rglob("*.1"))
    return {str(page): f"share/man/{page.relative_to(folder).as_posix()}" for page in pages}


class SourcesHook(BuildHookInterface[Any]):
    """What hatchling calls before it gathers the files of a wheel, and when it has."""

    PLUGIN_NAME = "custom"
    manual: TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        compile_catalogues(root)
        if version != "editable":
            self.manual = TemporaryDirectory()
            build_data["shared_data"] |= write_manual(root, Path(self.manual.name))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        if self.manual is not None:
            self.manual.cleanup()


if __name__ == "__main__":
    for path in compile_catalogues(Path(__file__).parent):
        print(path)
