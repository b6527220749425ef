"""What of a manifest's text is code: all of it but its estimate, which only tells of cost and changes nothing made."""

from __future__ import annotations

from typing import Any

import yaml

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import ProblemsFound
from cineforge.recipes.reading.yaml_source import parse_yaml_bytes

_KEY = "estimate"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def without_estimate(content: bytes) -> bytes:
    """The manifest as if it had no estimate: without the lines of it, all others as they are.

    So one that has none stays what it is. Where an estimate shares its lines with other keys, data
    stand for the text.
    """
    if _KEY.encode() not in content:
        return content
    try:
        data = parse_yaml_bytes(content, "").data
        if _KEY not in data:
            return content
        cut = _without_lines(content.decode("utf-8-sig"))
    except (ProblemsFound, UnicodeDecodeError, yaml.YAMLError):
        return content  # it is told where the manifest is read
    if cut is None:
        return canonical_json({key: value for key, value in data.items() if key != _KEY})
    mark = b"\xef\xbb\xbf"
    return (mark if content.startswith(mark) else b"") + cut.encode()


def _without_lines(text: str) -> str | None:
    """The text without the lines of the estimate; None if there is more to these lines."""
    top: Any = yaml.compose(text, Loader=_Loader)
    key, value = next(pair for pair in top.value if pair[0].value == _KEY)
    begins, ends = key.start_mark.index, _end(value)
    rest, newline, after = text[ends:].partition("\n")
    stands_alone = text[begins - 1 : begins] in ("", "\n") and not rest.partition("#")[0].strip()
    # What is named there by an anchor may stand elsewhere, too.
    if not stands_alone or ends < begins or "&" in text[begins:ends]:
        return None
    return text[:begins] + after if newline else text[:begins]


def _end(node: Any) -> int:
    """Where a value ends: the mark of a block is where the next token begins."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end(node.value[-1][1])
    end: int = node.end_mark.index
    return end
