"""Canonical JSON and tagged digests: the same data always gives the same bytes."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from cineforge.model.errors import InvalidPayload

DIGEST_TAG = "sha256:"


def canonical_json(data: Any) -> bytes:
    """UTF-8 JSON with sorted keys, no NaN, two-space indent and a final newline.

    Raises InvalidPayload for anything that is not plain JSON (non-text keys, NaN, lone surrogates, other types).
    """
    _require_text_keys(data)
    try:
        text = json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
        return text.encode("utf-8") + b"\n"
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidPayload(f"the payload is not plain JSON: {error}") from error


def _require_text_keys(data: Any) -> None:
    # json.dumps turns the keys 1, True and None into text, so that {1: ..} and {"1": ..} would collide.
    pending = [data]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise InvalidPayload(f"the payload is not plain JSON: key {key!r} is not text")
            pending.extend(value.values())
        elif isinstance(value, list | tuple):
            pending.extend(value)


def digest_bytes(data: bytes) -> str:
    """The tagged SHA-256 of some bytes."""
    return DIGEST_TAG + hashlib.sha256(data).hexdigest()


def digest_json(data: Any) -> str:
    """The tagged SHA-256 of the canonical form of some JSON data."""
    return digest_bytes(canonical_json(data))
