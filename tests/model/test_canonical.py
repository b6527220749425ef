"""The canonical form is what every digest and seal stands on: it must be the same for ever."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from cineforge.model.canonical import canonical_json
from cineforge.model.errors import InvalidPayload
from cineforge.model.metadata import seal_of, sealed_json
from tests.depth import examples

texts = st.text(st.characters(exclude_categories=["Cs"]))
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(texts, inner),
)


@pytest.mark.slow
@settings(max_examples=examples(80))
@given(plain)
def test_it_is_what_the_standard_library_writes_with_sorted_keys_and_an_indent_of_one(
    data: object,
) -> None:
    expected = json.dumps(data, sort_keys=True, ensure_ascii=False, allow_nan=False, indent=1)
    assert canonical_json(data) == f"{expected}\n".encode()


def test_kinds_of_text_and_of_numbers_are_written_as_what_they_are() -> None:
    class Colour(StrEnum):
        RED = "red"

    class Size(IntEnum):
        LARGE = 3

    assert canonical_json([Colour.RED, Size.LARGE, True]) == b'[\n "red",\n 3,\n true\n]\n'


@pytest.mark.parametrize(
    "data",
    [
        {1: "a"},
        {"a": {None: 1}},
        {"a": 1, 2: "b"},
        [float("nan")],
        float("-inf"),
        "\ud800",
        {"\udfff": 1},
        {1, 2},
        b"bytes",
        object(),
    ],
)
def test_what_is_not_plain_json_is_refused(data: object) -> None:
    with pytest.raises(InvalidPayload, match="not plain JSON"):
        canonical_json(data)


def test_what_is_as_deep_as_the_standard_library_reads_and_writes_is_accepted() -> None:
    deep: object = 1
    for n in range(800):
        deep = {"in": deep} if n % 2 else [deep]
    raw = canonical_json(deep)
    assert json.loads(raw) == deep
    assert raw == json.dumps(deep, ensure_ascii=False, indent=1).encode() + b"\n"


def test_what_holds_itself_is_refused() -> None:
    ring: list[object] = []
    ring.append(ring)
    with pytest.raises(InvalidPayload, match="not plain JSON"):
        canonical_json(ring)


@settings(max_examples=examples(40))
@given(plain, st.sampled_from(["sealant", "size", "source"]))
def test_a_sealed_record_is_its_canonical_form_with_the_seal_of_the_rest(
    value: JsonValue, following: str
) -> None:
    fields: dict[str, JsonValue] = {
        "lineage": value,
        "run_id": f'\n "{following}": ',
        following: value,
        "zoom": {"seal": value, following: value},
    }
    seal, raw = sealed_json(fields)
    assert seal == seal_of(fields)
    assert raw == canonical_json({**fields, "seal": seal})
