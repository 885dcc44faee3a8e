"""A text in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Title:
    """One text in both languages."""

    th: str
    en: str

    def of(self, language: str) -> str:
        return self.th if language == "th" else self.en
