"""A small project, and the parts of a run in it without Snakemake: `cast` (a fan-out) -> `greet` each -> `choir`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cineforge.bridge.certificate.issuing import Issuer
from cineforge.bridge.request.run_options import RunOptions
from cineforge.bridge.request.run_settings import RunSettings
from cineforge.bridge.run_context import run_context
from cineforge.bridge.session import Session
from cineforge.deciding.instance import Instance
from cineforge.deciding.reasons import EVERY_REASON
from cineforge.deciding.selection import Selection, everything
from cineforge.history.run_claims import RunClaims
from cineforge.history.run_files import read_events
from cineforge.model.errors import ModuleFailed
from cineforge.model.records.run_events import Event
from cineforge.model.refs import ArtifactKey
from cineforge.project.human_work import save_human_version
from cineforge.recipes.load import load_recipe
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.recipes.schema_registry import registry_for
from cineforge.store import ArtifactStore
from cineforge.store.layout import JOBS
from tests.e2e.workshop import write_module, write_recipe

CAST = Instance("cast")
CHOIR = Instance("choir")
CAST_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"actor": {n: Output(data=n) for n in params["names"].split()}})
"""
PAYS = 'context.record_cost(model="mock", estimated_cost_usd=0.25)'
GREET_CODE = """
def run_module(inputs, params, project_config, context):
    name = inputs["actor"].data
    PAYS
    if name in params["fails"].split():
        raise RuntimeError("stage fright")
    return ModuleResult(outputs={"greeting": Output(data="hello, I am " + name)})
"""
CHOIR_CODE = """
def run_module(inputs, params, project_config, context):
    return ModuleResult(outputs={"song": Output(data=[each.data for each in inputs["greetings"].values()])})
"""


def text(**values: str) -> dict[str, Any]:
    return {name: {"type": "string", "default": value} for name, value in values.items()}


@dataclass
class Film:
    """The project; what runs say is in `said`."""

    folder: Path
    said: list[str]
    forgotten: list[str]

    def write(
        self,
        *,
        names: str = "ann bob",
        fails: str = "",
        polite: bool = False,
        free: bool = False,
        **more: Any,
    ) -> None:
        """Write modules and recipe; `fails` names whose greeting fails, `polite` code makes the same, `free` code for
        nothing. There is `more` to the stage of greetings."""
        cast: dict[str, Any] = {"stage": "cast", "outputs": [{"type": "actor", "many": True}]}
        cast |= {"parameters": {"type": "object", "properties": text(names="")}}
        write_module(self.folder, "cast_v1", cast, CAST_CODE)
        greet: dict[str, Any] = {"stage": "greet", "inputs": {"actor": {"type": "actor"}}}
        greet |= {"outputs": [{"type": "greeting"}]}
        greet |= {"parameters": {"type": "object", "properties": text(fails="")}}
        polish = "# politely\n" if polite else ""
        code = GREET_CODE.replace("PAYS", "" if free else PAYS)
        write_module(self.folder, "greet_v1", greet, code + polish)
        choir = {"stage": "choir", "inputs": {"greetings": {"type": "greeting", "many": True}}}
        write_module(self.folder, "choir_v1", choir | {"outputs": [{"type": "song"}]}, CHOIR_CODE)
        greeting: dict[str, Any] = {
            "id": "greet",
            "module": "greet_v1",
            "needs": ["cast"],
            "for_each": "actor",
            **more,
        }
        write_recipe(
            self.folder,
            [
                {"id": "cast", "module": "cast_v1", "params": {"names": names}},
                {**greeting, "params": {"fails": fails}},
                {"id": "choir", "module": "choir_v1", "needs": ["greet"]},
            ],
        )

    @property
    def recipe(self) -> ResolvedRecipe:
        path = self.folder / "recipes" / "made.yaml"
        return load_recipe(path, project=self.folder, variables={})

    def run(
        self, run_id: str, issuer: Issuer | None = None, attempts: int = 1, **asked: Any
    ) -> Run:
        """A run that has begun; `asked` are settings other than those of plain `snakemake`."""
        recipe = self.recipe
        settings = RunSettings(
            executing=True,
            remote=False,
            groups={},
            cores=2,
            asked=everything(recipe),
            narrowed=None,
            force_all=False,
            forced_selection=Selection(),
            forced_words={},
            limits=None,
            enabled_reasons=EVERY_REASON,
        )
        settings = replace(settings, **asked)
        claims = RunClaims(self.folder, run_id)
        if settings.executing:
            claims.begin()
        context = run_context(
            run_id,
            recipe,
            ArtifactStore(self.folder, only_look=not settings.executing),
            settings,
            RunOptions(),
            search_folders=(self.folder,),
            say=self.said.append if issuer is None else issuer.attending(self.said.append),
        )
        if issuer is not None:
            context.store.check_folders()
            issuer.opened(context.store)
        if settings.remote:
            (context.folder / JOBS).mkdir(parents=True)
        forget = self.forgotten.append
        return Run(Session(context, claims, forget, issuer, lambda _stage: attempts))

    def put(self, artifact_type: str, entity: str | None, data: object) -> None:
        """A person's version, saved as by `cineforge put`, beside whatever runs."""
        key = ArtifactKey(artifact_type, entity)
        with ArtifactStore(self.folder) as store:
            save_human_version(
                store, registry_for(self.folder), key, data, who="ann", why="it is better"
            )

    def run_all(
        self,
        run_id: str,
        issuer: Issuer | None = None,
        *,
        forget: bool = True,
        stages: Iterable[str] | None = None,
    ) -> None:
        """A whole run, job after job, as Snakemake asks for them; or of some stages."""
        run = self.run(run_id, issuer)
        run.session.schedule.claim_ahead()
        for stage in stages or run.session.context.recipe.stages:
            run.session.rule_inputs.stage_targets(stage)
            for instance in run.session.context.planner.instances(stage)[0]:
                if run.number(instance) is not None:
                    run.do(instance)
        run.session.is_complete = True
        run.session.close()
        if forget:
            self.said.clear()


@dataclass
class Run:
    """One run's parts."""

    session: Session

    def targets(self, stage: str) -> list[str]:
        return self.session.rule_inputs.stage_targets(stage)

    def number(self, instance: Instance) -> int | None:
        return self.session.schedule.versions.get(instance)

    def inputs(self, instance: Instance) -> list[str]:
        return self.session.rule_inputs.job_inputs(instance, self.number(instance) or 0)

    def do(self, instance: Instance, attempt: int = 1) -> None:
        """The job of an instance; ModuleFailed passes."""
        number = self.number(instance)
        assert number is not None, f"{instance} has no work to do"
        self.inputs(instance)
        self.session.jobs.run(instance, number, attempt)

    def fails(self, instance: Instance) -> str:
        """What a job that must fail says."""
        try:
            self.do(instance)
        except ModuleFailed as error:
            return str(error)
        raise AssertionError(f"{instance} went well")

    def data(self, artifact_type: str, entity: str | None = None) -> object:
        store = self.session.context.store
        head = store.head(ArtifactKey(artifact_type, entity))
        assert head is not None
        return store.checked_data(head)

    def events(self) -> list[Event]:
        return list(read_events(self.session.context.folder))
