"""The sheet as a page that needs no other file and no network."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

_STYLE = (
    "body{font:14px sans-serif;margin:2em;background:#222;color:#ddd}"
    "figure{display:inline-block;margin:0 .5em .5em 0}figcaption{color:#999}"
)


@dataclass(frozen=True)
class Picture:
    """One frame: its id, its moment in the shot in seconds, its PNG."""

    frame_id: str
    at_seconds: float
    image: bytes


@dataclass(frozen=True)
class Row:
    """One shot and its frames in order of time. `shot` is the payload."""

    shot_id: str
    shot: Mapping[str, Any]
    pictures: Sequence[Picture]


def sheet_html(heading: str, rows: Sequence[Row]) -> str:
    """The page, a section for each shot."""
    title = escape(heading)
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{_STYLE}</style>\n<h1>{title}</h1>\n" + "".join(map(_section, rows)) + "</html>\n"
    )


def _section(row: Row) -> str:
    shot = row.shot
    name = escape(f"{row.shot_id}: {shot['size']}, {shot['subject']}, {shot['seconds']:g} s")
    return (
        f"<section>\n<h2>{name}</h2>\n<p>{escape(shot['description'])}</p>\n"
        + "".join(map(_figure, row.pictures))
        + "</section>\n"
    )


def _figure(picture: Picture) -> str:
    image = base64.b64encode(picture.image).decode()
    name = escape(picture.frame_id)
    return (
        f'<figure><img src="data:image/png;base64,{image}" alt="{name}">'
        f"<figcaption>{picture.at_seconds:g} s</figcaption></figure>\n"
    )
