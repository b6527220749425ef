"""How near our lengths of scenes come to Final Draft's own: eighths of a page, scene by scene, and in all.

python -m benchmarks.lengths FILE.fdx ...      the files' own lengths are what Final Draft saved with them
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from cineforge import ModuleFailed
from tests.modules.module_bench import breakdown, read_script, report


def lengths(path: Path) -> list[tuple[int, int]]:
    """Of each scene that has a length in the file: ours, and that one."""
    scenes = breakdown(read_script(path))["scene"].values()
    return [
        (
            report({key: value for key, value in scene.items() if key != "length"})["eighths"],
            scene["length"],
        )
        for scene in scenes
        if scene.get("length") and not scene.get("omitted")
    ]


def main(paths: list[str]) -> None:
    everything: list[tuple[int, int]] = []
    for name in paths:
        try:
            found = lengths(Path(name))
        except ModuleFailed as failed:
            print(failed)
            continue
        everything += found
        _print(Path(name).name, found)
    _print("all", everything)


def _print(name: str, found: list[tuple[int, int]]) -> None:
    ours, theirs = sum(own for own, _ in found), sum(their for _, their in found)
    off = Counter(own - their for own, their in found)
    print(
        f"{name:40} {len(found):4} scenes, {ours:4} for {theirs:4} eighths, off {dict(sorted(off.items()))}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
