"""Every text that a person reads, in Thai and English: catalogues, dates in both eras, masking, errors."""

from complaint_sla.wording.words import LANGUAGES, N_, Words

__all__ = ["LANGUAGES", "N_", "Words"]
