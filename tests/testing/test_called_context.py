"""What a module does with its context is kept, and asked for by its tests: costs, files, paid calls, members."""

from __future__ import annotations

import gc
import logging

import pytest

from cineforge import ModuleFailed, Output
from cineforge.testing import FakeContext, call_module
from tests.testing.written_module import DRAFT, Write, write

__all__ = ["write"]


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
