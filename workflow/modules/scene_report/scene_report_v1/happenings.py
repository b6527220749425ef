"""What happens to people and things, told by verbs and participles in small letters: stunts, make-up, visual effects.

A stunt is what somebody, or a vehicle, does or suffers (`Rosa leaps across the crevasse`, `is pulled under`); its name
is the verb with what it goes over, through or off. Make-up is a part of the body with a word of hurt, age or paint
beside it (`a swollen eye`, `her forehead bleeding`). A visual effect is what things do by no force of this world
(`dissolves into dust`, `floats around the room`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from .found import Found
from .lexicon import Lexicon
from .shared.names_in_text import NameFinder
from .shared.words import Word, words_of

_PRONOUNS = frozenset({"he", "she", "they", "who", "him", "her", "them"})
#: What may stand between a subject and its verb.
_BETWEEN = frozenset({"is", "are", "gets", "get", "then", "and", "nearly", "almost"})
_LONGEST = 5
#: So far a part of the body looks for the word that says what is the matter with it.
_BESIDE = 2


def happenings(element: Mapping[str, Any], finder: NameFinder, words: Lexicon) -> Iterator[Found]:
    """The findings of a paragraph of action, in its order."""
    text = element["text"]
    tokens = words_of(text)
    named = {naming.end for naming in finder.namings(text)}
    for at, word in enumerate(tokens):
        if not word.text.islower():
            continue
        if category := _kind_of_act(text, tokens, at, named, words):
            alone = category == "vfx" and word.text in words.list("unreal")
            name = word.text if alone else _with_place(text, tokens, at, words)
            yield Found(category, name, element, word.start, "words", 0.5)
        if marked := _marked_body(text, tokens, at, words):
            name = " ".join(each.text for each in marked)
            yield Found("makeup", name, element, marked[0].start, "words", 0.6)


def _kind_of_act(
    text: str, tokens: Sequence[Word], at: int, named: set[int], words: Lexicon
) -> str | None:
    verb = tokens[at].text
    after = tokens[at + 1].text.casefold() if at + 1 < len(tokens) else ""
    if verb in words.list("unreal") or (
        verb in words.list("unreal there") and after in words.list("unreal where")
    ):
        return "vfx"
    always = verb in words.list("stunt act")
    if not (always or (verb in words.list("stunt there") and after in words.list("stunt where"))):
        return None
    return "stunts" if _is_done_by_somebody(text, tokens, at, named, words, always) else None


def _is_done_by_somebody(
    text: str, tokens: Sequence[Word], at: int, named: set[int], words: Lexicon, vehicle: bool
) -> bool:
    """Whether a person, or a `vehicle`, stands before the verb; behind `and` or a comma somebody in the sentence."""
    place = at - 1
    if place < 0:
        return False
    while place > 0 and (
        tokens[place].text.casefold() in _BETWEEN or tokens[place].text.endswith("ly")
    ):
        place -= 1
    joined = text[tokens[place].end : tokens[at].start]
    if "," in joined or " and " in joined or " then " in joined:
        begins = max(text.rfind(mark, 0, tokens[at].start) for mark in ".!?\n") + 1
        sentence = [each for each in tokens[:at] if each.start >= begins]
        return any(each.bare in _PRONOUNS or each.end in named for each in sentence)
    before = tokens[place]
    if before.text.casefold() in _PRONOUNS or before.end in named:
        return True
    meaning = words.meaning([before.bare])
    kinds = ("person", "vehicles") if vehicle else ("person",)
    return meaning is not None and meaning.kind in kinds


def _with_place(text: str, tokens: Sequence[Word], at: int, words: Lexicon) -> str:
    """The verb with what follows it up to the end of the first noun: `tumbles over the rail`."""
    last = at
    for place in range(at + 1, min(at + 1 + _LONGEST, len(tokens))):
        gap = text[tokens[place - 1].end : tokens[place].start]
        if gap.strip() or tokens[place].text.casefold() in (
            "and",
            "as",
            "while",
            "but",
            "by",
            "to",
        ):
            break
        last = place
        if place > at + 1 and _ends_noun(text, tokens, place, words):
            break
    return " ".join(each.text for each in tokens[at : last + 1])


def _ends_noun(text: str, tokens: Sequence[Word], at: int, words: Lexicon) -> bool:
    """Whether a noun is over here: it is known as one, and no other word of it follows."""
    if words.meaning([tokens[at].bare]) is None:
        return False
    if at + 1 >= len(tokens) or text[tokens[at].end : tokens[at + 1].start].strip():
        return True
    return words.meaning([tokens[at + 1].bare]) is None


def _marked_body(text: str, tokens: Sequence[Word], at: int, words: Lexicon) -> list[Word] | None:
    """`swollen eye`, `forehead bleeding`, `half her face scarred`: a word of make-up beside a part of the body."""
    if tokens[at].bare not in words.list("marked"):
        return None
    for step in range(1, _BESIDE + 1):
        for start, end in ((at, at + step), (at - step, at)):
            if start < 0 or end >= len(tokens):
                continue
            other = tokens[end] if start == at else tokens[start]
            between = tokens[start : end + 1]
            gaps = (text[a.end : b.start].strip() for a, b in pairwise(between))
            if any(gaps) or any(each.bare in words.list("determiner") for each in between[1:-1]):
                continue
            meaning = words.meaning([other.bare])
            if meaning is not None and meaning.kind == "body":
                return [each for each in between if each.bare not in ("is", "are")]
    return None
