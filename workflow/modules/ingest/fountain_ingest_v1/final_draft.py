"""From a Final Draft file (.fdx) to the payload of `script`: the same elements as a Fountain file gives.

An .fdx file is XML. It is read with defusedxml, which refuses the entities and document types by which a small file
grows without end or reaches for others; of the libraries for .fdx none does. A paragraph has no line in the source, so
`line` is the number of the paragraph, counted from 1 over all that the script itself holds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden
from defusedxml.ElementTree import fromstring

from cineforge import ModuleFailed

from .fdx_settings import Settings, scene_properties, smart_intros, smart_times, space_before
from .fdx_text import FdxText, plain_text, title_page
from .shared.heading_words import HeadingWords
from .shared.scene_heading import is_omitted
from .source_text import MAX_LINES
from .unread_times import warn_of_unread_times
from .vocabulary import heading_like
from .warnings import Warnings, look_again

_SPEECH = frozenset({"character", "dialogue", "parenthetical", "lyrics"})
_SPOKEN = _SPEECH - {"character", "lyrics"}
_NO_HEADING = "—"
_HEADINGS = frozenset({"scene_heading", "section"})


def is_final_draft(name: str, raw: bytes) -> bool:
    """By the file's name, or by how its content begins."""
    begins = raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return name.lower().endswith(".fdx") or begins.startswith((b"<?xml", b"<FinalDraft"))


@dataclass
class Document:
    """A file that was read as XML, before its headings are."""

    name: str
    root: Element
    content: Element

    def headings(self) -> list[str]:
        """The texts of its scene headings, and what shows their language beside them."""
        settings = Settings(self.root)
        return [
            f".{plain_text(paragraph).upper()}"
            for paragraph in self.content.iterfind("Paragraph")
            if settings.kind(paragraph.get("Type", "Action")) == "scene_heading"
        ]

    def smart_times(self) -> list[str]:
        return smart_times(self.root)

    def smart_intros(self) -> list[str]:
        return smart_intros(self.root)

    def script(self, words: HeadingWords) -> dict[str, Any]:
        """The payload of `script`. Raises ModuleFailed for a file that is too long."""
        script = _Script(Settings(self.root), words)
        for paragraph in self.content.iterfind("Paragraph"):
            script.add(paragraph)
            if script.paragraphs > MAX_LINES:
                _refuse(self.name, f"more than {MAX_LINES:,} paragraphs", "split the script")
        look_again(script.elements, script.warnings)
        warn_of_unread_times(script.elements, words, script.warnings)
        payload = {
            "form": "final_draft",
            "title_page": title_page(self.root.find("TitlePage/Content")),
            "elements": script.elements,
            "warnings": script.warnings.listed(),
            "warning_groups": script.warnings.groups(),
        }
        if script.settings.revisions:
            payload["revisions"] = script.settings.revisions
        return payload


def read_final_draft(name: str, raw: bytes) -> Document:
    """The file as XML. Raises ModuleFailed for what is no Final Draft file, with the line if there is one."""
    root = _root(name, raw)
    if root.tag != "FinalDraft":
        _refuse(name, f"its first element is <{root.tag}>, not <FinalDraft>")
    content = root.find("Content")
    if content is None:
        _refuse(name, "it has no <Content>")
    return Document(name, root, content)


def _root(name: str, raw: bytes) -> Element:
    try:
        root: Element = fromstring(raw, forbid_dtd=True)
    except (DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden):
        _refuse(name, "it declares a document type or entities, which no Final Draft file does")
    except ParseError as error:
        _refuse(f"{name}:{error.position[0]}", f"this is no XML ({str(error).split(':')[0]})")
    except (LookupError, ValueError) as error:
        _refuse(name, f"its encoding cannot be read ({error})")
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


class _Script:
    """The elements so far."""

    def __init__(self, settings: Settings, words: HeadingWords) -> None:
        self.elements: list[dict[str, Any]] = []
        self.warnings = Warnings()
        self.settings = settings
        self.paragraphs = 0
        self._words = words
        #: Lines of paragraphs without text since the last one with some: they take room before the next.
        self._empty_lines = 0.0

    def add(self, paragraph: Element) -> None:
        sides = paragraph.find("DualDialogue")
        if sides is None:
            self._add_one(paragraph)
            return
        first = len(self.elements)
        for side in sides.iterfind("Paragraph"):
            self._add_one(side)
        both = [element for element in self.elements[first:] if element["type"] in _SPEECH]
        if sum(element["type"] == "character" for element in both) == 2:
            for element in both:
                element["dual"] = True

    def _add_one(self, paragraph: Element) -> None:
        self.paragraphs += 1
        new_page = self.settings.starts_new_page(paragraph)
        if new_page and self.elements:
            self._append({"type": "page_break", "text": ""})
        element = self._element(paragraph)
        if element["type"] == "scene_heading" and not element["text"]:
            self._tell_empty_heading(element)
        if element["text"]:
            self._give_room(element)
            self._append_or_join(element)
        elif not new_page:
            self._empty_lines += space_before(element) + element.get("spacing", 1)
        # What an omitted scene holds stands in the same paragraph, and is no part of the script.
        for summary in paragraph.iterfind("SceneProperties/Summary"):
            self._append_text("synopsis", summary)
        for note in (*paragraph.iterfind("ScriptNote"), *paragraph.iterfind("Text/ScriptNote")):
            self._append_text("note", note)

    def _element(self, paragraph: Element) -> dict[str, Any]:
        named = paragraph.get("Type", "Action")
        kind = self.settings.kind(named)
        text = FdxText(paragraph, self.settings, self.settings.all_caps(named))
        if kind == "scene_heading" and not self._is_scene(paragraph, named, text.plain):
            kind = "action"
        if kind is None:
            kind = "action"
            if text.plain:
                message = f"paragraphs of the type '{named}' are not known; read as action"
                self.warnings.add(self.paragraphs, "unknown-paragraph-type", message)
        if kind == "action" and paragraph.get("Alignment") == "Center":
            kind = "centered"
        element: dict[str, Any] = {"type": kind, "text": text.plain}
        if kind == "scene_heading":
            element.update(self._heading(paragraph, text.plain))
            if self.settings.page_lines:
                element["page_lines"] = self.settings.page_lines
        elif kind == "section":
            element["level"] = self.settings.level(named)
        elif kind == "character":
            name, extensions = _cue(text.plain)
            element["text"] = name
            if extensions:
                element["extensions"] = extensions
        elif text.emphasis:
            element["emphasis"] = text.emphasis
        if text.tags:
            element["tags"] = text.tags
        if text.revised:
            element["revised"] = sorted(text.revised)
        if self.settings.ends_act(named):
            element["ends_act"] = True
        return {**element, **self.settings.layout(paragraph, kind)}

    def _tell_empty_heading(self, heading: dict[str, Any]) -> None:
        """One with a number is a scene all the same; without, nothing shows that it is one."""
        number = heading.get("number")
        heading["text"] = _NO_HEADING if number else ""
        message = (
            f"the heading of scene {number} has no text"
            if number
            else "a scene heading without text: what stands below belongs to the scene before"
        )
        self.warnings.add(self.paragraphs, "empty-heading", message)

    def _give_room(self, element: dict[str, Any]) -> None:
        """Paragraphs without text stand between those of a scene; before a heading they count to nothing."""
        if self._empty_lines and element["type"] not in _HEADINGS:
            room = space_before(element) + self._empty_lines
            element["space_before"] = round(room, 1)
        self._empty_lines = 0.0

    def _is_scene(self, paragraph: Element, named: str, text: str) -> bool:
        """A type of the writer's own may paginate as a heading and only name a part of the scene (`THE SHED`)."""
        return (
            named.casefold() == "scene heading"
            or bool(paragraph.get("Number", "").strip())
            or paragraph.find("SceneProperties") is not None
            or heading_like(text, self._words)
        )

    def _heading(self, paragraph: Element, text: str) -> dict[str, Any]:
        told: dict[str, Any] = scene_properties(paragraph)
        if number := paragraph.get("Number", "").strip():
            told["number"] = number
        if paragraph.find("OmittedScene") is not None or is_omitted(text, self._words):
            told["omitted"] = True
            told["text"] = text or "OMITTED"
            told.pop("length", None)
        return told

    def _append_text(self, kind: str, holder: Element) -> None:
        text = "\n".join(filter(None, (plain_text(part) for part in holder.iterfind("Paragraph"))))
        if text:
            self._append({"type": kind, "text": text})

    def _append_or_join(self, element: dict[str, Any]) -> None:
        last = self.elements[-1] if self.elements else None
        if element["type"] in _SPOKEN and (last is None or last["type"] not in _SPEECH | {"note"}):
            message = "speech without a cue before it: nobody is known to say it"
            self.warnings.add(self.paragraphs, "speech-without-cue", message)
        if last is None or not (last["type"] == element["type"] == "dialogue"):
            self._append(element)
            return
        # A speech is one element, as in Fountain, however many paragraphs it is written in.
        shift = len(last["text"]) + 1
        last["text"] += f"\n{element['text']}"
        for spans in ("emphasis", "tags"):
            for span in element.get(spans, ()):
                moved = {**span, "start": span["start"] + shift, "end": span["end"] + shift}
                last.setdefault(spans, []).append(moved)
        if "revised" in element:
            last["revised"] = sorted({*last.get("revised", ()), *element["revised"]})

    def _append(self, element: dict[str, Any]) -> None:
        self.elements.append({**element, "line": self.paragraphs})


def _cue(text: str) -> tuple[str, list[str]]:
    """`BOB (V.O.) (CONT'D)` as the name and what stands in brackets behind it."""
    name, bracket, behind = text.partition("(")
    if not name.strip() or not bracket or not behind.endswith(")"):
        return text, []
    parts = re.findall(r"[^()]+", behind)
    return name.strip(), [part.strip() for part in parts if part.strip()]


def _refuse(
    place: str, what: str, remedy: str = "save it from Final Draft again, or give a Fountain file"
) -> NoReturn:
    raise ModuleFailed(f"{place}: {what}: {remedy}")
