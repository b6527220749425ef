"""Elements that the script itself names: Final Draft's tags, and notes such as `[[Prop: brass lamp, two keys]]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .found import Found

_NOTE = re.compile(r"\s*(?P<label>[^:\n]{2,40}?)\s*:\s*(?P<names>\S[^\n]*(?:\n[^\n]+)*)")
_PARTS = re.compile(r"\s*[;,\n]\s*|\s+and\s+")
#: The words that labels have for a category; the first that a label holds decides.
_LABELS = (
    ("background", r"background|background actors?|extras?|atmosphere|silent bits?|crowd|bg"),
    ("cast", r"cast|cast members?|characters?|actors?|talent"),
    ("stunts", r"stunts?"),
    ("set_dressing", r"set ?dressing|dressing|set dec\w*|art dep\w*|greenery|greens|furniture"),
    ("special_equipment", r"special equipment|equipment|camera|grip|crane|drone"),
    ("vfx", r"vfx|visual (?:effects?|fx)|optical (?:effects?|fx)|cgi"),
    ("sfx", r"sfx|special (?:effects?|fx)|mechanical (?:effects?|fx)|pyro\w*|practical effects?"),
    ("props", r"props?|hand props?|weapons?"),
    ("vehicles", r"vehicles?|cars?|picture cars?"),
    ("animals", r"animals?|animal wranglers?|livestock"),
    ("wardrobe", r"wardrobe|costumes?"),
    ("makeup", r"make-?up.*|hair.*"),
    ("sound", r"sounds?|sound (?:effects?|fx)|audio"),
    ("music", r"music|songs?|score"),
    ("notes", r"notes?|production notes?|misc\w*|security|additional labou?r|comments?|other"),
)
_DAY = re.compile(r"(?:script|story) ?day", re.IGNORECASE)
_CATEGORIES = [(name, re.compile(rf"(?:{words})", re.IGNORECASE)) for name, words in _LABELS]


def category_of(label: str) -> str | None:
    """The category that a label such as `Hand Props` or `Extras (Silent Bits)` means; None for any other."""
    plain = re.sub(r"\([^)]*\)", " ", label)
    plain = " ".join(re.sub(r"[/&_]", " ", plain).split())
    return next((name for name, words in _CATEGORIES if words.fullmatch(plain)), None)


def said_in_tags(scene: Mapping[str, Any]) -> Iterator[Found]:
    """A tag of a category that is none of the breakdown's is a note that tells it."""
    for tag in scene.get("tags", ()):
        if _DAY.fullmatch(tag["category"].strip()):
            continue
        category = category_of(tag["category"])
        name = tag["name"] if category else f"{tag['category']}: {tag['name']}"
        element = {"text": tag["quote"], "offset": tag["offset"]}
        yield Found(category or "notes", name, element, 0, "tag", 1.0)


def said_in_notes(elements: Sequence[Mapping[str, Any]]) -> Iterator[Found]:
    """A note whose label is no category is somebody's remark, and no element."""
    for element in elements:
        if element["type"] != "note":
            continue
        note = _NOTE.fullmatch(element["text"].rstrip())
        category = category_of(note["label"]) if note else None
        if note is None or category is None:
            continue
        names = [note["names"]] if category == "notes" else _PARTS.split(note["names"])
        for name in names:
            if name.strip():
                yield Found(category, name.strip(), element, 0, "note", 1.0)


def said_script_day(scene: Mapping[str, Any]) -> str | None:
    """The day of the story that a tag or a note names: `[[Script day: 4]]`, `[[Story day: N2]]`."""
    for tag in scene.get("tags", ()):
        if _DAY.fullmatch(tag["category"].strip()):
            day: str = tag["name"].strip()
            return day
    for element in scene["elements"]:
        note = _NOTE.fullmatch(element["text"].rstrip()) if element["type"] == "note" else None
        if note and _DAY.fullmatch(note["label"]):
            return " ".join(note["names"].split())
    return None
