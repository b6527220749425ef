"""Breakdown and schedule as Universal Schedule Standard: JSON that scheduling programs exchange.

Movie Magic's own export (.sex) has no public description to check a file against; this standard has one, and a list of
numbers for categories (Universal Category Identification) that programs share. Written is its version 1.0.0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from .shared.elements_of_reports import CATEGORY_TITLES
from .tables import label

Row = Mapping[str, Any]
#: A moment of its own would make the same schedule another file each time.
_CREATED = "2020-01-01T00:00:00.000Z"
_WEEKDAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_CATEGORIES = {
    "set": (0, "Set"),
    "int_ext": (1, "INT/EXT"),
    "day_night": (2, "Day/Night"),
    "script_day": (3, "Script Day"),
    "location": (6, "Location"),
    "cast": (100, "Cast Members"),
    "background": (101, "Background Actors"),
    "stunts": (102, "Stunts"),
    "vehicles": (103, "Vehicles"),
    "props": (104, "Props"),
    "sfx": (105, "Special Effects"),
    "wardrobe": (106, "Wardrobe"),
    "makeup": (107, "Makeup/Hair"),
    "animals": (108, "Animals"),
    "music": (111, "Music"),
    "sound": (112, "Sound"),
    "set_dressing": (114, "Set Dressing"),
    "special_equipment": (117, "Special Equipment"),
    "vfx": (119, "Visual Effects"),
    "notes": (121, "Notes"),
}
_INT_EXT = {"interior": "INT", "exterior": "EXT", "both": "INT/EXT"}


def universal_schedule(
    title: str, rows: Sequence[Row], cast: Sequence[Row], schedule: Mapping[str, Any]
) -> bytes:
    """UTF-8 JSON; ids follow from what they name, so that the same scene has the same one in every version."""
    elements: dict[tuple[str, str], dict[str, Any]] = {}
    members = {member["id"]: member for member in cast}
    drop = schedule.get("drop_after", 0)

    def element(category: str, name: str, number: str | None = None) -> str:
        made = elements.setdefault(
            (category, name),
            {
                "id": _id(category, name),
                "category": _id("category", category),
                "created": _CREATED,
                "daysOff": [],
                "dropDayCount": drop,
                "elementId": number,
                "events": [],
                "isDood": category == "cast",
                "isDrop": bool(drop),
                "isHold": True,
                "isIdLock": number is not None,
                "linkedElements": [],
                "name": name,
            },
        )
        found: str = made["id"]
        return found

    def elements_of(row: Row) -> list[str]:
        ids = []
        place = " - ".join([*filter(None, [row["location"]]), *row["sublocations"]])
        told = {
            "int_ext": _INT_EXT.get(row["int_ext"] or ""),
            "set": place,
            "day_night": (row["day_night"] or "").upper(),
            "script_day": row.get("script_day"),
            "location": row["location"],
        }
        ids += [element(category, name) for category, name in told.items() if name]
        for who in (*row["cast"], *row["voices"]):
            member = members[who]
            ids.append(element("cast", member["name"], str(member["number"])))
        for category in CATEGORY_TITLES:
            ids += [element(category, name) for name in row.get("elements", {}).get(category, ())]
        return list(dict.fromkeys(ids))

    by_scene = {row["scene"]: row for row in rows}
    breakdowns: list[dict[str, Any]] = []
    shooting_days: list[list[str]] = []
    for day in schedule["days"]:
        strips: list[dict[str, Any]] = _banners(day, None)
        for scene in day["scenes"]:
            row = by_scene[scene["scene"]]
            strips += _banners(day, scene["scene"])
            told = {
                "description": row["description"] or None,
                "elements": elements_of(row),
                "pages": row["eighths"] / 8,
                "scene": label(row),
            }
            strips.append({**_strip("scene", row["scene"]), **told})
        breakdowns += strips
        shooting_days.append([strip["id"] for strip in strips])
    calendars = _calendars(schedule)
    boards = [("stripboard", shooting_days), ("boneyard", [])]
    body = {
        **_header(title),
        "breakdowns": breakdowns,
        "categories": [
            {"id": _id("category", kind), "created": _CREATED, "name": name, "ucid": number}
            for kind, (number, name) in _CATEGORIES.items()
        ],
        "elements": list(elements.values()),
        "stripboards": [
            {
                "id": _id("stripboard", title),
                "boards": [
                    {"id": _id("board", name), "name": name, "breakdownIds": ids}
                    for name, ids in boards
                ],
                "calendar": calendars[0]["id"] if calendars else None,
                "name": title,
            }
        ],
        "calendars": calendars,
    }
    text = json.dumps({"universalScheduleStandard": body}, ensure_ascii=False, indent=1)
    return (text + "\n").encode()


def _header(title: str) -> dict[str, Any]:
    unknown = ("author", "company", "description", "episode", "episodeName", "season")
    dates = ("schedColor", "schedDate", "scriptColor", "scriptDate")
    return {
        "id": _id("film", title),
        "created": _CREATED,
        "name": title,
        "project": title,
        "source": "CineForge",
        "ussVersion": "1.0.0",
        **dict.fromkeys((*unknown, *dates)),
    }


def _strip(kind: str, name: str) -> dict[str, Any]:
    """Every key must be there, also where nothing is known."""
    nothing = ("bannerText", "comments", "description", "pages", "scene", "scriptPage", "duration")
    return {
        "id": _id(kind, name),
        "created": _CREATED,
        "elements": [],
        "type": kind,
        **dict.fromkeys(nothing),
    }


def _banners(day: Row, before: str | None) -> list[dict[str, Any]]:
    """The banners of a day that stand before a scene, or at its head."""
    return [
        {**_strip("banner", f"{day['day']}/{number}/{each['text']}"), "bannerText": each["text"]}
        for number, each in enumerate(day.get("banners", ()))
        if each["before"] == before
    ]


def _calendars(schedule: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One calendar, if it is known when shooting starts: without a start it says nothing."""
    start = next((day["date"] for day in schedule["days"] if day.get("date")), None)
    if start is None:
        return []
    off = schedule.get("days_off", ())
    dates = [_event("dayOff", day, "dayOff") for day in off if day not in _WEEKDAYS]
    return [
        {
            "id": _id("calendar", "main"),
            "daysOff": sorted(_WEEKDAYS.index(day) for day in off if day in _WEEKDAYS),
            "events": [_event("start", start, None), *dates],
            "name": "Shooting days",
        }
    ]


def _event(kind: str, day: str, name: str | None) -> dict[str, Any]:
    moment = f"{day}T00:00:00.000Z"
    return {"id": _id(kind, day), "date": moment, "type": kind, "name": name}


def _id(kind: str, name: str) -> str:
    """12 bytes in hexadecimal digits, as the standard recommends."""
    return hashlib.sha256(f"{kind}\0{name}".encode()).hexdigest()[:24]
