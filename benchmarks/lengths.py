"""How near our lengths of scenes come to Final Draft's own: eighths of a page, scene by scene.

python -m benchmarks.lengths FILE.fdx ...      the files' own lengths are what Final Draft saved with them
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "modules"))

from module_bench import FakeContext, breakdown, report, run  # noqa: E402


def differences(path: Path) -> list[int]:
    """Of each scene that has a length in the file: ours, less that one."""
    context = FakeContext(sources={"source": path})
    script = run("fountain_ingest_v1", context=context, source="x")["script"].data
    scenes = breakdown(script)["scene"].values()
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
