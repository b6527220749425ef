"""Whom a cue lets speak: one person, several (`X & Y`, `A/B`), one who is only heard (`X'S VOICE`), or nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from .aliases import Aliases
from .shared.character_names import name_key, plain_name
from .shared.heading_words import HeadingWords, half_width, is_wide

_TRAILING = re.compile(
    r"[\s,–—-]+(V\.?\s?O\.?|O\.?\s?S\.?|O\.?\s?C\.?|CONT'?D\.?|VOICE[\s-]?OVER)$", re.IGNORECASE
)
_VOICE_OVER = re.compile(
    r"\bV\.?\s?[/-]?\s?O\b|\bVOICE[\s-]?OVER|\bNARRAT|\bVOIX[\s-]?OFF|\bOFF[\s-]?VOICE|\bVOZ EN OFF"
    r"|\bЗ/?К\b|\bЗА ?КАДРОМ",
    re.IGNORECASE,
)
#: What tells where a voice comes from: ORRIN'S VOICE ON THE PHONE.
_COMES_FROM = re.compile(r"\s+(?:ON|OVER|FROM|THROUGH|VIA|IN)\s.*$", re.IGNORECASE)
_NUMBER = re.compile(r"#?\d+")
#: Marks around a name that are no part of it, if it is known without them.
_MARKED = re.compile(r"^(?:[\s\"'(\[&/*!?…–—-]|\.{2,})+|(?:[\s\"')\]&/*!?…–—-]|\.{2,})+$")
_AND_OTHERS = re.compile(r"[\s,]+ET\s+AL\.?$", re.IGNORECASE)
_SPOKEN_TO = re.compile(r"(.+?)\s+TO\s+(.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Cue:
    """Who speaks: names as written, and whether only their voice is there."""

    names: tuple[str, ...]
    heard: bool = False


def is_voice_over(extension: str) -> bool:
    """V.O. however it is written, alone or with others: (VO), (V.O./CONT'D), (voice over), (ON PHONE; V.O.)."""
    return bool(_VOICE_OVER.search(half_width(extension)))


class Speakers:
    """Reads the cues of one script, knowing who else speaks or is introduced there."""

    def __init__(
        self, cues: Iterable[str], introduced: Iterable[str], words: HeadingWords, aliases: Aliases
    ) -> None:
        self._aliases = aliases
        self._not_people = words.kind("not_people")
        self._young = words.kind("young")
        self._titles = words.kind("titles")
        self._small = words.kind("small")
        self._company = {name_key(name) for name in words.kind("company")}
        self._groups = {name_key(name) for name in words.kind("groups")}
        self._voices = sorted(words.kind("voice") or {"VOICE"}, key=len, reverse=True)
        ands = sorted(words.kind("and") | {"&", "+"}, key=len, reverse=True)
        spelled = "|".join(
            re.escape(each)
            for each in ands
            if not is_wide(each) and (each.isalpha() or len(each) > 1)
        )
        marks = "".join(re.escape(each) for each in ands if len(each) == 1 and not each.isalpha())
        self._and = re.compile(
            rf"\s+(?:{spelled or '(?!)'}|W/)\s+|\s*[{marks}/\\]\s*", re.IGNORECASE
        )
        self._wide_and = [each for each in ands if is_wide(each)]
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

    def read(self, cue: str, extensions: Sequence[str], scene: str) -> Cue:
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
        if self._is_nobody(bare):
            return Cue((), heard)
        bare = self._unmarked(bare)
        if owner := self._voice_of(bare):
            known = self._known.get(name_key(owner)) or self._inflected(owner)
            told = self._aliases.who(owner, scene)
            if told or known:
                return Cue(told or (str(known),), True)
        age = next((each.upper() for each in extensions if each.upper() in self._young), None)
        several = self._several(bare)
        if several and self._voice_of(bare):
            # VERA & TOM'S VOICES: all of them are heard.
            several = [self._heard_name(name) for name in several]
            heard = True
        names: list[str] = []
        for name in several or [f"{age} {bare}" if age else bare]:
            names += self._aliases.who(name, scene) or (name,)
        return Cue(tuple(dict.fromkeys(names)), heard)

    def _is_nobody(self, name: str) -> bool:
        """Titles and signs: SUPER, TITLE OVER BLACK, CHYRON ON SCREEN."""
        said = name.upper()
        return said in self._not_people or any(
            said.startswith((f"{word} OVER ", f"{word} ON ")) for word in self._not_people
        )

    def _unmarked(self, name: str) -> str:
        """A name that is known without the marks around it (`VERA—`, `"VERA"`, `VERA!!`), or without the one who is
        spoken to (`VERA TO TOM`)."""
        bare = _MARKED.sub("", name)
        told = _SPOKEN_TO.fullmatch(bare)
        if told and all(name_key(each) in self._known for each in told.groups()):
            return told[1]
        return bare if bare and name_key(bare) in self._known else name

    def is_group(self, name: str) -> bool:
        """ALL, BOTH, EVERYONE ...: who that is only the scene tells."""
        return name_key(name) in self._groups

    def _bare(self, cue: str) -> tuple[str, str]:
        """A cue without a colon, and what tells of its voice without brackets: `BOB V.O.`."""
        name = _AND_OTHERS.sub("", plain_name(cue).rstrip(":").strip())
        if (found := _TRAILING.search(name)) and (
            "." in found[1] or found[1].upper() in ("VO", "CONT'D") or "VOICE" in found[1].upper()
        ):
            return name[: found.start()], found[1]
        return name or cue, ""

    def _heard_name(self, name: str) -> str:
        owner = self._voice_of(name)
        return str(self._known.get(name_key(owner), owner)) if owner else name

    def _one(self, name: str) -> str | None:
        """The one person whom a name, or a part of a name, means."""
        key = name_key(name)
        if key in self._known:
            return self._known[key]
        candidates = self._parts.get(key, set())
        return next(iter(candidates)) if len(candidates) == 1 else None

    def _voice_of(self, name: str) -> str | None:
        """ORRIN of ORRIN'S VOICE, ORRIN'S RECORDED VOICE ON THE RADIO, THE VOICE OF ORRIN, LA VOIX D'ORRIN: what is
        left without the word."""
        first, _, behind = name.partition(" ")
        if first.upper() in self._small and behind.upper().startswith(tuple(self._voices)):
            name = behind
        shorter = _COMES_FROM.sub("", name)
        return self._owner(shorter) or self._owner(name)

    def _inflected(self, owner: str) -> str | None:
        """АННА for АННЫ, ANNA for ANNAS: the one known name that begins alike and ends in other letters."""
        key = name_key(owner)
        if key.isascii() and not key.endswith("s"):
            return None
        alike = {
            name
            for known, name in self._known.items()
            if (same := _alike(known, key)) >= max(3, len(known) - 1) and len(key) - same <= 2
        }
        return next(iter(alike)) if len(alike) == 1 else None

    def _titled(self, pieces: list[str]) -> list[str]:
        """MR. SMITH of MR. AND MRS. SMITH: a title alone is that of who bears the name behind."""
        behind = pieces[-1].partition(" ")[2]
        if pieces[-1].partition(" ")[0].rstrip(".").upper() not in self._titles or not behind:
            behind = pieces[-1] if pieces[-1].rstrip(".").upper() not in self._titles else ""
        return [
            f"{piece} {behind}" if behind and piece.rstrip(".").upper() in self._titles else piece
            for piece in pieces
        ]

    def _owner(self, name: str) -> str | None:
        upper = name.upper()
        for word in self._voices:
            rest = None
            if upper.endswith(f" {word}"):
                rest = re.sub(
                    r"'S?(?:\s\w+){0,2}$", "", name[: -len(word) - 1].strip(), flags=re.IGNORECASE
                )
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
        parts = [part.strip(" ,") for part in self._and.split(cue)]
        for mark in self._wide_and:
            parts = [piece.strip() for part in parts for piece in part.split(mark)]
        divided = len(parts) > 1
        pieces = [piece.strip() for part in parts for piece in part.split(",")]
        named = [piece for piece in pieces if name_key(piece) not in self._company]
        if divided and named and len(named) < len(pieces):
            # MARTA & CO.: who the others are nobody says.
            return [self._one(piece) or piece for piece in named]
        for n, piece in enumerate(pieces[1:], 1):
            # COP #1 & #2: the second one is a COP as well.
            if _NUMBER.fullmatch(piece):
                pieces[n] = f"{re.sub(_NUMBER.pattern + '$', '', pieces[n - 1]).strip()} {piece}"
        known = [self._one(piece) for piece in pieces if piece]
        if not divided:
            # A comma alone may belong to a name: ABEL, JR.
            exact = all(name_key(piece) in self._known for piece in pieces)
            return [str(name) for name in known] if len(pieces) > 1 and exact else None
        pieces = self._titled(pieces)
        known = [self._one(piece) for piece in pieces]
        if not all(pieces) or not any(known):
            return None
        return [found or piece for found, piece in zip(known, pieces, strict=True)]


def _alike(one: str, other: str) -> int:
    """How many letters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
