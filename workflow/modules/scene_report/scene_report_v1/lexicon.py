"""What words are the names of: `nouns.txt` (from Princeton WordNet) with `words.txt` over it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_HERE = Path(__file__).parent
#: Kinds of nouns that are no element of a breakdown.
NO_ELEMENT = frozenset({"place", "body", "none"})
_IRREGULAR = {
    "men": "man",
    "women": "woman",
    "children": "child",
    "people": "people",
    "knives": "knife",
    "wolves": "wolf",
    "shelves": "shelf",
    "leaves": "leaf",
    "loaves": "loaf",
    "mice": "mouse",
    "geese": "goose",
    "oxen": "oxen",
    "policemen": "policeman",
    "policewomen": "policewoman",
    "firemen": "fireman",
    "teeth": "tooth",
    "feet": "foot",
}


@dataclass(frozen=True)
class Meaning:
    """A noun's kind (a category, `person`, `place` ...); `verb`: texts have it as a verb far more often."""

    kind: str
    verb: bool = False


class Lexicon:
    """Kinds of nouns, and lists of words that rules go by."""

    def __init__(self, nouns: str, words: str) -> None:
        self._nouns: dict[str, Meaning] = {}
        lists: dict[str, set[str]] = {}
        for kind, word in _entries(nouns):
            if kind == "verb":
                lists.setdefault(kind, set()).add(word)
            else:
                self._nouns[word.rstrip("*")] = Meaning(kind, word.endswith("*"))
        for name, word in _entries(words):
            lists.setdefault(name, set()).add(word.casefold())
        self._lists = {name: frozenset(members) for name, members in lists.items()}
        for name in (*CATEGORIES, "person", "place", "body", "none"):
            for word in self._lists.get(name.replace("_", " "), frozenset()):
                verb = word in self._nouns and self._nouns[word].verb
                self._nouns[word] = Meaning(name, verb)

    def list(self, name: str) -> frozenset[str]:
        """The words of a list of `words.txt`, small."""
        return self._lists[name]

    def meaning(self, words: Sequence[str]) -> Meaning | None:
        """Of a phrase in small letters, by its last two words or its last one; None when neither is known."""
        for size in (2, 1):
            for form in _singulars(" ".join(words[-size:])) if len(words) >= size else ():
                if form in self._nouns:
                    return self._nouns[form]
        last = words[-1].rpartition("-")[2]
        return self.meaning([last]) if last != words[-1] and last else None


#: The elements of a breakdown, in the order of its sheet.
CATEGORIES = (
    *("cast", "background", "stunts", "props", "set_dressing", "vehicles", "animals", "wardrobe"),
    *("makeup", "sfx", "vfx", "sound", "music", "special_equipment", "notes"),
)


@cache
def lexicon() -> Lexicon:
    """Read once for all scenes that a process reports on."""
    read = (_HERE / name for name in ("nouns.txt", "words.txt"))
    return Lexicon(*(path.read_text(encoding="utf-8") for path in read))


def is_plural(word: str) -> bool:
    """By its form alone."""
    return word in _IRREGULAR or (word.endswith("s") and not word.endswith(("ss", "us", "is")))


def _entries(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        name, colon, words = line.partition(":")
        if not colon or line.startswith("#"):
            continue
        divider = "," if "," in words else None
        found += [(name, word.strip()) for word in words.split(divider) if word.strip()]
    return found


def _singulars(phrase: str) -> list[str]:
    """The phrase itself, and what it may be the plural of."""
    forms = [phrase]
    head, _, last = phrase.rpartition(" ")
    start = f"{head} " if head else ""
    if last in _IRREGULAR:
        forms.append(start + _IRREGULAR[last])
    if last.endswith("ies"):
        forms.append(start + last[:-3] + "y")
    if last.endswith("es"):
        forms.append(start + last[:-2])
    if last.endswith("s") and not last.endswith("ss"):
        forms.append(start + last[:-1])
    return forms
