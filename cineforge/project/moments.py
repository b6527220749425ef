"""Moments as people write them."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta

from cineforge.model.errors import CineForgeError

_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}-?\d")
_FRACTION = re.compile(r"[.,]\d")
_WEEK = re.compile(r"\d{4}-?W\d{2}")


def read_moment(moment: datetime | str) -> datetime:
    """A moment with its time zone, local unless another is named. A day or a week alone means its end, and so does
    a second without a fraction: tables show no more of a time.

    Raises CineForgeError.
    """
    try:
        if isinstance(moment, datetime):
            return moment.astimezone()
        read = datetime.fromisoformat(moment)
        if _WEEK.fullmatch(moment):
            read = datetime.combine(read + timedelta(days=6), time.max)
        elif _DAY.fullmatch(moment):
            read = datetime.combine(read, time.max)
        elif not _FRACTION.search(moment):
            read = read.replace(microsecond=999_999)
        return read.astimezone()
    except (ValueError, OverflowError):
        raise CineForgeError(
            f"'{moment}' is no time: write e.g. 2026-11-20 or \"2026-11-20 18:30\""
        ) from None
