"""Schemas by name: a project's own, those that modules bring, those that are shipped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cineforge.model.errors import NotFound, ProblemsFound
from cineforge.recipes.generate import MIRRORED, schema_files, write_schemas
from cineforge.recipes.schema_registry import SchemaError, SchemaRegistry, registry_for
from cineforge.recipes.share import share_root
from tests.recipes.scene_schema import SCENE
from tests.recipes.workshop import BOOK, Workshop


def write(folder: Path, name: str, content: Any) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (folder / f"{name}.schema.json").write_text(text)


def test_a_registry_validates_by_name(tmp_path: Path) -> None:
    write(tmp_path, "scene", SCENE)
    registry = SchemaRegistry([tmp_path])
    assert registry.names() == ["scene"]
    assert registry.get("scene") == SCENE
    assert registry.validate("scene", {"heading": "x"}) == []
    (error,) = registry.validate("scene", {"heading": 1})
    assert isinstance(error, SchemaError)
    assert error.keys == ("heading",)


def test_an_unknown_schema_is_answered_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path, "scene", SCENE)
    with pytest.raises(NotFound, match="did you mean 'scene'"):
        SchemaRegistry([tmp_path]).get("scenes")


def test_an_earlier_folder_wins(tmp_path: Path) -> None:
    write(tmp_path / "a", "scene", {"type": "string"})
    write(tmp_path / "b", "scene", {"type": "integer"})
    registry = SchemaRegistry([tmp_path / "gone", tmp_path / "a", tmp_path / "b"])
    assert registry.get("scene") == {"type": "string"}


def test_the_digest_is_that_of_the_content_not_of_the_layout(tmp_path: Path) -> None:
    write(tmp_path / "a", "x", '{"type": "object", "required": ["a"]}')
    write(tmp_path / "b", "x", '{\n "required": ["a"],\n "type": "object"}')
    write(tmp_path / "c", "x", '{"type": "object", "required": ["b"]}')
    a, b, c = (SchemaRegistry([tmp_path / name]).digest("x") for name in "abc")
    assert a == b != c


@pytest.mark.parametrize(
    ("schema", "version"),
    [
        ({"version": "2.1", "$id": "https://film.example/scene"}, "2.1"),
        ({"version": 3}, "3"),
        ({"$id": "https://film.example/scene/4"}, "https://film.example/scene/4"),
        ({"$id": "scene.schema.json"}, None),
        ({"version": ["2"]}, None),
        ({}, None),
    ],
)
def test_a_schemas_version_is_what_it_says_or_its_digest(
    tmp_path: Path, schema: dict[str, Any], version: str | None
) -> None:
    write(tmp_path, "scene", schema)
    read = SchemaRegistry([tmp_path]).schema("scene")
    assert read.version == (version or read.digest)
    assert read.errors({}) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "must be a JSON object"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ('{"a": NaN}', "not plain JSON"),
        ("[" * 100_000, "recursion"),
    ],
)
def test_an_unreadable_schema_is_reported_with_its_file(
    tmp_path: Path, text: str, said: str
) -> None:
    write(tmp_path, "bad", text)
    with pytest.raises(ProblemsFound, match=r"bad\.schema\.json") as caught:
        SchemaRegistry([tmp_path]).get("bad")
    assert said in str(caught.value)


def test_an_invalid_schema_is_reported_before_it_judges_anything(tmp_path: Path) -> None:
    write(tmp_path, "bad", {"type": "objekt", "pattern": "(["})
    with pytest.raises(ProblemsFound) as caught:
        SchemaRegistry([tmp_path]).validate("bad", {})
    assert len(caught.value.problems) == 2


def test_a_project_sees_its_own_schemas_first_then_shipped_ones_then_its_modules(
    empty_shop: Workshop,
) -> None:
    empty_shop.schema("scene", {"title": "mine"})
    folder = empty_shop.module("writing", "write_v1", outputs=[{"type": "verse"}])
    empty_shop.schema_file("verse").unlink()
    write(folder / "schemas", "verse", {"title": "the module's"})
    registry = registry_for(empty_shop.root)
    assert registry.get("scene") == {"title": "mine"}
    assert registry.get("verse") == {"title": "the module's"}
    assert registry.get("hold")["title"] == "Hold"


def test_a_recipe_uses_the_schema_that_a_module_brings(empty_shop: Workshop) -> None:
    folder = empty_shop.module("writing", "write_v1", outputs=[{"type": "verse"}])
    empty_shop.schema_file("verse").unlink()
    text = "recipe_id: r\nstages:\n  - {id: write, module: write_v1}\n"
    problem = empty_shop.problem(text)
    assert (Path(problem.file).name, problem.path) == ("module.yaml", "outputs[0].type")
    assert "there is no schema 'verse'" in problem.message
    write(folder / "schemas", "verse", {"title": "the module's"})
    assert empty_shop.load(text).stages["write"].outputs[0].schema == "verse"


def test_a_module_whose_own_schema_nobody_else_would_see_is_refused(empty_shop: Workshop) -> None:
    folder = empty_shop.module("writing", "write_v1", outputs=[{"type": "verse"}])
    write(folder / "schemas", "verse", {"title": "the module's"})
    problem = empty_shop.problem("recipe_id: r\nstages:\n  - {id: write, module: write_v1}\n")
    assert "own schema 'verse' differs" in problem.message


def test_an_input_that_asks_for_more_than_the_output_promises_is_a_problem(shop: Workshop) -> None:
    shop.schema("draft", {"type": "object", "properties": {"text": {"type": "string"}}})
    shop.schema("long_draft", {"required": ["text", "pages"]})
    shop.module(
        "reading",
        "read_v1",
        inputs={"draft": {"type": "draft", "schema": "long_draft"}},
        outputs=[{"type": "read"}],
    )
    problem = shop.problem(BOOK + "  - {id: read, module: read_v1, needs: [draft]}\n")
    assert (problem.line, problem.path) == (8, "stages[4].needs")
    assert "'draft' of stage 'draft' does not fit the input 'draft'" in problem.message
    assert "requires 'text'" in problem.message
    assert "requires 'pages'" in problem.message


def test_an_unreadable_schema_is_reported_once_however_many_name_it(shop: Workshop) -> None:
    shop.module(
        "reading",
        "read_v1",
        inputs={"draft": {"type": "draft", "schema": "draft"}},
        outputs=[{"type": "read"}],
    )
    shop.schema_file("draft").write_text("{")
    problem = shop.problem(BOOK + "  - {id: read, module: read_v1, needs: [draft]}\n")
    assert problem.file == str(shop.schema_file("draft"))


def test_an_inputs_schema_must_exist(shop: Workshop) -> None:
    shop.module(
        "reading",
        "read_v1",
        inputs={"draft": {"type": "draft", "schema": "drafd"}},
        outputs=[{"type": "read"}],
    )
    problem = shop.problem(BOOK + "  - {id: read, module: read_v1, needs: [draft]}\n")
    assert problem.path == "inputs.draft.schema"
    assert "did you mean 'draft'?" in problem.hint


@pytest.mark.parametrize("name", MIRRORED)
def test_the_schemas_that_mirror_models_have_not_drifted(name: str) -> None:
    """When this fails: python -m cineforge.recipes.generate."""
    root = share_root() / "schemas"
    file = root / f"{name}.schema.json"
    assert file.read_text(encoding="utf-8") == schema_files(root)[file]


def test_generating_writes_only_what_changed(tmp_path: Path) -> None:
    assert len(write_schemas(tmp_path)) == len(MIRRORED)
    (tmp_path / "recipe.schema.json").write_text("{}")
    assert write_schemas(tmp_path) == [tmp_path / "recipe.schema.json"]
    assert write_schemas(tmp_path) == []


def test_every_shipped_schema_is_a_valid_one() -> None:
    registry = registry_for(None)
    for name in registry.names():
        registry.validate(name, None)


@pytest.mark.parametrize("kind", ["recipe", "module"])
def test_the_generated_schemas_accept_what_is_shipped(kind: str) -> None:
    from cineforge.recipes.reading.yaml_source import load_yaml

    root = share_root()
    files = {
        "recipe": sorted((root / "recipes").glob("*.yaml")),
        "module": sorted((root / "workflow" / "modules").glob("*/*/module.yaml")),
    }[kind]
    registry = SchemaRegistry([root / "schemas"])
    assert files
    for file in files:
        assert registry.validate(kind, load_yaml(file).data) == []


def test_a_number_of_5_000_digits_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "schemas" / "artifacts"
    folder.mkdir(parents=True)
    (folder / "note.schema.json").write_text(f'{{"maxProperties": {"9" * 5000}}}')
    with pytest.raises(ProblemsFound, match="5000 digits"):
        registry_for(tmp_path).get("note")
