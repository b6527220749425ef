"""Two hundred scenes: an edit rebuilds what it touches and nothing else."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from cineforge.model.health import ArtifactHealth
from cineforge.store import ArtifactStore

from .conftest import ROOT, Project, copy_project, made_once

pytestmark = pytest.mark.e2e

SCENES = 200
#: What is about the whole script, and so runs again when the length or the place of any scene changes.
POSITIONAL = dict.fromkeys(
    [
        *("strip_board", "one_liner", "day_out_of_days", "cross_reference", "board_page"),
        *("breakdown_sheets", "exports"),
    ],
    1,
)


def generator() -> ModuleType:
    path = ROOT / "samples" / "make_screenplay.py"
    spec = importlib.util.spec_from_file_location("make_screenplay", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project on a generated screenplay, run once. Not to be changed: `film` is a copy of it."""

    def write_and_run(project: Project) -> None:
        story = project.folder.with_name("long.fountain")
        story.write_text(generator().make_screenplay(scenes=SCENES, seed=1), encoding="utf-8")
        chosen = ("--recipe", "screenplay", "--story", str(story))
        project.cineforge("init", str(project.folder), *chosen)
        project.snakemake()

    return made_once(tmp_path_factory, "feature", write_and_run)


@pytest.fixture
def film(finished: Project, tmp_path: Path) -> Project:
    return copy_project(finished, tmp_path / "film")


def blocks(film: Project) -> tuple[str, list[str]]:
    """What precedes the first scene, and the scenes' texts in order."""
    text = (film.folder / "long.fountain").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^(?=(?:INT|EXT|EST|I/E|\.[A-Z])[^\n]*$)", text)
    assert len(parts) == SCENES + 1
    return parts[0], parts[1:]


def rewrite(film: Project, front: str, scenes: list[str]) -> None:
    (film.folder / "long.fountain").write_text(front + "".join(scenes), encoding="utf-8")


def calls_of(film: Project) -> dict[str, int]:
    """The module calls of the next run, by stage."""
    before = film.module_calls()
    film.snakemake()
    return dict(film.module_calls() - before)


def assert_all_valid(film: Project) -> None:
    with ArtifactStore(film.folder) as store:
        ill = [
            str(row.ref)
            for row in store.heads().values()
            if row.health is not ArtifactHealth.VALID and not row.vanished
        ]
    assert ill == []


def of_type(gained: dict[str, int], artifact_type: str) -> dict[str, int]:
    return {name: n for name, n in gained.items() if name.startswith(f"{artifact_type}/")}


def bibles(gained: dict[str, int]) -> dict[str, int]:
    return of_type(gained, "character_bible") | of_type(gained, "location_bible")


def test_every_scene_has_its_report_and_its_strip(finished: Project) -> None:
    versions = finished.versions()
    assert len(of_type(dict.fromkeys(versions, 1), "scene_report")) == SCENES
    assert len(finished.load("strip_board")["rows"]) == SCENES
    assert_all_valid(finished)


def test_the_same_command_again_has_nothing_to_do(film: Project) -> None:
    before = film.versions()
    assert "Nothing to be done" in film.snakemake()
    assert film.versions() == before


def test_one_line_of_dialogue_rebuilds_one_scene_and_what_reads_it(film: Project) -> None:
    front, scenes = blocks(film)
    spoken = re.compile(r"(?m)^([A-Z][A-Z' ]+(?: \([^)]*\))?\n(?:\([^)]*\)\n)?)([^\n]+)$")
    place = next(i for i in range(100, SCENES) if spoken.search(scenes[i]))
    scenes[place] = spoken.sub(r"\1\2 And then some more words.", scenes[place], count=1)
    rewrite(film, front, scenes)
    before = film.versions()

    calls = calls_of(film)

    gained = film.new_since(before)
    assert sum(of_type(gained, "scene").values()) == 1
    assert sum(of_type(gained, "scene_report").values()) == 1
    assert gained["strip_board/_"] == 1
    assert not of_type(gained, "character")
    assert not of_type(gained, "location")
    (touched,) = (film.load("scene", name.partition("/")[2]) for name in of_type(gained, "scene"))
    assert set(bibles(gained)) == {
        f"location_bible/{touched['location']}",
        *(f"character_bible/{person['id']}" for person in touched["characters"]),
    }
    assert calls == {
        "ingest": 1,
        "breakdown": 1,
        "scene_report": 1,
        "character_bible": len(touched["characters"]),
        "location_bible": 1,
        **POSITIONAL,
    }
    assert_all_valid(film)


def test_a_scene_inserted_at_the_front_is_all_that_is_new(film: Project) -> None:
    front, scenes = blocks(film)
    new = "INT. LIGHTHOUSE LAMP ROOM - NIGHT\n\nThe lamp goes out. Nobody is there to see it.\n\n"
    rewrite(film, front, [new, *scenes])
    before = film.versions()

    assert calls_of(film)["scene_report"] == 1

    gained = film.new_since(before)
    assert list(of_type(gained, "scene")) == [f"scene/scene_{SCENES + 1}"]
    assert list(of_type(gained, "scene_report")) == [f"scene_report/scene_{SCENES + 1}"]
    assert list(of_type(gained, "location")) == ["location/lighthouse_lamp_room"]
    assert list(bibles(gained)) == ["location_bible/lighthouse_lamp_room"]
    assert gained["strip_board/_"] == 1
    first = film.load("strip_board")["rows"][0]
    assert first["scene"] == f"scene_{SCENES + 1}"
    assert_all_valid(film)


def test_a_scene_cut_from_the_middle_vanishes_and_leaves_the_others_alone(film: Project) -> None:
    front, scenes = blocks(film)
    rewrite(film, front, scenes[:100] + scenes[101:])
    before = film.versions()
    cut = film.load("scene", "scene_101")

    assert "scene_report" not in calls_of(film)

    gained = film.new_since(before)
    assert not of_type(gained, "scene")
    assert gained["strip_board/_"] == 1
    assert set(bibles(gained)) == {
        f"location_bible/{cut['location']}",
        *(f"character_bible/{person['id']}" for person in cut["characters"]),
    }
    with ArtifactStore(film.folder) as store:
        assert {str(key) for key in store.vanished()} >= {
            "scene/scene_101",
            "scene_report/scene_101",
        }
    assert_all_valid(film)


def test_two_scenes_swapped_change_the_order_alone(film: Project) -> None:
    front, scenes = blocks(film)
    scenes[50], scenes[51] = scenes[51], scenes[50]
    rewrite(film, front, scenes)
    before = film.versions()

    calls = calls_of(film)

    assert set(calls) <= {"ingest", "breakdown", *POSITIONAL}
    gained = film.new_since(before)
    assert not of_type(gained, "scene")
    assert not bibles(gained)
    assert gained["strip_board/_"] == 1
    order = [row["scene"] for row in film.load("strip_board")["rows"]]
    assert order[50:52] == ["scene_52", "scene_51"]
    assert_all_valid(film)


def test_touching_the_story_or_commenting_in_the_recipe_does_nothing(film: Project) -> None:
    (film.folder / "long.fountain").touch()
    recipes = film.folder / "recipes"
    recipes.mkdir()
    recipe = (ROOT / "recipes" / "screenplay.yaml").read_text(encoding="utf-8")
    commented = "# A comment.\n" + recipe.replace("description: ", "description: Really, ")
    (recipes / "screenplay.yaml").write_text(commented, encoding="utf-8")
    assert "Nothing to be done" in film.snakemake()


def test_a_copy_without_its_index_has_nothing_to_do(film: Project) -> None:
    for path in sorted((film.folder / ".cineforge").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert "Nothing to be done" in film.snakemake()


def test_forcing_a_stage_makes_one_new_version_of_each_report(film: Project) -> None:
    before = film.versions()
    film.snakemake("all", "--forcerun", "scene_report")
    gained = film.new_since(before)
    assert len(gained) == SCENES
    assert set(of_type(gained, "scene_report").values()) == {1}


def test_forcing_everything_calls_every_module_and_keeps_identical_members(film: Project) -> None:
    before = film.module_calls()
    versions = film.versions()
    film.snakemake("-F")
    assert dict(film.module_calls() - before) == {
        "ingest": 1,
        "breakdown": 1,
        "scene_report": SCENES,
        "character_bible": len(of_type(dict.fromkeys(versions, 1), "character")),
        "location_bible": len(of_type(dict.fromkeys(versions, 1), "location")),
        **POSITIONAL,
    }
    gained = film.new_since(versions)
    assert not of_type(gained, "scene")
    assert not of_type(gained, "character")
    assert len(of_type(gained, "scene_report")) == SCENES


def test_a_dry_run_after_an_edit_names_the_work_and_writes_nothing(film: Project) -> None:
    front, scenes = blocks(film)
    rewrite(film, front, scenes[1:])
    before = film.other_files()
    said = film.snakemake("-n")
    assert "ingest: source file changed" in said
    assert "breakdown: unknown until ingest has run" in said
    assert "scene_report: what there is to do is known only when breakdown has run" in said
    assert film.other_files() == before
