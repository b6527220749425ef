"""The texts of a Final Draft file: the runs of a paragraph with their styles, tags and revisions; the title page."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import Element

from .fdx_settings import Settings

_CREDITS = frozenset({"by", "written by", "screenplay by", "story by", "teleplay by"})


class FdxText:
    """The text of a paragraph, without what comments on it: its emphasised and tagged spans, its revisions."""

    def __init__(
        self, paragraph: Element, settings: Settings | None = None, all_caps: bool = False
    ) -> None:
        text = ""
        spans: list[dict[str, Any]] = []
        tags: list[dict[str, Any]] = []
        self.revised: set[int] = set()
        for said, told in _runs(paragraph, {}):
            styles = set(told.get("Style", "").split("+"))
            said = said.upper() if all_caps or "AllCaps" in styles else said
            said = said if text else said.lstrip()
            place = {"start": len(text), "end": len(text) + len(said)}
            spans += [{**place, "style": style} for style in _styles(styles)]
            if settings is not None:
                for category, name in settings.tags(told.get("TagNumber")):
                    named = name or " ".join(said.split())
                    if named:
                        tags.append({**place, "category": category, "name": named})
                revision = told.get("RevisionID", "0")
                if revision.isdecimal() and int(revision) > 0 and said.strip():
                    self.revised.add(int(revision))
            text += said
        self.plain = text.rstrip()
        self.emphasis = self._clipped(spans)
        self.tags = self._clipped(tags)

    def _clipped(self, spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
        clipped = ({**span, "end": min(span["end"], len(self.plain))} for span in spans)
        return [span for span in clipped if span["start"] < span["end"]]


def _runs(holder: Element, told: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Each stretch of text with what its run, and those around it, say of it."""
    is_run = holder.tag == "Text"
    if holder.text and (is_run or holder.text.strip()):
        yield holder.text, told
    for part in holder:
        if part.tag == "Text" or (is_run and part.tag != "ScriptNote"):
            yield from _runs(part, {**told, **part.attrib})
        if part.tail and (is_run or part.tail.strip()):
            yield part.tail, told


def plain_text(paragraph: Element) -> str:
    return FdxText(paragraph).plain


def _styles(styles: set[str]) -> Iterator[str]:
    if {"Bold", "Italic"} <= styles:
        yield "bold_italic"
    elif "Bold" in styles:
        yield "bold"
    elif "Italic" in styles:
        yield "italic"
    if "Underline" in styles:
        yield "underline"


def title_page(content: Element | None) -> list[dict[str, str]]:
    """Title pages are laid out by hand: the first line is the title, what follows a `written by` the author."""
    paragraphs = content.iterfind("Paragraph") if content is not None else ()
    lines = [line for line in (plain_text(paragraph) for paragraph in paragraphs) if line]
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
