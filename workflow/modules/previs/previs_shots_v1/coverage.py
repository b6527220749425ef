"""How a scene is covered: one wide shot to begin with, then a shot for every beat."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_WORDS_A_SECOND = 2.5  # 150 a minute, the usual pace of speech
_SHORTEST = 2.0
_OPENING = 3.0
#: Two capitals at least: `A` and `I` begin sentences. Screenplays write what is new to the eye in capitals.
_CAPITALS = re.compile(r"[^\W\d_a-zß-öø-ÿ]{2,}(?: [^\W\d_a-zß-öø-ÿ]{2,})*")


def shots_of(scene: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The shots of a `previs_scene` in order; lengths in seconds, to the half."""
    heading = scene["heading"]
    shots = [_shot("wide", heading, heading, _OPENING)]
    for beat in scene["beats"]:
        speaker, text = beat["speaker"], beat["text"]
        seconds = max(_SHORTEST, round(2 * len(text.split()) / _WORDS_A_SECOND) / 2)
        if speaker is None:
            shots.append(_shot("medium", _subject(text) or heading, text, seconds))
        else:
            shots.append(_shot("close", speaker, text, seconds))
    return shots


def _subject(action: str) -> str | None:
    """The first words in capitals."""
    found = _CAPITALS.search(action)
    return found.group() if found else None


def _shot(size: str, subject: str, description: str, seconds: float) -> dict[str, Any]:
    return {"size": size, "subject": subject, "description": description, "seconds": seconds}
