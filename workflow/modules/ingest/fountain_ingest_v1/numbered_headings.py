"""Scene numbers that stand beside a heading instead of behind it between `#`, as they come out of a PDF.

`2A EXT. VINEYARD - DAY 2A`, `SCENE 4: INT. ...`, `[35] INT. HALL`, `16-18 OMITTED`, `SCENES 17 THRU 19 OMITTED`.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from .shared.heading_words import HeadingWords, is_wide
from .shared.scene_heading import heading_parts, is_omitted

_ONE = r"[A-Z]{0,2}\d{1,4}[A-Z]{0,3}(?:\.\d{1,2}|-\d{1,2}(?![\dA-Z]))?"
_TO = r"(?:\s?[-–]\s?|\s(?:TO|THRU|THROUGH|BIS|AU|AL|TILL)\s)"
_NUMBERS = rf"{_ONE}(?:{_TO}{_ONE})?"
_BESIDE = rf"[#(\[*]*(?P<number>{_NUMBERS})[.):\]*]*(?:\s+[-–:])?\s+(?P<heading>\S.*)"
_BESIDE_WIDE = (
    r"(?P<number>\d{1,4}|[一二三四五六七八九十百零〇]{1,5})\s*"
    r"(?:[场場幕]\s*[、.):]?|[、.):])\s*(?P<heading>\S.*)"
)
_BEHIND = rf"(?P<heading>[^\W\d].*?)\s+[(\[]?(?P<number>{_NUMBERS})[.)\]]?"


class NumberedHeadings:
    """Reads them by the words of one vocabulary; texts have letters of the usual width."""

    def __init__(self, words: HeadingWords, is_heading: Callable[[str], bool]) -> None:
        self._words = words
        self._is_heading = is_heading
        scenes = "|".join(map(re.escape, sorted(words.kind("scene_words"), key=len, reverse=True)))
        before = rf"(?i:第|(?:{scenes})(?![^\W\d_])\.?\s*)?" if scenes else "第?"
        wide = rf"(?:第|{scenes})?" if scenes else "第?"
        self._beside = [re.compile(before + _BESIDE), re.compile(wide + _BESIDE_WIDE)]
        self._behind = re.compile(before + _BEHIND)

    def read(self, text: str) -> tuple[str, str] | None:
        """The number and the heading of a line that is a heading, or OMITTED, and has a number beside it."""
        bare = _unbracketed(text)
        for pattern in self._beside:
            found = pattern.fullmatch(bare)
            if found is None:
                continue
            heading = _without(found["number"], found["heading"].strip())
            if (
                self._is_heading(heading)
                or is_omitted(heading, self._words)
                or self._is_wide_heading(heading)
            ):
                return _joined(found["number"]), heading
        found = self._behind.fullmatch(bare)
        if found and is_omitted(found["heading"], self._words):
            return _joined(found["number"]), found["heading"].strip()
        return None

    def of_omitted(self, heading: str) -> tuple[str, str] | None:
        """Of a forced heading such as `SCENES 26 THROUGH 28 OMITTED`, the number and what is left."""
        return self.read(heading) if is_omitted(heading, self._words) else None

    def _is_wide_heading(self, text: str) -> bool:
        """`厨房 内 夜`, `台所（朝）`: no prefix, but a place and its time."""
        if not is_wide(text):
            return False
        told = heading_parts(text, self._words)
        return told["location"] is not None and told["time_of_day"] is not None


def _unbracketed(text: str) -> str:
    """`(SCENE 26 OMITTED)` without the brackets around all of it."""
    found = re.fullmatch(r"[(\[]([^()\[\]]*)[)\]]", text)
    return found[1].strip() if found else text


def _joined(number: str) -> str:
    """`26 THRU 28` as `26-28`; a range with a hyphen stays as it is written."""
    return re.sub(r"(?<=\w)\s(?:TO|THRU|THROUGH|BIS|AU|AL|TILL)\s(?=\w)", "-", number)


def _without(number: str, heading: str) -> str:
    """A heading without its number, or the star of a revision, at the right."""
    twice = re.fullmatch(rf"(.*\S)\s+[#(\[*]?{re.escape(number)}[.)#\]*]*", heading)
    return re.sub(r"\s+\*+$", "", twice[1] if twice else heading)
