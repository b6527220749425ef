"""How a run begins in the main process, when Snakemake first asks: only then does it know what it was asked for."""

from __future__ import annotations

import atexit
import contextlib
import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.bridge.answers.other_recipes import listed_beside, say_what_is_made_first
from cineforge.bridge.certificate.certified_run import is_plain, triggers_of
from cineforge.bridge.certificate.issuing import Issuer
from cineforge.bridge.certificate.rests_on import Basis
from cineforge.bridge.paths import compiled_path
from cineforge.bridge.process.errors_at_exit import completed_at_exit, on_error
from cineforge.bridge.process.memory import spare_memory
from cineforge.bridge.process.on_finish import configured, tell_finished
from cineforge.bridge.process.signals import on_stop
from cineforge.bridge.process.starter import unwatched
from cineforge.bridge.remote.run_folder import save_workflow
from cineforge.bridge.remote.submittable import require_submittable
from cineforge.bridge.request.given_config import may_choose_recipe
from cineforge.bridge.request.limits import require_possible
from cineforge.bridge.request.planned_work import read_planned_work
from cineforge.bridge.request.run_options import RunOptions
from cineforge.bridge.request.run_settings import RunSettings, read_settings
from cineforge.bridge.request.spending import read_spending
from cineforge.bridge.run_context import RunContext, run_context, run_folder
from cineforge.bridge.session import Session
from cineforge.bridge.snakemake import log
from cineforge.bridge.snakemake.workflow import SnakemakeRun
from cineforge.history.dead_runs import end_dead_runs
from cineforge.history.recorder import require_unused
from cineforge.history.run_claims import RunClaims, is_alive
from cineforge.model.errors import DecisionFailed, StoreDamaged
from cineforge.model.health import PROJECT_CONFIG_TYPE
from cineforge.model.metadata import Provenance, Source
from cineforge.model.secrets import sealed
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.running.workers.processes.forked_here import end_server, fork_server_now
from cineforge.store import ArtifactStore

if TYPE_CHECKING:
    from pydantic import JsonValue


def begin_session(
    snakemake: SnakemakeRun,
    project: Path,
    recipe: ResolvedRecipe,
    options: RunOptions,
    config: Mapping[str, JsonValue],
    basis: Basis | None = None,
) -> Session:
    """Claim the work, open the store, and bring everything to where the first question can be answered.

    `options` hold the run's id; `config` is Snakemake's, for jobs in other processes. With a `basis`, a
    run that finds nothing to do is certified. Raises CineForgeError.
    """
    assert options.run_id is not None, "every run has an id by now"
    command = snakemake.command()
    budget = read_spending(config, options.budget).budget
    settings = replace(
        read_settings(command, recipe, options),
        budget=budget,
        planned=read_planned_work(options.plan),
    )
    issuer = None
    others = None
    # 'cineforge run' says it by itself, at the end.
    if not options.command and may_choose_recipe(snakemake):
        others = listed_beside(recipe, project, config)
    may_certify = basis is not None and options.is_plain and others is None
    if may_certify and command.executing and is_plain(command):
        assert basis is not None
        workflow = compiled_path(Path(), recipe.recipe_id).as_posix()
        issuer = Issuer(project, basis, workflow, triggers_of(command))
        issuer.look()
    on_finish = configured(config, project)
    if settings.remote:
        require_submittable(project)
    if settings.executing:
        spare_memory()
    if settings.executing and not settings.remote:
        # Before there are threads, locks and open files.
        with unwatched():
            fork_server_now()
        # Also of a run that is refused: what is left of it would still be in the project's folder. Comes last.
        atexit.register(end_server)
    claims = RunClaims(project, options.run_id)
    if settings.executing or options.dry_record:
        claims.begin()
        require_unused(run_folder(project, options.run_id))
    snakemake.begin_run(executing=settings.executing, remote=settings.remote)
    context = run_context(
        options.run_id,
        recipe,
        _opened(project, settings),
        settings,
        options,
        search_folders=(project, snakemake.started_in),
        say=log.say if issuer is None else issuer.attending(log.say),
    )
    if issuer is not None:
        issuer.opened(context.store)
    session = Session(context, claims, snakemake.forget, issuer, snakemake.attempts)
    if settings.executing:
        snakemake.count_instances(session.schedule.steps_beyond_jobs)
    if on_finish is not None and settings.executing and not options.command:
        # 'cineforge run' tells it by itself, also when this process is killed. What is registered first comes last.
        atexit.register(tell_finished, project, options.run_id, on_finish, project, log.say_error)
    atexit.register(completed_at_exit(session.close))
    on_error(session.note_error)
    on_stop(session.stop_workers)
    if options.dry_record or (settings.executing and options.is_run_named):
        context.log.begin()
    require_possible(
        context.fresh_planner(),
        settings.asked,
        settings.limits,
        settings.forced_words,
        settings.cores,
    )
    if others is not None:
        say_what_is_made_first(context, config, others)
    if settings.executing:
        end_dead_runs(project, functools.partial(is_alive, project))
        session.schedule.claim_ahead()
        session.links.make_all()
        record_config(context)
    else:
        session.links.warn_of_odd()
    _decide_what_is_used_as_it_is(session)
    if settings.remote:
        compiled = compiled_path(project, recipe.recipe_id)
        save_workflow(context.folder, compiled, config, settings.groups)
    return session


def _opened(project: Path, settings: RunSettings) -> ArtifactStore:
    store = ArtifactStore(project, only_look=not settings.executing)
    store.check_folders()
    store.require_all_known()
    return store


def record_config(context: RunContext) -> None:
    """Save the project's configuration as a version for each recipe, if it is not what its last run had.

    Recipes that take turns, each with values of its own, would else make a version at every turn.
    """
    context.store.health_changes()  # from here on they go on record
    for each in context.recipe.recipes:
        _record_values(context.store, each)


def _record_values(store: ArtifactStore, of: ResolvedRecipe) -> None:
    # What is in no other record is not in this one: modules get their values from the recipe, not from here.
    data = {"values": sealed(of.project, of.secrets)}
    recipe = of.recipe_id
    for ref in reversed(store.list_versions(PROJECT_CONFIG_TYPE)):
        if store.metadata(ref).producing_module == recipe:
            with contextlib.suppress(StoreDamaged):  # then it is saved anew
                if store.checked_data(ref) == data:
                    return
            break
    said = Provenance(
        intent=f"The configuration of a run of {recipe}.",
        source=Source.HUMAN,
        producing_module=recipe,
    )
    store.save_artifact(PROJECT_CONFIG_TYPE, None, data, said)


def _decide_what_is_used_as_it_is(session: Session) -> None:
    """Put on record which heads upstream of `--start-from` are used although they have not seen everything."""
    context = session.context
    start = context.settings.start_from
    if start is None:
        return
    for stage in context.recipe.upstream(start):
        # What the targets need is decided again, and an error of it ends the command then.
        with contextlib.suppress(DecisionFailed):
            session.schedule.add(context.planner.instances(stage)[0])
