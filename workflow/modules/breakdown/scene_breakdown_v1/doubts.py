"""What breakdown is not sure of, by kind with counts: for the run, the record and the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from .characters import Cast

_NAMED = 5


def doubts(
    scenes: Mapping[str, Mapping[str, Any]],
    index: Mapping[str, Any],
    cast: Cast,
    locations: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """One row a kind, the most frequent first."""
    line_of = {row["id"]: row["line"] for row in index["scenes"]}
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for scene_id, scene in scenes.items():
        line = line_of[scene_id]
        if scene.get("omitted"):
            if any(e["type"] in ("action", "dialogue") for e in scene["elements"]):
                found["text-in-omitted-scene"].append((line, scene["heading"]))
            continue
        if scene["slug"]["int_ext"] is None and not scene["slug"]["remarks"]:
            found["heading-without-int-ext"].append((line, scene["heading"]))
        for element in scene["elements"]:
            if element["type"] == "character" and not element["speakers"]:
                found["cue-of-nobody"].append((line + element["offset"], element["text"]))
    for renamed in index["renamed"]:
        owners = cast.characters if renamed["type"] == "character" else locations
        line = line_of[owners[renamed["id"]]["scenes"][0]]
        found["renamed"].append((line, f"{renamed['was']} goes on as {renamed['now']}"))
    for owners in (cast.characters, locations):
        for payload in owners.values():
            if any(remark.startswith("named like") for remark in payload.get("remarks", ())):
                found["names-alike"].append((line_of[payload["scenes"][0]], payload["name"]))
    rows = [_row(code, sorted(places)) for code, places in found.items()]
    return sorted(rows, key=lambda row: (-row["count"], row["code"]))


_TOLD = {
    "text-in-omitted-scene": "text in an omitted scene counts for nothing",
    "heading-without-int-ext": "headings that tell neither inside nor outside",
    "cue-of-nobody": "cues read as titles or signs: nobody's",
    "renamed": "renamed: one who goes on under another name; if they are two, name both in aliases.yaml",
    "names-alike": "names that look alike: merge them in aliases.yaml if they are one",
}


def _row(code: str, places: Sequence[tuple[int, str]]) -> dict[str, Any]:
    lines = list(dict.fromkeys(line for line, _ in places))
    names = list(dict.fromkeys(name for _, name in places))
    shown = ", ".join(f"'{name[:40]}'" for name in names[:_NAMED])
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    first = ", ".join(map(str, lines[:_NAMED])) + (" ..." if len(lines) > _NAMED else "")
    return {
        "code": code,
        "count": len(places),
        "lines": lines[:_NAMED],
        "message": f"{_TOLD[code]} ({len(places)}): {shown}{more} (line{'s' * (len(lines) > 1)} {first})",
    }
