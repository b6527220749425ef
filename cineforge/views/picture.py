"""Pictures drawn by Graphviz."""

from __future__ import annotations

import shutil
import subprocess

from cineforge.model.errors import CineForgeError

#: Graphviz takes more than the square of the nodes: a picture that takes longer is too large to look at as well.
DRAWING_SECONDS = 120


class GraphvizMissing(CineForgeError):
    """There is no program `dot` on this machine."""


def draw_svg(dot: str) -> str:
    """A picture as SVG. Raises GraphvizMissing, and CineForgeError when it takes too long or fails."""
    program = shutil.which("dot")
    if program is None:
        raise GraphvizMissing(
            "svg needs Graphviz: install it (Debian: apt-get install graphviz), or use --format mermaid"
        )
    try:
        done = subprocess.run(
            [program, "-Tsvg"],
            input=dot,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=DRAWING_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise CineForgeError(
            f"Graphviz did not draw this within {DRAWING_SECONDS} seconds: draw less of it, with --stale, --type, --up,"
            " --down or a smaller --limit, or lay it out elsewhere (--format dot)"
        ) from None
    if done.returncode:
        raise CineForgeError(f"Graphviz failed: {done.stderr.strip()}")
    return done.stdout
