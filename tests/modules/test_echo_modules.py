"""The echo recipe's modules copy, split and gather; their knobs make them fail, cost and explain."""

from __future__ import annotations

import pytest
from module_bench import FakeContext, Given, run

from cineforge.model.errors import ModuleFailed


def data(module_id: str, inputs: dict[str, object], artifact_type: str) -> object:
    return run(module_id, inputs)[artifact_type].data


def test_the_source_gives_items_without_any_configuration() -> None:
    source = run("echo_source_v1")["echo_source"].data
    assert [entry["id"] for entry in source["items"]] == ["a", "b", "c"]


def test_the_source_is_split_into_items_and_the_groups_of_their_tags() -> None:
    source = run("echo_source_v1", items=["b", "a=hello #x #y", "c=hi there #x"])[
        "echo_source"
    ].data
    made = run("echo_split_v1", {"source": Given(source)})
    assert {entity: item.data for entity, item in made["echo_item"].items()} == {
        "b": {"text": "b", "tags": []},
        "a": {"text": "hello", "tags": ["x", "y"]},
        "c": {"text": "hi there", "tags": ["x"]},
    }
    groups = {entity: group.data["items"] for entity, group in made["echo_group"].items()}
    assert groups == {"x": ["a", "c"], "y": ["a"]}


def test_copies_say_what_was_given() -> None:
    given = {"text": "hello", "items": []}
    assert data("echo_mirror_v1", {"source": Given(given)}, "echo_mirror") == {"text": "hello"}
    assert data("echo_copy_v1", {"item": Given({"text": "hi"})}, "echo_copy") == {"text": "hi"}
    assert data("echo_part_copy_v1", {"part": Given({"text": "w"})}, "echo_part_copy") == {
        "text": "w"
    }


def test_an_item_is_split_into_its_words() -> None:
    made = run("echo_parts_v1", {"item": Given({"text": "one two"})})["echo_part"]
    assert {entity: part.data["text"] for entity, part in made.items()} == {
        "word_1": "one",
        "word_2": "two",
    }


@pytest.mark.parametrize(
    ("module_id", "role", "artifact_type"),
    [
        ("echo_pick_v1", "copies", "echo_pick"),
        ("echo_all_v1", "copies", "echo_all"),
        ("echo_item_parts_v1", "parts", "echo_item_parts"),
    ],
)
def test_gathering_stages_list_what_they_gathered(
    module_id: str, role: str, artifact_type: str
) -> None:
    gathered = {"a.word_2": Given({"text": "two"}), "a.word_1": Given({"text": "one"})}
    assert data(module_id, {role: gathered}, artifact_type) == {
        "copies": [{"id": "a.word_1", "text": "one"}, {"id": "a.word_2", "text": "two"}]
    }


def test_the_note_becomes_the_rationale() -> None:
    assert run("echo_source_v1", note="because")["echo_source"].rationale == "because"


def test_a_cost_is_recorded() -> None:
    context = FakeContext()
    run("echo_source_v1", context=context, cost_usd=0.25)
    assert [cost["estimated_cost_usd"] for cost in context.costs] == [0.25]


def test_a_copy_attaches_its_text_when_asked() -> None:
    context = FakeContext()
    made = run("echo_copy_v1", {"item": Given({"text": "hi"})}, context, attach=True)
    assert made["echo_copy"].files == ("copy.txt",)
    assert context.attached == {"copy.txt": b"hi"}


def test_a_failure_can_be_asked_for_always_or_for_an_entity() -> None:
    item = {"item": Given({"text": "hi"})}
    with pytest.raises(ModuleFailed, match="was asked to fail"):
        run("echo_copy_v1", item, fail=True)
    with pytest.raises(ModuleFailed, match="was asked to fail"):
        run("echo_copy_v1", item, FakeContext(entity_id="a"), fail=["a"])
    assert run("echo_copy_v1", item, FakeContext(entity_id="b"), fail=["a"])["echo_copy"]


def test_the_first_attempts_can_be_asked_to_fail() -> None:
    with pytest.raises(ModuleFailed, match="at attempt 2"):
        run("echo_source_v1", context=FakeContext(attempt=2), fail_attempts=2)
    assert run("echo_source_v1", context=FakeContext(attempt=3), fail_attempts=2)["echo_source"]
