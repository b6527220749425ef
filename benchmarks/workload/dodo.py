# mypy: ignore-errors
"""The same work by doit: plain files, compared by their contents; no versions, nothing on record."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from doit import create_after

DOIT_CONFIG = {"default_tasks": ["board"], "verbosity": 0}
Task = dict[str, Any]


def _read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _write(path: str, data: Any) -> None:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(json.dumps(data), encoding="utf-8")


def _scenes() -> list[str]:
    return [path.stem for path in Path("scene").glob("scene_*.json")]


def _script() -> None:
    _write("script.json", {"text": Path("story.txt").read_text(encoding="utf-8")})


def _breakdown() -> None:
    for number, scene in enumerate(_read("script.json")["text"].strip().split("\n\n"), start=1):
        heading, *lines = scene.split("\n")
        _write(f"scene/scene_{number}.json", {"heading": heading, "lines": lines})


def _analysis(name: str) -> None:
    scene = _read(f"scene/{name}.json")
    words = [word for line in scene["lines"] for word in line.split()]
    made = {"heading": scene["heading"], "words": len(words), "longest": max(words, key=len)}
    _write(f"analysis/{name}.json", made)


def _board() -> None:
    names = sorted(_scenes(), key=lambda name: int(name.removeprefix("scene_")))
    rows = [_read(f"analysis/{name}.json") for name in names]
    _write("board.json", {"scenes": rows, "words": sum(row["words"] for row in rows)})


def task_script() -> Task:
    return {"actions": [_script], "file_dep": ["story.txt"], "targets": ["script.json"]}


def task_breakdown() -> Task:
    return {"actions": [_breakdown], "file_dep": ["script.json"]}


@create_after(executed="breakdown", target_regex=r"analysis/.*")
def task_analysis() -> Iterator[Task]:
    for name in _scenes():
        yield {
            "name": name,
            "actions": [(_analysis, [name])],
            "file_dep": [f"scene/{name}.json"],
            "targets": [f"analysis/{name}.json"],
        }


@create_after(executed="breakdown")
def task_board() -> Task:
    return {
        "actions": [_board],
        "file_dep": [f"analysis/{name}.json" for name in _scenes()],
        "task_dep": ["analysis"],
        "targets": ["board.json"],
    }
