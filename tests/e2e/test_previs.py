"""Two recipes on one project: previs reads what screenplay made, nests twice, costs money and attaches pictures."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from cineforge import ArtifactKey, ArtifactStore, Source
from cineforge.model.errors import StoreDamaged
from cineforge.recipes.schema_registry import registry_for

from .conftest import ROOT, Project, copy_project, made_once, start_bob

pytestmark = pytest.mark.e2e

SPEECH = "BOB\nHi hello.\n"


class Film(Project):
    """A project with both recipes."""

    def previs(self, *arguments: str, status: int | None = 0) -> str:
        """Run the second recipe. Targets first: `--config` swallows the words after it."""
        return self.snakemake(*arguments, "--config", "recipe=previs", "-c2", status=status)

    def rewrite(self, old: str, new: str) -> None:
        """Change one place of the screenplay and run the first recipe."""
        story = self.folder / "cyber_bob_ep1.fountain"
        text = story.read_text(encoding="utf-8")
        assert text.count(old) == 1
        story.write_text(text.replace(old, new), encoding="utf-8")
        self.snakemake()

    def configure(self, **project: str) -> None:
        """Set keys of the project's configuration in config.yaml."""
        path = self.folder / "config.yaml"
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        config["project"] = {**config.get("project", {}), **project}
        path.write_text(yaml.safe_dump(config), encoding="utf-8")

    def set_params(self, stage: str, **params: object) -> None:
        """Give the project its own copy of the recipe, with params and one retry for a stage."""
        own = self.folder / "recipes" / "previs.yaml"
        source = own if own.exists() else ROOT / "recipes" / "previs.yaml"
        recipe = yaml.safe_load(source.read_text(encoding="utf-8"))
        [entry] = [each for each in recipe["stages"] if each["id"] == stage]
        entry["params"] = {**entry.get("params", {}), **params}
        entry["retries"] = 1
        own.parent.mkdir(exist_ok=True)
        own.write_text(yaml.safe_dump(recipe, sort_keys=False), encoding="utf-8")

    def meta(self, name: str, version: int = 1) -> dict[str, Any]:
        path = self.folder / "artifacts" / name / f"v{version:04d}" / "meta.json"
        answer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return answer

    def states(self, stage: str, entity: str) -> list[dict[str, Any]]:
        """What the newest run's record says of one instance."""
        newest = max((self.folder / "runs").iterdir(), key=lambda run: run.stat().st_mtime_ns)
        state = json.loads((newest / "run_state.json").read_text(encoding="utf-8"))
        return [
            instance
            for record in state["stages"]
            if record["stage"] == stage
            for instance in record["instances"]
            if instance["entity"] == entity
        ]

    def entities(self, artifact_type: str) -> set[str]:
        return {
            name.partition("/")[2]
            for name in self.versions()
            if name.startswith(f"{artifact_type}/")
        }


@pytest.fixture
def shot_film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """The sample after one run of each recipe. Not to be changed: `film` is a copy of it."""

    def shoot(project: Project) -> None:
        start_bob(project).snakemake()
        Film(project.folder).previs()

    return Film(made_once(tmp_path_factory, "previs", shoot).folder)


@pytest.fixture
def film(shot_film: Film, tmp_path: Path) -> Film:
    return Film(copy_project(shot_film, tmp_path / "film").folder)


def kinds(gained: dict[str, int]) -> set[str]:
    return {name.partition("/")[0] for name in gained}


def test_scenes_become_shots_and_shots_become_frames(shot_film: Film) -> None:
    scenes = shot_film.entities("scene")
    assert shot_film.entities("previs_scene") == scenes
    shots, frames = shot_film.entities("shot"), shot_film.entities("frame")
    assert {shot.rpartition(".")[0] for shot in shots} == scenes
    assert {frame.rpartition(".")[0] for frame in frames} == shots
    assert shot_film.entities("contact_sheet") == scenes


def test_every_version_says_what_for_why_by_whom_and_by_which_schema(shot_film: Film) -> None:
    schemas = registry_for(shot_film.folder)
    with ArtifactStore(shot_film.folder, only_look=True) as store:
        made = [store.metadata(row.ref) for row in store.heads().values()]
    ours = [each for each in made if each.fingerprint and each.ref.artifact_type in schemas.names()]
    assert len({each.ref.artifact_type for each in ours}) == 22
    assert [each.ref for each in ours if not (each.intent and each.rationale)] == []
    by_models = {each.ref.artifact_type for each in ours if each.source is not Source.CODE}
    assert by_models == {"shot", "shot_list", "frame"}
    versions = {each.ref.artifact_type: each.schema_version for each in ours}
    assert versions == {name: schemas.schema(name).version for name in versions}


def test_a_sheet_gathers_the_frames_of_its_own_scene_and_no_others(shot_film: Film) -> None:
    for scene in shot_film.entities("contact_sheet"):
        read = {
            edge["ref"]["entity_id"]
            for edge in shot_film.meta(f"contact_sheet/{scene}")["lineage"]
            if edge["role"] == "frames"
        }
        own = {frame for frame in shot_film.entities("frame") if frame.startswith(f"{scene}.")}
        assert read == own


def test_the_animatic_cuts_every_shot_in_script_order(shot_film: Film) -> None:
    cuts = shot_film.load("animatic")["cuts"]
    index = [row["id"] for row in shot_film.load("scene_index")["scenes"]]
    assert sorted(cut["shot"] for cut in cuts) == sorted(shot_film.entities("shot"))
    assert list(dict.fromkeys(cut["scene"] for cut in cuts)) == index


def test_the_pictures_on_a_sheet_are_those_of_the_frames(shot_film: Film) -> None:
    sheet = shot_film.folder / "artifacts/contact_sheet/scene_2/v0001/files/contact_sheet.html"
    shown = re.findall(r"data:image/png;base64,([^\"]+)", sheet.read_text(encoding="utf-8"))
    attached = {
        path.read_bytes()
        for path in (shot_film.folder / "artifacts/frame").glob("scene_2.*/v0001/files/*.png")
    }
    assert {base64.b64decode(image) for image in shown} == attached
    assert len(attached) > 1


def test_an_attached_picture_is_sealed(film: Film) -> None:
    key = ArtifactKey("frame", "scene_2.shot_1.frame_1")
    with ArtifactStore(film.folder) as store:
        ref = store.head(key)
        assert ref is not None
        image = store.folder(ref) / "files" / "frame_1.png"
        [listed] = store.metadata(ref).files
        assert (listed.path, listed.size) == ("frame_1.png", image.stat().st_size)
        store.verify(ref)
        image.chmod(0o644)
        image.write_bytes(image.read_bytes().replace(b"IDAT", b"IDAt"))
        with pytest.raises(StoreDamaged, match=r"frame_1\.png does not match its seal"):
            store.verify(ref)


def test_every_call_is_in_the_bill_of_the_fan_out_that_made_it(shot_film: Film) -> None:
    for shot in shot_film.entities("shot"):
        pictures = [name for name in shot_film.entities("frame") if name.startswith(f"{shot}.")]
        calls = shot_film.meta(f"frames.members/{shot}")["cost"]
        assert [call["model"] for call in calls] == ["mock-image-1"] * len(pictures)
    [call] = shot_film.meta("shots.members/scene_1")["cost"]
    assert call["estimated_cost_usd"] > 0


def test_afterwards_there_is_nothing_to_do_for_either_recipe(film: Film) -> None:
    before = film.versions()
    assert "Nothing to be done" in film.previs()
    assert "Nothing to be done" in film.snakemake()
    assert "Nothing to be done" in film.previs()
    assert film.new_since(before) == {}


def test_an_edited_speech_rebuilds_its_shot_its_frames_and_its_scenes_sheet(film: Film) -> None:
    before = film.versions()
    film.rewrite(SPEECH, "BOB\nHi hello, dog.\n")
    with ArtifactStore(film.folder, only_look=True) as store:
        stale = {ref for ref in store.stale() if ref.entity_id}
    assert {ref.artifact_type for ref in stale} >= {
        "previs_scene",
        "shot",
        "frame",
        "contact_sheet",
    }
    assert {str(ref.entity_id).partition(".")[0] for ref in stale} == {"scene_1"}
    film.previs()
    gained = film.new_since(before)
    shots = [name for name in gained if name.startswith("shot/")]
    assert len(shots) == 1
    own = shots[0].removeprefix("shot/")
    assert own.startswith("scene_1.")
    assert gained[f"frames.members/{own}"] == 1
    assert {name for name in gained if name.startswith("frame/")} == {f"frame/{own}.frame_1"}
    assert gained["contact_sheet/scene_1"] == gained["previs_scene/scene_1"] == 1
    assert not [name for name in gained if "scene_2" in name or "scene_3" in name]
    assert "previs_order/_" not in gained
    assert "Nothing to be done" in film.previs()


def test_an_inserted_beat_makes_one_shot_and_leaves_the_others_alone(film: Film) -> None:
    before = film.versions()
    shots = film.entities("shot")
    film.rewrite(SPEECH, "BOB\nHi hello.\n\nA KITE falls.\n")
    film.previs()
    gained = film.new_since(before)
    [kite] = film.entities("shot") - shots
    assert {name for name in gained if name.startswith(("shot/", "frames.members/"))} == {
        f"shot/{kite}",
        f"frames.members/{kite}",
    }
    # The new number is the highest; the list tells that it stands third.
    assert film.load("shot_list", "scene_1")["shots"].index(kite) == 3
    assert gained["contact_sheet/scene_1"] == gained["animatic/_"] == 1


def test_a_cut_beat_leaves_sheet_and_animatic_without_its_frames(film: Film) -> None:
    film.rewrite("BOB\nHi hello.\n\nDOG\n", "DOG\n")
    film.previs()
    listed = film.load("shot_list", "scene_1")["shots"]
    [cut] = {shot for shot in film.entities("shot") if shot.startswith("scene_1.")} - {*listed}
    assert cut not in [cut["shot"] for cut in film.load("animatic")["cuts"]]
    assert cut not in [row["shot"] for row in film.load("contact_sheet", "scene_1")["shots"]]
    assert "stale" not in film.cineforge("status", "--directory", str(film.folder))
    assert "Nothing to be done" in film.previs()


def test_a_note_in_the_script_is_read_and_found_to_change_no_picture(film: Film) -> None:
    before = film.versions()
    film.rewrite(SPEECH, SPEECH + "\n[[Louder?]]\n")
    film.previs()
    assert kinds(film.new_since(before)) & {"shot", "frame", "contact_sheet", "animatic"} == set()
    assert "Nothing to be done" in film.previs()


def test_a_new_aspect_ratio_redraws_frames_and_what_shows_them(film: Film) -> None:
    before = film.versions()
    film.configure(aspect_ratio="1.85:1")
    said = film.previs()
    gained = film.new_since(before)
    assert kinds(gained) == {"project_config", "frame", "frames.members", "contact_sheet"}
    assert {name for name in gained if name.startswith("frame/")} == {
        f"frame/{entity}" for entity in film.entities("frame")
    }
    assert "project config changed: aspect_ratio" in said
    assert film.load("frame", "scene_1.shot_1.frame_1")["width"] == 133
    assert "Nothing to be done" in film.snakemake()
    assert "Nothing to be done" in film.previs()


def test_an_aspect_ratio_that_is_none_is_told_in_one_message(film: Film) -> None:
    film.configure(aspect_ratio="wide")
    said = film.previs(status=1)
    assert "aspect_ratio is 'wide': write width:height" in said
    assert "Traceback" not in said


def test_only_chosen_scenes_are_previsualised_and_the_rest_is_kept(film: Film) -> None:
    before = film.versions()
    film.set_params("pick_scenes", only=["scene_2"])
    film.previs()
    assert {cut["scene"] for cut in film.load("animatic")["cuts"]} == {"scene_2"}
    assert kinds(film.new_since(before)) == {"pick_scenes.members", "previs_order", "animatic"}
    said = film.previs("current/contact_sheet/scene_1.json", status=1)
    assert "there is no previs_scene 'scene_1' any more (it has vanished" in said
    film.set_params("pick_scenes", only=[])
    before = film.versions()
    film.previs()
    assert "contact_sheet/scene_1" not in film.new_since(before)
    assert {cut["scene"] for cut in film.load("animatic")["cuts"]} == film.entities("scene")


def test_one_scenes_sheet_can_be_asked_for_alone(done_bob: Project) -> None:
    film = Film(done_bob.folder)
    film.previs("current/contact_sheet/scene_2.json")
    assert film.entities("contact_sheet") == {"scene_2"}
    assert {shot.rpartition(".")[0] for shot in film.entities("shot")} == {"scene_2"}


def test_forced_frames_are_paid_for_again_and_keep_their_versions_where_equal(film: Film) -> None:
    before = film.versions()
    film.previs("current/contact_sheet/scene_2.json", "--forcerun", "frames")
    gained = film.new_since(before)
    shots = {shot for shot in film.entities("shot") if shot.startswith("scene_2.")}
    # The pictures come out the same: the collections alone record the calls and their cost.
    assert gained == {f"frames.members/{shot}": 1 for shot in shots}
    assert all(film.meta(f"frames.members/{shot}", 2)["cost"] for shot in shots)


def test_a_failing_shot_is_paid_for_once_and_then_goes_through(film: Film) -> None:
    film.set_params("pick_scenes", only=["scene_2"])
    film.set_params("frames", fail_attempts=1)
    said = film.previs("all_frames")
    assert "frames was asked to fail at attempt 1" in said
    pictures = len(film.load("frames.members", "scene_2.shot_1")["members"]["frame"])
    [state] = film.states("frames", "scene_2.shot_1")
    assert (state["state"], state["attempts"], state["calls"]) == ("done", 2, pictures)
    assert state["saved_usd"] == state["cost_usd"] > 0


def test_one_failing_shot_keeps_back_its_sheet_but_not_the_other_scenes(film: Film) -> None:
    film.set_params("frames", fail=["scene_2.shot_1"], every_seconds=2)
    before = film.versions()
    said = film.previs("--keep-going", status=1)
    assert "frames/scene_2.shot_1 (previs_frames_v1) failed: frames was asked to fail" in said
    gained = film.new_since(before)
    assert "contact_sheet/scene_2" not in gained
    assert gained["contact_sheet/scene_1"] == gained["contact_sheet/scene_3"] == 1


def test_without_the_first_recipe_the_second_says_what_to_run(project: Project) -> None:
    film = Film(project.folder)
    film.cineforge("init", str(film.folder), "--recipe", "previs")
    said = film.previs(status=1)
    assert "pick_scenes reads scene_index from the store, where there is none: " in said
    assert "run the recipe screenplay first" in said
    assert "Traceback" not in said
