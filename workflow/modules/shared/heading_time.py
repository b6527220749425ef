"""Reads the time in a scene heading: light, clock times, days of the story, how a scene follows the one before."""

from __future__ import annotations

import re

from .heading_words import HeadingWords, words_in

_CLOCK = re.compile(r"(\d{1,2})(?:[:.H](\d{2})|\s?H)?\s?(AM|PM|UHR|H|O'CLOCK)?")
#: 0600 HRS, 2300 HOURS, 18.30 UHR is none.
_MILITARY = re.compile(r"(\d{2})(\d{2})\s?(?:HRS?|HOURS|H)\.?")
#: The day of the story as breakdowns write it: D4, N12.
STORY_DAY = re.compile(r"([DN])\s?\d{1,2}")


def tells_when(plain: str, words: HeadingWords) -> bool:
    """Whether a piece tells light or how the scene follows, and not only a year or a season."""
    return (
        bool(plain)
        and (light([plain], words) is not None or follows(plain, words))
        and (words.is_time(plain) or clock(plain, words) or is_time_there(plain, words))
    )


def is_time_there(plain: str, words: HeadingWords) -> bool:
    """What is a time if it stands after a place."""
    return (
        _ends_in_light(plain, words)
        or bool(STORY_DAY.fullmatch(plain))
        or words.is_time_of_a_place(plain)
    )


def _ends_in_light(plain: str, words: HeadingWords) -> bool:
    last = words_in(plain)[-1:]
    return bool(last) and words.is_light(last[0])


def follows(time: str, words: HeadingWords) -> bool:
    told = any(word in words.follows for word in (time, *words_in(time)))
    return told or any(_holds(time, word) for word in words.later)


def light(times: list[str], words: HeadingWords) -> str | None:
    phrase = re.sub(r"\s*\([^()]*\)", "", " ".join(times))
    # DAY FOR NIGHT is shot by day; MÁS TARDE holds no TARDE.
    phrase = phrase.partition(" FOR ")[0]
    for later in words.later:
        phrase = f" {phrase} ".replace(f" {later} ", " ").strip() if " " in later else phrase
    if any(_holds(phrase, magic) for magic in words.magic_hour):
        return "magic hour"
    said = {*words_in(phrase), *(t for t in times if " " in t and t in phrase)}
    day = any(_holds(phrase, word) for word in words.day) or bool(said & words.day)
    night = any(_holds(phrase, word) for word in words.night) or bool(said & words.night)
    if day and night:
        return None
    if day or night:
        if said & words.dawn or any(_holds(phrase, word) for word in words.dawn if " " in word):
            return "dawn"
        if night and said & words.dusk:
            return "dusk"
        return "day" if day else "night"
    return next(filter(None, (_clock_light(time, words) for time in times)), None)


def _holds(phrase: str, words: str) -> bool:
    return f" {words} " in f" {phrase} "


def clock(plain: str, words: HeadingWords) -> bool:
    return _hour(plain, words) is not None


def _hour(plain: str, words: HeadingWords) -> tuple[int, bool] | None:
    """The hour of a clock time, and whether it is sure: 10:30 may be either."""
    text = plain.replace("A.M.", "AM").replace("P.M.", "PM").replace("A.M", "AM")
    text = text.replace("P.M", "PM").removeprefix("AT ")
    first, _, behind = text.partition(" ")
    if first in words.hours:
        text = f"{words.hours.index(first) + 1} {behind}"
    found = _CLOCK.fullmatch(text)
    if military := _MILITARY.fullmatch(text):
        hour, minute = int(military[1]), int(military[2])
        return (hour, True) if hour < 25 and minute < 60 else None
    if not found or not (found[2] or found[3] or text.endswith("H")):
        return None
    hour = int(found[1])
    if hour > 24 or (found[2] and int(found[2]) > 59):
        return None
    if found[3] in ("AM", "PM"):
        return (hour % 12 + (12 if found[3] == "PM" else 0), True)
    sure = hour > 12 or hour == 0 or text.startswith("0") or found[3] in ("UHR", "H")
    return (hour, sure)


def _clock_light(time: str, words: HeadingWords) -> str | None:
    plain = re.sub(r"\s*\([^()]*\)", "", time)
    if day := STORY_DAY.fullmatch(plain):
        return "day" if day[1] == "D" else "night"
    told = _hour(plain, words)
    if told is None or not told[1]:
        return None
    return "day" if 6 <= told[0] < 18 else "night"
