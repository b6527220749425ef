"""Whatever a file holds, it is read or refused with an explanation: nothing else ever comes out."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import CineForgeError, ProblemsFound
from cineforge.recipes.load import resolve_recipe
from cineforge.recipes.reading.yaml_source import parse_yaml
from tests.recipes.workshop import BOOK, Workshop

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["${x}", "${", "draft", "split", "piece", "any", "split.members", "\x1b[1m"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip

SHARED_FOLDER = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


def places(data: Any) -> list[tuple[Any, Any]]:
    """Every container and key in it."""
    items = data.items() if isinstance(data, dict) else enumerate(data)
    return [
        place
        for key, value in list(items)
        for place in [(data, key), *(places(value) if isinstance(value, dict | list) else [])]
    ]


@pytest.mark.slow
@SHARED_FOLDER
@given(st.data(), ANY_JSON)
def test_any_value_anywhere_in_a_recipe_is_taken_or_explained(
    shop: Workshop, data: st.DataObject, value: Any
) -> None:
    recipe = copy.deepcopy(yaml.safe_load(BOOK))
    container, key = data.draw(st.sampled_from(places(recipe)))
    container[key] = value
    try:
        resolve_recipe(recipe, project=shop.root, variables={"x": value})
    except ProblemsFound as found:
        assert found.problems
        assert "\x1b" not in str(found)


@SHARED_FOLDER
@given(
    st.binary(max_size=40) | st.text("abc:- \t\n{}[]'\"#&*!|>%@,?~0.", max_size=40).map(str.encode)
)
def test_any_bytes_are_read_as_plain_data_or_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.yaml"
    file.write_bytes(content)
    try:
        document = parse_yaml(file)
    except CineForgeError as error:
        assert str(file) in str(error)
    else:
        canonical_json(document.data)
