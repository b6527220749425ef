"""Ids made of names: of characters and of locations."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .shared.character_names import name_key

_LONGEST = 60


def ids_of(
    keys: Iterable[str],
    previous: Mapping[str, Mapping[str, Any]],
    others: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, str]:
    """The id of each name's key. `previous` holds the payloads of the last run: the same name keeps its id.

    `others` gives keys that count for a key as well: if none of the last run has its own name, it goes on as the first
    of those that has one of theirs and is wanted by nobody else.
    """
    known = {name_key(payload["name"]): entity for entity, payload in previous.items()}
    wanted = sorted(keys)
    ids = {key: known[key] for key in wanted if key in known}
    for key in wanted:
        if key in ids or others is None:
            continue
        given = set(ids.values())
        for other in others.get(key, ()):
            if other in known and known[other] not in given:
                ids[key] = known[other]
                break
    # An id of the last run stays its owner's even if nobody bears that name any more.
    taken = set(known.values())
    for key in wanted:
        if key in ids:
            continue
        entity = _slug(key)
        if entity in taken:
            entity = f"{entity[:_LONGEST]}_{_short_digest(key)}"
        ids[key] = entity
        taken.add(entity)
    return ids


def usual(spellings: Counter[str]) -> str:
    """The most frequent spelling; of equally frequent ones the first by alphabet."""
    return min(spellings, key=lambda name: (-spellings[name], name))


def _slug(key: str) -> str:
    """`cyber_bob`; a name that Latin letters alone cannot tell carries a digest of itself: `name_5f0c2a91`."""
    letters = "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))
    words = "_".join(re.findall(r"[a-z0-9]+", letters.replace("'", "")))
    # A cue like AAAAAAAAAAAH is a scream of any length: three of a kind tell it.
    slug = re.sub(r"(.+?)\1{3,}", r"\1\1\1", words)
    if len(slug) <= _LONGEST and slug and all(c.isascii() for c in letters if c.isalnum()):
        return slug
    return f"{slug[:_LONGEST].strip('_') or 'name'}_{_short_digest(key)}"


def _short_digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:8]
