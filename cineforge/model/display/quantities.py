"""Money and time as people read them, wherever they are told."""

from __future__ import annotations


def money(usd: float) -> str:
    """US dollars with two decimals, or four where there are fractions of a cent."""
    return f"${f'{usd:.4f}'.removesuffix('00')}"


def duration(seconds: float) -> str:
    """A time that something takes: `2.5 s`, `3 min 20 s`, `2 h 05 min`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
