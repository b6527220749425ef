"""What facts are called on pages, and how numbers, times and names are written there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from cineforge.bridge.wording import decision_text
from cineforge.model.display.quantities import duration, money
from cineforge.model.health import Assessment
from cineforge.model.metadata import ArtifactMetadata
from cineforge.model.names import NO_ENTITY
from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.refs import ArtifactKey, ArtifactRef, parse_ref
from cineforge.project.judging import login_name

#: A sign beside each colour, for who does not tell colours apart, and on paper.
SIGNS = {
    "valid": "●",
    "stale": "▲",
    "needs_revision": "✎",
    "confirmed_valid": "✓",
    "vanished": "◌",
    "held": "■",
    "running": "▶",
    "done": "✓",
    "kept": "●",
    "adopted": "↺",
    "failed": "✕",
    "interrupted": "◼",
    "skipped": "◌",
    "pending": "○",
}
STATES = ("valid", "confirmed_valid", "stale", "needs_revision", "vanished")


def plain(name: str) -> str:
    """`needs_revision` as people write it."""
    return name.replace("_", " ")


def label(name: str) -> str:
    """A key of a payload as a heading."""
    text = name.replace("_", " ").strip()
    return text[:1].upper() + text[1:] if text else name


def moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def size(count: int) -> str:
    """A number of bytes."""
    amount, unit = float(count), "bytes"
    for larger in ("KB", "MB", "GB"):
        if amount < 1000:
            break
        amount, unit = amount / 1000, larger
    return f"{count} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"


def count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def maker(made: ArtifactMetadata) -> str:
    """Who made a version."""
    return made.producing_role or made.producing_module or made.source.value


def judge(word: Assessment) -> str:
    """Who judges: a person by name, a rule or an AI as that."""
    return word.who if word.by.value == "person" else f"{word.by.value} {word.who}"


def decision(record: DecisionRecord) -> str:
    """What was decided, in the words of the commands."""
    return decision_text(record)


def paid(made: ArtifactMetadata) -> float:
    return sum(call.estimated_cost_usd for call in made.cost)


def key_path(key: ArtifactKey) -> str:
    return f"{quote(key.artifact_type, safe='')}/{quote(key.entity_id or NO_ENTITY, safe='')}"


def artifact_url(named: ArtifactKey | ArtifactRef | str) -> str:
    """The page of an artifact, or of one version of it."""
    if isinstance(named, str):
        key, version = parse_ref(named)
    elif isinstance(named, ArtifactRef):
        key, version = named.key, named.version
    else:
        key, version = named, None
    at = "" if version is None else f"?version={version}"
    return f"/artifact/{key_path(key)}{at}"


def file_url(ref: ArtifactRef, name: str, kind: str = "file") -> str:
    """An attached file of a version."""
    return f"/{kind}/{key_path(ref.key)}/{ref.version}/{quote(name)}"


def url(path: str, **values: Any) -> str:
    """A path with a query; what is empty is left out."""
    pairs = [
        (name.rstrip("_"), each)
        for name, value in values.items()
        for each in (
            value if type(value) in (list, tuple) else [value]
        )  # a name is a tuple as well
        if each not in (None, "", 0, False)
    ]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def login() -> str:
    """Who is at the keyboard of the machine that serves: what `who` begins with."""
    return login_name()


def states_used(rows: Iterable[Counter[str]]) -> list[str]:
    """The states of health that occur, in their order."""
    found = list(rows)
    return [state for state in STATES if any(row[state] for row in found)]


def as_is(text: str) -> Markup:
    """Text that comes back from the browser: escaped, and not a letter of it changed."""
    return escape(text)


def few(names: list[str]) -> str:
    """The first of many names, and how many more there are."""
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more


FILTERS = {
    "few": few,
    "as_is": as_is,
    "plain": plain,
    "label": label,
    "money": money,
    "duration": duration,
    "moment": moment,
    "size": size,
    "artifact_url": artifact_url,
}
