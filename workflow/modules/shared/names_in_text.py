"""Where a text names a character.

A name counts where its words stand as whole words, in capitals or with capital initials (`MARGARET`, `Old Tom`;
articles and the like may be small); a possessive counts too (`Bob's phone`). Of names that overlap the longest is
meant: `CYBER BOB` is not `BOB`.

What this cannot tell: a name that is also a word, at the start of a sentence (`Will they come?`); somebody who is only
spoken of; somebody meant by another name, or by `he` and `she`; names in scripts that put no blanks between words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .character_names import name_key
from .words import Word, adjoining, words_of

_SMALL = frozenset(
    ["a", "an", "and", "da", "de", "del", "der", "di", "du", "la", "le", "of", "the", "van", "von"]
)


@dataclass(frozen=True)
class Naming:
    """One place where a text names somebody: their key, and from where to where."""

    key: str
    start: int
    end: int


class NameFinder:
    """Finds all of some names at once; the time depends on the text, hardly on how many names there are."""

    def __init__(self, names: Iterable[str] | Mapping[str, str]) -> None:
        """`names` may tell for each name the key to give for it, else it is that of the name itself."""
        keys = names if isinstance(names, Mapping) else {name: name_key(name) for name in names}
        self._keys: dict[tuple[str, ...], str] = {}
        lengths: dict[str, set[int]] = defaultdict(set)
        for name in sorted(keys):
            words = tuple(word.bare for word in words_of(name))
            if words:
                self._keys.setdefault(words, keys[name])
                lengths[words[0]].add(len(words))
        self._lengths = {word: sorted(them, reverse=True) for word, them in lengths.items()}

    def namings(self, text: str) -> Iterator[Naming]:
        """In the order of the text, none overlapping another."""
        words = words_of(text)
        bare = [word.bare for word in words]
        at = 0
        while at < len(words):
            for length in self._lengths.get(bare[at], ()):
                key = self._keys.get(tuple(bare[at : at + length]))
                found = words[at : at + length]
                if key is not None and _is_name(text, found):
                    yield Naming(key, found[0].start, found[-1].end)
                    at += length
                    break
            else:
                at += 1


def _is_name(text: str, found: Sequence[Word]) -> bool:
    if not all(adjoining(text, *pair) for pair in pairwise(found)):
        return False
    telling = [word for word in found if word.bare not in _SMALL] or found
    return not any(word.text[0].islower() for word in telling)
