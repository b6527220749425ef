"""The words by which a script is read: English, and the languages that the recipe names or that the headings show.

Each language is a file in `vocabulary/`; a project may add a file of its own with the same keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from cineforge import ModuleFailed, ProblemsFound, load_yaml, schema_errors

from .shared.heading_words import HeadingWords, half_width, is_wide

_FOLDER = Path(__file__).with_name("vocabulary")
_BASE = "en"
_DIVIDER = re.compile(r"\s*(?:--+|[–—・,/]|\s-|-\s|\.\s)\s*|[()]")
_ENGLISH = re.compile(r"(?:INT|EXT|EST|I|E)\b", re.IGNORECASE)
#: Not a heading by itself: INTERIOR THOUGHTS.
_ALSO_A_WORD = ("INTERIOR", "EXTERIOR")
#: What may stand before a heading: SCENE 4:, 3., 第3场.
_NUMBERED = re.compile(
    r"(?:第|[^\W\d_]{1,9}\.?\s*)?[#(]?[A-Z]?\d{1,4}[A-Z]?(?:-\d+)?\s*[场場幕]?[.):、]*(?:\s+[-–:])?\s*(?=\D)"
    r"|(?:第|[^\W\d_]{2,4}?\s*)[一二三四五六七八九十百零〇]{1,5}(?:\s*[场場幕][.):、]*|[.):、])\s*"
)
_LISTS = {"type": "array", "items": {"type": "string", "minLength": 1}}


@dataclass(frozen=True)
class Vocabulary:
    """Words by kind; `languages` in order of how many headings speak them."""

    languages: tuple[str, ...]
    chosen: str
    words: Mapping[str, Sequence[str]]

    def with_lists(self, times: Iterable[str], intros: Iterable[str]) -> Vocabulary:
        """With times of which only that they are some is known, and with beginnings of headings that tell neither
        inside nor outside."""
        ready = HeadingWords(self.words)
        more = [t for t in times if t.strip() and not ready.is_time(t) and not ready.remark(t)]
        begin = [bare for each in intros if (bare := each.strip(" .:-/")) and bare[-1].isalpha()]
        begin = [each for each in begin if not ready.prefix.match(f"{each}. ")]
        return replace(
            self,
            words={
                **self.words,
                "day_parts": [*self.words.get("day_parts", ()), *more],
                "prefixes_unknown": [*self.words.get("prefixes_unknown", ()), *begin],
            },
        )

    def payload(self) -> dict[str, Any]:
        return {
            "languages": list(self.languages),
            "chosen": self.chosen,
            "words": {kind: list(words) for kind, words in self.words.items() if words},
        }


def shipped_languages() -> list[str]:
    """The codes of the languages that have a file."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


def every_language() -> HeadingWords:
    """The words of all languages together: by them a line may only look like a heading."""
    return HeadingWords(
        _merged(_words_of(_FOLDER / f"{code}.yaml") for code in shipped_languages())
    )


def _merged(parts: Iterable[Mapping[str, Sequence[str]]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for part in parts:
        for kind, words in part.items():
            found.setdefault(kind, {}).update(dict.fromkeys(words))
    return {kind: list(words) for kind, words in found.items()}


def choose_vocabulary(
    headings: Iterable[str], named: Sequence[str], own: Path | None
) -> Vocabulary:
    """`headings` may be any lines: those that are none vote for nothing. Raises ModuleFailed for a wrong file."""
    known = {code: _words_of(_FOLDER / f"{code}.yaml") for code in shipped_languages()}
    languages = list(named) or _found(headings, known)
    if _BASE not in languages:
        languages.append(_BASE)
    parts = [known[code] for code in languages]
    if own is not None:
        parts.insert(0, _own(own, known[_BASE]))
    return Vocabulary(tuple(languages), "given" if named else "found", _merged(parts))


def _found(lines: Iterable[str], known: Mapping[str, Mapping[str, Sequence[str]]]) -> list[str]:
    """The languages that headings speak, those of most headings first: each is one that others do not speak as well."""
    ready = {code: HeadingWords(words) for code, words in known.items()}
    english = ready.pop(_BASE)
    in_english = 0
    headings: list[Counter[str]] = []
    letters: Counter[str] = Counter()
    for line in lines:
        by_english, votes = _votes(line, english, ready)
        in_english += by_english
        if votes:
            headings.append(votes)
            letters.update(c for c in line.upper() if not c.isascii() and c.isalpha())
    spelled = {
        code: sum(n for letter, n in letters.items() if letter in str(known[code]))
        for code in ready
    }
    found: dict[str, int] = {_BASE: in_english} if in_english else {}
    while headings:
        votes = sum(headings, Counter[str]())
        best = max(votes, key=lambda code: (votes[code], spelled[code]))
        found[best] = votes[best]
        headings = [each for each in headings if each[best] < max(each.values())]
    return sorted(found, key=lambda code: -found[code])


def _votes(
    line: str, english: HeadingWords, ready: Mapping[str, HeadingWords]
) -> tuple[bool, Counter[str]]:
    """Whether a line begins as an English heading, and which languages it speaks: by a prefix that English has not, or
    parts that are times of theirs."""
    votes: Counter[str] = Counter()
    text = half_width(line.strip()).lstrip(".").strip()
    forced = line.lstrip().startswith(".")
    if (number := _NUMBERED.match(text)) and number.end() < len(text):
        text = text[number.end() :]
        forced = forced or (is_wide(text) and bool(" " in text or _DIVIDER.search(text)))
    in_capitals = text == text.upper()
    by_english = bool(english.prefix.match(text))
    last = [part for part in _DIVIDER.split(text.upper()) if part.strip()][1:]
    last += text.split()[1:] if is_wide(text) else []
    said = [part.strip(" .") for part in last]
    said = [part for part in said if not english.is_time(part)]
    for code, words in ready.items():
        own_prefix = in_capitals and not by_english and words.prefix.match(text)
        told = own_prefix and _is_told(text, own_prefix.end(), forced)
        votes[code] += 2 * bool(told)
        if by_english or own_prefix or forced:
            votes[code] += sum(words.is_time(part) for part in said)
    return by_english, +votes


def _is_told(text: str, end: int, forced: bool) -> bool:
    """Whether a foreign prefix is one: `INNEN. KÜCHE` rather than a line that begins with such a word."""
    return (
        forced or text[end - 1 : end] in ".:" or is_wide(text[:end]) or bool(_DIVIDER.search(text))
    )


@cache
def _words_of(path: Path) -> Mapping[str, list[str]]:
    """Of a file that ships with this module."""
    return _words_in(path)


def _words_in(path: Path) -> dict[str, list[str]]:
    """Every kind of a file's words. Raises ModuleFailed for a file that is no YAML."""
    try:
        document = load_yaml(path, all_optional=True)
    except ProblemsFound as found:
        raise ModuleFailed(str(found)) from found
    if document.problems:
        raise ModuleFailed("; ".join(map(str, document.problems)))
    return {kind: words for kind, words in document.data.items() if kind != "language"}


def _own(path: Path, known: Mapping[str, Any]) -> dict[str, list[str]]:
    words = _words_in(path)
    kinds = dict.fromkeys({*known, "prefixes_unknown"}, _LISTS)
    schema = {"type": "object", "additionalProperties": False, "properties": kinds}
    errors = schema_errors(schema, words)
    if errors:
        told = "; ".join(map(str, errors))
        raise ModuleFailed(f"{path.name}: {told}")
    return words


def heading_like(text: str, words: HeadingWords) -> bool:
    """Whether a line has the form of a natural heading; a prefix that is not English counts in capitals alone."""
    text = half_width(text)
    found = words.prefix.match(text)
    if not found:
        return False
    if _ENGLISH.match(found.group()):
        return True
    if found.group() in _ALSO_A_WORD:
        last = text.split()[-1].strip(" .")
        if not (_DIVIDER.search(text[found.end() :]) or words.is_light(last)):
            return False
    return text == text.upper()
