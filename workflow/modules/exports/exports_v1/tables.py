"""Tables as Kitsu and StudioBinder import them (Kitsu's by the code of its server, zou, which reads them).

Kitsu makes assets of `Type, Name, Description`, shots of `Sequence, Name, ...`, and links them by `casting`; here a
scene is a sequence with one shot to begin with. StudioBinder's importer asks which column is which.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .shared.csv_table import csv_bytes
from .shared.elements_of_reports import CATEGORY_TITLES

Row = Mapping[str, Any]
_SHOT = "0010"
_ASSET_TYPES = {
    "props": "Props",
    "set_dressing": "Props",
    "vehicles": "Props",
    "animals": "Characters",
    "background": "Characters",
    "sfx": "FX",
    "vfx": "FX",
}
_INT_EXT = {"interior": "INT", "exterior": "EXT", "both": "INT/EXT", None: ""}


def label(row: Row) -> str:
    """A scene's number, or else its place in the script."""
    return str(row["number"] or row["ordinal"])


def kitsu_assets(rows: Sequence[Row], cast: Sequence[Row]) -> bytes:
    found: dict[tuple[str, str], str] = {}
    for member in cast:
        found[_asset("Characters", member["name"])] = f"Cast number {member['number']}"
    for row in rows:
        for kind, name in _assets(row, {}):
            found.setdefault(_asset(kind, name), "")
    cells = ([kind, name, text] for (kind, name), text in _plain(found))
    return csv_bytes(["Type", "Name", "Description"], cells, for_spreadsheets=False)


def kitsu_shots(rows: Sequence[Row]) -> bytes:
    columns = ["Episode", "Sequence", "Name", "Description", "Nb Frames", "Frame In", "Frame Out"]
    cells = (
        ["", _sequence(row), _SHOT, f"{row['heading']}. {row['description']}".strip(), "", "", ""]
        for row in rows
    )
    return csv_bytes(columns, cells, for_spreadsheets=False)


def kitsu_casting(rows: Sequence[Row], cast: Sequence[Row]) -> bytes:
    names = {member["id"]: member["name"] for member in cast}
    columns = ["Episode", "Parent", "Name", "Asset Type", "Asset", "Occurences", "Label"]
    cells: list[list[str | int]] = []
    for row in rows:
        linked = dict.fromkeys(_asset(kind, name) for kind, name in _assets(row, names))
        sequence = _sequence(row)
        cells += [
            ["", sequence, _SHOT, kind, name, 1, "fixed"] for (kind, name), _ in _plain(linked)
        ]
    return csv_bytes(columns, cells, for_spreadsheets=False)


def studiobinder(rows: Sequence[Row], cast: Sequence[Row]) -> bytes:
    names = {member["id"]: f"{member['number']}. {member['name']}" for member in cast}
    kinds = [kind for kind in CATEGORY_TITLES if kind != "cast"]
    columns = [
        *("Scene", "Int/Ext", "Set", "Day/Night", "Page Count", "Script Day", "Synopsis"),
        *("Location", "Cast", *(CATEGORY_TITLES[kind] for kind in kinds)),
    ]
    cells = (
        [
            label(row),
            _INT_EXT[row["int_ext"]],
            " - ".join([*filter(None, [row["location"]]), *row["sublocations"]]),
            (row["day_night"] or "").upper(),
            row["pages"],
            row.get("script_day"),
            row["description"],
            row["location"],
            ", ".join(names[who] for who in (*row["cast"], *row["voices"])),
            *(", ".join(row.get("elements", {}).get(kind, ())) for kind in kinds),
        ]
        for row in rows
    )
    return csv_bytes(columns, cells)


def _assets(row: Row, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for who in (*row["cast"], *row["voices"]) if names else ():
        yield "Characters", names[who]
    if row["location"]:
        yield "Environment", row["location"]
    for kind, them in row.get("elements", {}).items():
        for name in them if kind in _ASSET_TYPES else ():
            yield _ASSET_TYPES[kind], name


def _asset(kind: str, name: str) -> tuple[str, str]:
    """Kitsu tells assets apart without regard to case, and finds none again whose name begins with a mark."""
    plain = " ".join(name.split()).upper()
    return kind, re.sub(r"^[\W_]+", "", plain) or plain


def _sequence(row: Row) -> str:
    """A scene as a sequence: Kitsu finds it again by its letters and numbers alone."""
    return re.sub(r"[\W_]+", "-", label(row)).strip("-") or str(row["ordinal"])


def _plain(found: Mapping[tuple[str, str], Any]) -> list[tuple[tuple[str, str], Any]]:
    return sorted(found.items())
