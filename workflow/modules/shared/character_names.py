"""Which spellings of a cue name the same character."""

from __future__ import annotations

import unicodedata

_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"'})


def plain_name(cue: str) -> str:
    """The name as shown: one space between words, straight quotes."""
    return " ".join(unicodedata.normalize("NFC", cue).translate(_STRAIGHT).split())


def name_key(cue: str) -> str:
    """Equal for two cues of one character: the case of forced cues (`@McCLANE`) does not count."""
    return unicodedata.normalize("NFKC", plain_name(cue)).casefold()
