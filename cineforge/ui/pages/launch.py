"""Starting a run: choose stages and entities, see what it would do and the bill, start it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from starlette.responses import Response

from cineforge.model.errors import CineForgeError
from cineforge.model.records.decision_record import DecisionRecord
from cineforge.model.records.plan_report import PlannedStage
from cineforge.project import Project
from cineforge.project.opening import load_project_recipe, project_config
from cineforge.recipes.named import known_recipes
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.ui import plans, started
from cineforge.ui.pages.overview import recipe_name
from cineforge.ui.plans import Request
from cineforge.ui.web import Asked, message, see

#: Decisions of one stage that are listed.
SHOWN = 12
_CORES = 512


@dataclass(frozen=True)
class Choice:
    """A stage that can be chosen."""

    name: str
    made: tuple[str, ...]
    for_each: str


def choose(asked: Asked) -> Response:
    """The form, with the plan below it when that is asked for."""
    request = _request(asked.queries("stage"), asked.query, asked.query("recipe"), asked)
    return _page(asked, request, with_plan=bool(asked.query("show")))


def summary(asked: Asked) -> Response:
    """What the next run of the project's recipe would do, in short: a piece of the overview."""
    with asked.site.open() as project:
        recipe = recipe_name(project)
    report, trouble = None, ""
    try:
        request = plans.require_known(Request(recipe), asked.site.folder)
        report = plans.make_plan(asked.site.folder, request, asked.site.ending)
    except CineForgeError as error:
        trouble = message(error)
    return asked.piece(
        "plan_summary.html", title="The next run", report=report, trouble=trouble, recipe=recipe
    )


def start(asked: Asked) -> Response:
    """Starts the run that the form describes, and shows it."""
    request = _request(asked.all_said("stage"), asked.said, asked.said("recipe"), asked)
    cores = asked.said("cores").strip()
    try:
        plans.require_known(request, asked.site.folder)
        words = list(request.arguments())
        if cores:
            if not (cores.isascii() and cores.isdigit()) or not 1 <= int(cores[:6]) <= _CORES:
                raise CineForgeError(f"'{cores[:20]}' cores: use a number from 1 to {_CORES}")
            words += ["--cores", cores]
        if asked.said("keep_going"):
            words.append("--keep-going")
        words.append("--yes")  # the bill stands above the button
        run_id = started.new_run_id()
        started.start(asked.site.folder, run_id, words)
    except (CineForgeError, OSError) as error:
        return _page(asked, request, with_plan=False, trouble=message(error))
    return see(f"/runs/{run_id}")


def _request(stages: list[str], said: object, recipe: str, asked: Asked) -> Request:
    assert callable(said)
    with asked.site.open() as project:
        usual = recipe_name(project)
    words = (*stages, *said("word").split())
    return Request(
        recipe or usual,
        tuple(dict.fromkeys(words)),
        stale=bool(said("stale")),
        force=bool(said("force")),
        start_from=said("start_from"),
    )


def _page(asked: Asked, request: Request, *, with_plan: bool, trouble: str = "") -> Response:
    report, refusal = None, ""
    if with_plan:
        try:
            plans.require_known(request, asked.site.folder)
            report = plans.make_plan(asked.site.folder, request, asked.site.ending)
        except CineForgeError as error:
            refusal = message(error)
    with asked.site.open() as project:
        choices, problem = _choices(project, request.recipe)
        usual = recipe_name(project)
        running = bool(project.store.health_counts())
    names = {choice.name for choice in choices}
    return asked.page(
        "launch.html",
        422 if trouble else 200,
        title="Run",
        request=request,
        recipes=sorted(known_recipes(asked.site.folder)),
        has_list=usual == "",
        choices=choices,
        problem=problem,
        chosen=[word for word in request.words if word in names],
        words_typed=" ".join(word for word in request.words if word not in names),
        report=report,
        refusal=refusal,
        trouble=trouble,
        begun=running,
        listed=listed,
        shown=SHOWN,
    )


def listed(stage: PlannedStage) -> list[tuple[DecisionRecord, str]]:
    """The decisions of a stage that are worth telling, with what becomes of each."""
    kinds = (
        ("build", stage.build),
        ("adopt", stage.adopted),
        ("perhaps", stage.unknown),
        ("held", stage.held),
        ("waiting", stage.waiting),
        ("as it is", stage.as_is),
    )
    return [(decision, kind) for kind, decisions in kinds for decision in decisions]


def _choices(project: Project, name: str | None) -> tuple[list[Choice], str]:
    """The stages of a recipe; or why it cannot be used."""
    recipe: ResolvedRecipe | None = None
    with suppress(KeyError):
        try:
            config = project_config(project.folder)
            if name == "" or name in known_recipes(project.folder):
                recipe = load_project_recipe(name or None, project.folder, config)
        except CineForgeError as error:
            return [], message(error)
    if recipe is None:
        return [], ""
    return [
        Choice(stage.id, tuple(out.artifact_type for out in stage.outputs), stage.for_each or "")
        for stage in recipe.stages.values()
    ], ""
