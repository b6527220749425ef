"""What it costs to notice that folders changed: `python -m benchmarks.look [ARTIFACTS]`, in CPU seconds."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from cineforge.store import layout
from cineforge.store.index.marks import read_marks
from cineforge.store.index.tables.folder_times import Known, look_into, type_folders


def main() -> None:
    """Make so many artifacts of one version each, and print what each kind of look at them costs."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory(prefix="bench-look-") as folder:
        project = Path(folder)
        for n in range(count):
            (project / layout.ARTIFACTS / "scene" / f"scene_{n}" / "v0001").mkdir(parents=True)
        now = time.time_ns()
        known = Known(now, now, now)
        for name, deep in (("each artifact's folder", False), ("each version's folder", True)):
            look_into(project, "scene", known, deep=deep)
            began = time.process_time()
            look_into(project, "scene", known, deep=deep)
            print(f"{name}: {time.process_time() - began:.2f} s")
        began = time.process_time()
        read_marks(project)
        type_folders(project)
        print(f"marks and types: {(time.process_time() - began) * 1000:.2f} ms")


if __name__ == "__main__":
    main()
