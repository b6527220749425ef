"""From a Final Draft file (.fdx) to the payload of `script`: the same elements as a Fountain file gives.

An .fdx file is XML. It is read with defusedxml, which refuses the entities and document types by which a small file
grows without end or reaches for others; of the libraries for .fdx none does. A paragraph has no line in the source, so
`line` is the number of the paragraph, counted from 1 over all that the script itself holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NoReturn
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden
from defusedxml.ElementTree import fromstring

from cineforge.model.errors import ModuleFailed

from .source_text import MAX_LINES

_TYPES = {
    "Scene Heading": "scene_heading",
    "Action": "action",
    "General": "action",
    "Shot": "action",
    "Cast List": "action",
    "Character": "character",
    "Dialogue": "dialogue",
    "Parenthetical": "parenthetical",
    "Singing": "lyrics",
    "Lyrics": "lyrics",
    "Transition": "transition",
    "New Act": "section",
    "Show/Ep. Title": "section",
    "End of Act": "centered",
}
_SPEECH = frozenset({"character", "dialogue", "parenthetical", "lyrics"})
_CREDITS = frozenset({"by", "written by", "screenplay by", "story by", "teleplay by"})


def is_final_draft(name: str, raw: bytes) -> bool:
    """By the file's name, or by how its content begins."""
    begins = raw[:200].removeprefix(b"\xef\xbb\xbf").lstrip()
    return name.lower().endswith(".fdx") or begins.startswith((b"<?xml", b"<FinalDraft"))


def parse_final_draft(name: str, raw: bytes) -> dict[str, Any]:
    """The payload of `script`. Raises ModuleFailed for what is no Final Draft file, with the line if there is one."""
    root = _root(name, raw)
    if root.tag != "FinalDraft":
        _refuse(name, f"its first element is <{root.tag}>, not <FinalDraft>")
    content = root.find("Content")
    if content is None:
        _refuse(name, "it has no <Content>")
    script = _Script()
    for paragraph in content.iterfind("Paragraph"):
        script.add(paragraph)
        if script.paragraphs > MAX_LINES:
            _refuse(name, f"more than {MAX_LINES:,} paragraphs", "split the script")
    return {
        "title_page": _title_page(root.find("TitlePage/Content")),
        "elements": script.elements,
        "warnings": script.warnings,
    }


def _root(name: str, raw: bytes) -> Element:
    try:
        root: Element = fromstring(raw, forbid_dtd=True)
    except (DTDForbidden, EntitiesForbidden, ExternalReferenceForbidden):
        _refuse(name, "it declares a document type or entities, which no Final Draft file does")
    except ParseError as error:
        _refuse(f"{name}:{error.position[0]}", f"this is no XML ({str(error).split(':')[0]})")
    except (LookupError, ValueError) as error:
        _refuse(name, f"its encoding cannot be read ({error})")
    return root


class _Script:
    """The elements so far."""

    def __init__(self) -> None:
        self.elements: list[dict[str, Any]] = []
        self.warnings: list[dict[str, Any]] = []
        self.paragraphs = 0

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
        if paragraph.get("StartsNewPage") == "Yes" and self.elements:
            self._append({"type": "page_break", "text": ""})
        element = self._element(paragraph)
        if element["text"]:
            self._append_or_join(element)
        for summary in paragraph.iterfind("SceneProperties/Summary"):
            self._append_text("synopsis", summary)
        for note in paragraph.iterfind(".//ScriptNote"):
            self._append_text("note", note)

    def _element(self, paragraph: Element) -> dict[str, Any]:
        named = paragraph.get("Type", "Action")
        kind = _TYPES.get(named)
        text, emphasis = _text(paragraph)
        if kind is None:
            kind = "action"
            if text:
                message = f"paragraphs of the type '{named}' are not known; read as action"
                code = "unknown-paragraph-type"
                self.warnings.append({"line": self.paragraphs, "code": code, "message": message})
        if kind == "action" and paragraph.get("Alignment") == "Center":
            kind = "centered"
        element: dict[str, Any] = {"type": kind, "text": text}
        if kind == "scene_heading":
            if number := paragraph.get("Number"):
                element["number"] = number
        elif kind == "section":
            element["level"] = 1
        elif kind == "character":
            name, extensions = _cue(text)
            element["text"] = name
            if extensions:
                element["extensions"] = extensions
        elif emphasis:
            element["emphasis"] = emphasis
        return element

    def _append_text(self, kind: str, holder: Element) -> None:
        text = "\n".join(filter(None, (_text(part)[0] for part in holder.iterfind("Paragraph"))))
        if text:
            self._append({"type": kind, "text": text})

    def _append_or_join(self, element: dict[str, Any]) -> None:
        last = self.elements[-1] if self.elements else None
        if last is None or not (last["type"] == element["type"] == "dialogue"):
            self._append(element)
            return
        # A speech is one element, as in Fountain, however many paragraphs it is written in.
        shift = len(last["text"]) + 1
        last["text"] += f"\n{element['text']}"
        for span in element.get("emphasis", ()):
            moved = {**span, "start": span["start"] + shift, "end": span["end"] + shift}
            last.setdefault("emphasis", []).append(moved)

    def _append(self, element: dict[str, Any]) -> None:
        self.elements.append({**element, "line": self.paragraphs})


def _cue(text: str) -> tuple[str, list[str]]:
    """`BOB (V.O.) (CONT'D)` as the name and what stands in brackets behind it."""
    name, bracket, behind = text.partition("(")
    if not name.strip() or not bracket or not behind.endswith(")"):
        return text, []
    parts = re.findall(r"[^()]+", behind)
    return name.strip(), [part.strip() for part in parts if part.strip()]


def _text(paragraph: Element) -> tuple[str, list[dict[str, Any]]]:
    """The text of a paragraph and its emphasised spans, without what comments on it."""
    text = ""
    spans: list[dict[str, Any]] = []
    for part in paragraph.iterfind("Text"):
        styles = set(part.get("Style", "").split("+"))
        said = part.text or ""
        said = said.upper() if "AllCaps" in styles else said
        said = said if text else said.lstrip()
        for style in _styles(styles):
            spans.append({"start": len(text), "end": len(text) + len(said), "style": style})
        text += said
    text = text.rstrip()
    clipped = ({**span, "end": min(span["end"], len(text))} for span in spans)
    return text, [span for span in clipped if span["start"] < span["end"]]


def _styles(styles: set[str]) -> Iterator[str]:
    if {"Bold", "Italic"} <= styles:
        yield "bold_italic"
    elif "Bold" in styles:
        yield "bold"
    elif "Italic" in styles:
        yield "italic"
    if "Underline" in styles:
        yield "underline"


def _title_page(content: Element | None) -> list[dict[str, str]]:
    """Title pages are laid out by hand: the first line is the title, what follows a `written by` the author."""
    paragraphs = content.iterfind("Paragraph") if content is not None else ()
    lines = [line for line in (_text(paragraph)[0] for paragraph in paragraphs) if line]
    if not lines:
        return []
    entries = [{"key": "title", "value": lines[0]}]
    rest: list[str] = []
    for before, line in pairwise(lines):
        if line.casefold() in _CREDITS:
            entries.append({"key": "credit", "value": line})
        elif before.casefold() in _CREDITS:
            entries.append({"key": "author", "value": line})
        else:
            rest.append(line)
    if rest:
        entries.append({"key": "notes", "value": "\n".join(rest)})
    return entries


def _refuse(
    place: str, what: str, remedy: str = "save it from Final Draft again, or give a Fountain file"
) -> NoReturn:
    raise ModuleFailed(f"{place}: {what}: {remedy}")
