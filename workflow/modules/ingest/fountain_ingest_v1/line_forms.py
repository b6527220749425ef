"""What a single line of Fountain can be, by its own form: heading, cue, transition, something forced by a mark."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .emphasis import without_emphasis
from .shared.heading_words import HeadingWords, half_width
from .shared.scene_heading import is_omitted
from .vocabulary import heading_like

_SCENE_NUMBER = re.compile(r"\s*#([\w.\-–/ ]*\w[\w.\-–/]*)#\s*$")
#: `2A EXT. VINEYARD - DAY 2A`: numbers beside the heading, as they come out of a PDF.
_BESIDE = re.compile(
    r"(?P<number>[A-Z]{0,2}\d{1,4}[A-Z]{0,3}(?:[.-]\d{1,2})?)[.):]?\s+(?P<heading>\S.*)"
)
_BESIDE_WIDE = re.compile(r"(?P<number>\d{1,4})\s*[、.．)]\s*(?P<heading>\S.*)")
_CENTERED = re.compile(r">\s*(.*?)\s*<", re.DOTALL)
_PAGE_BREAK = re.compile(r"={3,}")
_SECTION = re.compile(r"(#+)\s*(.*)", re.DOTALL)
_CUE = re.compile(
    r"(?P<name>.*?)\s*(?P<extensions>(?:[(（\[][^()（）\[\]]*[)）\]]\s*)*)", re.DOTALL
)
_EXTENSION = re.compile(r"[(（\[]([^()（）\[\]]*)[)）\]]")
_MARKS = "*_"


class LineForms:
    """Judges lines by a vocabulary. `text` is always a line without the blanks around it, and not empty."""

    def __init__(self, words: HeadingWords) -> None:
        self._words = words
        self._transitions = words.kind("transitions")
        self._ends = tuple(words.kind("transition_ends") | {"TO:"})
        self._begins = words.kind("transition_begins")
        self._time_words = words

    def heading(self, text: str, forced_only: bool = False) -> dict[str, Any] | None:
        """The element of a forced or natural heading, numbers taken off it."""
        if text.startswith("."):
            if len(text) > 1 and (text[1].isalnum() or text[1] in " ([\"'¡¿○"):
                return self._headed(text[1:].strip())
            return None
        if forced_only:
            return None
        bare = text.strip(_MARKS) if text[0] in _MARKS else text
        if self.looks_like_heading(bare):
            return self._headed(text)
        for pattern in (_BESIDE, _BESIDE_WIDE):
            found = pattern.fullmatch(bare)
            if found and self.looks_like_heading(found["heading"]):
                return self._beside(found)
        if is_omitted(bare, self._words) and _SCENE_NUMBER.search(text):
            return self._headed(text)
        return None

    def looks_like_heading(self, text: str) -> bool:
        return heading_like(text.strip(_MARKS), self._words)

    def foreign_heading(self, text: str) -> bool:
        """Capitals in parts, the last of which is a time: a heading whose first word is not known."""
        bare = half_width(text)
        parts = re.split(r"\s+[-–—]+\s+|--", bare.strip())
        return (
            len(parts) > 1
            and bare == bare.upper()
            and any(map(str.isalpha, bare))
            and self._words.is_time(parts[-1].strip(" .#0123456789"))
        )

    def line_kind(self, text: str) -> bool:
        """Whether the line is told by its own first mark, wherever it stands in a paragraph."""
        if text[0] in "~#":
            return len(text) > 1 and (text[0] == "~" or bool(_SECTION.fullmatch(text)[2]))  # type: ignore[index]
        if text[0] == "=":
            return bool(_PAGE_BREAK.fullmatch(text)) or text[1:2] != "="
        return text[0] == ">" and len(text) > 1

    def marked(self, text: str) -> dict[str, Any]:
        """The element of a line for which `line_kind` is true."""
        if _PAGE_BREAK.fullmatch(text):
            return {"type": "page_break", "text": ""}
        if text[0] == "#":
            found = _SECTION.fullmatch(text)
            assert found is not None
            return {**_element("section", found[2].strip()), "level": len(found[1])}
        if text[0] == "=":
            return _element("synopsis", text[1:].strip())
        if text[0] == "~":
            return _element("lyrics", text[1:].strip())
        centered = _CENTERED.fullmatch(text)
        if centered:
            return _element("centered", centered[1])
        return _element("transition", text[1:].strip())

    def cue(self, text: str) -> dict[str, Any] | None:
        """The element of a cue: forced, or all in capitals whatever marks it holds; `dual` for a caret."""
        bare = text.rstrip()
        carets = bare.rstrip("^")
        dual = carets != bare
        bare = carets.rstrip()
        forced = bare.startswith("@")
        bare = bare.removeprefix("@").strip()
        if not bare or (not forced and (text[0] in "!.>~=" or self.looks_like_heading(bare))):
            return None
        found = _CUE.fullmatch(bare)
        name = found["name"] if found else bare
        extensions = (
            [part.strip() for part in _EXTENSION.findall(found["extensions"])] if found else []
        )
        if not name:
            name, extensions = bare, []
        if not forced and not _in_capitals(name):
            return None
        if not forced and self.is_known_transition(bare):
            return None
        plain, _ = without_emphasis(name)
        element: dict[str, Any] = {"type": "character", "text": plain.strip() or name}
        if extensions := [part for part in extensions if part]:
            element["extensions"] = extensions
        if dual:
            element["dual"] = True
        return element

    def breaks_speech(self, text: str) -> bool:
        """What ends a speech although no blank line stands before it."""
        if _PAGE_BREAK.fullmatch(text):
            return True
        return text[0] == "!" or (text[0] == ">" and len(text) > 1)

    def is_transition(self, text: str) -> bool:
        """Capitals that end in TO:, or one of the known ones."""
        plain = text.strip(_MARKS)
        return plain == plain.upper() and (
            plain in self._transitions
            or (plain.endswith(self._ends) and any(map(str.isalpha, plain)))
        )

    def is_known_transition(self, text: str) -> bool:
        """A transition by its words: CUT TO:, but not HE SHOUTS TO:."""
        first = re.split(r"[\s-]", text, maxsplit=1)[0]
        return self.is_transition(text) and (
            text in self._transitions or first in self._begins or not text.endswith("TO:")
        )

    def is_remark(self, text: str) -> bool:
        """END FLASHBACK., INTERCUT WITH: and the like, which mark scenes."""
        return self._words.remark(text.upper()) is not None

    @staticmethod
    def action_line(text: str) -> str:
        """As written, indentation included; a `!` that forces action is taken off."""
        plain = text.replace("\t", "    ").rstrip()
        if plain.lstrip().startswith("!"):
            return plain.lstrip()[1:]
        return plain

    def _beside(self, found: re.Match[str]) -> dict[str, Any]:
        number, heading = found["number"], found["heading"].strip()
        twice = re.fullmatch(rf"(.*\S)\s+{re.escape(number)}\.?", heading)
        if twice:
            heading = twice[1]
        return {**self._headed(heading), "number": number, "numbered": True}

    def _headed(self, text: str) -> dict[str, Any]:
        number = None
        if own := _SCENE_NUMBER.search(text):
            number, text = own[1].strip(), text[: own.start()]
        text = re.sub(r"\s+[-–—]+\s*$", "", without_emphasis(text)[0]).strip()
        element: dict[str, Any] = {"type": "scene_heading", "text": text}
        if number:
            element["number"] = number
        if is_omitted(text, self._words):
            element["omitted"] = True
        return element


def _element(kind: str, text: str) -> dict[str, Any]:
    plain, spans = without_emphasis(text)
    return {"type": kind, "text": plain, **({"emphasis": spans} if spans else {})}


def _in_capitals(name: str) -> bool:
    """At least one capital letter and no small one, whatever else stands there."""
    return any(c.isupper() for c in name) and not any(
        c.islower() and unicodedata.category(c) == "Ll" for c in name
    )
