"""The words of a text with their places, and the stretches of words that it sets in capitals."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

#: Dashes and slashes divide words; a hyphen, an apostrophe and the point of an abbreviation belong to theirs.
_WORD = re.compile(r'(?:[^\s"“”„«»()\[\]{}<>,;:!?…—–/*_~|=+-]|-(?!-))+')
_EDGES = "'’.-"
#: A point behind these, or behind a single letter, does not end a sentence: DR. FENWICK, J. SMITH.
_ABBREVIATIONS = frozenset(
    {"capt", "col", "dr", "gen", "jr", "lt", "messrs", "mme", "mr", "mrs", "ms", "mt"}
    | {"prof", "rev", "sgt", "sr", "st"}
)


@dataclass(frozen=True)
class Word:
    """A word without the marks around it; `start` and `end` are its place in the text."""

    text: str
    start: int
    end: int

    @property
    def bare(self) -> str:
        """Without the ending of a possessive, small: `BOB'S` is `bob`."""
        text = unicodedata.normalize("NFKC", self.text).replace("’", "'").casefold()
        return text.removesuffix("'s")


@lru_cache(maxsize=256)
def words_of(text: str) -> Sequence[Word]:
    """In order. Punctuation alone is no word. Kept for a while, as several rules read the same paragraph."""
    return tuple(_words(text))


def adjoining(text: str, left: Word, right: Word) -> bool:
    """Whether only blanks stand between two words, or the point of an abbreviation."""
    gap = text[left.end : right.start]
    abbreviated = len(left.text) == 1 or left.bare in _ABBREVIATIONS
    return not gap.strip() or (abbreviated and gap.rstrip() == ".")


def capital_runs(text: str) -> Iterator[list[Word]]:
    """Stretches of adjoining words in capitals, each with one of at least two letters; numbers may follow."""
    run: list[Word] = []
    for word in words_of(text):
        goes_on = bool(run) and adjoining(text, run[-1], word)
        if goes_on and (word.text.isupper() or not any(map(str.isalpha, word.text))):
            run.append(word)
            continue
        if _is_telling(run):
            yield run
        run = [word] if word.text.isupper() else []
    if _is_telling(run):
        yield run


def _words(text: str) -> Iterator[Word]:
    for found in _WORD.finditer(text):
        bare = found.group().strip(_EDGES)
        if any(map(str.isalnum, bare)):
            start = found.start() + found.group().index(bare)
            yield Word(bare, start, start + len(bare))


def _is_telling(run: Sequence[Word]) -> bool:
    return any(sum(map(str.isalpha, word.text)) > 1 for word in run)
