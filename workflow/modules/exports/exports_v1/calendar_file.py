"""The shooting days as an iCalendar file (RFC 5545)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from .tables import label

_NAMESPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")


def calendar_file(title: str, schedule: Mapping[str, Any]) -> bytes:
    """An event of a whole day for each; the same day of the same film is the same event in every version."""
    calendar = Calendar()
    calendar.add("prodid", "-//CineForge//shooting days//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"{title}: shooting days")
    for day in schedule["days"]:
        if not day.get("date"):
            continue
        when = date.fromisoformat(day["date"])
        event = Event()
        name = f"{title}/{day['day']}"
        event.add("uid", f"{uuid.uuid5(_NAMESPACE, name)}@cineforge")
        # Not the moment of writing: the same schedule gives the same bytes.
        event.add("dtstamp", datetime(when.year, when.month, when.day, tzinfo=UTC))
        event.add("dtstart", when)
        event.add("dtend", when + timedelta(days=1))
        places = "; ".join(day["locations"])
        event.add("summary", f"{title}: day {day['day']}, {day['pages']} pages")
        event.add("location", places)
        lines = [
            f"{label(row)} {' '.join(row['heading'].split())} ({row['pages']})"
            for row in day["scenes"]
        ]
        event.add("description", "\n".join(lines))
        calendar.add_component(event)
    made: bytes = calendar.to_ical()
    return made
