"""Compiles the message catalogues (`.po`, kept in git) to what gettext reads at run time (`.mo`, not kept).

Hatchling runs this for a wheel and for an editable install alike; after changing a catalogue,
`python hatch_build.py` compiles again without installing.
"""

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

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


class CatalogueHook(BuildHookInterface[Any]):
    """What hatchling calls before it gathers the files of a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        compile_catalogues(Path(self.root))


if __name__ == "__main__":
    for path in compile_catalogues(Path(__file__).parent):
        print(path)
