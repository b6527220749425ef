"""Differences between two versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cineforge.model.artifact import Change, ChangeKind
from cineforge.model.canonical import digest_bytes
from cineforge.model.metadata import Provenance, Source
from cineforge.model.refs import ArtifactRef
from cineforge.store import ArtifactStore

SAID = Provenance(source=Source.AI)


def save(
    store: ArtifactStore, data: object, files: dict[str, Path | bytes] | None = None
) -> ArtifactRef:
    return store.save_artifact("board", None, data, SAID, files=files)


def changes(store: ArtifactStore, before: object, after: object) -> list[Change]:
    return list(store.diff_versions(save(store, before), save(store, after)).changes)


def test_a_diff_names_changed_added_and_removed_fields(store: ArtifactStore) -> None:
    found = changes(store, {"a": 1, "b": {"c": 2}, "x y": 0}, {"a": 1, "b": {"c": 3}, "d": None})
    assert found == [
        Change("$.b.c", ChangeKind.CHANGED, 2, 3),
        Change("$.d", ChangeKind.ADDED, None, None),
        Change('$["x y"]', ChangeKind.REMOVED, 0, None),
    ]


def test_an_inserted_list_element_is_one_difference(store: ArtifactStore) -> None:
    lines = [{"text": f"line {n}"} for n in range(20)]
    after = [*lines[:3], {"text": "new"}, *lines[3:]]
    assert changes(store, {"elements": lines}, {"elements": after}) == [
        Change("$.elements[3]", ChangeKind.ADDED, None, {"text": "new"})
    ]


def test_a_changed_list_element_is_compared_inside(store: ArtifactStore) -> None:
    before = [{"text": "a"}, {"text": "b", "n": 1}]
    after = [{"text": "a"}, {"text": "c", "n": 1}]
    assert changes(store, before, after) == [Change("$[1].text", ChangeKind.CHANGED, "b", "c")]


def test_elements_that_count_lines_are_not_taken_for_others(store: ArtifactStore) -> None:
    """As in a screenplay: cut one element, and each after it has another line number."""
    texts = [f"line {n}" for n in range(40)]
    texts[11] = texts[12] = texts[30] = (
        "CUT TO:"  # the same on the same line, once one before it is cut
    )

    def saved(kept: list[str]) -> ArtifactRef:
        elements = [{"text": text, "at": {"line": n}} for n, text in enumerate(kept)]
        return save(store, {"elements": elements})

    first, second = saved(texts), saved([*texts[:10], *texts[11:39], "the end"])
    changes = store.diff_versions(first, second).changes
    assert [change for change in changes if not change.path.endswith(".at.line")] == [
        Change(
            "$.elements[10]", ChangeKind.REMOVED, before={"text": "line 10", "at": {"line": 10}}
        ),
        Change("$.elements[38].text", ChangeKind.CHANGED, "line 39", "the end"),
    ]
    assert len(changes) == 2 + 29


def test_elements_that_only_numbers_tell_apart_are_told_apart_by_them(store: ArtifactStore) -> None:
    first = save(store, {"shots": [{"frames": n} for n in range(20)]})
    second = save(store, {"shots": [{"frames": n} for n in range(20) if n != 7]})
    (change,) = store.diff_versions(first, second).changes
    assert (change.path, change.kind) == ("$.shots[7]", ChangeKind.REMOVED)


@pytest.mark.parametrize(("before", "after"), [(1, True), (0, False), (1, 1.0), ("1", 1), ([], {})])
def test_values_that_python_calls_equal_still_differ(
    store: ArtifactStore, before: object, after: object
) -> None:
    assert changes(store, before, after) == [Change("$", ChangeKind.CHANGED, before, after)]


def test_identical_versions_have_the_same_content(store: ArtifactStore) -> None:
    diff = store.diff_versions(save(store, {"a": 1}), save(store, {"a": 1}))
    assert diff.same_content


def test_a_diff_lists_attached_files(store: ArtifactStore) -> None:
    first = save(store, {}, {"gone": b"1", "same": b"2", "other": b"3"})
    second = save(store, {}, {"new": b"1", "same": b"2", "other": b"4!"})
    diff = store.diff_versions(first, second)
    assert [(change.path, change.kind) for change in diff.files] == [
        ("gone", ChangeKind.REMOVED),
        ("new", ChangeKind.ADDED),
        ("other", ChangeKind.CHANGED),
    ]
    assert diff.files[2].after == {"digest": digest_bytes(b"4!"), "size": 2}
    assert not diff.same_content
    assert isinstance(diff.a, ArtifactRef)


@pytest.mark.parametrize("opening", ['{"a": ', "[[1], "])
def test_what_is_nested_by_the_hundred_is_compared_from_some_level_on_as_a_whole(
    store: ArtifactStore, opening: str
) -> None:
    closing = "}" if opening[0] == "{" else "]"
    one, other = (json.loads(opening * 800 + end + closing * 800) for end in "12")
    (found,) = changes(store, one, other)
    assert found.kind is ChangeKind.CHANGED
