"""What a module reads, asked for by name: one, many, or perhaps none."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from cineforge.deciding.facts.store_world import StoreWorld
from cineforge.model.errors import ModuleFailed, StoreDamaged
from cineforge.model.metadata import Provenance, Source
from cineforge.model.own_payloads.collection import Collection
from cineforge.model.refs import ArtifactKey
from cineforge.running.workers.module_context.module_inputs import Inputs, ModuleInput
from cineforge.running.workers.module_context.previous_members import previous_payloads
from cineforge.running.workers.spec import InputFile
from cineforge.store import ArtifactStore

SAID = Provenance(source=Source.CODE)


@pytest.fixture
def scene() -> ModuleInput:
    return ModuleInput(InputFile("scene/scene_1@1", "scene_1", "nowhere", "no content"))


def test_an_input_is_given_as_the_manifest_declares_it(scene: ModuleInput) -> None:
    inputs = Inputs(scene=scene, scenes={"scene_1": scene}, notes=None, reports={})
    assert inputs.one("scene") is scene
    assert inputs.many("scenes") == {"scene_1": scene}
    assert inputs.optional("scene") is scene
    assert inputs.optional("notes") is None
    assert inputs.many("reports") == {}


def test_inputs_are_a_dict_for_whom_types_are_no_help(scene: ModuleInput) -> None:
    assert list(Inputs(scene=scene)) == ["scene"]
    assert Inputs(scene=scene)["scene"] is scene


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda given: given.one("scne"), "declares no input 'scne': did you mean 'scene'?"),
        (lambda given: given.many("x"), "declares no input 'x': known: notes, scene, scenes"),
        (lambda given: given.one("notes"), "ask for it by optional('notes')"),
        (lambda given: given.one("scenes"), "takes many: ask for it by many('scenes')"),
        (lambda given: given.many("scene"), "takes one artifact: ask for it by one('scene')"),
        (lambda given: given.many("notes"), "takes one artifact: ask for it by one('notes')"),
    ],
)
def test_a_mistake_is_told_with_what_to_write(
    scene: ModuleInput, ask: Callable[[Inputs], object], told: str
) -> None:
    with pytest.raises(ModuleFailed) as caught:
        ask(Inputs(scene=scene, scenes={}, notes=None))
    assert told in str(caught.value)


@pytest.fixture
def picture(tmp_path: Path) -> ModuleInput:
    """A published picture, of which a module is given an attached file."""
    with ArtifactStore(tmp_path) as store:
        ref = store.save_artifact("frame", "a", {"n": 1}, SAID, files={"a.png": b"a picture"})
        content = store.metadata(ref).content
        return ModuleInput(InputFile(str(ref), "a", str(store.folder(ref)), content))


def test_attached_files_are_those_that_were_published(picture: ModuleInput) -> None:
    planted = Path(picture._folder) / "files" / "b.png"
    planted.write_bytes(b"of somebody else")
    assert {name: path.read_bytes() for name, path in picture.files.items()} == {
        "a.png": b"a picture"
    }


@pytest.mark.parametrize("place", ["files/a.png", "meta.json"])
def test_of_a_version_that_was_changed_no_attached_file_is_given(
    picture: ModuleInput, place: str
) -> None:
    path = Path(picture._folder) / place
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"a", b"e"))
    with pytest.raises(StoreDamaged):
        _ = picture.files


@pytest.mark.parametrize("place", ["data.json", "meta.json"])
def test_what_a_fan_out_made_before_is_as_it_was_published_or_not_given(
    tmp_path: Path, place: str
) -> None:
    with ArtifactStore(tmp_path) as store:
        ref = store.save_artifact("scene", "scene_1", {"text": "dawn"}, SAID)
        folder = store.folder(ref)
    before = {"scene_1": folder}
    log = logging.getLogger("module")
    assert previous_payloads(before, None, log) == {"scene_1": {"text": "dawn"}}
    touch_up(folder / place)
    with pytest.raises(StoreDamaged, match="estore"):
        previous_payloads(before, None, log)


@pytest.mark.parametrize("place", ["data.json", "meta.json"])
def test_what_a_decision_reads_is_as_it_was_published(tmp_path: Path, place: str) -> None:
    """Of an input that names others, and of a collection that names members."""
    with ArtifactStore(tmp_path) as store:
        report = store.save_artifact("report", "a", {"who": ["dana"]}, SAID)
        key = ArtifactKey("cast.members")
        cast = store.save_artifact(*key, Collection(members={}).model_dump(mode="json"), SAID)
        world = StoreWorld(store, [])
        assert world.data(report) == {"who": ["dana"]}
        for ref in (report, cast):
            touch_up(store.folder(ref) / place)
        with pytest.raises(StoreDamaged, match=r"report/a/v0001/.*estore"):
            world.data(report)
        with pytest.raises(StoreDamaged, match=r"cast.members/_/v0001/.*estore"):
            world.collection(key)


def touch_up(path: Path) -> None:
    """Let a file say the same in other bytes: JSON still, but not what was published."""
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b" ")
