"""A recipe as a Snakemake file: deterministic, formatted, and never made of the recipe's own strings."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cineforge.bridge.workflow_text.compiler import compile_recipe, python_literal
from cineforge.recipes.load import load_recipe
from cineforge.recipes.named import recipe_path
from cineforge.recipes.reading.yaml_source import load_yaml

BIN = Path(sys.executable).parent


def compiled(path: Path) -> str:
    recipe = load_recipe(path, project=None, variables={}, require_variables=False)
    return compile_recipe(recipe, load_yaml(path).data, path.name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["echo", "screenplay"])
def test_the_same_recipe_gives_the_same_bytes_already_formatted(name: str, tmp_path: Path) -> None:
    path = recipe_path(name, None)
    text = compiled(path)
    assert compiled(path) == text
    target = tmp_path / "compiled.smk"
    target.write_text(text, encoding="utf-8")
    subprocess.run([str(BIN / "snakefmt"), "--check", str(target)], check=True)


def test_the_header_says_where_it_came_from_and_no_machine_s_path() -> None:
    path = recipe_path("echo", None)
    text = compiled(path)
    assert 'from recipe "echo.yaml"' in text.splitlines()[0]
    assert str(path.parent) not in text


HOSTILE = [
    '"; import os; os.system("touch /tmp/owned") #',
    "''' + open('x', 'w') + '''",
    "{wildcards.entity}{params}{{}}",
    "line\nbreak\rreturn\x07bell\x7f",
    "\\",
    '"""',
    "\U0001f3ac café \u2028 \u0085",
    "${not_a_variable",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_one_quoted_literal(text: str, tmp_path: Path) -> None:
    source = yaml.safe_load(recipe_path("echo", None).read_text(encoding="utf-8"))
    source["description"] = text
    source["stages"][0]["params"] = {"note": text.replace("${", "$ {")}
    path = tmp_path / "hostile.yaml"
    path.write_text(yaml.safe_dump(source, allow_unicode=True), encoding="utf-8")
    code = compiled(path)
    head, _, rest = code.partition("forge = WorkflowEntry.open")
    literal = head.partition("RECIPE = ")[2]
    assert ast.literal_eval(literal)["description"] == text
    # What follows the literal is the same as for a harmless description.
    assert rest == compiled(recipe_path("echo", None)).partition("forge = WorkflowEntry.open")[2]


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(plain)
def test_any_plain_data_reads_back_as_itself(data: object) -> None:
    assert ast.literal_eval(python_literal(data)) == data
