"""How near our lengths of scenes come to Final Draft's own: eighths of a page, scene by scene.

python -m benchmarks.lengths FILE.fdx ...      the files' own lengths are what Final Draft saved with them
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from tests.modules.module_bench import breakdown, read_script, report


def differences(path: Path) -> list[int]:
    """Of each scene that has a length in the file: ours, less that one."""
    scenes = breakdown(read_script(path))["scene"].values()
    return [
        report({key: value for key, value in scene.items() if key != "length"})["eighths"]
        - scene["length"]
        for scene in scenes
        if scene.get("length") and not scene.get("omitted")
    ]


def main(paths: list[str]) -> None:
    total: Counter[int] = Counter()
    for name in paths:
        found = Counter(differences(Path(name)))
        total += found
        print(f"{Path(name).name:40} {sum(found.values()):4} scenes {dict(sorted(found.items()))}")
    print(f"{'all':40} {sum(total.values()):4} scenes {dict(sorted(total.items()))}")


if __name__ == "__main__":
    main(sys.argv[1:])
