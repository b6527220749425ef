"""`make test-slurm`: a Slurm cluster of two nodes on this machine, a film made on it, and a node lost in the middle.

Needs root and Debian's apt-get (`sudo make test-slurm`, or a container). Slurm and munge are installed when they are
missing. Whatever happens, no process of the cluster is left; nothing of a machine's own Slurm is touched.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from tests.slurm import processes
from tests.slurm.cluster import Cluster
from tests.slurm.film_story import film_story
from tests.slurm.packages import NoCluster, install, refuse_unless_possible
from tests.slurm.plain_story import plain_story
from tests.slurm.runs import StoryFailed

STORIES = {"plain": plain_story, "film": film_story}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.slurm", description=__doc__)
    parser.add_argument("--only", choices=STORIES, help="one story of the two")
    parser.add_argument("--folder", type=Path, help="where to work, and to leave what was made")
    options = parser.parse_args()
    try:
        refuse_unless_possible()
        install()
        for name in STORIES:
            if options.only in (None, name):
                _tell(name, options.folder)
    except (NoCluster, StoryFailed) as error:
        print(f"make test-slurm: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("make test-slurm: interrupted; the cluster is stopped", file=sys.stderr)
        return 130
    return 0


def _tell(name: str, keep: Path | None) -> None:
    began = time.monotonic()
    print(f"== {name}: starting munged, slurmctld and two slurmd's", flush=True)
    with tempfile.TemporaryDirectory(prefix=f"test-slurm-{name}-") as scratch:
        folder = Path(scratch) if keep is None else keep / name
        folder.mkdir(parents=True, exist_ok=True)
        with Cluster(logs=folder / "cluster_logs") as cluster:
            STORIES[name](cluster, folder)
    if left := processes.of_cluster(cluster.folder):
        raise StoryFailed(f"processes of the cluster are left: {left}")
    print(
        f"== {name}: holds, the cluster is stopped ({time.monotonic() - began:.0f} s)", flush=True
    )


if __name__ == "__main__":
    sys.exit(main())
