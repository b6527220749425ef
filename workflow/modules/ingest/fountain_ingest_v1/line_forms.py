"""What a single line of Fountain can be, by its own form: heading, cue, transition, something forced by a mark."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from .emphasis import without_emphasis
from .numbered_headings import NumberedHeadings
from .shared.heading_words import MARKS, HeadingWords, half_width, visible_text
from .shared.scene_heading import is_omitted
from .vocabulary import heading_like

_SCENE_NUMBER = re.compile(r"\s*#([\w.\-–/ ]*\w[\w.\-–/]*)#\s*$")
_ODD_BLANK = re.compile(r"[\t\v\f\u00a0\u2007\u202f]")
_REMARK_BEFORE = re.compile(
    r"(?:\((?P<aside>[^()]+)\)|(?P<remark>[^:]+?))\s*(?:\s[-–—]+\s|--|:\s|(?<=\))\s)\s*(?P<heading>\S.*)"
)
_ACT = re.compile(
    r"(?P<ends>END(?: OF)? )?(?:(?:ACT|PART) (?:[IVX]{1,4}|\d{1,2}|ONE|TWO|THREE|FOUR|FIVE|SIX|SEVEN|EIGHT|NINE|TEN)"
    r"|COLD OPEN(?:ING)?|TEASER|TAG|PROLOGUE|EPILOGUE|(?(ends)(?:EPISODE|SHOW|ACT|PILOT)|(?!)))"
)
_CENTERED = re.compile(r">\s*(.*?)\s*<", re.DOTALL)
_PAGE_BREAK = re.compile(r"={3,}")
_SECTION = re.compile(r"(#+)\s*(.*)", re.DOTALL)
_OPEN, _CLOSE = "([{<（［｛＜【〔〈《", ")]}>）］｝＞】〕〉》"
_IN_BRACKETS = rf"(?!</)[{re.escape(_OPEN)}][^{re.escape(_OPEN + _CLOSE)}]*[{re.escape(_CLOSE)}]"
_CUE = re.compile(rf"(?P<name>.*?)\s*(?P<extensions>(?:{_IN_BRACKETS}\s*)*)", re.DOTALL)
_EXTENSION = re.compile(_IN_BRACKETS)
#: What a name may hold in small letters: ÅSA's MOTHER, BOB the BARMAN, McDUFF.
_SMALL_IN_NAMES = re.compile(
    r"(?:the|and|of|a|an|von|van|de|der|du|la|le|al|el|bin|und|et|y|i|e)|\d+\w*|[#&/+-]+",
    re.IGNORECASE,
)
_PARTLY_CAPITALS = re.compile(
    r"(?:Mc|Mac|O'|De|Di|La|Le|Van|Von|Fitz)?[^\W\d_a-z]{2,}(?:['’-]\w+)*(?:['’]s)?\.?"
)
_NO_NAME = re.compile(r"[?!*]{1,6}|0\d{1,3}")
_LONGEST_LIKELY_CUE = 40
_MARKS = "*_"


class LineForms:
    """Judges lines by a vocabulary. `text` is always a line without the blanks around it, and not empty."""

    def __init__(self, words: HeadingWords, every: HeadingWords) -> None:
        """`every`: the words of all languages, by which what is no heading may look like one."""
        self._words = words
        self._every = every
        self._transitions = words.kind("transitions")
        self._ends = tuple(words.kind("transition_ends") | {"TO:"})
        self._begins = words.kind("transition_begins")
        self._numbers = NumberedHeadings(words, self.looks_like_heading)
        counted = "|".join(map(re.escape, every.kind("scene_words")))
        self._scene_number = re.compile(
            rf"(?i:{counted})(?![^\W\d_])\.?\s*#?\d+\w?\s*(?:[-–—:.]|$)"
        )

    def heading(self, text: str, forced_only: bool = False) -> dict[str, Any] | None:
        """The element of a forced or natural heading, numbers taken off it."""
        text = visible_text(text)
        if text.startswith("."):
            if len(text) > 1 and (text[1].isalnum() or text[1] in " ([\"'¡¿○"):
                return self._headed(text[1:].strip())
            return None
        if forced_only:
            return None
        bare = text.strip(_MARKS) if text[0] in _MARKS else text
        if self.looks_like_heading(bare):
            return self._headed(text)
        if found := self._numbers.read(half_width(bare)):
            number, heading = found
            return {**self._headed(heading), "number": number, "numbered": True}
        if self._behind_remark(bare):
            return self._headed(text)
        if is_omitted(bare, self._words) and _SCENE_NUMBER.search(text):
            return self._headed(text)
        return None

    def _behind_remark(self, text: str) -> bool:
        """`FLASHBACK - INT. HALL - NIGHT`: what marks scenes, and a heading behind it."""
        found = _REMARK_BEFORE.fullmatch(text)
        if found is None or text != text.upper():
            return False
        kind = self._words.remark(found["aside"] or found["remark"])
        return kind in MARKS and self.looks_like_heading(found["heading"])

    def looks_like_heading(self, text: str) -> bool:
        return heading_like(text.strip(_MARKS), self._words)

    def foreign_heading(self, text: str) -> bool:
        """Capitals that look like a heading whose words are not known: in parts the last of which is a time, behind
        an abbreviation (`SISÄ. KEITTIÖ - YÖ`) or a scene's number, or by the words of any other language."""
        bare = half_width(text).strip()
        if bare != bare.upper() or not any(map(str.isalpha, bare)):
            return False
        parts = [part for part in re.split(r"\s+[-–—]+\s+|--", bare) if part.strip()]
        if len(parts) > 1 and (
            self._words.is_time(parts[-1].strip(" .#0123456789"))
            or re.match(r"[^\W\d_]{2,10}\.\s", bare)
            or len(parts) > 2
        ):
            return True
        by_number = self._scene_number.match(bare)
        return bool(by_number) or heading_like(bare, self._every)

    def numbered_name(self, text: str) -> bool:
        """`#1 FAN`, which is a section unless somebody speaks below it."""
        return bool(re.match(r"#\d", text)) and self.cue(text) is not None

    def likely_cue(self, text: str) -> bool:
        """A short first line of a paragraph that is a name, it seems, but no cue by the rules: `McDUFF`, `???`."""
        name = (found := _CUE.fullmatch(text)) and found["name"]
        if not name or len(text) > _LONGEST_LIKELY_CUE:
            return False
        letters = [c for c in name if c.isalpha()]
        if not letters:
            return bool(_NO_NAME.fullmatch(name))
        if not any(c.isupper() or c.islower() for c in letters):
            return (
                len(name.split()) <= 3
                and len(name) <= 14
                and not re.search(r"[。、，．…!?！？,.:;]", name)
            )
        named = name.split()
        return (
            len(named) <= 5
            and any(_PARTLY_CAPITALS.fullmatch(word) for word in named)
            and all(_PARTLY_CAPITALS.fullmatch(w) or _SMALL_IN_NAMES.fullmatch(w) for w in named)
            and not _in_capitals(name)
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
        text = visible_text(text)
        bare = text.rstrip()
        carets = bare.rstrip("^")
        dual = carets != bare
        bare = carets.rstrip()
        forced = bare.startswith("@")
        bare = bare.removeprefix("@").strip()
        if not bare or (not forced and (text[0] in "!.>~=" or self.looks_like_heading(bare))):
            return None
        found = _CUE.fullmatch(_balanced(bare))
        name = found["name"] if found else bare
        extensions = (
            [part[1:-1].strip() for part in _EXTENSION.findall(found["extensions"])]
            if found
            else []
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

    def act(self, text: str) -> dict[str, Any] | None:
        """The element of a line that parts a script for television: `COLD OPEN`, `ACT ONE`, `END OF ACT ONE`."""
        plain = text.strip(_MARKS).rstrip(".:")
        if plain != plain.upper() or not (found := _ACT.fullmatch(plain)):
            return None
        if found["ends"]:
            return _element("centered", text)
        return {**_element("section", text), "level": 1}

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
        """END FLASHBACK., INSERT - LETTER and the like, which mark scenes and shots."""
        first = re.split(r"\s+[-–—]+\s+|:\s", text.upper(), maxsplit=1)[0]
        return any(self._words.remark(each) is not None for each in (text.upper(), first))

    @staticmethod
    def action_line(text: str) -> str:
        """As written, indentation included; a `!` that forces action is taken off."""
        plain = text.replace("\t", "    ").rstrip()
        if plain.lstrip().startswith("!"):
            return plain.lstrip()[1:]
        return plain

    def _headed(self, text: str) -> dict[str, Any]:
        number = None
        if own := _SCENE_NUMBER.search(text):
            number, text = half_width(own[1]).strip(), text[: own.start()]
        text = re.sub(r"\s+[-–—]+\s*$", "", without_emphasis(text)[0]).strip()
        text = _ODD_BLANK.sub(" ", text)
        if number is None and (found := self._numbers.of_omitted(text)):
            number, text = found
        element: dict[str, Any] = {"type": "scene_heading", "text": text}
        if number:
            element["number"] = number
        if is_omitted(text, self._words):
            element["omitted"] = True
        return element


def _balanced(cue: str) -> str:
    """A cue whose one bracket is not closed, or not opened, as if it were: `BOB (V.O.`, `BOB V.O.)`."""
    opened, closed = (sum(cue.count(mark) for mark in marks) for marks in (_OPEN, _CLOSE))
    if opened == closed + 1:
        return f"{cue})"
    if closed == 1 and not opened and cue[-1] in _CLOSE:
        return cue[:-1]
    return cue


def _element(kind: str, text: str) -> dict[str, Any]:
    plain, spans = without_emphasis(text)
    return {"type": kind, "text": plain, **({"emphasis": spans} if spans else {})}


def _in_capitals(name: str) -> bool:
    """At least one capital letter and no small one, whatever else stands there."""
    return any(c.isupper() for c in name) and not any(
        c.islower() and unicodedata.category(c) == "Ll" for c in name
    )
