"""Moments as people write them."""

from __future__ import annotations

import re
from datetime import datetime, time

from cineforge.model.errors import CineForgeError

_DAY = re.compile(r"\d{4}-?\d{2}-?\d{2}|\d{4}-?W\d{2}-?\d")


def read_moment(moment: datetime | str) -> datetime:
    """A moment with its time zone, local unless another is named. A day alone means its end.

    Raises CineForgeError.
    """
    try:
        if isinstance(moment, datetime):
            return moment.astimezone()
        read = datetime.fromisoformat(moment)
        if _DAY.fullmatch(moment):
            read = datetime.combine(read, time.max)
        return read.astimezone()
    except (ValueError, OverflowError):
        raise CineForgeError(
            f"'{moment}' is no time: write e.g. 2026-11-20 or \"2026-11-20 18:30\""
        ) from None
