"""Which spellings of a cue name the same character."""

from __future__ import annotations

import re
import unicodedata

from .heading_words import visible_text

_COUNTED = re.compile(r"(?<=\s)(?:#|no )(?=\d)")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})


def plain_name(cue: str) -> str:
    """The name as shown: one space between words, straight quotes."""
    return " ".join(unicodedata.normalize("NFC", visible_text(cue)).translate(_STRAIGHT).split())


def name_key(cue: str) -> str:
    """Equal for two spellings of one name: case (`@McCLANE`) does not count, nor points (`MR.` and `MR`), nor how a
    number is written (`COP #1`, `COP NO. 1`, `COP 1`)."""
    key = unicodedata.normalize("NFKC", plain_name(cue)).casefold()
    return " ".join(_COUNTED.sub("", key.replace(".", "")).split()) or key


def loose_key(cue: str) -> str:
    """Equal for names that only look alike: JOSÉ and JOSE, JEAN-LUC and JEAN LUC."""
    letters = unicodedata.normalize("NFKD", name_key(cue))
    return re.sub(r"[\W_]", "", "".join(c for c in letters if not unicodedata.combining(c)))
