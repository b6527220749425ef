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
    "scene characters": "action",
    "fade in": "transition",
    "fade in:": "transition",
}
#: Paragraphs that part a script for television, as the templates of Final Draft 8 to 13 name them.
_ENDS = re.compile(r"end of |end act|act end|^end$")
_ACTS = re.compile(
    r"\bacts?\b|cold open|teaser|\btag\b|prologue|epilogue|show/ep|(?:show|series|episode|ep\.?) title"
    r"|outline 1|chapter"
)
_SCENES = re.compile(
    r"^(?:new )?scene(?: break| number| no\.?| #| title| header| letter| info| intro)?$|^outline [2-9]"
)
#: Points of a line, and lines of a page where a file says nothing else.
_LINE, _OLD_LINE = 12.0, 11.0
_USUAL_LINES = 55
#: Characters of a line where the usual layout has them; a file that says otherwise is followed.
_USUAL_WIDTHS = {"action": 61, "dialogue": 35, "parenthetical": 25, "character": 38, "lyrics": 35}
_LETTER, _POINTS = 11.0, 72
#: A file that gives a page other lines than these has no page that anybody prints.
_FEWEST, _MOST = 30, 90
_INNER = frozenset({"dialogue", "parenthetical", "lyrics"})
#: Of a tag whose category is not told.
_ANY = "Notes"
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
            _name(each.get("Type", "")): _read(each) for each in root.iterfind("ElementSettings")
        }
        self._tags: dict[str, list[tuple[str, str]]] = {}
        for number, tag in _tags(root.find("TagData")):
            self._tags.setdefault(number, []).append(tag)
        self.revisions = list(_revisions(root))
        #: Lines of a page by its margins, where these make it other than the usual 55.
        self.page_lines = _page_lines(root.find("PageLayout"))
        spaces = [_number(each.spec.get("SpaceBefore")) for each in self._of_type.values()]
        self._by_eleven = _OLD_LINE in spaces and _LINE not in spaces

    def kind(self, named: str) -> str | None:
        """The type of element for a type of paragraph; by what it paginates as, where its name is not known."""
        name = _name(named)
        if known := _KINDS.get(name):
            return known
        if _ENDS.search(name):
            return "centered"
        if _SCENES.search(name) or _ACTS.search(name):
            return "section"
        # A type may paginate as another one of the writer's own, and that as a known one.
        for _ in self._of_type:
            name = _name(self._settings(name).paginate_as)
            if known := _KINDS.get(name):
                return known
        return None

    @staticmethod
    def level(named: str) -> int:
        """Of a section: acts hold scenes."""
        return 2 if _SCENES.search(_name(named)) else 1

    @staticmethod
    def ends_act(named: str) -> bool:
        """Whether Final Draft counts nothing to the scene from here on: by this very name, and by no other like it."""
        return _name(named) == "end of act"

    def all_caps(self, named: str) -> bool:
        return self._settings(named).all_caps

    def starts_new_page(self, paragraph: Element) -> bool:
        told = paragraph.get("StartsNewPage")
        if told is not None:
            return _is_yes(told)
        return self._settings(paragraph.get("Type", "Action")).starts_new_page

    def layout(self, paragraph: Element, kind: str) -> dict[str, Any]:
        """`spacing`, `space_before`, `width`, where they differ from the usual."""
        spec = {
            **self._settings(paragraph.get("Type", "Action")).spec,
            **paragraph.attrib,
        }
        found: dict[str, Any] = {}
        spacing = _number(spec.get("Spacing"))
        if spacing and spacing != 1:
            found["spacing"] = spacing
        before = _number(spec.get("SpaceBefore"))
        lines = None if before is None else self._lines(before)
        if kind == "section":
            # Elsewhere sections are not printed; here they take the room that the file gives them.
            found["space_before"] = 1.0 if lines is None else lines
            return found
        if lines is not None and lines != (0 if kind in _INNER else 1):
            found["space_before"] = lines
        left, right = _number(spec.get("LeftIndent")), _number(spec.get("RightIndent"))
        if kind in _USUAL_WIDTHS and left is not None and right is not None:
            width = int((right - left) * 10 + 1e-6)
            if width > 4 and abs(width - _USUAL_WIDTHS[kind]) > 1:
                found["width"] = width
        return found

    def _settings(self, named: str) -> _Settings:
        return self._of_type.get(_name(named), _Settings())

    def _lines(self, points: float) -> float:
        """Points before a paragraph as lines: Final Draft 8 and 9 wrote 11 for a line of Courier, and 22 for two."""
        line = _LINE if points % _LINE == 0 and not self._by_eleven else _OLD_LINE
        return round(points / (line if points % line == 0 else _LINE), 1)

    def tags(self, numbers: str | None) -> list[tuple[str, str]]:
        """Category and name of each tag that a stretch of text bears."""
        return [
            tag
            for number in re.findall(r"\d+", numbers or "")
            for tag in self._tags.get(number, ())
        ]


def space_before(element: Mapping[str, Any]) -> float:
    """Lines before an element: what its file says, or what is usual."""
    lines: float = element.get("space_before", 0 if element["type"] in _INNER else 1)
    return lines


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
    return _listed(root, "SmartType/TimesOfDay/TimeOfDay")


def smart_intros(root: Element) -> list[str]:
    """What the writer's headings begin with, by the list of their own."""
    return _listed(root, "SmartType/SceneIntros/SceneIntro")


def _listed(root: Element, path: str) -> list[str]:
    said = (" ".join((each.text or "").upper().split()) for each in root.iterfind(path))
    return [each for each in said if each]


def _read(settings: Element) -> _Settings:
    font, spec = settings.find("FontSpec"), settings.find("ParagraphSpec")
    behavior = settings.find("Behavior")
    return _Settings(
        all_caps=font is not None and "AllCaps" in font.get("Style", "").split("+"),
        paginate_as=behavior.get("PaginateAs", "") if behavior is not None else "",
        starts_new_page=spec is not None and _is_yes(spec.get("StartsNewPage", "")),
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
            definition = definitions.get((holder.text or "").strip())
            if definition is not None:
                category, name = definition
                yield tag.get("Number", ""), (category.strip() or _ANY, " ".join(name.split()))


def _revisions(root: Element) -> Iterator[dict[str, Any]]:
    for each in root.iterfind("Revisions/Revision"):
        number = each.get("ID", "")
        if number.isdecimal() and int(number) > 0:
            colour = each.get("PageColor") or each.get("Color")
            yield {"id": int(number), "name": each.get("Name", ""), "colour": colour}


def _name(named: str) -> str:
    """A type's name as it is looked up: END OF ACT, End_of_act."""
    return " ".join(named.casefold().replace("_", " ").split())


def _is_yes(told: str) -> bool:
    return told.strip().casefold() in ("yes", "true", "1")


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
