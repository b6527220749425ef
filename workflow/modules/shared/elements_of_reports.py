"""The elements of a scene's report as those who read it want them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: The elements of a breakdown in the order of its sheet, and what people call them.
CATEGORY_TITLES = {
    "cast": "Cast",
    "background": "Background",
    "stunts": "Stunts",
    "props": "Props",
    "set_dressing": "Set dressing",
    "vehicles": "Vehicles",
    "animals": "Animals",
    "wardrobe": "Wardrobe",
    "makeup": "Make-up and hair",
    "sfx": "Special effects",
    "vfx": "Visual effects",
    "sound": "Sound",
    "music": "Music",
    "special_equipment": "Special equipment",
    "notes": "Notes",
}


def elements_in(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All elements, props as `props` has them: a person who strikes one from that list strikes it everywhere.

    A report from before there were elements has its props alone.
    """
    elements = report.get("elements", [])
    known = {each["name"]: each for each in elements if each["category"] == "props"}
    props = [
        known.get(prop["name"])
        or {"category": "props", **prop, "source": "note", "confidence": 1.0, "to_check": False}
        for prop in report["props"]
    ]
    at = next((n for n, each in enumerate(elements) if each["category"] == "props"), None)
    others = [each for each in elements if each["category"] != "props"]
    if at is None:
        at = len([each for each in others if each["category"] in ("cast", "background", "stunts")])
    return [*others[:at], *props, *others[at:]]


def names_by_category(report: Mapping[str, Any]) -> dict[str, list[str]]:
    """Category -> names, in the order of a breakdown sheet."""
    found: dict[str, list[str]] = {}
    for each in elements_in(report):
        names = found.setdefault(each["category"], [])
        if each["name"] not in names:
            names.append(each["name"])
    return found
