"""Who is in a scene: speaking, only heard, or silent; how much they say, and the lines that show it.

All offsets are lines below the scene's heading, as in the scene itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cineforge import ModuleFailed

from .quotes import Lines
from .shared.character_names import name_key, plain_name
from .shared.names_in_text import NameFinder

Element = Mapping[str, Any]


def people_of(scene: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row for each character of the scene, in its order; a name in action that is nobody's there is passed over.

    Raises ModuleFailed for a cue whose name the scene's `characters` do not list (a scene edited by hand).
    """
    if scene.get("omitted"):
        return []
    rows = {person["id"]: _row(person) for person in scene["characters"]}
    by_name = {name_key(person["name"]): person["id"] for person in scene["characters"]}
    finder = NameFinder({person["name"]: person["id"] for person in scene["characters"]})
    for element in scene["elements"]:
        if element["type"] == "action":
            _name(rows, element, finder)
        elif "character" in element:
            # A scene put by hand may not tell who speaks: then it is whoever bears the cue's name.
            for entity in element.get("speakers", [by_name.get(name_key(element["character"]))]):
                if entity not in rows:
                    raise ModuleFailed(
                        f"{element['character']} speaks {element['offset']} lines below the heading"
                        f" '{scene['heading']}', but is not among the scene's characters: add"
                        ' {"id": ..., "name": ...} to its "characters"'
                    )
                _hear(rows[entity], element)
    return [_finished(row) for row in rows.values()]


def dual_dialogues(elements: Sequence[Element]) -> int:
    """Pairs of speeches that stand beside each other."""
    return len([each for each in elements if each["type"] == "character" and "dual" in each]) // 2


def _row(person: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": person["id"],
        "name": person["name"],
        "extensions": set(),
        "speeches": 0,
        "voice_overs": 0,
        "words": 0,
        "first_mention": None,
        "first_line": None,
        "last_line": None,
        "mentions": [],
    }


def _name(rows: dict[str, dict[str, Any]], element: Element, finder: NameFinder) -> None:
    lines = Lines(element)
    for naming in finder.namings(element["text"]):
        quote = lines.at(naming.start)
        mentions = rows[naming.key]["mentions"]
        rows[naming.key]["first_mention"] = rows[naming.key]["first_mention"] or quote
        if not mentions or mentions[-1] != quote:
            mentions.append(quote)


def _hear(row: dict[str, Any], element: Element) -> None:
    if element["type"] == "character":
        extensions = [plain_name(extension) for extension in element.get("extensions", ())]
        cue = {"offset": element["offset"], "text": element["text"]}
        row["first_mention"] = row["first_mention"] or cue
        row["extensions"].update(extensions)
        row["speeches"] += 1
        row["voice_overs"] += element.get("heard", False) or any(map(_is_voice_over, extensions))
    elif element["type"] != "parenthetical":
        line = {"offset": element["offset"], "text": element["text"]}
        row["words"] += len(element["text"].split())
        row["first_line"] = row["first_line"] or line
        row["last_line"] = line


def _is_voice_over(extension: str) -> bool:
    letters = re.sub(r"[\W_]", "", extension).casefold()
    return letters in ("vo", "voiceover")


def _finished(row: dict[str, Any]) -> dict[str, Any]:
    voice_overs = row.pop("voice_overs")
    if not row["speeches"]:
        presence = "silent"
    elif voice_overs == row["speeches"] and not row["mentions"]:
        presence = "voice"
    else:
        presence = "speaks"
    return {**row, "extensions": sorted(row["extensions"]), "presence": presence}
