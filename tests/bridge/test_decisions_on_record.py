"""The last decision on every instance is on record with all its reasons, also of those that one job does together."""

from __future__ import annotations

import pytest
import yaml

from cineforge.bridge.remote.job_process import JobProcess
from cineforge.deciding.instance import Instance
from cineforge.model.records.decision_record import DecisionRecord
from tests.e2e.workshop import write_module
from tests.property.same_record import decisions_on_record

from .film import CAST, CHOIR, GREET_CODE, Film, Run

NAMES = "ann bob cid dan eve"
REPLY = {
    "stage": "reply",
    "inputs": {"greeting": {"type": "greeting"}},
    "outputs": [{"type": "answer"}],
}
REPLY_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"answer": Output(data=inputs["greeting"].data.upper())})
"""


def write(film: Film, greet_code: str = GREET_CODE, reply_code: str = REPLY_CODE) -> None:
    """`cast` -> `greet` each -> `reply` each and `choir`; one job does all greetings, another all replies."""
    film.write(names=NAMES, batch=5)
    write_module(film.folder, "greet_v1", _manifest(film), greet_code.replace("PAYS", ""))
    write_module(film.folder, "reply_v1", REPLY, reply_code)
    path = film.folder / "recipes" / "made.yaml"
    recipe = yaml.safe_load(path.read_text())
    reply = {"id": "reply", "module": "reply_v1", "needs": ["greet"], "for_each": "actor"}
    recipe["stages"].append({**reply, "batch": 5})
    path.write_text(yaml.safe_dump(recipe, sort_keys=False))


def _manifest(film: Film) -> dict[str, object]:
    path = film.folder / "modules" / "greet" / "greet_v1" / "module.yaml"
    manifest: dict[str, object] = yaml.safe_load(path.read_text())
    return manifest


def run_whole(film: Film, run_id: str, *, remote: bool) -> None:
    """A run in which all is planned before the first greeting is made."""
    run = film.run(run_id, remote=remote)
    run.targets("cast")
    if run.number(CAST):
        _do(film, run, CAST)
    for stage in ("greet", "choir", "reply"):
        run.targets(stage)
    first = run.session.schedule.batches.first
    ann, answer = Instance("greet", "ann"), Instance("reply", "ann")
    assert first(Instance("greet", "bob")) == ann and first(Instance("reply", "eve")) == answer
    for instance in (ann, answer, CHOIR):
        _do(film, run, instance)
    run.session.is_complete = True
    run.session.close()


def _do(film: Film, run: Run, instance: Instance) -> None:
    if not run.session.context.settings.remote:
        run.do(instance)
        return
    number = run.number(instance)
    assert number is not None
    run.inputs(instance)
    folder, recipe = run.session.context.folder, film.recipe
    process = JobProcess(film.folder, folder, lambda: recipe, (film.folder,), film.said.append)
    process.run(instance, number, attempt=1)


@pytest.mark.parametrize("remote", [False, True], ids=["here", "elsewhere"])
def test_each_instance_of_a_batch_has_its_final_reasons_on_record(film: Film, remote: bool) -> None:
    write(film)
    run_whole(film, "monday", remote=remote)
    monday = decisions_on_record(film.folder / "runs" / "monday")
    names = NAMES.split()
    each = [f"{stage}/{name}" for stage in ("greet", "reply") for name in names]
    assert sorted(monday) == sorted([*each, "cast", "choir"])
    assert all(d.final for d in monday.values())
    assert {kind for d in monday.values() for kind in _kinds(d)} == {"never_built"}

    # Other words for two of the five: until they are made, nobody knows whose reply is to be made anew.
    write(
        film,
        GREET_CODE.replace(
            '"hello, I am "', '("hi" if name in "bob dan" else "hello") + ", I am "'
        ),
    )
    run_whole(film, "tuesday", remote=remote)
    tuesday = decisions_on_record(film.folder / "runs" / "tuesday")
    assert all(d.final for d in tuesday.values())
    for name in names:
        assert _kinds(tuesday[f"greet/{name}"]) == ["code"]
        reply = tuesday[f"reply/{name}"]
        if name in ("bob", "dan"):
            (reason,) = reply.reasons
            assert (reply.action, reason.kind, reason.role) == ("build", "upstream", "greeting")
            assert (reason.before, reason.after) == (f"greeting/{name}@1", f"greeting/{name}@2")
        else:
            assert (reply.action, reply.reasons) == ("keep", ())
    assert [reason.after for reason in tuesday["choir"].reasons] == [
        "greeting/bob@2",
        "greeting/dan@2",
    ]


def _kinds(decision: DecisionRecord) -> list[str]:
    return [reason.kind for reason in decision.reasons]
