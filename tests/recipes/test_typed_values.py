"""`NAME=VALUE` on a command line: a value has the type that it has in config.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import JsonValue

from cineforge.model.errors import DecisionFailed, NotFound, ProblemsFound
from cineforge.recipes.reading.given_values import given_values
from cineforge.recipes.reading.project_file import fill_config, override, read_config
from cineforge.recipes.reading.typed_values import assignments, typed_value


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1", 1),
        ("0.25", 0.25),
        ("true", True),
        ("", None),
        ('"1"', "1"),
        ("'007'", "007"),
        ("[1, on, {a: no}]", [1, "on", {"a": "no"}]),
        ('{aspect_ratio: "2.39:1"}', {"aspect_ratio": "2.39:1"}),
        # What only looks special is text, as it is typed.
        ("1e3", "1e3"),
        ("1_000", "1_000"),
        ("on", "on"),
        ("nan", "nan"),
        ("a=b", "a=b"),
        ("# 1: the dog.fountain", "# 1: the dog.fountain"),
        ("[draft] 2.fountain", "[draft] 2.fountain"),
        ("{a: 1}\nb: 2", "{a: 1}\nb: 2"),
        ("[*a]", "[*a]"),
        ("'", "'"),
        ("\udcff", "\udcff"),
        ("[\udcff]", "[\udcff]"),
        ("[" * 200, "[" * 200),
    ],
)
def test_a_value_is_what_the_same_words_are_in_config_yaml(
    tmp_path: Path, typed: str, value: object
) -> None:
    found = typed_value(typed)
    assert (found, type(found)) == (value, type(value))
    if "\udcff" not in typed:  # no text of any file
        (tmp_path / "config.yaml").write_text(yaml.safe_dump({"named": found}), encoding="utf-8")
        assert read_config(tmp_path) == {"named": value}


def test_all_words_that_are_no_assignments_are_told() -> None:
    with pytest.raises(DecisionFailed, match=r"--set story: write(.|\n)*'2nd' is no name"):
        assignments(["story", "fine=1", "2nd=3"], "--set")


def test_values_of_the_command_line_go_over_those_of_files_key_by_key() -> None:
    config: dict[str, JsonValue] = {"project": {"a": "1", "b": 2}, "usd": "1"}
    override(config, {"project": {"a": 1}, "usd": 1})
    assert config == {"project": {"a": 1, "b": 2}, "usd": 1}


def test_files_go_over_config_yaml_in_their_order_and_words_over_files(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.yaml", "b.json")]
    files[0].write_text("usd: 1\nat: 12:30\nproject: {a: 1, b: 1}\nrecipes: [one, two]\n")
    files[1].write_text('{"usd": 2, "project": {"b": 2}}')
    given = given_values(files, ["usd=3"])
    assert given["usd"] == 3
    (tmp_path / "config.yaml").write_text("recipe: one\nat: no\nusd: 0\nproject: {b: 0, c: 0}\n")
    fill_config(given, tmp_path)
    assert given == {
        "usd": 3,
        "at": "12:30",
        "project": {"a": 1, "b": 2, "c": 0},
        "recipes": ["one", "two"],
    }


def test_a_file_that_cannot_be_used_is_told_with_its_place(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    with pytest.raises(NotFound, match=r"there is no file .*wrong\.yaml"):
        given_values([wrong], [])
    wrong.write_text(
        "usd: 1\nproject: wide\nrecipe: [one]\n__use_yte__: true\nspending:\n  budgte: 5\n  budget: much\non_finish: 3"
    )
    with pytest.raises(ProblemsFound) as told:
        given_values([wrong], [])
    assert f"{wrong}:2: project: must hold" in str(told.value)
    assert f"{wrong}:3: recipe: must be" in str(told.value)
    assert f"{wrong}:4: __use_yte__: templates" in str(told.value)
    assert f"{wrong}:6: spending.budgte: did you mean 'budget'" in str(told.value)
    assert f"{wrong}:7: spending.budget: write an amount" in str(told.value)
    assert f"{wrong}:8: on_finish: write a command" in str(told.value)
