"""Breakdown and schedule as Universal Schedule Standard: JSON that scheduling programs exchange.

Movie Magic's own export (.sex) has no public description to check a file against; this standard has, with numbers for
categories that every program knows.
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

    def element(category: str, name: str, number: str = "") -> str:
        made = elements.setdefault(
            (category, name),
            {
                "id": _id(category, name),
                "created": _CREATED,
                "doodDropAllow": bool(drop),
                "doodDropDays": drop,
                "doodHoldAllow": True,
                "doodInclude": category == "cast",
                "elementId": number,
                "elementIdLock": bool(number),
                "linkedElements": [],
                "name": name,
                "events": [],
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
    breakdowns, order = [], []
    for day in schedule["days"]:
        for scene in day["scenes"]:
            for banner in day.get("banners", ()):
                if banner["before"] == scene["scene"]:
                    breakdowns.append(
                        _strip("banner", f"{day['day']}/{banner['text']}", banner["text"])
                    )
                    order.append(breakdowns[-1]["id"])
            row = by_scene[scene["scene"]]
            breakdowns.append(
                {
                    **_strip("scene", row["scene"], row["description"]),
                    "elements": elements_of(row),
                    "pages": row["eighths"] / 8,
                    "scene": label(row),
                }
            )
            order.append(breakdowns[-1]["id"])
        breakdowns.append({**_strip("day", str(day["day"]), ""), "pages": day["eighths"] / 8})
        order.append(breakdowns[-1]["id"])
    categories = [
        {
            "id": _id("category", category),
            "catId": number,
            "created": _CREATED,
            "elements": [made["id"] for (kind, _), made in elements.items() if kind == category],
            "name": name,
        }
        for category, (number, name) in _CATEGORIES.items()
    ]
    calendar = _calendar(schedule)
    body = {
        "id": _id("film", title),
        "author": "",
        "company": "",
        "created": _CREATED,
        "description": "",
        "episode": "",
        "episodeName": "",
        "name": title,
        "project": title,
        "schedColor": "",
        "schedDate": "",
        "scriptColor": "",
        "scriptDate": "",
        "season": "",
        "source": "CineForge",
        "version": "1.0.0",
        "ussVersion": "1.0.0",
        "breakdowns": breakdowns,
        "calendars": [calendar],
        "categories": categories,
        "elements": list(elements.values()),
        "stripboards": [
            {
                "id": _id("stripboard", title),
                "boards": [
                    {"id": _id("board", title), "name": "stripboard", "breakdownIds": order},
                    {"id": _id("boneyard", title), "name": "boneyard", "breakdownIds": []},
                ],
                "calendar": calendar["id"],
                "name": title,
            }
        ],
    }
    text = json.dumps({"universalScheduleStandard": body}, ensure_ascii=False, indent=1)
    return (text + "\n").encode()


def _strip(kind: str, name: str, description: str) -> dict[str, Any]:
    return {
        "id": _id(kind, name),
        "comments": "",
        "created": _CREATED,
        "description": description,
        "elements": [],
        "pages": 0,
        "scene": "",
        "scriptPage": "",
        "time": 0,
        "type": kind,
    }


def _calendar(schedule: Mapping[str, Any]) -> dict[str, Any]:
    start = next((day["date"] for day in schedule["days"] if day.get("date")), None)
    off = schedule.get("days_off", ())
    events = []
    if start:
        events.append(_event("start", "start", start))
    events += [_event("dayOff", "dayOff", day) for day in off if day not in _WEEKDAYS]
    return {
        "id": _id("calendar", "main"),
        "events": events,
        "daysOff": sorted(_WEEKDAYS.index(day) for day in off if day in _WEEKDAYS),
        "name": "Shooting days",
    }


def _event(effect: str, kind: str, day: str) -> dict[str, Any]:
    moment = f"{day}T00:00:00.000Z"
    return {"id": _id(effect, day), "effect": effect, "type": kind, "name": "", "date": moment}


def _id(kind: str, name: str) -> str:
    """12 bytes in hexadecimal digits, as the standard recommends."""
    return hashlib.sha256(f"{kind}\0{name}".encode()).hexdigest()[:24]
