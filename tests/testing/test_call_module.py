"""What module authors test with: it lets through what a run would publish, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cineforge import ModuleFailed, ProblemsFound
from cineforge.testing import FakeContext, FakeInput, call_module
from tests.testing.written_module import DRAFT, MANIFEST, Write, write

__all__ = ["write"]


def test_a_module_is_called_with_its_defaults_and_helpers(write: Write) -> None:
    made = call_module(write(), DRAFT)
    assert made.one("trimmed").data == {"text": "lig"}
    assert list(made.many("part")) == ["a"]


def test_a_module_of_the_project_is_found_by_its_id(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write()
    monkeypatch.chdir(tmp_path)
    assert call_module("trim_v1", DRAFT, {"width": 5}).one("trimmed").data == {"text": "light"}


def test_an_edited_module_is_called_as_it_is_now(write: Write) -> None:
    call_module(write(), DRAFT)
    assert call_module(write("data = {'text': 'other'}"), DRAFT).one("trimmed").data["text"] == (
        "other"
    )


@pytest.mark.parametrize(
    ("inputs", "params", "told"),
    [
        ({}, {}, "the input 'draft' is missing"),
        ({**DRAFT, "drafd": {}}, {}, "declares no input 'drafd'\n    did you mean 'draft'?"),
        ({"draft": {"txt": "x"}}, {}, "draft: $: the key 'text' is missing"),
        (
            {"draft": {"text": {1, 2}}},
            {},
            "draft: the payload is not plain JSON: a set is no JSON value",
        ),
        (DRAFT, {"width": "wide"}, "params.width: 'wide' is not of the right type"),
        (DRAFT, {"widht": 3}, "params.widht: unknown key 'widht'"),
    ],
)
def test_what_does_not_fit_the_manifest_is_told(
    write: Write, inputs: dict[str, Any], params: dict[str, Any], told: str
) -> None:
    with pytest.raises(ProblemsFound) as caught:
        call_module(write(), inputs, params)
    assert told in str(caught.value)


def test_all_that_does_not_fit_is_told_at_once(write: Write) -> None:
    with pytest.raises(ProblemsFound) as caught:
        call_module(write(), {"text": 1}, {"width": "wide"})
    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("data['text'] = 7", "trimmed: $.text: 7 is not of the right type"),
        ("return ModuleResult(outputs={'trimmed': Output(data=data)})", "part: missing"),
        (
            "return ModuleResult(outputs={'trimmed': Output(data=data, files=('x',)), 'part': {}})",
            "lists the file 'x', which was never attached",
        ),
        ("return data", "run_module returned dict instead of a ModuleResult"),
        ("inputs.one('drafd')", "declares no input 'drafd': did you mean 'draft'?"),
    ],
)
def test_what_could_not_be_published_is_told(write: Write, body: str, told: str) -> None:
    with pytest.raises(ModuleFailed) as caught:
        call_module(write(body), DRAFT)
    assert told in str(caught.value)


def test_a_module_that_says_that_it_is_pure_is_held_to_it(write: Write) -> None:
    pays = "context.record_cost(model='some-model')"
    call_module(write(pays), DRAFT)
    with pytest.raises(ModuleFailed, match="says 'pure: true', but"):
        call_module(write(pays, manifest=MANIFEST + "pure: true\n"), DRAFT)


def test_what_comes_back_is_what_a_reader_would_get(write: Write) -> None:
    made = call_module(write("data['tags'] = ('a', 'b')"), DRAFT)
    assert made.one("trimmed").data["tags"] == ["a", "b"]


def test_a_module_cannot_change_what_it_was_given(write: Write) -> None:
    draft = {"text": "lighthouse"}
    call_module(write("inputs.one('draft').data['text'] = ''"), {"draft": draft})
    assert draft == {"text": "lighthouse"}


def test_a_module_sees_the_project_values_that_it_declares(write: Write) -> None:
    folder = write("data['seen'] = dict(project_config)")
    made = call_module(folder, DRAFT, project_values={"margin": 2, "title": "Waves"})
    assert made.one("trimmed").data["seen"] == {"margin": 2}


def test_an_input_may_have_an_id_a_ref_and_files(write: Write) -> None:
    folder = write(
        "draft = inputs.one('draft'); data['seen'] = "
        "[draft.entity_id, draft.ref, draft.files['a/b.txt'].read_text()]"
    )
    draft = FakeInput(
        DRAFT["draft"], entity_id="bob", ref="draft/bob@7", files={"a/b.txt": b"waves"}
    )
    made = call_module(folder, {"draft": draft})
    assert made.one("trimmed").data["seen"] == ["bob", "draft/bob@7", "waves"]


def test_members_come_by_id_and_optional_inputs_may_be_absent(write: Write) -> None:
    folder = write(
        "data['seen'] = [[own, each.entity_id, each.ref, each.data] "
        "for own, each in inputs.many('names').items()] + [inputs.optional('remark')]"
    )
    made = call_module(folder, {**DRAFT, "names": {"b": 2, "a": 1}})
    assert made.one("trimmed").data["seen"] == [
        ["a", "a", "name/a@1", 1],
        ["b", "b", "name/b@1", 2],
        None,
    ]
    assert call_module(folder, DRAFT).one("trimmed").data["seen"] == [None]


def test_a_source_file_is_given_by_its_path(write: Write, tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("waves")
    folder = write(
        "data['seen'] = context.source('words').read_text() if context.has_source('words') else ''"
    )
    for params, context in (
        ({"words": tmp_path / "words.txt"}, FakeContext()),
        ({}, FakeContext(sources={"words": tmp_path / "words.txt"})),
    ):
        made = call_module(folder, DRAFT, params, context=context)
        assert made.one("trimmed").data["seen"] == "waves"
    assert call_module(folder, DRAFT).one("trimmed").data["seen"] == ""


def test_a_source_file_that_must_be_there_is_missed(write: Write, tmp_path: Path) -> None:
    folder = write(manifest=MANIFEST.replace(", optional: true}\nproject", "}\nproject"))
    with pytest.raises(ProblemsFound, match=r"params\.words: there is no file .*gone\.txt"):
        call_module(folder, DRAFT, {"words": tmp_path / "gone.txt"})
