"""Fan-outs in fan-outs through a film's life: cuts, returns, undos, renamings, people's edits, other recipes."""

from __future__ import annotations

import json
from collections import Counter

import pytest
import yaml

from .conftest import Project
from .workshop import write_module, write_recipe

pytestmark = pytest.mark.e2e

#: Each line of the script is a scene, `heading: words`; its words are its frames.
SCENES = """
from cineforge import MatchItem, match_ids

def item(text):
    heading, _, words = text.partition(": ")
    return MatchItem(content=text, heading=heading, text=words)

def run_module(inputs, params, project_config, context):
    texts = context.source("script").read_text().splitlines()
    ids = match_ids(
        {own: item(text) for own, text in context.previous("scene").items()},
        [item(text) for text in texts],
        used=context.used_ids("scene"),
        prefix="scene_",
        vanished=lambda: {own: item(text) for own, text in context.vanished("scene").items()},
    )
    return ModuleResult(outputs={"scene": {own: Output(data=t) for own, t in zip(ids, texts)}})
"""
FRAMES = """
def run_module(inputs, params, project_config, context):
    words = inputs["scene"].data.partition(": ")[2].split()
    return ModuleResult(outputs={"frame": {word: Output(data=word) for word in words}})
"""
INK = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"ink": Output(data=inputs["frame"].data.upper())})
"""
GATHER = """
def run_module(inputs, params, project_config, context):
    texts = [each.data for _, each in sorted(inputs["all"].items())]
    return ModuleResult(outputs={"%s": Output(data=" ".join(texts))})
"""
NOTICE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"notice": Output(data="all pages were bound before this")})
"""


@pytest.fixture
def film(project: Project) -> Project:
    """Scenes, their frames, ink on each, a page for each scene, one book of all, and a notice after it."""
    home = project.folder
    source = {
        "type": "object",
        "properties": {"script": {"type": "string", "format": "source-file"}},
    }
    one = {"scene": {"type": "scene"}}
    for made, code, more in (
        ("scene", SCENES, {"parameters": source, "many": True}),
        ("frame", FRAMES, {"inputs": one, "many": True}),
        ("ink", INK, {"inputs": {"frame": {"type": "frame"}}}),
        ("page", GATHER % "page", {"inputs": {"all": {"type": "ink", "many": True}}}),
        ("book", GATHER % "book", {"inputs": {"all": {"type": "page", "many": True}}}),
        ("notice", NOTICE, {}),
    ):
        many = more.pop("many", False)
        manifest = {"stage": "film", "outputs": [{"type": made, "many": many}], **more}
        write_module(home, f"{made}_v1", manifest, code)
    write_recipe(
        home,
        [
            {"id": "scenes", "module": "scene_v1", "params": {"script": "script.txt"}},
            {"id": "frames", "module": "frame_v1", "needs": ["scenes"], "for_each": "scene"},
            {"id": "inks", "module": "ink_v1", "needs": ["frames"], "for_each": "frame"},
            {"id": "pages", "module": "page_v1", "needs": ["inks"], "for_each": "scene"},
            {"id": "books", "module": "book_v1", "needs": ["pages"]},
            {"id": "notices", "module": "notice_v1", "after": ["books"]},
        ],
    )
    return project


def run(film: Project, *script: str) -> tuple[dict[str, int], str]:
    """The module calls of a run on a script, and what was said."""
    (film.folder / "script.txt").write_text("\n".join(script), encoding="utf-8")
    before = film.module_calls()
    said = film.snakemake()
    return dict(film.module_calls() - before), said


def ask(film: Project, *words: str) -> str:
    return film.cineforge(*words, "--directory", str(film.folder))


def put(film: Project, artifact: str, text: str) -> None:
    file = film.folder.parent / "edited.json"
    file.write_text(json.dumps(text), encoding="utf-8")
    ask(film, "put", *artifact.split("/"), str(file))


def test_a_script_is_rewritten_again_and_again_and_only_what_it_touches_is_done(
    film: Project,
) -> None:
    made, said = run(film, "a: ant bee", "b: cat")
    assert made == {"scenes": 1, "frames": 2, "inks": 3, "pages": 2, "books": 1, "notices": 1}
    assert said.index("books: never built") < said.index("notices: never built")

    made, _ = run(film, "a: ant bee")
    assert made == {"scenes": 1, "books": 1}, "a cut"

    # Not an undo: this script was never seen. The scene that comes back is known all the same.
    made, _ = run(film, "a: ant bee dog", "b: cat")
    assert made == {"scenes": 1, "frames": 1, "inks": 1, "pages": 1, "books": 1}
    assert film.load("book") == "ANT BEE DOG CAT"
    assert set(film.load("scenes.members")["members"]["scene"]) == {"scene_1", "scene_2"}

    made, _ = run(film, "z: ant bee dog", "b: cat")
    assert made == {"scenes": 1, "frames": 1}, (
        "a scene that is called otherwise, with the same frames"
    )

    made, said = run(film, "a: ant bee dog", "b: cat")
    assert made == {}, "an undo"
    assert "scenes: adopted" in said

    put(film, "frame/scene_1.ant", "wasp")
    put(film, "frame/scene_1.ant", "hornet")
    made, _ = run(film, "a: ant bee dog eel", "b: cat")
    assert made == {"scenes": 1, "frames": 1, "inks": 2, "pages": 1, "books": 1}
    assert film.load("book") == "HORNET BEE DOG EEL CAT"
    held = film.load("frames.members", "scene_1")["members"]["frame"]["scene_1.ant"]
    assert held["outcome"] == "kept", "the machine still says what the person had edited"

    made, _ = run(film, "a: bee dog eel", "b: cat")
    assert made == {"scenes": 1, "frames": 1, "pages": 1, "books": 1}, "an edited frame vanishes"
    made, _ = run(film, "a: fox bee ant dog eel", "b: cat")
    assert made == {"scenes": 1, "frames": 1, "inks": 1, "pages": 1, "books": 1}
    assert film.load("book") == "HORNET BEE DOG EEL FOX CAT", "it comes back as edited"

    made, _ = run(film, "")
    assert made == {"scenes": 1, "books": 1}
    assert film.load("book") == ""
    made, _ = run(film, "a: fox bee ant dog eel", "b: cat")
    assert made == {}
    assert film.load("book") == "HORNET BEE DOG EEL FOX CAT"
    assert "Nothing to be done" in film.snakemake()
    assert "stale" not in ask(film, "status")


def test_two_recipes_take_turns_on_one_project(film: Project) -> None:
    """The second reads what the first made, where there is any, and brings configuration of its own."""
    optional = {"scene": {"type": "scene", "many": True, "optional": True}}
    manifest = {"stage": "film", "inputs": optional, "outputs": [{"type": "poster"}]}
    code = GATHER % "poster"
    write_module(film.folder, "poster_v1", manifest, code.replace('"all"', '"scene"'))
    poster = {
        "recipe_id": "advert",
        "description": "A poster.",
        "project": {"colour": "red"},
        "stages": [{"id": "posters", "module": "poster_v1", "optional_store_inputs": ["scene"]}],
    }
    (film.folder / "recipes/advert.yaml").write_text(yaml.safe_dump(poster), encoding="utf-8")

    def advertise() -> str:
        return film.snakemake("all", "--config", "recipe=advert", "-c2")

    advertise()
    assert film.load("poster") == ""
    run(film, "a: ant", "b: bee")
    assert "added scene_1, scene_2" in advertise()
    assert film.load("poster") == "a: ant b: bee"
    before = film.versions()
    assert "Nothing to be done" in film.snakemake()
    assert "Nothing to be done" in advertise()
    assert film.versions() == before
    assert before["project_config/_"] == [1, 2]
    assert Counter(film.module_calls())["posters"] == 2
    (film.folder / "config.yaml").write_text(
        "recipe: made\nproject: {mood: wild}\n", encoding="utf-8"
    )
    film.snakemake()
    assert film.versions()["project_config/_"] == [1, 2, 3]
