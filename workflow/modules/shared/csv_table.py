"""A table as CSV (RFC 4180) that spreadsheet programs open as it is meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

#: A spreadsheet takes a cell that begins so for a formula; an apostrophe makes it text.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | int | float | None]],
    for_spreadsheets: bool = True,
) -> bytes:
    """UTF-8; for spreadsheets with the byte order mark without which Excel takes it for something else, and which other
    programs take for a part of the first column's name. None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return text.getvalue().encode("utf-8-sig" if for_spreadsheets else "utf-8")


def _cell(value: str | int | float | None) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
