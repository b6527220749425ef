"""From the text of a Fountain screenplay to the payload of `script`, by the rules of fountain.io/syntax.

An element is `{type, text, line}`, and where they apply: `extensions` (of a cue), `dual` (both sides of a dual
dialogue, cues and speeches), `number` (of a scene heading), `level` (of a section), `emphasis` (spans of `text`),
`source_lines` (of a paragraph of action whose lines do not follow one another in the source), `inline` (of a note
within a paragraph or speech: it stands behind it). A speech is one `dialogue` element with its line breaks.
"""

from __future__ import annotations

from typing import Any

from .emphasis import without_emphasis
from .line_forms import LineForms
from .notes import Row, rows_of
from .rows_ahead import blank_follows, bracket_closes, goes_on, speech_begins
from .shared.heading_words import HeadingWords
from .title_page import title_page
from .unread_times import warn_of_unread_times
from .visible import Line, visible_lines
from .vocabulary import heading_like
from .warnings import Warnings, look_again

_SPEECH = frozenset({"character", "dialogue", "parenthetical", "lyrics"})
_BETWEEN_DUAL_SIDES = _SPEECH | {"note"}


def parse_script(text: str, words: HeadingWords, every: HeadingWords) -> dict[str, Any]:
    """Title page, elements, warnings. `text` has `\\n` line ends and passed the checks of `source_text`.

    `every` are the words of all languages: what they take for a heading, and `words` do not, is told.
    """

    def is_heading(line: str) -> bool:
        return heading_like(line, words)

    lines, unclosed_comment = visible_lines(text, is_heading)
    rows, unclosed_notes = rows_of(lines)
    entries, begin = title_page(rows, is_heading)
    reader = _Reader(rows, LineForms(words, every))
    reader.read(begin)
    warnings = reader.warnings
    for number in unclosed_notes:
        warnings.add(
            number, "unclosed-note", "a note opened with '[[' is never closed; read as text"
        )
    if unclosed_comment is not None:
        message = "a comment opened with '/*' is never closed with '*/'; read as text"
        warnings.add(unclosed_comment, "unclosed-boneyard", message)
    look_again(reader.elements, warnings)
    warn_of_unread_times(reader.elements, words, warnings)
    return {
        "form": "fountain",
        "title_page": entries,
        "elements": reader.elements,
        "warnings": warnings.listed(),
        "warning_groups": warnings.groups(),
    }


class _Reader:
    """Goes through the rows once, from block to block."""

    def __init__(self, rows: list[Row], forms: LineForms) -> None:
        self.rows = rows
        self.forms = forms
        self.elements: list[dict[str, Any]] = []
        self.warnings = Warnings()
        self._notes: list[Line] = []

    def read(self, at: int) -> None:
        while at < len(self.rows):
            row = self.rows[at]
            if row.blank or row.only_notes:
                self._keep_notes(row)
                self._tell_notes(inline=False)
                at += 1
            else:
                at = self._block(at)
                self._tell_notes(inline=True)

    def _block(self, at: int) -> int:
        """Reads the element that begins at a row with text; returns the row behind it."""
        row = self.rows[at]
        text = row.text.strip()
        heading = self.forms.heading(text, forced_only=not blank_follows(self.rows, at))
        if heading is not None:
            self._heading(row, heading)
            return at + 1
        named = self.forms.numbered_name(text) and not blank_follows(self.rows, at)
        if self.forms.line_kind(text) and not named:
            return self._line(at)
        cue = self.forms.cue(text)
        if cue is not None and (begins := speech_begins(self.rows, at)) is not None:
            return self._speech(at, begins, cue)
        if blank_follows(self.rows, at):
            if act := self.forms.act(text):
                self._keep_notes(row)
                self.elements.append({**act, "line": row.number})
                return at + 1
            if self.forms.is_transition(text):
                self._add("transition", text, row)
                return at + 1
            self._warn_of_single_line(row, text)
        elif self.forms.is_known_transition(text):
            self._add("transition", text, row)
            message = "a transition without a blank line behind it"
            self.warnings.add(row.number, "transition-without-blank-line", message)
            return at + 1
        elif self.forms.likely_cue(text):
            message = (
                f"'{text}' may be a cue: write @ before it; read as action with what stands below"
            )
            self.warnings.add(row.number, "likely-cue", message)
        return self._action(at)

    def _heading(self, row: Row, heading: dict[str, Any]) -> None:
        if heading.pop("numbered", False):
            message = "a scene number that stands before the heading, without '#'; read as a scene heading"
            self.warnings.add(row.number, "numbered-heading", message)
        self._keep_notes(row)
        self.elements.append({**heading, "line": row.number})

    def _line(self, at: int) -> int:
        """What is told by the line's own mark. Lyrics that follow one another are one element."""
        row = self.rows[at]
        element = self.forms.marked(row.text.strip())
        last = self.elements[-1] if self.elements else None
        after_text = at > 0 and not self.rows[at - 1].blank and not self.rows[at - 1].only_notes
        if after_text and last and last["type"] == element["type"] == "lyrics":
            self._join(last, element)
            self._keep_notes(row)
            return at + 1
        if element["text"] or element["type"] == "page_break":
            self.elements.append({**element, "line": row.number})
        self._keep_notes(row)
        return at + 1

    def _speech(self, at: int, begins: int, cue: dict[str, Any]) -> int:
        dual = cue.pop("dual", False)
        place = len(self.elements)
        self.elements.append({**cue, "line": self.rows[at].number})
        for row in self.rows[at:begins]:
            self._keep_notes(row)
        at = begins
        while at < len(self.rows):
            row = self.rows[at]
            text = row.text.strip()
            if row.blank and not goes_on(self.rows, at):
                break
            if text and (self.forms.breaks_speech(text) or self._is_heading_in_speech(at, text)):
                break
            self._keep_notes(row)
            if not row.only_notes:
                at = self._spoken(at, text)
            at += 1
        if all(each["type"] in ("character", "parenthetical") for each in self.elements[place:]):
            message = f"{cue['text']} has an aside and no words: a speech stands right below, without a blank line"
            self.warnings.add(self.elements[place]["line"], "cue-without-words", message)
        if dual:
            self._mark_dual(place)
        return at

    def _spoken(self, at: int, text: str) -> int:
        """One line of a speech; a parenthetical may go over several. Returns its last row."""
        row = self.rows[at]
        kind = "dialogue"
        if text.startswith("~"):
            kind, text = "lyrics", text[1:].strip()
        elif text.startswith("("):
            last = bracket_closes(self.rows, at)
            if last is not None:
                kind = "parenthetical"
                for more in self.rows[at + 1 : last + 1]:
                    self._keep_notes(more)
                text = "\n".join(each.text.strip() for each in self.rows[at : last + 1])
                at = last
        plain, spans = without_emphasis(text)
        element: dict[str, Any] = {"type": kind, "text": plain}
        if spans:
            element["emphasis"] = spans
        last_element = self.elements[-1]
        if kind != "parenthetical" and last_element["type"] == kind:
            self._join(last_element, element)
        elif text:
            self.elements.append({**element, "line": row.number})
        return at

    def _action(self, at: int) -> int:
        """A paragraph, up to a blank line or one with a mark of its own."""
        first = at
        kept: list[Row] = []
        while at < len(self.rows) and not self.rows[at].blank:
            row = self.rows[at]
            text = row.text.strip()
            if at > first and text and self.forms.line_kind(text):
                break
            self._keep_notes(row)
            if not row.only_notes:
                kept.append(row)
                if self.forms.looks_like_heading(text):
                    self._warn_of_heading(row)
            at += 1
        if not kept:
            return at
        text = "\n".join(self.forms.action_line(row.text) for row in kept)
        below = [row.number - kept[0].number for row in kept]
        self._add("action", text, kept[0])
        if below != list(range(len(below))) and self.elements[-1]["type"] == "action":
            self.elements[-1]["source_lines"] = below
        return at

    def _add(self, kind: str, text: str, row: Row) -> None:
        plain, spans = without_emphasis(text)
        element: dict[str, Any] = {"type": kind, "text": plain, "line": row.number}
        if spans:
            element["emphasis"] = spans
        self._keep_notes(row)
        if plain:
            self.elements.append(element)

    @staticmethod
    def _join(last: dict[str, Any], element: dict[str, Any]) -> None:
        shift = len(last["text"]) + 1
        last["text"] += f"\n{element['text']}"
        for span in element.get("emphasis", ()):
            moved = {**span, "start": span["start"] + shift, "end": span["end"] + shift}
            last.setdefault("emphasis", []).append(moved)

    def _keep_notes(self, row: Row) -> None:
        known = {id(note) for note in self._notes}
        self._notes += [note for note in row.notes if id(note) not in known]

    def _tell_notes(self, inline: bool) -> None:
        for note in self._notes:
            element: dict[str, Any] = {"type": "note", "text": note.text, "line": note.number}
            if inline:
                element["inline"] = True
            place = len(self.elements)
            while inline and place and self.elements[place - 1]["line"] > note.number:
                place -= 1
            if note.text:
                self.elements.insert(place, element)
        self._notes = []

    def _is_heading_in_speech(self, at: int, text: str) -> bool:
        """A heading behind a line of blanks is one, and not what somebody says."""
        if not self.rows[at - 1].blank or not blank_follows(self.rows, at):
            return False
        return self.forms.heading(text) is not None

    def _mark_dual(self, right: int) -> None:
        left = right - 1
        while left >= 0 and self.elements[left]["type"] in _BETWEEN_DUAL_SIDES:
            if self.elements[left]["type"] == "character":
                break
            left -= 1
        # A caret without a speech right before it pairs with nothing and is ignored.
        if left < 0 or self.elements[left]["type"] != "character" or "dual" in self.elements[left]:
            return
        for element in self.elements[left:]:
            if element["type"] in _SPEECH:
                element["dual"] = True

    def _warn_of_single_line(self, row: Row, text: str) -> None:
        if text.startswith("!"):
            return
        if self.forms.foreign_heading(text):
            message = (
                "this may be a scene heading in words that are not known: name its language, or write"
                " a period before it; read as action"
            )
            self.warnings.add(row.number, "likely-heading", message)
        elif self._like_a_cue(text):
            message = f"'{text[:60]}' stands in capitals like a cue, but no speech follows; read as action"
            self.warnings.add(row.number, "orphan-character-cue", message)

    def _like_a_cue(self, text: str) -> bool:
        """What marks scenes is none, nor what stands between quotation marks: it is read, not said."""
        if text.startswith("@") or self.forms.is_remark(text) or text.strip("*_")[:1] in '"“„«':
            return False
        return self.forms.cue(text) is not None

    def _warn_of_heading(self, row: Row) -> None:
        message = (
            "this would be a scene heading if blank lines stood before and after it; read as action"
        )
        self.warnings.add(row.number, "heading-without-blank-line", message)
