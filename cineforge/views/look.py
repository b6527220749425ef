"""How a state of health looks in every picture: a colour, and a kind of line for those who see no colours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Look:
    fill: str
    line: str
    style: str  # as Graphviz names kinds of lines
    width: float = 1.2

    @property
    def dashes(self) -> str:
        """The same kind of line for SVG."""
        return {"dashed": "6 3", "dotted": "2 3"}.get(self.style, "")


#: Apart in lightness too: of reddish and greenish colours one in twelve men sees one.
LOOKS = {
    "valid": Look("#e3f1e3", "#2f6f3e", "solid"),
    "confirmed_valid": Look("#dbe9fb", "#1f5fae", "solid", 2.4),
    "stale": Look("#ffe0b3", "#a34700", "dashed", 2.4),
    "needs_revision": Look("#f9d0d6", "#a1123a", "dotted", 2.4),
    "vanished": Look("#f0f0f0", "#8a8a8a", "dotted"),
}
CHANGED = Look("#fff3a6", "#5c4a00", "solid", 3.2)
#: Of edges: what changed and made its reader stale, what passes staleness on, all others.
CHANGED_EDGE = Look("", "#a34700", "solid", 3.0)
STALE_EDGE = Look("", "#a34700", "dashed", 2.0)
PLAIN_EDGE = Look("", "#9a9a9a", "solid", 1.0)
