"""Models that nobody has to pay for: they cost what real ones might, the same for the same text."""

from __future__ import annotations

import math

from cineforge import ModuleContext

_CHARACTERS_A_TOKEN = 4
#: US dollars a token, and a picture.
_READ, _WRITTEN, _PICTURE = 2.5e-6, 1e-5, 0.04


def ask_text_model(context: ModuleContext, prompt: str, answer: str) -> None:
    """Record one call of `mock-text-1`."""
    read, written = _tokens(prompt), _tokens(answer)
    cost = read * _READ + written * _WRITTEN
    _record(context, "mock-text-1", read, written, cost)


def ask_image_model(context: ModuleContext, prompt: str) -> None:
    """Record one call of `mock-image-1`, which makes one picture."""
    read = _tokens(prompt)
    _record(context, "mock-image-1", read, 0, read * _READ + _PICTURE)


def _tokens(text: str) -> int:
    return math.ceil(len(text) / _CHARACTERS_A_TOKEN)


def _record(context: ModuleContext, model: str, read: int, written: int, cost: float) -> None:
    context.record_cost(
        model=model,
        input_tokens=read,
        output_tokens=written,
        estimated_cost_usd=round(cost, 6),
    )
