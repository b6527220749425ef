"""The echo recipe's modules copy, split and gather; their knobs make them fail, cost and explain."""

from __future__ import annotations

import pytest

from cineforge import ModuleFailed
from cineforge.testing import FakeContext, call_module
from tests.modules.module_bench import payloads

#: What a copy is made of.
ITEM: dict[str, object] = {"item": {"text": "hi", "tags": []}}


def data(module_id: str, inputs: dict[str, object], artifact_type: str) -> object:
    return call_module(module_id, inputs).one(artifact_type).data


def test_the_source_gives_items_without_any_configuration() -> None:
    source = call_module("echo_source_v1").one("echo_source").data
    assert [entry["id"] for entry in source["items"]] == ["a", "b", "c"]


def test_the_source_is_split_into_items_and_the_groups_of_their_tags() -> None:
    source = call_module(
        "echo_source_v1", params={"items": ["b", "a=hello #x #y", "c=hi there #x"]}
    ).one("echo_source")
    made = payloads(call_module("echo_split_v1", {"source": source.data}))
    assert made["echo_item"] == {
        "b": {"text": "b", "tags": []},
        "a": {"text": "hello", "tags": ["x", "y"]},
        "c": {"text": "hi there", "tags": ["x"]},
    }
    assert made["echo_group"] == {"x": {"items": ["a", "c"]}, "y": {"items": ["a"]}}


def test_copies_say_what_was_given() -> None:
    given = {"text": "hello", "items": []}
    assert data("echo_mirror_v1", {"source": given}, "echo_mirror") == {"text": "hello"}
    assert data("echo_copy_v1", ITEM, "echo_copy") == {"text": "hi"}
    assert data("echo_part_copy_v1", {"part": {"text": "w"}}, "echo_part_copy") == {"text": "w"}


def test_an_item_is_split_into_its_words() -> None:
    made = call_module("echo_parts_v1", {"item": {"text": "one two", "tags": []}}).many("echo_part")
    assert {entity: part.data["text"] for entity, part in made.items()} == {
        "word_1": "one",
        "word_2": "two",
    }


@pytest.mark.parametrize(
    ("module_id", "role", "beside", "artifact_type"),
    [
        ("echo_pick_v1", "copies", {"group": {"items": ["a"]}}, "echo_pick"),
        ("echo_all_v1", "copies", {}, "echo_all"),
        ("echo_item_parts_v1", "parts", {}, "echo_item_parts"),
    ],
)
def test_gathering_stages_list_what_they_gathered(
    module_id: str, role: str, beside: dict[str, object], artifact_type: str
) -> None:
    gathered = {"a.word_2": {"text": "two"}, "a.word_1": {"text": "one"}}
    assert data(module_id, {role: gathered, **beside}, artifact_type) == {
        "copies": [{"id": "a.word_1", "text": "one"}, {"id": "a.word_2", "text": "two"}]
    }


def test_the_note_becomes_the_rationale() -> None:
    made = call_module("echo_source_v1", params={"note": "because"})
    assert made.one("echo_source").rationale == "because"


def test_a_cost_is_recorded() -> None:
    context = FakeContext()
    call_module("echo_source_v1", params={"cost_usd": 0.25}, context=context)
    assert [cost.estimated_cost_usd for cost in context.costs] == [0.25]


def test_a_copy_attaches_its_text_when_asked() -> None:
    context = FakeContext()
    made = call_module("echo_copy_v1", ITEM, {"attach": True}, context=context)
    assert made.one("echo_copy").files == ("copy.txt",)
    assert context.attached == {"copy.txt": b"hi"}


def test_a_failure_can_be_asked_for_always_or_for_an_entity() -> None:
    with pytest.raises(ModuleFailed, match="was asked to fail"):
        call_module("echo_copy_v1", ITEM, {"fail": True})
    with pytest.raises(ModuleFailed, match="was asked to fail"):
        call_module("echo_copy_v1", ITEM, {"fail": ["a"]}, context=FakeContext("a"))
    assert call_module("echo_copy_v1", ITEM, {"fail": ["a"]}, context=FakeContext("b"))


def test_the_first_attempts_can_be_asked_to_fail() -> None:
    with pytest.raises(ModuleFailed, match="at attempt 2"):
        call_module("echo_source_v1", params={"fail_attempts": 2}, context=FakeContext(attempt=2))
    assert call_module(
        "echo_source_v1", params={"fail_attempts": 2}, context=FakeContext(attempt=3)
    )
