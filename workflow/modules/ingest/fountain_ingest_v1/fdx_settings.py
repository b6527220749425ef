"""What a Final Draft file says about its paragraphs beside their text: kinds, layout, tags, revisions, smart types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import Element

_KINDS = {
    "scene heading": "scene_heading",
    "action": "action",
    "general": "action",
    "shot": "action",
    "cast list": "action",
    "character list": "action",
    "normal text": "action",
    "body text": "action",
    "stage direction": "action",
    "stage directions": "action",
    "character": "character",
    "dialogue": "dialogue",
    "dialog": "dialogue",
    "parenthetical": "parenthetical",
    "singing": "lyrics",
    "lyrics": "lyrics",
    "transition": "transition",
    "scene transition": "transition",
    "outline body": "synopsis",
}
#: Paragraphs that part a script for television, as the templates of Final Draft 8 to 13 name them.
_ENDS = re.compile(r"end of |end act|act end|^end$")
_ACTS = re.compile(
    r"\bacts?\b|cold open|teaser|\btag\b|prologue|epilogue|show/ep|(?:show|series|episode|ep\.?) title"
    r"|outline 1|chapter"
)
_SCENES = re.compile(r"^scene(?: break| number| no\.?| #| title| header| letter)?$|^outline [2-9]")
#: Points of a line, and lines of a page where a file says nothing else.
_LINE = 12.0
_USUAL_LINES = 55
#: Characters of a line where the usual layout has them; a file that says otherwise is followed.
_USUAL_WIDTHS = {"action": 61, "dialogue": 35, "parenthetical": 25, "character": 38, "lyrics": 35}
_LETTER, _POINTS = 11.0, 72
#: A file that gives a page other lines than these has no page that anybody prints.
_FEWEST, _MOST = 30, 90
_INNER = frozenset({"dialogue", "parenthetical", "lyrics"})
_LENGTH = re.compile(r"(?:(\d+)\s*)?(?:(\d+)/8)?")


@dataclass(frozen=True)
class _Settings:
    all_caps: bool = False
    paginate_as: str = ""
    starts_new_page: bool = False
    spec: Mapping[str, str] = field(default_factory=dict)


class Settings:
    """The element settings, tags and revisions of one file."""

    def __init__(self, root: Element) -> None:
        self._of_type = {
            each.get("Type", ""): _read(each) for each in root.iterfind("ElementSettings")
        }
        self._tags: dict[str, list[tuple[str, str]]] = {}
        for number, tag in _tags(root.find("TagData")):
            self._tags.setdefault(number, []).append(tag)
        self.revisions = list(_revisions(root))
        #: Lines of a page by its margins, where these make it other than the usual 55.
        self.page_lines = _page_lines(root.find("PageLayout"))

    def kind(self, named: str) -> str | None:
        """The type of element for a type of paragraph; by what it paginates as, where its name is not known."""
        name = " ".join(named.casefold().replace("_", " ").split())
        if known := _KINDS.get(name):
            return known
        if _ENDS.search(name):
            return "centered"
        if _SCENES.search(name) or _ACTS.search(name):
            return "section"
        paginated = self._of_type.get(named, _Settings()).paginate_as.casefold()
        return _KINDS.get(paginated)

    @staticmethod
    def level(named: str) -> int:
        """Of a section: acts hold scenes."""
        return 2 if _SCENES.search(" ".join(named.casefold().split())) else 1

    @staticmethod
    def ends_act(named: str) -> bool:
        return bool(_ENDS.search(" ".join(named.casefold().replace("_", " ").split())))

    def all_caps(self, named: str) -> bool:
        return self._of_type.get(named, _Settings()).all_caps

    def starts_new_page(self, paragraph: Element) -> bool:
        told = paragraph.get("StartsNewPage")
        if told is not None:
            return told == "Yes"
        return self._of_type.get(paragraph.get("Type", ""), _Settings()).starts_new_page

    def layout(self, paragraph: Element, kind: str) -> dict[str, Any]:
        """`spacing`, `space_before`, `width`, where they differ from the usual."""
        spec = {
            **self._of_type.get(paragraph.get("Type", ""), _Settings()).spec,
            **paragraph.attrib,
        }
        found: dict[str, Any] = {}
        spacing = _number(spec.get("Spacing"))
        if spacing and spacing != 1:
            found["spacing"] = spacing
        before = _number(spec.get("SpaceBefore"))
        if kind == "section":
            # Elsewhere sections are not printed; here they take the room that the file gives them.
            found["space_before"] = round((_LINE if before is None else before) / _LINE, 1)
            return found
        if before is not None:
            lines = round(before / _LINE, 1)
            if lines != (0 if kind in _INNER else 1):
                found["space_before"] = lines
        left, right = _number(spec.get("LeftIndent")), _number(spec.get("RightIndent"))
        if kind in _USUAL_WIDTHS and left is not None and right is not None:
            width = int((right - left) * 10 + 1e-6)
            if width > 4 and abs(width - _USUAL_WIDTHS[kind]) > 1:
                found["width"] = width
        return found

    def tags(self, numbers: str | None) -> list[tuple[str, str]]:
        """Category and name of each tag that a stretch of text bears."""
        return [
            tag
            for number in re.findall(r"\d+", numbers or "")
            for tag in self._tags.get(number, ())
        ]


def scene_properties(paragraph: Element) -> dict[str, Any]:
    """`length` in eighths and `title`, as the file has them."""
    properties = paragraph.find("SceneProperties")
    if properties is None:
        return {}
    found: dict[str, Any] = {}
    length = _LENGTH.fullmatch(properties.get("Length", "").strip())
    if length and (length[1] or length[2]):
        found["length"] = int(length[1] or 0) * 8 + int(length[2] or 0)
    if title := properties.get("Title", "").strip():
        found["title"] = title
    return found


def smart_times(root: Element) -> list[str]:
    """The times of day that the writer's own list holds."""
    listed = root.iterfind("SmartType/TimesOfDay/TimeOfDay")
    return [
        time for time in (" ".join((each.text or "").upper().split()) for each in listed) if time
    ]


def _read(settings: Element) -> _Settings:
    font, spec = settings.find("FontSpec"), settings.find("ParagraphSpec")
    behavior = settings.find("Behavior")
    return _Settings(
        all_caps=font is not None and "AllCaps" in font.get("Style", "").split("+"),
        paginate_as=behavior.get("PaginateAs", "") if behavior is not None else "",
        starts_new_page=spec is not None and spec.get("StartsNewPage") == "Yes",
        spec=dict(spec.attrib) if spec is not None else {},
    )


def _page_lines(layout: Element | None) -> float | None:
    if layout is None:
        return None
    size = layout.find("PageSize")
    height = _number(size.get("Height")) if size is not None else None
    margins = [_number(layout.get(name)) for name in ("TopMargin", "BottomMargin")]
    if None in margins:
        return None
    # Sizes are in inches, margins in points.
    lines = ((height or _LETTER) * _POINTS - sum(filter(None, margins))) / _LINE
    return round(lines, 2) if _FEWEST < lines < _MOST and lines != _USUAL_LINES else None


def _tags(data: Element | None) -> Iterator[tuple[str, tuple[str, str]]]:
    if data is None:
        return
    categories = {each.get("Id"): each.get("Name", "") for each in data.iterfind(".//TagCategory")}
    definitions = {
        each.get("Id"): (categories.get(each.get("CatId"), ""), each.get("Label", ""))
        for each in data.iterfind(".//TagDefinition")
    }
    for tag in data.iterfind("Tags/Tag"):
        for holder in tag.iterfind("DefId"):
            category, name = definitions.get((holder.text or "").strip(), ("", ""))
            if category.strip() and name.strip():
                yield tag.get("Number", ""), (category.strip(), " ".join(name.split()))


def _revisions(root: Element) -> Iterator[dict[str, Any]]:
    for each in root.iterfind("Revisions/Revision"):
        number = each.get("ID", "")
        if number.isdecimal() and int(number) > 0:
            colour = each.get("PageColor") or each.get("Color")
            yield {"id": int(number), "name": each.get("Name", ""), "colour": colour}


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
