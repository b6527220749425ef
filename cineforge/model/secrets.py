"""What looks like a key or a password is kept out of records: they are copied, committed and sent to others."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from cineforge.model.canonical import digest_json

HIDDEN = "***"
_SEALED = "secret "

_NAME = (
    r"(?:api[_-]?keys?|(?:access|secret|private|signing|auth)[_-]?keys?|token|secrets?"
    r"|pass(?:word|wd|phrase)|pwd|credentials?|authorization|bearer)"
)
_SECRET_NAME = re.compile(rf"(?:.*[\W_]|[a-z]*)?{_NAME}", re.IGNORECASE)
#: `"password": "..."` and `password=...` within a value.
_NAMED = re.compile(rf"""({_NAME}["']?\s*[:=]\s*["']?)([^\s"',}}&]+)""", re.IGNORECASE)
_USER = re.compile(r"(\b[a-z][a-z0-9+.-]*://[^/\s:@]*:)([^/\s@]+)(?=@)", re.IGNORECASE)
#: How the keys of well-known services begin, web tokens, and private keys.
_KEY = re.compile(
    r"\b(?:sk|pk|rk)[-_][\w-]{16,}|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}"
    r"|\bglpat-[\w-]{16,}|\bhf_\w{20,}|\bxox[abeprs]-[\w-]{10,}|\bAIza[\w-]{30,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----.*",
    re.DOTALL,
)
_RANDOM = re.compile(r"[0-9a-fA-F]{32,}|(?=\S*\d)(?=\S*[a-z])(?=\S*[A-Z])[A-Za-z0-9+/_=-]{24,}")


#: Shorter ones would be found in every word.
_SHORTEST = 4


def looks_secret(name: str, value: object) -> bool:
    """Whether a value under a name is a key, a password or the like. Rather one too many."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return bool(_SECRET_NAME.fullmatch(name))
    if not isinstance(value, str) or not value or value.startswith(_SEALED):
        return False
    if _SECRET_NAME.fullmatch(name) or _RANDOM.fullmatch(value):
        return True
    return bool(_KEY.search(value) or _USER.search(value))


def secrets_in(values: Mapping[str, Any]) -> set[str]:
    """All texts in a configuration that look like that, at any depth."""
    found: set[str] = set()
    pending: list[tuple[str, Any]] = list(values.items())
    while pending:
        name, value = pending.pop()
        if isinstance(value, Mapping):
            pending += [(str(key), each) for key, each in value.items()]
        elif isinstance(value, list | tuple):
            pending += [(name, each) for each in value]
        elif looks_secret(name, value):
            found.add(str(value))
    return found


def holds_secret(value: Any, known: Collection[str]) -> bool:
    """Whether a value holds, at any depth, one of the secrets that are known, under whatever name."""
    if isinstance(value, Mapping):
        return any(holds_secret(each, known) for pair in value.items() for each in pair)
    if isinstance(value, list | tuple):
        return any(holds_secret(each, known) for each in value)
    if value is None or isinstance(value, bool):
        return False
    text = str(value)
    return text in known or any(each in text for each in known if len(each) >= _SHORTEST)


def data_without_secrets(value: Any, known: Collection[str]) -> Any:
    """The same data without the secrets that are known, and without what looks like one; keys stay as they are."""
    if isinstance(value, dict):
        return {key: data_without_secrets(each, known) for key, each in value.items()}
    if isinstance(value, list):
        return [data_without_secrets(each, known) for each in value]
    return without_secrets(value, known) if isinstance(value, str) else value


def without_secrets(text: str, known: Iterable[str] = ()) -> str:
    """A text without those that are known, and without what looks like one."""
    for each in sorted(known, key=len, reverse=True):
        if len(each) >= _SHORTEST:
            text = text.replace(each, HIDDEN)
    text = _KEY.sub(HIDDEN, text)
    text = _USER.sub(rf"\1{HIDDEN}", text)
    return _NAMED.sub(rf"\1{HIDDEN}", text)


def command_without_secrets(words: Iterable[str]) -> tuple[str, ...]:
    """A command line for the record."""
    return tuple(map(_word_without_secrets, words))


def _word_without_secrets(word: str) -> str:
    name, equals, value = word.partition("=")
    if equals and (_SECRET_NAME.fullmatch(name.lstrip("-")) or _RANDOM.fullmatch(value)):
        return f"{name}={HIDDEN}"
    return without_secrets(word)


def sealed(values: Mapping[str, Any], known: Collection[str] = ()) -> dict[str, Any]:
    """Values for a sealed record: of secrets the digest, which tells that one is another, and no more.

    `known` are secrets that may stand under a harmless name, or within a text: what secret variables were filled with.
    """
    return {
        name: f"{_SEALED}{digest_json(value)}"
        if secrets_in({name: value}) or holds_secret(value, known)
        else value
        for name, value in values.items()
    }
