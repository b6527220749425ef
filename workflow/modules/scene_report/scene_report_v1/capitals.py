"""What a scene's action sets in capitals, sorted by its words.

Left out: the names of characters; camera and editing terms (`CLOSE ON THE KEY` leaves `KEY`); words between quotation
marks, which are read or heard; paragraphs wholly in capitals, which are titles or shots; sentences of three words and
more in capitals, which tell what happens (`THE LIGHTS GO OUT.`); and verbs (`She RUNS`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import dropwhile
from typing import Any

from .found import Found
from .lexicon import NO_ELEMENT, Lexicon, is_plural
from .shared.names_in_text import NameFinder
from .shared.words import Word, capital_runs

#: The length is bounded so that marks without a partner cost no time.
_QUOTED = re.compile(r'"[^"]{0,500}"|“[^”]{0,500}”|„[^“”]{0,500}[“”]|«[^»]{0,500}»')
#: What stands before and after a sentence; before it, so many characters are looked at.
_STARTS = re.compile(r"(?:^|[.!?])\s*$")
_ENDS = re.compile(r" *(?:$|[.!?\n])")
_NEAR = 10
#: What goes before a noun, and hardly before a verb.
_BEFORE_NOUN = re.compile(
    r"(?:\b(?:an?|the|his|her|its|their|our|my|your|this|that|these|those|no|some|any|another|each|every|both|of"
    r"|two|three|four|five|six|seven|eight|nine|ten|dozen|several|many|with)|\d|['’]s)(?:\s+[a-z-]+){0,2}\s+$",
    re.IGNORECASE,
)
_FAR = 60
_SPECIAL_SHOT = re.compile(r"\b(CRANE|DRONE|AERIAL|STEADICAM|DOLLY|UNDERWATER|TECHNOCRANE)\b")
_EFFECT = re.compile(r"\b(VFX|CGI|SFX)\s*:")


def capital_phrases(
    element: Mapping[str, Any], finder: NameFinder, words: Lexicon
) -> Iterator[Found]:
    """The elements among the capitals of a paragraph of action, in its order."""
    text = element["text"]
    taken = bytearray(len(text))
    for naming in finder.namings(text):
        taken[naming.start : naming.end] = b"\1" * (naming.end - naming.start)
    quoted = bytearray(len(text))
    for found in _QUOTED.finditer(text):
        quoted[found.start() : found.end()] = b"\1" * len(found.group())
    for start, end in ((found.start(), found.end()) for found in _QUOTED.finditer(text)):
        taken[start:end] = b"\1" * (end - start)
    for shot in _SPECIAL_SHOT.finditer(text):
        if not quoted[shot.start()]:
            yield Found("special_equipment", shot[1], element, shot.start(), "capitals", 0.6)
    for effect in _EFFECT.finditer(text):
        rest = text[effect.end() :].strip().split(".")[0]
        category = "sfx" if effect[1] == "SFX" else "vfx"
        if rest:
            yield Found(category, " ".join(rest.split()), element, effect.start(), "capitals", 0.8)
    for run in capital_runs(text):
        for part in _apart(run, taken, words):
            phrase = _phrase(text, part, words)
            sorted_as = _sorted(text, phrase, words) if phrase else None
            if sorted_as:
                name = " ".join(word.text.replace("’", "'") for word in phrase)
                category, confidence = sorted_as
                yield Found(category, name, element, part[0].start, "capitals", confidence)


def _apart(run: list[Word], taken: bytearray, words: Lexicon) -> list[list[Word]]:
    """A run without the words that are somebody's name, or quoted, and without what goes with a name (`POOR BOB`)."""
    small = words.list("small")
    parts: list[list[Word]] = [[]]
    after: list[Word | None] = [None]
    for word in run:
        if taken[word.start]:
            parts.append([])
            after.append(word)
        else:
            parts[-1].append(word)
    return [
        part
        for part, name in zip(parts, after, strict=True)
        if part
        and (part is parts[-1] or part[-1].text.casefold() in small)
        and (name is None or name.text != name.bare.upper() or part[0].text.casefold() in small)
    ]


def _phrase(text: str, run: list[Word], words: Lexicon) -> list[Word]:
    """The run without what stands at its edges and means nothing; empty if nothing is left, or it is a sentence."""
    edges = words.list("small") | words.list("camera")

    def is_edge(word: Word) -> bool:
        return word.text.rstrip(".").casefold() in edges

    kept = list(dropwhile(is_edge, run))
    kept = list(dropwhile(is_edge, reversed(kept)))[::-1]
    shown = [word.text.casefold() for word in kept]
    nothing = edges | words.list("transition")
    if all(word in nothing or not any(map(str.isalpha, word)) for word in shown):
        return []
    if len(kept) > 2 and _is_sentence(text, run):
        return []
    return kept if sum(map(str.isalpha, "".join(shown))) >= 2 else []


def _sorted(text: str, phrase: Sequence[Word], words: Lexicon) -> tuple[str, float] | None:
    """The category of a phrase, and how sure that is; None for what is no element."""
    plain = [word.bare for word in phrase]
    sounds, before = words.list("sound"), text[max(0, phrase[0].start - _FAR) : phrase[0].start]
    noun = bool(_BEFORE_NOUN.search(before)) or phrase[0].text.isdecimal() or len(phrase) > 1
    head = _head(plain, words)
    meaning = words.meaning(head)
    if plain[-1] in words.list("stunt") and not (noun and meaning) and plain[-1] not in sounds:
        return "stunts", 0.5
    if any(word in sounds for word in plain) and not (meaning and meaning.kind == "person"):
        return "sound", 0.8
    if text.startswith("!", phrase[-1].end):
        return ("sound", 0.5) if len(phrase) == 1 and meaning is None else None
    if meaning is None:
        return None if _is_no_noun(plain, noun, before, words) else ("notes", 0.3)
    after = text[phrase[-1].end :][:_NEAR]
    if meaning.kind in NO_ELEMENT:
        return None
    if not noun and (meaning.verb or _is_verb(before, after)):
        return None
    if meaning.kind == "person":
        many = is_plural(head[-1]) or (
            meaning.kind == "person" and head[-1] in ("crowd", "audience", "mob")
        )
        return "background", 0.8 if many else 0.6
    return meaning.kind, 0.8 if noun else 0.7


def _head(plain: Sequence[str], words: Lexicon) -> list[str]:
    """The words up to the noun that says what the phrase is: `pair of scissors`, `box of matches`."""
    if "of" in plain[1:-1]:
        at = plain.index("of", 1)
        measured = plain[at - 1] in words.list("measure")
        return list(plain[at + 1 :] if measured else plain[:at])
    for at, word in enumerate(plain[1:], 1):
        if word in ("on", "in", "with", "at", "from", "under", "over", "for", "and", "to", "by"):
            return list(plain[:at])
    return list(plain)


def _is_no_noun(plain: Sequence[str], noun: bool, before: str, words: Lexicon) -> bool:
    """Whether a phrase of which nothing is known tells what is done, or how: `SHIMMIES`, `SLOWLY`, `GRINNING`."""
    last = plain[-1]
    verbs = words.list("verb")
    if len(plain) == 1 and (last.endswith(("ed", "ing", "ly")) or len(last) < 4):
        return True
    acts = last in verbs or any(
        last.endswith(end) and last.removesuffix(end) in verbs for end in ("s", "es")
    )
    return not noun and (acts or last.endswith("s") or _is_verb(before, ""))


def _is_verb(before: str, after: str) -> bool:
    """A subject right before, or an object right behind: `He STRIKES`, `it CLIPS her`."""
    subject = re.search(r"\b(?:he|she|it|they|we|who|i|you)\s+$", before, re.IGNORECASE)
    return bool(subject or re.match(r"\s+(?:her|him|them|it|his|the|an?|their|its)\b", after))


def _is_sentence(text: str, run: Sequence[Word]) -> bool:
    return bool(_STARTS.search(text[max(0, run[0].start - _NEAR) : run[0].start])) and bool(
        _ENDS.match(text, run[-1].end)
    )
