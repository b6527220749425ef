"""Whom a cue lets speak: one person, several (`X & Y`, `A/B`), one who is only heard (`X'S VOICE`), or nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .aliases import Aliases
from .shared.character_names import name_key, plain_name
from .shared.heading_words import HeadingWords

_TRAILING = re.compile(r"[\s,–—-]+(V\.?\s?O\.?|O\.?\s?S\.?|O\.?\s?C\.?|CONT'?D\.?)$", re.IGNORECASE)
_LETTERS = re.compile(r"[\W_]")
_VOICE_OVER = frozenset({"vo", "voiceover", "voix off", "voixoff", "offvoice", "зк", "зкадр"})


@dataclass(frozen=True)
class Cue:
    """Who speaks: names as written, and whether only their voice is there."""

    names: tuple[str, ...]
    heard: bool = False


def is_voice_over(extension: str) -> bool:
    """V.O. however it is written, alone or with others: (VO), (V.O./CONT'D), (voice over)."""
    return any(
        _LETTERS.sub("", part).casefold() in _VOICE_OVER for part in re.split(r"[/,;]", extension)
    )


class Speakers:
    """Reads the cues of one script, knowing who else speaks or is introduced there."""

    def __init__(
        self, cues: Iterable[str], introduced: Iterable[str], words: HeadingWords, aliases: Aliases
    ) -> None:
        self._aliases = aliases
        self._not_people = words.kind("not_people")
        self._groups = {name_key(name) for name in words.kind("groups")}
        self._voices = sorted(words.kind("voice") or {"VOICE"}, key=len, reverse=True)
        ands = sorted(words.kind("and") | {"&", "+"}, key=len, reverse=True)
        spelled = "|".join(
            re.escape(each) for each in ands if (each.isalpha() and each.isascii()) or len(each) > 1
        )
        marks = "".join(re.escape(each) for each in ands if len(each) == 1 and not each.isalpha())
        self._and = re.compile(rf"\s+(?:{spelled or '(?!)'})\s+|\s*[{marks}/]\s*", re.IGNORECASE)
        self._wide_and = [each for each in ands if not each.isascii() and len(each) == 1]
        self._known: dict[str, str] = {}
        self._parts: dict[str, set[str]] = {}
        plain = [self._bare(cue)[0] for cue in cues]
        whole = [cue for cue in plain if not self._and.search(cue) and "," not in cue]
        for name in (
            *whole,
            *introduced,
            *(cue for cue in plain if "," in cue and not self._and.search(cue)),
        ):
            if not self._voice_of(name):
                self._known.setdefault(name_key(name), name)
        self._name_parts()
        for cue in plain:
            for name in self._several(cue) or ():
                self._known.setdefault(name_key(name), name)
        self._name_parts()

    def _name_parts(self) -> None:
        """A single word of a name may mean its bearer: ABEL for ABEL, JR."""
        for key, name in self._known.items():
            words_of_name = key.split()
            for word in {words_of_name[0], words_of_name[-1], key.partition(",")[0]}:
                self._parts.setdefault(word.strip('",'), set()).add(name)

    def read(self, cue: str, extensions: Iterable[str], scene: str) -> Cue:
        """`scene` is the number by which the alias file knows the scene."""
        heard = any(map(is_voice_over, extensions))
        told = self._aliases.who(cue, scene)
        if told is not None:
            return Cue(told, heard)
        bare, behind = self._bare(cue)
        heard = heard or is_voice_over(behind)
        told = self._aliases.who(bare, scene)
        if told is not None:
            return Cue(told, heard)
        if bare.upper() in self._not_people:
            return Cue((), heard)
        if owner := self._voice_of(bare):
            known = self._known.get(name_key(owner))
            told = self._aliases.who(owner, scene)
            if told or known:
                return Cue(told or (str(known),), True)
        names: list[str] = []
        for name in self._several(bare) or [bare]:
            names += self._aliases.who(name, scene) or (name,)
        return Cue(tuple(dict.fromkeys(names)), heard)

    def is_group(self, name: str) -> bool:
        """ALL, BOTH, EVERYONE ...: who that is only the scene tells."""
        return name_key(name) in self._groups

    def _bare(self, cue: str) -> tuple[str, str]:
        """A cue without a colon, and what tells of its voice without brackets: `BOB V.O.`."""
        name = plain_name(cue).rstrip(":").strip()
        if (found := _TRAILING.search(name)) and (
            "." in found[1] or found[1].upper() in ("VO", "CONT'D")
        ):
            return name[: found.start()], found[1]
        return name or cue, ""

    def _one(self, name: str) -> str | None:
        """The one person whom a name, or a part of a name, means."""
        key = name_key(name)
        if key in self._known:
            return self._known[key]
        candidates = self._parts.get(key, set())
        return next(iter(candidates)) if len(candidates) == 1 else None

    def _voice_of(self, name: str) -> str | None:
        """ORRIN of ORRIN'S VOICE, VOICE OF ORRIN, LA VOIX DE PAUL, GOLOS of somebody: what is left without the word."""
        upper = name.upper()
        for word in self._voices:
            rest = None
            if upper.endswith(f" {word}"):
                rest = re.sub(r"'S?$", "", name[: -len(word) - 1].strip(), flags=re.IGNORECASE)
                rest = (
                    rest if rest != name[: -len(word) - 1].strip() or not word.isascii() else None
                )
            elif upper.startswith(f"{word} "):
                rest = re.sub(
                    r"^(?:OF|VON|DE|DEL|DI|D')\s*", "", name[len(word) + 1 :], flags=re.IGNORECASE
                )
            elif not word.isascii() and upper.endswith(word):
                rest = name[: -len(word)]
            if rest:
                return rest.strip()
        return None

    def _several(self, cue: str) -> list[str] | None:
        """The names of a cue for several, if at least one of them is known by itself."""
        if name_key(cue) in self._known and self._and.search(cue) is None and "," not in cue:
            return None
        parts = [part.strip() for part in self._and.split(cue)]
        for mark in self._wide_and:
            parts = [piece.strip() for part in parts for piece in part.split(mark)]
        divided = len(parts) > 1
        pieces = [piece.strip() for part in parts for piece in part.split(",")]
        known = [self._one(piece) for piece in pieces if piece]
        if not divided:
            # A comma alone may belong to a name: ABEL, JR.
            exact = all(name_key(piece) in self._known for piece in pieces)
            return [str(name) for name in known] if len(pieces) > 1 and exact else None
        if not all(pieces) or not any(known):
            return None
        return [found or piece for found, piece in zip(known, pieces, strict=True)]
