"""What README.md shows of a project can be typed as it stands in one that was made from the shipped sample."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cineforge import ArtifactStore, parse_ref
from cineforge.commands.main import main

from .conftest import ROOT, copy_project
from .test_previs import Film, shot_film

pytestmark = pytest.mark.e2e
__all__ = ["shot_film"]

TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
#: Those that go on until somebody ends them, make a project, need what may not be there, or are typed elsewhere.
ELSEWHERE = {"ui", "init", "run", "watch", "edit", "export", "drafts", "runs", "at"}


def examples() -> Iterator[list[str]]:
    """The words of each line that begins with `cineforge` or `snakemake`."""
    for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] in ("cineforge", "snakemake"):
                yield words


COMMANDS = [
    words[1:]
    for words in examples()
    if words[0] == "cineforge" and words[1] not in ELSEWHERE and "svg" not in words
]


@pytest.fixture
def film(shot_film: Film, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Film:
    """The sample with both recipes, and a person's picture; typed from within."""
    film = Film(copy_project(shot_film, tmp_path / "film").folder)
    monkeypatch.chdir(film.folder)
    Path("mine.png").write_bytes(b"a picture")
    return film


def write_mine(film: Film, artifact_type: str, entity: str) -> None:
    """What a person might make of a head, in the file that the README names."""
    payload = film.load(artifact_type, entity)
    if "heading" in payload:
        payload["heading"] = "INT. HERE - DAY"
    Path("mine.json").write_text(json.dumps(payload), encoding="utf-8")


def test_questions_and_words_of_the_readme_can_be_typed_in_their_order(
    film: Film, capsys: pytest.CaptureFixture[str]
) -> None:
    for scene in ("scene_1", "scene_2"):  # so that there is something to compare
        write_mine(film, "scene", scene)
        assert main(["put", f"scene/{scene}", "mine.json", "--why", "so"]) == 0
    troubles = []
    for words in COMMANDS:
        if words[0] == "put":
            write_mine(film, *words[1].split("/"))
        status = main(words)
        if status not in ({0, 1} if words[0] in ("plan", "diff") else {0}):
            troubles.append((words, status, capsys.readouterr().err))
    assert not troubles
    assert len(COMMANDS) > 20


def test_the_artifacts_that_the_readme_names_are_there(film: Film) -> None:
    with ArtifactStore(film.folder, only_look=True) as store:
        entities = {key.entity_id for key in store.list_artifacts()}
        for words in examples():
            for word in words[2:]:
                name = re.sub(r"^current/|\.json$", "", word)
                if re.fullmatch(r"[a-z_]+/[a-z0-9_.]+(@\d+)?", name):
                    assert store.head(parse_ref(name)[0]), word
                elif re.fullmatch(r"scene_\d+[a-z0-9_.]*", word):
                    assert word in entities, word
