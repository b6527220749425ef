"""Gives the members of a fan-out the ids that their predecessors had, so that an edit upstream renames nothing.

Passes, each over what the one before left unmatched: equal content (copies pair in order); equal content with a
member that had vanished; same heading (the most similar first, the rest in order); similar content under another
heading. What is still unmatched gets an id whose number is above every number ever used.

Similarity is the Dice coefficient of the two sets of word triples: 1 for the same words in the same order, near 0
for texts that merely share a language. One word changed costs three triples, so a scene keeps its id until roughly
one word in three has been touched *and* its heading as well. Partners are looked for through an index of the rarer
triples, which keeps the cost near linear where comparing every pair would be quadratic.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

#: Contents less alike than this are different members, not versions of one.
SIMILAR = 0.3
#: Triples that stand in more predecessors than this say little about which one is meant.
_COMMON = 24
#: So many predecessors, those sharing most of the rarer triples, are compared in full with each new member.
_CANDIDATES = 8


@dataclass(frozen=True)
class MatchItem:
    """What is compared of a member: `content` decides equality, `text` similarity (heading left out)."""

    content: str
    heading: str
    text: str


def match_ids(
    previous: Mapping[str, MatchItem],
    new: Sequence[MatchItem],
    *,
    used: Collection[str],
    prefix: str,
    vanished: Callable[[], Mapping[str, MatchItem]] = dict,
) -> list[str]:
    """One id for each new item, in order, all different.

    `previous` maps the ids of the last collection to their items, in their order then. `used` holds every id ever
    given out; unmatched items get `<prefix><n>` with n counting on from the highest number in it. `vanished` gives
    the items that earlier collections named; it is asked only when something has no equal in the last one.
    """
    matching = _Matching(previous, new)
    matching.pair_equal_contents(previous)
    if matching.new_left():
        matching.pair_equal_contents(vanished())
    matching.pair_same_headings()
    matching.pair_similar(matching.new_left(), matching.old_left())
    number = _highest_number((*used, *previous), prefix)
    ids: list[str] = []
    for index in range(len(new)):
        known = matching.found.get(index)
        if known is None:
            number += 1
            known = f"{prefix}{number}"
        ids.append(known)
    return ids


def _highest_number(ids: Iterable[str], prefix: str) -> int:
    pattern = re.compile(re.escape(prefix) + r"(\d+)")
    return max((int(m.group(1)) for m in map(pattern.fullmatch, ids) if m), default=0)


class _Matching:
    """The pairs found so far: index of a new item -> id of its predecessor."""

    def __init__(self, previous: Mapping[str, MatchItem], new: Sequence[MatchItem]) -> None:
        self.previous = previous
        self.new = new
        self.found: dict[int, str] = {}
        self._taken: set[str] = set()
        self._triples: dict[str, frozenset[str]] = {}

    def new_left(self) -> list[int]:
        return [index for index in range(len(self.new)) if index not in self.found]

    def old_left(self) -> list[str]:
        return [entity for entity in self.previous if entity not in self._taken]

    def pair_equal_contents(self, old: Mapping[str, MatchItem]) -> None:
        by_content: dict[str, list[str]] = defaultdict(list)
        for entity, item in old.items():
            by_content[item.content].append(entity)
        grouped: dict[str, list[int]] = defaultdict(list)
        for index in self.new_left():
            grouped[self.new[index].content].append(index)
        for content, indexes in grouped.items():
            for index, entity in zip(indexes, by_content[content], strict=False):
                self._pair(index, entity)

    def pair_same_headings(self) -> None:
        old_by_heading: dict[str, list[str]] = defaultdict(list)
        for entity in self.old_left():
            old_by_heading[_words(self.previous[entity].heading)].append(entity)
        new_by_heading: dict[str, list[int]] = defaultdict(list)
        for index in self.new_left():
            new_by_heading[_words(self.new[index].heading)].append(index)
        for heading, indexes in new_by_heading.items():
            entities = old_by_heading[heading]
            self.pair_similar(indexes, entities)
            rest = [index for index in indexes if index not in self.found]
            free = [entity for entity in entities if entity not in self._taken]
            for index, entity in zip(rest, free, strict=False):
                self._pair(index, entity)

    def pair_similar(self, indexes: Sequence[int], entities: Sequence[str]) -> None:
        """Pair the most similar first; of equally similar ones the earliest."""
        if not indexes or not entities:
            return
        order = {entity: position for position, entity in enumerate(entities)}
        holders: dict[str, list[str]] = defaultdict(list)
        for entity in entities:
            for triple in self._triples_of(self.previous[entity]):
                holders[triple].append(entity)
        scored: list[tuple[float, int, int, str]] = []
        for index in indexes:
            mine = self._triples_of(self.new[index])
            shared: dict[str, int] = defaultdict(int)
            for triple in mine:
                sharing = holders.get(triple, ())
                if len(sharing) <= _COMMON:
                    for entity in sharing:
                        shared[entity] += 1
            best = sorted(shared, key=lambda entity: (-shared[entity], order[entity]))
            for entity in best[:_CANDIDATES]:
                theirs = self._triples_of(self.previous[entity])
                likeness = 2 * len(mine & theirs) / (len(mine) + len(theirs))
                if likeness >= SIMILAR:
                    scored.append((-likeness, order[entity], index, entity))
        for _, _, index, entity in sorted(scored):
            if index not in self.found and entity not in self._taken:
                self._pair(index, entity)

    def _pair(self, index: int, entity: str) -> None:
        self.found[index] = entity
        self._taken.add(entity)

    def _triples_of(self, item: MatchItem) -> frozenset[str]:
        known = self._triples.get(item.text)
        if known is None:
            words = _words(item.text).split()
            if 0 < len(words) < 3:
                known = frozenset([" ".join(words)])
            else:
                known = frozenset(map(" ".join, zip(words, words[1:], words[2:], strict=False)))
            self._triples[item.text] = known
        return known


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))
