"""Files edited at random instants of real snakemake runs: what is published was made from what its record says."""

from __future__ import annotations

import functools
import json
import os
import random
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from cineforge import ArtifactStore
from cineforge.model.canonical import digest_json
from cineforge.recipes.modules.module_code import read_code
from cineforge.recipes.modules.watched_files import watch
from tests.e2e.cluster import submitting
from tests.torture.children import BIN, ROOT, run_command, snakemake
from tests.torture.trials import Bench, Trials
from tests.torture.truth import Truth

_FINISH_EVERY = 4
_ITEMS = 6
#: A payload tells the revision of main.py, of the file beside it, of the helper, of the data file, of the source,
#: of a default in the manifest, of a parameter in the recipe, of a value in the configuration.
#: Late imports and reads, some time after the call has begun.
_CODE = """
import time
from pathlib import Path
from cineforge import ModuleResult, Output
MAIN = {main}
def run_module(inputs, params, project_config, context):
    time.sleep(params["seconds"])
    source = int(context.source("file").read_text())
    from .near import NEAR
    table = int(Path(__file__).with_name("table.txt").read_text())
    time.sleep(params["seconds"])
    from .shared.tool import TOOL
    read = [MAIN, NEAR, TOOL, table, source, params["usual"], params["given"], project_config["mood"]]
    assert source == int(context.source("file").read_text())
    return ModuleResult(outputs={made})
"""
_MADE = {
    "item": f'{{"item": {{f"i{{n}}": Output(data=read) for n in range({_ITEMS})}}}}',
    "work": '{"work": Output(data=read)}',
}


def edits_in_runs(bench: Bench, count: int) -> Trials:
    """Runs in which code, manifests, schemas, recipe, configuration and a source change, and often back, at any moment.

    Half of them are forced, some with jobs in other processes; before the others a plan has the modules, which are
    pure, make what the run then takes. How many instances one job does is edited, too.

    After each, every version must tell the revisions that its fingerprint is of; after each fourth a plain run makes
    all of it current, and the next finds no work.
    """
    trials = Trials("files edited at random instants of snakemake runs")
    project = bench.folder / "film"
    _write_project(project)
    truth = Truth(project)
    checked: set[str] = set()
    edited = failed = 0
    for round_ in range(count):
        done, status = _run_and_edit(project, bench.luck)
        edited += done
        failed += status != 0
        losses = _untrue(project, checked)
        if round_ % _FINISH_EVERY == _FINISH_EVERY - 1 or round_ == count - 1:
            losses += _finish(project)
        trials.record(f"run {round_}", losses)
    trials.losses += truth.everything()
    trials.note = f"{edited} edits, {failed} runs told of them, {len(checked)} versions"
    return trials


def _write_project(project: Path) -> None:
    for stage in _MADE:
        _write(project, _module(stage, (0, 0, 0, 0), 0) | _others(stage, 0))


def _write(project: Path, files: Mapping[str, str]) -> None:
    for file, text in files.items():
        path = project / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _module(stage: str, code: tuple[int, ...], usual: int) -> dict[str, str]:
    main, near, tool, table = code
    parameters = {
        "file": {"type": "string", "format": "source-file"},
        "seconds": {"type": "number"},
        "usual": {"type": "integer", "default": usual},
        "given": {"type": "integer"},
    }
    manifest = {
        "module_id": f"{stage}_v1",
        "stage": stage,
        "description": "Made up by a test.",
        "inputs": {} if stage == "item" else {"item": {"type": "item"}},
        "outputs": [{"type": stage, "many": stage == "item"}],
        "parameters": {"type": "object", "properties": parameters},
        "project_config": ["mood"],
        "helpers": ["tool.py"],
        "pure": True,
    }
    home = f"modules/{stage}/{stage}_v1"
    return {
        f"{home}/main.py": _CODE.replace("{main}", str(main)).replace("{made}", _MADE[stage]),
        f"{home}/near.py": f"NEAR = {near}\n",
        "modules/shared/tool.py": f"TOOL = {tool}\n",
        f"{home}/table.txt": f"{table}\n",
        f"{home}/module.yaml": yaml.safe_dump(manifest),
    }


def _others(stage: str, revision: int) -> dict[str, str]:
    params = {"file": "story.txt", "seconds": 0.03, "given": revision}
    stages: list[dict[str, Any]] = [
        {"id": "item", "module": "item_v1", "params": params},
        {
            "id": "work",
            "module": "work_v1",
            "params": params,
            "needs": ["item"],
            "for_each": "item",
            "batch": 1 + 2 * revision,
        },
    ]
    recipe = {"recipe_id": "edited", "description": "Made up by a test.", "stages": stages}
    return {
        "story.txt": str(revision),
        "recipes/edited.yaml": yaml.safe_dump(recipe),
        "config.yaml": yaml.safe_dump({"recipe": "edited", "project": {"mood": revision}}),
        f"schemas/artifacts/{stage}.schema.json": json.dumps({"$comment": str(revision)}),
    }


def _run_and_edit(project: Path, luck: random.Random) -> tuple[int, int]:
    """How many edits were made in a run, or a plan and a run, and the run's exit status."""
    if luck.random() < 0.5:
        elsewhere = submitting(project) if luck.random() < 0.25 else []
        forced = snakemake(project, "-c2", "-F", "--keep-going", *elsewhere)
        return _edit_during(project, luck, forced)
    edits, _ = _edit_during(project, luck, ["cineforge", "plan", "--directory", str(project)])
    more, status = _edit_during(project, luck, snakemake(project, "-c2", "--keep-going"))
    return edits + more, status


def _edit_during(project: Path, luck: random.Random, words: Sequence[str]) -> tuple[int, int]:
    """Edit until a command has ended: how often, and how it did."""
    run = subprocess.Popen(
        [str(BIN / words[0]), *words[1:]],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    edits = 0
    # Runs that are left in peace now and then get on, others hardly.
    waits = luck.choice(((0.01, 0.1), (0.1, 1.0), (0.5, 2.0, 4.0), (2.0, 6.0)))
    while True:
        try:
            return edits, run.wait(luck.choice(waits))
        except subprocess.TimeoutExpired:
            _edit(project, luck)
            edits += 1


def _edit(project: Path, luck: random.Random) -> None:
    """Change one file, half the time so that neither size nor time tells, and half the time at once back again."""
    stage = luck.choice(list(_MADE))
    old, new = luck.sample(range(3), 2)
    texts = [
        _module(stage, (revision,) * 4, revision) | _others(stage, revision)
        for revision in (new, old)
    ]
    # What ends jobs is edited more seldom than what they have from the plan.
    file = luck.choice([*(file for file in texts[0] if not file.endswith(".txt")), *texts[0]])
    unseen = luck.random() < 0.5
    for text in texts:
        _change(project / file, text[file], unseen)
        if luck.random() < 0.5:
            break


def _change(path: Path, text: str, unseen: bool) -> None:
    before = path.stat()
    if unseen:
        with path.open("r+") as stream:  # in place, never empty in between
            stream.write(text)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    else:
        draft = path.with_name(".draft")
        draft.write_text(text)
        draft.replace(path)


def _untrue(project: Path, checked: set[str]) -> list[str]:
    """The versions that tell other revisions than those of their fingerprint."""
    found = []
    with ArtifactStore(project) as store:
        for key in store.list_artifacts():
            if key.artifact_type not in _MADE:
                continue
            for ref in store.list_versions(*key):
                if str(ref) in checked:
                    continue
                checked.add(str(ref))
                sealed, told = store.metadata(ref).fingerprint, store.checked_data(ref)
                assert sealed is not None
                if sealed.code != _code_digest(key.artifact_type, tuple(told[:4]), told[5]):
                    found.append(f"{ref} was made by other code than is sealed: {told}")
                if sealed.sources["file"] != _source_digest(str(told[4])):
                    found.append(f"{ref} was made from another source than is sealed: {told}")
                read = [sealed.params["usual"], sealed.params["given"], sealed.config["mood"]]
                if read != told[5:]:
                    found.append(f"{ref} was made with {told[5:]}, and {read} is sealed")
                schema = sealed.schemas[key.artifact_type]
                if store.metadata(ref).schema_version != schema or schema not in _schemas():
                    found.append(f"{ref} was checked with another schema than is sealed")
    return found


@functools.lru_cache(maxsize=1024)
def _code_digest(stage: str, code: tuple[int, ...], usual: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _write(root, _module(stage, code, usual))
        home = root / "modules" / stage / f"{stage}_v1"
        return read_code(home, [root / "modules" / "shared" / "tool.py"]).digest


@functools.cache
def _schemas() -> set[str]:
    return {digest_json({"$comment": str(revision)}) for revision in range(3)}


@functools.lru_cache(maxsize=8)
def _source_digest(text: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "source")
        file.write_text(text)
        return f"sha256:{watch(file).digest}"


def _finish(project: Path) -> list[str]:
    finished = run_command(snakemake(project, "-c2"))
    again = run_command(snakemake(project, "-n"))
    losses = finished.losses() + again.losses()
    if not losses and "Nothing to be done" not in again.output:
        losses.append(f"after a finished run there is work left: {again.output.strip()}")
    return losses or [
        f"{path.relative_to(project)} does not tell what the files say"
        for stage in _MADE
        for path in (project / "current" / stage).iterdir()
        if json.loads(path.read_text()) != _revisions(project, stage)
    ]


def _revisions(project: Path, stage: str) -> list[int]:
    """What the files say now."""
    home = project / "modules" / stage / f"{stage}_v1"
    main = (home / "main.py").read_text().split("MAIN = ")[1][0]
    near, tool = ((home / "near.py"), project / "modules" / "shared" / "tool.py")
    table, source = (home / "table.txt").read_text(), (project / "story.txt").read_text()
    words = [main, near.read_text()[-2], tool.read_text()[-2], table, source]
    manifest, recipe, config = (
        yaml.safe_load(path.read_text())
        for path in (
            home / "module.yaml",
            project / "recipes" / "edited.yaml",
            project / "config.yaml",
        )
    )
    usual = manifest["parameters"]["properties"]["usual"]["default"]
    given = recipe["stages"][0]["params"]["given"]
    return [*map(int, words), usual, given, config["project"]["mood"]]
