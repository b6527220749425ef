"""The elements of a scene by category, as a breakdown sheet has them.

What the script itself says counts as said: Final Draft's tags, and notes such as `[[Prop: brass lamp]]`. For the rest
there are rules over words, which know no meaning: what the action sets in capitals is sorted by what its last word is
the name of; what somebody handles, wears or drives is found in small letters too. Each finding has a confidence, and
one below `SURE` is to be checked by a person. Capitals of which nothing is known are notes to be checked, so that
none is lost. The rules are for English; tags and notes serve in every language.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .capitals import capital_phrases
from .found import Found
from .happenings import happenings
from .lexicon import CATEGORIES, lexicon
from .said import said_in_notes, said_in_tags
from .shared.names_in_text import NameFinder
from .shared.words import words_of
from .small_letters import handled, introduced

#: Findings below are marked for a person to check.
SURE = 0.7

Element = Mapping[str, Any]


def elements_of(scene: Mapping[str, Any], names: Collection[str]) -> list[dict[str, Any]]:
    """`{category, name, offset, quote, source, confidence, to_check}`, by category, then in the scene's order.

    `names` are those of the scene's characters, who are no elements here: they have rows of their own.
    """
    words, finder = lexicon(), NameFinder(names)
    named = [{word.bare for word in words_of(name)} for name in names]
    found: list[Found] = [*said_in_tags(scene), *said_in_notes(scene["elements"])]
    for element in scene["elements"]:
        if element["type"] == "lyrics":
            found.append(Found("music", "song", element, 0, "words", 0.8))
        if element["type"] != "action" or element["text"].isupper():
            continue
        found += (
            each
            for each in capital_phrases(element, finder, words)
            if each.category not in ("background", "notes") or not _part_of_a_name(each, named)
        )
        found += handled(element, finder, words)
        found += introduced(element, finder, words)
        found += happenings(element, finder, words)
    kept: dict[tuple[str, str], Found] = {}
    rows = {name.casefold() for name in names}
    for each in found:
        if each.category == "cast" and each.name.casefold() in rows:
            continue
        if each.source not in ("tag", "note") and _known_by_another(kept, each):
            continue
        before = kept.get(each.key)
        if before is None or before.rank < each.rank:
            kept[each.key] = each
    ordered = sorted(kept.values(), key=lambda e: (CATEGORIES.index(e.category), e.offset, e.start))
    return [_row(each) for each in ordered]


def _part_of_a_name(found: Found, named: Sequence[Collection[str]]) -> bool:
    """`ABEL` where somebody is called `ABEL, JR.`"""
    own = {word.bare for word in words_of(found.name)}
    return any(own <= set(name) for name in named)


def _known_by_another(kept: Mapping[tuple[str, str], Found], found: Found) -> bool:
    """What is said to be something is not found again as something else; a lamp that is a BRASS LAMP is one."""
    for category, name in kept:
        other = kept[category, name]
        if other.source in ("tag", "note") and name == found.key[1]:
            return True
        if category == found.category and name.endswith(f" {found.key[1]}"):
            return True
    return False


def _row(found: Found) -> dict[str, Any]:
    return {
        "category": found.category,
        "name": found.name,
        "offset": found.offset,
        "quote": found.quote,
        "source": found.source,
        "confidence": found.confidence,
        "to_check": found.confidence < SURE,
    }


def props_in(elements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """`{name, offset, quote}` of those that are props."""
    return [
        {field: element[field] for field in ("name", "offset", "quote")}
        for element in elements
        if element["category"] == "props"
    ]
