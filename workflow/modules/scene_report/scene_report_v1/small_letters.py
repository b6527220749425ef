"""Elements that the action names in small letters: what somebody handles or wears, and beasts, vehicles, crowds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .found import Found
from .lexicon import NO_ELEMENT, Lexicon, Meaning, is_plural
from .shared.names_in_text import NameFinder
from .shared.words import Word, words_of

_GAP = re.compile(r"\s+")
_LONGEST = 4
#: These are on the sheet by being there, whether anybody handles them or not.
_THERE = frozenset(
    {"animals", "vehicles", "wardrobe", "makeup", "sfx", "vfx", "music", "set_dressing"}
)


def handled(element: Mapping[str, Any], finder: NameFinder, words: Lexicon) -> Iterator[Found]:
    """What stands as the object of a verb such as `takes`, with all that is joined to it by `and` or a comma."""
    text = element["text"]
    tokens = words_of(text)
    named = [(naming.start, naming.end) for naming in finder.namings(text)]
    for at, word in enumerate(tokens):
        plain = word.text.casefold()
        worn = plain in words.list("wear") or plain == "in"
        if not word.text.islower() or not (worn or _handles(tokens, at, words)):
            continue
        place = _after_particle(text, tokens, at + 1, words)
        first = True
        while place is not None:
            phrase, after = _noun_phrase(
                text, tokens, place, words, needs_determiner=not first or plain == "with"
            )
            if not phrase or any(start <= phrase[0].start < end for start, end in named):
                break
            meaning = words.meaning([each.bare for each in phrase])
            # Words in capitals are sorted with the capitals.
            if meaning and not phrase[-1].text.isupper():
                category = _of_handled(meaning, worn, plain == "in")
                if category:
                    name = _with_contents(text, tokens, phrase, after, words)
                    confidence = 0.6 if plain == "with" or not first else 0.7
                    yield Found(category, name, element, phrase[0].start, "words", confidence)
            elif not phrase[-1].text.isupper():
                break
            first = False
            place = _joined(text, tokens, after)


def introduced(element: Mapping[str, Any], finder: NameFinder, words: Lexicon) -> Iterator[Found]:
    """Beasts, vehicles, clothes and effects after an article or a number, and people in the plural."""
    text = element["text"]
    tokens = words_of(text)
    named = [(naming.start, naming.end) for naming in finder.namings(text)]
    for at, word in enumerate(tokens):
        if not _begins(text, tokens, at, words) or any(s <= word.start < e for s, e in named):
            continue
        phrase, _ = _noun_phrase(text, tokens, at, words, needs_determiner=False)
        if not phrase or phrase[-1].text.isupper():
            continue
        plain = [each.bare for each in phrase]
        meaning = words.meaning(plain)
        if meaning is None or meaning.kind in NO_ELEMENT or _is_compared(tokens, at):
            continue
        name = " ".join(each.text for each in phrase)
        if meaning.kind == "person":
            if is_plural(plain[-1]) and not meaning.verb:
                yield Found("background", name, element, phrase[0].start, "words", 0.6)
        elif meaning.kind in _THERE and not meaning.verb:
            yield Found(meaning.kind, name, element, phrase[0].start, "words", 0.6)


def _handles(tokens: Sequence[Word], at: int, words: Lexicon) -> bool:
    """Whether the word here is a verb of handling: `they throw`, but not `a throw`."""
    plain = tokens[at].text
    if plain in words.list("handle"):
        return True
    before = tokens[at - 1].bare if at else ""
    return plain in words.list("handle plain") and before not in words.list("determiner") | {
        "",
        "to",
        "of",
    }


def _with_contents(
    text: str, tokens: Sequence[Word], phrase: Sequence[Word], at: int, words: Lexicon
) -> str:
    """`tray of seedlings`: what a thing is full or made of belongs to its name."""
    name = " ".join(each.text for each in phrase)
    if (
        at + 1 < len(tokens)
        and tokens[at].text == "of"
        and phrase[-1].end + 4 == tokens[at + 1].start
    ):
        contents, _ = _noun_phrase(text, tokens, at + 1, words, needs_determiner=False)
        if contents and words.meaning([each.bare for each in contents]):
            return f"{name} of {' '.join(each.text for each in contents)}"
    return name


def _of_handled(meaning: Meaning, worn: bool, only_clothes: bool) -> str | None:
    if meaning.kind in NO_ELEMENT or meaning.kind in ("person", "sound"):
        return None
    if worn:
        clothes = ("wardrobe",) if only_clothes else ("wardrobe", "props")
        return "wardrobe" if meaning.kind in clothes else None
    return "props" if meaning.kind == "set_dressing" else meaning.kind


def _begins(text: str, tokens: Sequence[Word], at: int, words: Lexicon) -> bool:
    """Whether a noun phrase begins here: at an article, a number, or the first word of a sentence."""
    word = tokens[at]
    if word.text.casefold() in words.list("determiner"):
        return True
    before = text[: word.start].rstrip()
    return not before or before[-1] in ".!?"


def _after_particle(text: str, tokens: Sequence[Word], at: int, words: Lexicon) -> int | None:
    particles = words.list("particle")
    while at < len(tokens) and tokens[at].text.casefold() in particles:
        at += 1
    if at < len(tokens) and tokens[at].text.casefold() in ("him", "them", "it", "us", "me"):
        at += 1
    if at >= len(tokens) or not _GAP.fullmatch(text, tokens[at - 1].end, tokens[at].start):
        return None
    return at


def _noun_phrase(
    text: str, tokens: Sequence[Word], at: int, words: Lexicon, needs_determiner: bool
) -> tuple[list[Word], int]:
    """The words of the noun that begins at a place, without its article, and the place after it."""
    start = at
    while at < len(tokens) and tokens[at].text.casefold() in words.list("determiner"):
        at += 1
        if at - start > 2:
            break
    if (
        needs_determiner
        and at == start
        and at < len(tokens)
        and not _bare_plural(tokens[at].bare, words)
    ):
        return [], at
    phrase: list[Word] = []
    while at < len(tokens) and len(phrase) < _LONGEST:
        word = tokens[at]
        if word.text.casefold() in words.list("end") or (
            phrase and _is_verb_after(phrase, word, words)
        ):
            break
        if phrase and not _GAP.fullmatch(text, phrase[-1].end, word.start):
            break
        phrase.append(word)
        at += 1
    return phrase, at


def _bare_plural(word: str, words: Lexicon) -> bool:
    """`with flowers`; a word that may be a verb as well (`tucks`) is none."""
    meaning = words.meaning([word])
    return is_plural(word) and meaning is not None and word[:-1] not in words.list("verb")


def _is_verb_after(phrase: Sequence[Word], word: Word, words: Lexicon) -> bool:
    """`a robin lands`, `the dog tied to`: the noun is over where a verb begins."""
    plain = word.text.casefold()
    if plain.endswith("ly") or word.text.isupper() != phrase[-1].text.isupper():
        return True
    if words.meaning([phrase[-1].bare]) is None:
        return False
    stems = (plain[:-1], plain[:-2], plain.removesuffix("ies") + "y") if plain.endswith("s") else ()
    verbs = words.list("verb")
    if is_plural(phrase[-1].bare) and plain in verbs:
        return True
    return any(stem in verbs for stem in stems) or plain.endswith(("ing", "ed"))


def _joined(text: str, tokens: Sequence[Word], at: int) -> int | None:
    """Where the next noun of a list begins: after a comma, `and`, or both."""
    if at >= len(tokens):
        return None
    gap = text[tokens[at - 1].end : tokens[at].start].strip()
    if tokens[at].text == "and" and gap in ("", ","):
        return at + 1 if at + 1 < len(tokens) else None
    return at if gap == "," else None


def _is_compared(tokens: Sequence[Word], at: int) -> bool:
    """`like a cat`, `the size of a cat`, `as a mule`."""
    return (at > 0 and tokens[at - 1].text.casefold() in ("like", "as", "than")) or (
        at > 1 and tokens[at - 1].text == "of" and tokens[at - 2].text in ("size", "shape", "kind")
    )
