"""What a project's alias file names and the script does not say: likely a slip, and told with the nearest name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cineforge import nearest

from .aliases import Aliases

_NAMED = 5
_WORD = re.compile(r"[^\W_]+")


def unmet_aliases(
    aliases: Aliases,
    scenes: Iterable[Mapping[str, Any]],
    numbers: Iterable[str],
    names: Mapping[str, Iterable[str]],
) -> Iterator[dict[str, Any]]:
    """A warning, if there is one to give. `names` are those that the script has, of `characters` and `locations`."""
    if not any(aliases.expected.values()):
        return
    text = _plain(" / ".join(_said(scenes)))
    unmet: list[tuple[int, str]] = []
    for kind, known in names.items():
        for said, line in aliases.expected.get(kind, ()):
            if f" {_plain(said).strip()} " not in text:
                close = nearest(said.upper(), [name.upper() for name in known])
                unmet.append((line, f"'{said}'" + (f" (did you mean '{close}'?)" if close else "")))
    there = {number.casefold() for number in numbers}
    for number, line in aliases.expected.get("scenes", ()):
        if number.casefold() not in there:
            unmet.append((line, f"scene {number}"))
    if not unmet:
        return
    told = list(dict.fromkeys(what for _, what in sorted(unmet)))
    lines = sorted({line for line, _ in unmet})[:_NAMED]
    more = f" and {len(told) - _NAMED} more" if len(told) > _NAMED else ""
    places = f"line{'s' * (len(lines) > 1)} {', '.join(map(str, lines))}"
    yield {
        "code": "alias-of-nothing",
        "count": len(unmet),
        "lines": lines,
        "message": f"aliases.yaml names what the script does not say ({len(unmet)}):"
        f" {', '.join(told[:_NAMED])}{more} ({places} of aliases.yaml)",
    }


def _said(scenes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for scene in scenes:
        yield scene["heading"]
        for element in scene["elements"]:
            yield element["text"]


def _plain(text: str) -> str:
    """Words alone, each between blanks."""
    words = " ".join(_WORD.findall(text.casefold()))
    return f" {words} "
