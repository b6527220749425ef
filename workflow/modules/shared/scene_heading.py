"""Reads a scene heading: inside or outside, the place, its rooms, the time of day, remarks.

`INT. HOUSE - KITCHEN - NIGHT - FLASHBACK` is the prefix, the location, its part, the time, a remark. The parts are
divided by `--`, an en or em dash, a hyphen with a blank beside it; also by a comma, a point or a slash, and, where only
a time follows, by a bare hyphen or nothing (`COTTAGE-NIGHT`, `COTTAGE NIGHT`). A part is a time if all its words are
words of time; after a place it is enough that it ends in day or night (CHRISTMAS MORNING), so that the DAY ROOM of a
school stays a place. What a heading does not tell is None. The words are a vocabulary's (`heading_words.py`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from .heading_time import STORY_DAY, clock, follows, is_time_there, light, tells_when
from .heading_words import HeadingWords, half_width, is_wide, visible_text

_STRONG = re.compile(
    r"\s*(?:--+|[–—―|•·・→])\s*|\s+[-:~_>=]\s+|\s*\\\s*|\s+-$|^-\s+|\s-(?=\S)|(?<=\S)-\s+"
)
_WEAK = re.compile(r"\s*[,;]\s*|:\s+|(?<=[^\W\d_])\s*/\s*(?=[^\W\d_]{2})|\.\s+")
_ASIDE = re.compile(r"\s*[(\[]([^()\[\]]*)[)\]]")
_YEAR = re.compile(r"(?:(?:EARLY|MID|LATE)[ -])?(?:1[0-9]|2[01])\d\d(?:'?S)?|\d{3,4} ?(?:AD|BC)")
#: A point behind these, or behind a single letter, divides nothing: ST. MARY'S, NO. 10.
_ABBREVIATED = re.compile(
    r"(?:^|[\s.])(?:\w|ST|MT|FT|DR|MR|MRS|MS|NO|NR|SGT|LT|CAPT|COL|GEN|PROF|REV|JR|SR|AVE|BLVD|RD|BLDG|APT|RM|DEPT"
    r"|VS|CO|INC|LTD|CORP|HWY|SQ|JCT|PT|STE|SAN|UL|PL|STR)$",
    re.IGNORECASE,
)


@dataclass
class _Read:
    places: list[str] = field(default_factory=list)
    times: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def heading_parts(heading: str, words: HeadingWords) -> dict[str, Any]:
    """`int_ext` (interior, exterior, both), `location`, `sublocations`, `time_of_day`, `day_night`, `light`,
    `follows` (the time says how the scene follows on the one before), `remarks`."""
    text = half_width(visible_text(heading)).strip()
    aside = _ASIDE.match(text)
    if aside and words.prefix.match(text[aside.end() :].lstrip()):
        # (FLASHBACK) INT. HALL: what stands before tells of the scene as it would behind.
        text = f"{text[aside.end() :].lstrip()} {aside.group().strip()}"
    prefix = words.prefix.match(text)
    int_ext = _int_ext(prefix, words) if prefix else None
    rest = text[prefix.end() :] if prefix else text
    pieces = [
        piece for part in _STRONG.split(rest) for piece in _pieces(_stripped(part), words) if piece
    ]
    pieces, int_ext = _without_second_prefix(pieces, int_ext, words)
    same_place = bool(pieces) and _plain(pieces[0]) in words.same_place
    pieces = pieces[1:] if same_place else pieces
    read = _Read()
    last = max(
        (n for n, piece in enumerate(pieces) if tells_when(_plain(piece), words)), default=-1
    )
    remarks_from = last if same_place or any(not _says(p, words) for p in pieces[:last]) else None
    for number, piece in enumerate(pieces):
        _take(read, piece, words, remarks_from is not None and number > remarks_from > -1)
    if not read.times:
        _take_undivided_time(read, words)
    if int_ext is None and read.places:
        int_ext = _take_wide_place(read, words)
    if not read.places and read.remarks and not prefix and not read.times:
        # A heading that is nothing but a remark: its word names the scene.
        read.places.append(read.remarks[0])
    told = {"same_place": True} if same_place else {}
    time = " - ".join(read.times) or None
    lit = light(read.times, words)
    return {
        "int_ext": int_ext,
        "location": read.places[0] if read.places else None,
        "sublocations": read.places[1:],
        "time_of_day": time,
        "day_night": _DAY_NIGHT.get(lit or ""),
        "light": lit,
        "follows": lit is None and any(follows(said, words) for said in read.times),
        "remarks": read.remarks,
        **told,
    }


def is_omitted(heading: str, words: HeadingWords) -> bool:
    """OMITTED, SCENE 4 OMITTED, (OMITTED), INT. OMITTED, INT. HALL - OMITTED: only the number is left of it."""
    text = half_width(heading).upper().strip()
    prefix = words.prefix.match(text)
    bare = text[prefix.end() :] if prefix else text
    if _is_only_omitted(bare, words):
        return True
    pieces = [
        piece
        for part in _STRONG.split(text)
        for piece in (_ASIDE.sub(" ", part), *_ASIDE.findall(part))
    ]
    return len(pieces) > 1 and any(piece.strip(" .") in words.omitted for piece in pieces)


def _is_only_omitted(bare: str, words: HeadingWords) -> bool:
    """Without numbers, and without words for scenes and what joins these: SCENES 4 TO 6 OMITTED."""
    said = [
        word for word in re.findall(r"[^\W_]+", bare) if not re.fullmatch(r"[A-Z]?\d+[A-Z]*", word)
    ]
    if " ".join(said) in words.omitted:
        return True
    scenes, between = words.kind("scene_words"), words.kind("and") | {"TO", "THROUGH", "THRU"}
    rest = " ".join(word for word in said if word not in scenes and word not in between)
    return rest in words.omitted


_DAY_NIGHT = {
    "day": "day",
    "dawn": "day",
    "night": "night",
    "dusk": "night",
    "sunset": "day",
    "magic hour": "dusk/dawn",
}


def _int_ext(prefix: re.Match[str], words: HeadingWords) -> str | None:
    if prefix["unknown"]:
        return None
    if prefix["both"]:
        names = {name.strip(" .") for name in re.split(r"[/&+-]", prefix["both"].upper())}
        if names <= words.interior:
            return "interior"
        return "exterior" if names <= words.exterior else "both"
    if prefix["wide"]:
        return "interior" if prefix["wide"] in words.interior else "exterior"
    return "interior" if prefix["interior"] else "exterior"


def _pieces(part: str, words: HeadingWords) -> list[str]:
    """A part, divided further by commas, points and slashes, unless all of it is one time or remark."""
    if not part or _says(part, words):
        return [part] if part else []
    pieces: list[str] = []
    start = 0
    bracketed = [found.span() for found in _ASIDE.finditer(part)]
    for divider in _WEAK.finditer(part):
        if any(begin <= divider.start() < end for begin, end in bracketed):
            continue
        point = divider.group().startswith(".")
        if point and _ABBREVIATED.search(part[: divider.start()]):
            continue
        pieces.append(part[start : divider.start()])
        start = divider.end()
    pieces.append(part[start:])
    return [_stripped(piece) for piece in pieces if _stripped(piece)]


def _without_second_prefix(
    pieces: list[str], int_ext: str | None, words: HeadingWords
) -> tuple[list[str], str | None]:
    """`MILL`, `EXT`, `POND` of `INT. MILL / EXT. POND`: inside and outside, and no place called EXT."""
    kept: list[str] = []
    for piece in pieces:
        found = words.prefix.match(piece) if kept else None
        if found is None or found["wide"] or found["unknown"] or words.remark(_plain(piece)):
            kept.append(piece)
            continue
        told = _int_ext(found, words)
        int_ext = told if int_ext in (None, told) else "both"
        if rest := _stripped(piece[found.end() :]):
            kept.append(rest)
    once = [piece for n, piece in enumerate(kept) if _plain(piece) not in map(_plain, kept[:n])]
    return (once if len(kept) < len(pieces) else kept), int_ext


def _stripped(piece: str) -> str:
    """Without the marks around it; A.M. and the like keep their point."""
    bare = piece.strip(" .,;:-/")
    return f"{bare}." if re.search(r"\b[AP]\.M$", bare, re.IGNORECASE) else bare


def _says(piece: str, words: HeadingWords) -> bool:
    plain = _plain(piece)
    return bool(words.is_time(plain) or clock(plain, words) or words.remark(plain))


def _plain(piece: str) -> str:
    return " ".join(_ASIDE.sub(" ", piece).upper().split())


def _take(read: _Read, piece: str, words: HeadingWords, after_time: bool) -> None:
    """`after_time`: behind the last time of a place, where what is nothing else is a remark."""
    plain = _plain(piece)
    asides = [aside.strip() for aside in _ASIDE.findall(piece) if aside.strip()]
    if plain and words.remark(plain):
        read.remarks.append(plain)
    elif plain and _YEAR.fullmatch(plain):
        _take_year(read, plain)
    elif plain and (
        words.is_time(plain) or clock(plain, words) or (read.places and is_time_there(plain, words))
    ):
        read.times.append(plain)
    elif plain and after_time and read.times:
        read.remarks.append(plain)
    elif plain:
        kept = [aside for aside in asides if not _is_aside_of_scene(aside.upper(), words)]
        name = " ".join(_ASIDE.sub(" ", piece).split())
        read.places.append(" ".join([name, *(f"({aside})" for aside in kept)]))
    for aside in asides:
        said = aside.upper()
        if words.remark(said):
            read.remarks.append(said)
        elif _YEAR.fullmatch(said):
            _take_year(read, said)
        elif words.is_time(said) or clock(said, words):
            # 同(翌朝): what the brackets tell is the time, if what stands before tells no light.
            if light(read.times, words) is None and said not in read.times:
                read.times.append(said)
        elif not plain:
            read.remarks.append(aside)


def _is_aside_of_scene(said: str, words: HeadingWords) -> bool:
    return bool(_says(said, words) or _YEAR.fullmatch(said) or STORY_DAY.fullmatch(said))


def _take_year(read: _Read, year: str) -> None:
    if read.times:
        read.times[-1] += f" ({year})"
    else:
        read.times.append(year)


def _take_undivided_time(read: _Read, words: HeadingWords) -> None:
    """`COTTAGE-NIGHT`, `COTTAGE NIGHT`, `厨房 夜`: the last word of the last place, if it alone tells the light."""
    if not read.places:
        return
    found = re.fullmatch(r"(.*[^\s-])[\s-]+(\S+)", read.places[-1])
    if not found:
        return
    last = found[2].upper().strip(".")
    if words.is_light(last) or (is_wide(last) and words.is_time(last)):
        read.places[-1] = found[1].strip()
        read.times.append(last)


def _take_wide_place(read: _Read, words: HeadingWords) -> str | None:
    """`厨房 内`: inside or outside as the last word of a place."""
    for index, place in enumerate(read.places):
        pieces = place.split()
        for where, names in (("interior", words.interior), ("exterior", words.exterior)):
            told = [piece for piece in pieces if is_wide(piece) and piece in names]
            if told and len(pieces) > 1:
                read.places[index] = " ".join(piece for piece in pieces if piece not in told)
                return where
    return None
