"""What module authors test with: it lets through what a run would publish, and nothing else."""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cineforge import ModuleFailed, Output, ProblemsFound
from cineforge.testing import FakeContext, FakeInput, call_module

MANIFEST = """\
module_id: trim_v1
stage: trimming
inputs:
  draft: {type: draft}
  names: {type: name, many: true, optional: true}
  remark: {type: remark, optional: true}
outputs:
  - {type: trimmed}
  - {type: part, many: true}
parameters:
  properties:
    width: {type: integer, default: 3}
    words: {type: string, format: source-file, optional: true}
project_config: [margin]
helpers: [measure.py]
"""
MAIN = """\
from cineforge import ModuleResult, Output

from .shared.measure import cut


def run_module(inputs, params, project_config, context):
    data = {"text": cut(inputs.one("draft").data["text"], params["width"])}
    BODY
    return ModuleResult(outputs={"trimmed": Output(data=data), "part": {"a": Output(data={})}})
"""
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}
DRAFT = {"draft": {"text": "lighthouse"}}

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a module into a project; gives its folder."""

    def written(body: str = "pass", manifest: str = MANIFEST) -> Path:
        folder = tmp_path / "modules" / "trimming" / "trim_v1"
        shared, schemas = tmp_path / "modules" / "shared", tmp_path / "schemas" / "artifacts"
        for each in (folder, shared, schemas):
            each.mkdir(parents=True, exist_ok=True)
        (folder / "module.yaml").write_text(manifest)
        (folder / "main.py").write_text(MAIN.replace("BODY", body))
        (shared / "measure.py").write_text("def cut(text, width):\n    return text[:width]\n")
        for name, schema in {"draft": TEXT, "trimmed": TEXT, "part": {}}.items():
            (schemas / f"{name}.schema.json").write_text(json.dumps(schema))
        return folder

    return written


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


def test_costs_files_and_what_is_logged_are_kept(write: Write) -> None:
    context = FakeContext("bob", attempt=2)
    folder = write(
        "context.record_cost(model='some-model', estimated_cost_usd=0.5); "
        "context.attach('a.txt', b'waves'); context.log.warning('%d doubts', 2); "
        "context.log.info('done'); (context.scratch / 'x').touch(); "
        "data['seen'] = [context.entity_id, context.attempt]"
    )
    made = call_module(folder, DRAFT, context=context)
    assert made.one("trimmed").data["seen"] == ["bob", 2]
    assert [(cost.model, cost.estimated_cost_usd) for cost in context.costs] == [
        ("some-model", 0.5)
    ]
    assert context.attached == {"a.txt": b"waves"}
    assert context.logged == ["WARNING 2 doubts", "INFO done"]
    assert context.warnings == ["2 doubts"]


def test_what_is_logged_reaches_the_tests_own_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        FakeContext().log.info("waves")
    assert caplog.messages == ["waves"]


def test_a_fan_out_finds_what_it_made_before(write: Write) -> None:
    before = call_module(write(), DRAFT)
    context = FakeContext(previous=before, vanished={"part": {"b": 1}}, used_ids={"part": ["c"]})
    assert context.previous("trimmed") == {"_": {"text": "lig"}}
    assert context.previous("part") == {"a": {}}
    assert context.vanished("part") == {"b": 1}
    assert context.used_ids("part") == {"a", "b", "c"}
    assert context.used_ids("trimmed") == set()


def test_a_context_leaves_nothing_behind() -> None:
    context = FakeContext()
    folder = context.scratch.parent
    assert folder.is_dir()
    del context
    gc.collect()
    assert not folder.exists()


def test_a_result_is_asked_for_one_or_many(write: Write) -> None:
    made = call_module(write(), DRAFT)
    with pytest.raises(ModuleFailed, match="there are many 'part': ask for them by many"):
        made.one("part")
    with pytest.raises(ModuleFailed, match="there is one 'trimmed': ask for it by one"):
        made.many("trimmed")
    with pytest.raises(ModuleFailed, match="no output 'trimed': did you mean 'trimmed'"):
        made.one("trimed")


def test_members_that_are_made_one_by_one_are_given_back_by_id(write: Write) -> None:
    body = (
        "parts = ((name, Output(data=name)) for name in ('a', 'b'))\n"
        "    return ModuleResult(outputs={'trimmed': Output(data=data), 'part': parts})"
    )
    made = call_module(write(body), DRAFT, context=FakeContext("bob"))
    assert {own: each.data for own, each in made.many("part").items()} == {"a": "a", "b": "b"}
    twice = body.replace("('a', 'b')", "('a', 'a')")
    with pytest.raises(ModuleFailed, match="two members have the id 'a'"):
        call_module(write(twice), DRAFT)


def test_what_a_paid_call_returned_is_given_back_in_the_next_try(write: Write) -> None:
    body = """
    def ask():
        context.record_cost(model="m", estimated_cost_usd=0.5)
        return {"said": [1]}
    data["text"] = str(context.remember("prompt", ask))
    """
    module = write(body)
    first = FakeContext()
    assert call_module(module, DRAFT, context=first).one("trimmed").data["text"] == "{'said': [1]}"
    assert first.remembered == {"prompt": {"said": [1]}} and len(first.costs) == 1
    second = FakeContext(remembered=first.remembered)
    call_module(module, DRAFT, context=second)
    assert second.costs == ()


def test_a_call_that_returns_what_cannot_be_kept_is_told_as_that(write: Write) -> None:
    with pytest.raises(
        ModuleFailed, match=r"remember\('prompt', ...\): its call must return plain"
    ):
        call_module(write("context.remember('prompt', object)"), DRAFT)


def test_emitted_members_are_part_of_the_result_those_of_an_earlier_try_too(write: Write) -> None:
    body = """
    for own in ("b", "c"):
        if own not in context.emitted("part"):
            context.emit("part", own, Output(data={"made": context.attempt}))
    """
    earlier = {"part": {"b": Output(data={"made": 1})}}
    context = FakeContext(attempt=2, emitted=earlier)
    made = call_module(write(body), DRAFT, context=context).many("part")
    assert {own: output.data for own, output in made.items()} == {
        "a": {},
        "b": {"made": 1},
        "c": {"made": 2},
    }
    assert context.emitted("part") == {"b", "c"}
