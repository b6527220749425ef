"""`python -m benchmarks.graph`: what drawing the artifacts of a project costs as the project grows.

Projects of a film's shape (a script, scenes, of each a report and three shots with a frame, a board: 8 artifacts a
scene) in which one scene has changed. Tells the CPU time of the graph of everything, of what one scene's report
stands on, and of `cineforge status`, as text and as a picture.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest import mock

from cineforge.model.metadata import Parent, Provenance, Source
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store import ArtifactStore, Publication, stage_payload

SIZES = (190, 1_000, 5_000)
SHOTS = 3
_BATCH = 5_000
QUESTIONS: dict[str, tuple[str, ...]] = {
    "status": ("status",),
    "graph": ("graph", "--format", "json"),
    "graph as svg": ("graph", "--format", "svg"),
    "graph --stale": ("graph", "--stale", "--format", "json"),
    "graph --up of one report": ("graph", "--up", "scene_report/scene_7", "--format", "json"),
    "graph --expand scene, svg": ("graph", "--expand", "scene", "--format", "svg"),
}


def made_film(folder: Path, scenes: int) -> Path:
    """A project of so many scenes; scene 7 has been edited since its report was made."""
    # Only while it is set up.
    with mock.patch("os.fsync"), ArtifactStore(folder) as store:
        script = store.save_artifact("script", None, {"draft": 1}, _made_from())
        names = [f"scene_{n}" for n in range(1, scenes + 1)]
        made = dict(_published(store, "scene", {name: [script] for name in names}))
        reports = dict(_published(store, "scene_report", {name: [made[name]] for name in names}))
        shots = {f"{name}.shot_{n}": [made[name]] for name in names for n in range(1, SHOTS + 1)}
        drawn = dict(_published(store, "shot", shots))
        dict(_published(store, "frame", {name: [ref] for name, ref in drawn.items()}))
        said = _made_from(*reports.values())
        store.save_artifact("strip_board", None, {"scenes": scenes}, said)
        edited = Provenance(source=Source.HUMAN, rationale="shorter", producing_role="ida")
        store.save_artifact("scene", "scene_7", {"id": "scene_7", "cut": True}, edited)
    return folder


def _published(
    store: ArtifactStore, artifact_type: str, made: dict[str, list[ArtifactRef]]
) -> Iterator[tuple[str, ArtifactRef]]:
    names = list(made)
    for start in range(0, len(names), _BATCH):
        some = names[start : start + _BATCH]
        batch = []
        for name in some:
            key = ArtifactKey(artifact_type, name)
            staged = stage_payload(store.project, key, {"id": name}, {}, store.owner)
            batch.append(Publication(staged, _made_from(*made[name])))
        yield from zip(some, store.publish(batch), strict=True)


def _made_from(*refs: ArtifactRef) -> Provenance:
    lineage = tuple(Parent(ref=ref, role=ref.artifact_type) for ref in refs)
    return Provenance(source=Source.AI, lineage=lineage)


def cpu_seconds(words: Sequence[str], project: Path) -> float:
    """What a command takes, with all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "cineforge", *words, "--directory", str(project)]
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--keep", type=Path, help="a folder for the projects, used again next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = options.keep or Path(temporary)
        projects = []
        for scenes in options.scenes:
            project = home / f"film_{scenes}"
            if not project.is_dir():
                made_film(project, scenes)
            projects.append(project)
        head = "".join(f"{project.name:>12}" for project in projects)
        print(f"{'seconds of CPU':<28}{head}")
        for label, words in QUESTIONS.items():
            taken = [cpu_seconds(words, project) for project in projects]
            print(f"{label:<28}" + "".join(f"{seconds:>12.2f}" for seconds in taken))


if __name__ == "__main__":
    main()
