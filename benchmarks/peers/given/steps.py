"""The work itself, as plain files, for every tool; `python steps.py analysis scene_1` does a step of it."""

import json
import sys
from pathlib import Path
from typing import Any


def read(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def write(path: str, data: Any) -> str:
    Path(path).parent.mkdir(exist_ok=True)
    Path(path).write_text(json.dumps(data), encoding="utf-8")
    return path


def script() -> str:
    return write("script.json", {"text": Path("story.txt").read_text(encoding="utf-8")})


def breakdown() -> list[str]:
    made = []
    for number, scene in enumerate(read("script.json")["text"].strip().split("\n\n"), start=1):
        heading, *lines = scene.split("\n")
        made.append(write(f"scene/scene_{number}.json", {"heading": heading, "lines": lines}))
    return made


def analysis(name: str) -> str:
    scene = read(f"scene/{name}.json")
    words = [word for line in scene["lines"] for word in line.split()]
    made = {"heading": scene["heading"], "words": len(words), "longest": max(words, key=len)}
    return write(f"analysis/{name}.json", made)


def scenes() -> list[str]:
    """The names of all, in order."""
    found = [path.stem for path in Path("scene").glob("scene_*.json")]
    return sorted(found, key=lambda name: int(name.removeprefix("scene_")))


def board() -> str:
    rows = [read(f"analysis/{name}.json") for name in scenes()]
    return write("board.json", {"scenes": rows, "words": sum(row["words"] for row in rows)})


if __name__ == "__main__":
    step, *names = sys.argv[1:]
    if step == "analysis":
        analysis(*names)
    else:
        {"script": script, "breakdown": breakdown, "board": board}[step]()
