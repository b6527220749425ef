"""A scene as a sequence of beats: something happens, or somebody speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

_SEEN = frozenset({"action", "centered"})
_HEARD = frozenset({"dialogue", "lyrics"})


def beats_of(elements: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Actions and whole speeches in order, line breaks as spaces. What is neither seen nor heard is left out."""
    beats: list[dict[str, Any]] = []
    for element in elements:
        kind, text = element["type"], " ".join(element["text"].split())
        if kind in _SEEN and text:
            beats.append({"speaker": None, "text": text})
        elif kind == "character":
            beats.append({"speaker": element["character"], "text": ""})
        elif kind in _HEARD and text and beats:
            beats[-1]["text"] = f"{beats[-1]['text']} {text}".lstrip()
    return [beat for beat in beats if beat["text"]]
