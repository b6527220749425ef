"""The words by which headings are read: a vocabulary, made ready for looking up.

A vocabulary is data: lists of words in capitals by kind (`interior`, `day`, `follows`, `flashback` ...), from a file
for each language. A script carries the ones that it was read by. Full-width letters count as the usual ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

Words = Mapping[str, Sequence[str]]

#: What a script without a vocabulary (one that a person has put) is read by.
PLAIN_ENGLISH: Words = {
    "interior": ["INT"],
    "exterior": ["EXT", "EST"],
    "prefixes_interior": ["INT"],
    "prefixes_exterior": ["EXT", "EST"],
    "initials_interior": ["I"],
    "initials_exterior": ["E"],
    "day": ["DAY", "MORNING", "NOON", "AFTERNOON", "DAWN", "PRE-DAWN", "SUNRISE", "SUNSET"],
    "night": ["NIGHT", "MIDNIGHT", "EVENING", "DUSK", "TWILIGHT"],
    "magic_hour": ["MAGIC HOUR"],
    "follows": ["CONTINUOUS", "SAME", "LATER", "MOMENTS LATER"],
    "later": ["LATER", "EARLIER"],
    "units": ["TIME", "MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "YEARS"],
    "small": ["A", "THE", "THAT", "NEXT", "FEW", "EARLY", "LATE"],
    "flashback": ["FLASHBACK"],
    "driving": ["DRIVING"],
    "moving": ["MOVING"],
    "omitted": ["OMITTED"],
    "scene_words": ["SCENE", "SCENES"],
    "and": ["AND", "&"],
    "voice": ["VOICE"],
}
#: Kinds of remarks that mark a scene, and the mark.
_MARKS = (
    "flashback flashforward dream intercut montage establishing stock moving driving underwater split_screen"
    " insert"
)
MARKS = {kind: kind.replace("_", " ") for kind in _MARKS.split()}
_REMARKS = (*MARKS, "remark")
_TIMES = ("day", "night", "dawn", "dusk", "magic_hour", "follows", "day_parts")
_AROUND = ("units", "seasons", "small")
_FULL_WIDTH = {
    **{code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys((0x3000, 0x00A0, 0x202F), 0x20),
    **dict.fromkeys((0x2010, 0x2011, 0x2212, 0xFE63), 0x2D),
    0x2019: 0x27,
}
_INVISIBLE = dict.fromkeys(
    (0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
)
_NUMBER = re.compile(r"#?\d+(?:ST|ND|RD|TH|E|S|\.)?")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\.?")
_CLOSED = "[^\\W\\d_]"


def half_width(text: str) -> str:
    """Full-width letters, marks, hyphens and blanks as the usual ones, character for character."""
    return text.translate(_FULL_WIDTH)


def visible_text(text: str) -> str:
    """Without characters that show nothing and join nothing: zero-width blanks, marks of direction, soft hyphens."""
    return text.translate(_INVISIBLE)


def is_wide(text: str) -> bool:
    """Whether it is written without blanks between words (Chinese, Japanese)."""
    return any("\u3040" <= c <= "\u9fff" or c in "○〇◯◎" for c in text)


class HeadingWords:
    """One vocabulary, ready for use."""

    def __init__(self, words: Words) -> None:
        self._lists = {kind: _plain(listed) for kind, listed in words.items()}
        self.interior = self._all("interior", "prefixes_interior")
        self.exterior = self._all("exterior", "prefixes_exterior")
        self.day, self.night = self._all("day"), self._all("night")
        self.dawn, self.dusk = self._all("dawn"), self._all("dusk")
        self.magic_hour = self._all("magic_hour")
        self.omitted = self._all("omitted")
        self.follows = self._all("follows")
        self.later = self._all("later")
        self.same_place = self._all("same_place")
        self.hours = self._lists.get("hours", ())
        self._phrases = self._all(*_TIMES)
        self._long_phrases = [phrase for phrase in self._phrases if " " in phrase]
        self._units = self._all("units")
        self._seasons = self._all("seasons")
        self._known = self._all(*_AROUND)
        self._known |= {word for phrase in self._phrases for word in phrase.split()}
        self._remarks = {
            phrase: kind for kind in reversed(_REMARKS) for phrase in self._lists.get(kind, ())
        }
        self._begin, self._end = self._all("begin"), self._all("end")
        self.prefix = re.compile(self._prefix(), re.IGNORECASE)

    def kind(self, name: str) -> frozenset[str]:
        """All words of a kind."""
        return self._all(name)

    def is_time(self, phrase: str) -> bool:
        """Whether a phrase in capitals tells a time and nothing else: A LITTLE LATER, 20 MINUTES LATER, JULY 4TH."""
        if phrase in self._phrases or _DATE.fullmatch(phrase):
            return True
        words = words_in(phrase)
        numbers = [word for word in words if _NUMBER.fullmatch(word)]
        if len(words) < 2 or not all(word in self._known or word in numbers for word in words):
            return len(words) == 1 and words[0] in self._phrases
        if any(word in self._phrases for word in words):
            return True
        if any(f" {known} " in f" {phrase} " for known in self._long_phrases):
            return True
        if numbers and self._seasons.intersection(words):
            return True
        # TWO WEEKS, 3 YEARS AGO, but not THE HOUR.
        return words[0] not in ("THE", "A", "AN") and bool(self._units.intersection(words))

    def is_time_of_a_place(self, phrase: str) -> bool:
        """Whether a phrase that stands after a place tells its time: ONE CUP OF TEA LATER, MORNING OF THE FUNERAL,
        WINTER."""
        if any(phrase.endswith(f" {word}") for word in self.later):
            return True
        words = words_in(phrase)
        if len(words) > 2 and self.is_light(words[0]) and words[1] in self._known:
            return True
        return (
            bool(words)
            and all(word in self._known for word in words)
            and bool(self._seasons.intersection(words))
            and words[0] not in ("THE", "A", "AN")
        )

    def is_light(self, word: str) -> bool:
        """Whether one word alone tells day or night."""
        return word in self.day or word in self.night

    def remark(self, phrase: str) -> str | None:
        """The kind of a remark in capitals (`flashback`, `moving`, `remark` ...), or None: it is none."""
        kind, _ = self.mark(phrase)
        return kind

    def mark(self, phrase: str) -> tuple[str | None, str | None]:
        """The kind of a remark and whether it says `begin` or `end`: BEGIN FLASHBACK, FLASHBACK ENDS."""
        phrase = phrase.strip(" .:;-–—()[]")
        if known := self._remarks.get(phrase):
            return known, None
        for turn, turns in (("begin", self._begin), ("end", self._end)):
            for said in turns:
                for rest in (phrase.removeprefix(f"{said} "), phrase.removesuffix(f" {said}")):
                    rest = rest.strip(" .:-–—").removeprefix("THE ").removeprefix("OF ")
                    if rest != phrase and (known := self._remarks.get(rest)):
                        return known, turn
        return None, None

    def _all(self, *kinds: str) -> frozenset[str]:
        return frozenset(word for kind in kinds for word in self._lists.get(kind, ()))

    def _prefix(self) -> str:
        """A heading's beginning: `both`, `interior`, `exterior` or `unknown`."""
        inside = _either(self._all("prefixes_interior"))
        outside = _either(self._all("prefixes_exterior"))
        names = f"(?:{inside}|{outside})"
        initials_in = _either(self._all("initials_interior"))
        initials_out = _either(self._all("initials_exterior"))
        short = f"(?:(?:{initials_in})\\.?\\s*/\\s*(?:{initials_out})|(?:{initials_out})\\.?\\s*/\\s*(?:{initials_in}))"
        joined = f"\\.?(?:\\s*[/&+,-]\\s*|\\s+{_either(self._all('and'))}\\s+){names}"
        both = f"{names}(?:{joined})+|{short}"
        wide = [p for p in self._all("prefixes_interior", "prefixes_exterior") if is_wide(p)]
        long = _either(frozenset(p for p in wide if len(p) > 1))
        # A word ends the prefix, and what stands there must not go on as another word.
        ends = f"(?!{_CLOSED})(?:\\s*[.:]|(?=\\s|[–—]|--|-\\s|$|,|/))"
        unknown = self._all("prefixes_unknown")
        words = frozenset(each for each in unknown if each[-1].isalpha() and not is_wide(each))
        return (
            f"(?P<both>{both}){ends}|(?P<interior>{inside}){ends}|(?P<exterior>{outside}){ends}"
            f"|(?P<wide>{long})|(?P<unknown>{_either(unknown - words)}|{_either(words)}{ends})"
        )


def words_in(phrase: str) -> list[str]:
    """The words of a phrase in capitals, without marks; A.M. is AM."""
    plain = phrase.replace("A.M.", "AM").replace("P.M.", "PM")
    return [word.strip(".'") for word in re.findall(r"[^\s,/–—:;-]+", plain) if word.strip(".'")]


def _plain(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(half_width(word).upper() for word in words)


def _either(words: frozenset[str]) -> str:
    listed = "|".join(re.escape(word) for word in sorted(words, key=lambda w: (-len(w), w)))
    return f"(?:{listed})" if listed else "(?!)"
