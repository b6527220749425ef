"""Where drafts come from: two script files, or two moments, runs or tags of one project."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cineforge.drafts.draft import Draft
from cineforge.drafts.git_tags import read_tag, tags
from cineforge.model.canonical import parsed_json
from cineforge.model.errors import CineForgeError, NotFound, nearest
from cineforge.model.names import check_segment
from cineforge.model.refs import ArtifactRef
from cineforge.store import layout

_SCRIPTS = (".fountain", ".fdx", ".txt", ".spmd")
_BOARD = "strip_board"


def read_drafts(old: str, new: str, folder: Path) -> tuple[Draft, Draft]:
    """The drafts by their names: script files; else `strip_board@3`, a run's id, a tag of Git, or a moment of the
    project `folder`.

    Raises CineForgeError when there is no such draft, and ModuleFailed when a file cannot be read.
    """
    files = [Path(name) for name in (old, new) if _is_file(name)]
    if len(files) == 2:
        first = _of_file(files[0], None)
        return first, _of_file(files[1], first)
    if files:
        other = new if _is_file(old) else old
        hint = f"'{other}' is no script file ({', '.join(_SCRIPTS)})"
        raise CineForgeError(f"two files can be compared, or two drafts of a project: {hint}")
    from cineforge.project import Project

    with Project(folder) as project:
        return _of_project(project, old), _of_project(project, new)


def _is_file(name: str) -> bool:
    return name.casefold().endswith(_SCRIPTS) or Path(name).is_file()


def _of_project(project: Any, name: str) -> Draft:
    board, heads = _heads(project, name)
    if board is None:
        raise NotFound(
            f"there was no strip board at '{name}' yet: name a later moment, a run, a tag or a file"
            " ('cineforge history strip_board' lists them)"
        )
    data = project.as_of_today(board)
    wanted = {row["scene"] for row in data["rows"]}
    scenes = {
        ref.entity_id: project.as_of_today(ref)
        for ref in heads
        if ref.artifact_type == "scene" and ref.entity_id in wanted
    }
    return Draft(name, data, scenes.get)


def _heads(project: Any, name: str) -> tuple[ArtifactRef | None, list[ArtifactRef]]:
    """The board that a name means, and all heads that stood beside it. Raises CineForgeError for no draft's name."""
    board: ArtifactRef | None = None
    if name.startswith(f"{_BOARD}@"):
        board = project.ref(name)
        moment: Any = project.show(board).metadata.created_at
    elif ended := _end_of_run(project.folder, name):
        moment = ended
    elif tag := read_tag(project.folder, name, (_BOARD, "scene")):
        # Where Git keeps no versions, the tag tells a moment.
        moment, kept = tag.committed, list(tag.heads)
        if kept:
            return next((ref for ref in kept if ref.artifact_type == _BOARD), None), kept
    else:
        moment = _moment(project.folder, name)
    heads = [head.ref for head in project.at(moment)]
    board = board or next((ref for ref in heads if ref.artifact_type == _BOARD), None)
    return board, heads


def _moment(folder: Path, name: str) -> Any:
    from cineforge.project.moments import read_moment

    try:
        return read_moment(name)
    except CineForgeError:
        close = nearest(name, tags(folder))
        hint = (
            f"did you mean the tag '{close}'?"
            if close
            else 'write 2026-11-20 or "2026-11-20 18:30"'
        )
        raise CineForgeError(
            f"'{name}' is no run, no tag of Git, no script file and no time: {hint}"
        ) from None


def _end_of_run(folder: Path, name: str) -> Any:
    """When the run of this id ended; None when the name is none of a run."""
    from datetime import datetime

    try:
        check_segment("run id", name)
        state = parsed_json((layout.run_folder(folder, name) / layout.STATE_FILE).read_bytes())
        return datetime.fromisoformat(state["finished_at"] or state["started_at"])
    except (CineForgeError, OSError, ValueError, KeyError, TypeError):
        return None


@dataclass
class _Given:
    data: Any
    entity_id: str | None = None


@dataclass
class _Context:
    """What reading a file needs of a module's context. Nothing is kept."""

    files: Mapping[str, Path] = field(default_factory=dict)
    before: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    entity_id: str | None = None
    log: logging.Logger = field(default_factory=lambda: _quiet())

    def source(self, name: str) -> Path:
        return self.files[name]

    def has_source(self, name: str) -> bool:
        return name in self.files

    def previous(self, artifact_type: str) -> dict[str, Any]:
        return dict(self.before.get(artifact_type, {}))

    def vanished(self, artifact_type: str) -> dict[str, Any]:
        del artifact_type
        return {}

    def used_ids(self, artifact_type: str) -> set[str]:
        return set(self.previous(artifact_type))

    def attach(self, name: str, content: bytes) -> str:
        del content
        return name


def _quiet() -> logging.Logger:
    """What modules warn of is for runs: a question has an answer alone."""
    log = logging.getLogger("cineforge.drafts")
    log.addHandler(logging.NullHandler())
    log.propagate = False
    return log


def _of_file(path: Path, before: Draft | None) -> Draft:
    """The script read and broken down by the shipped modules; scenes keep the ids that the draft before gave them."""
    if not path.is_file():
        odd = f"'{path}' is not an ordinary file: name one that is"
        raise NotFound(odd if path.exists() else f"there is no file {path}")
    members = before.members if before else {}
    script = _call("fountain_ingest_v1", {}, _Context({"source": path}))["script"].data
    made = _call("scene_breakdown_v1", {"script": _Given(script)}, _Context(before=members))
    scenes = {entity: output.data for entity, output in made["scene"].items()}
    index = made["scene_index"].data
    context = _Context()
    reports = {
        entity: _Given(
            _call("scene_report_v1", {"scene": _Given(scene)}, context)["scene_report"].data, entity
        )
        for entity, scene in scenes.items()
    }
    characters = {entity: _Given(output.data) for entity, output in made["character"].items()}
    inputs = {"scene_index": _Given(index), "scene_reports": reports, "characters": characters}
    board = _call("strip_board_v1", inputs, context)[_BOARD].data
    kept = {
        kind: {entity: output.data for entity, output in made[kind].items()}
        for kind in ("scene", "character", "location")
    }
    return Draft(path.name, board, scenes.get, {**kept, "scene_index": {"_": index}})


def _call(module_id: str, inputs: Mapping[str, Any], context: Any) -> dict[str, Any]:
    from cineforge.running.workers.module_context.module_inputs import Inputs

    module, params = _loaded(module_id)
    outputs: dict[str, Any] = module.run_module(Inputs(inputs), dict(params), {}, context).outputs
    return outputs


_LOADED: dict[str, tuple[Any, dict[str, Any]]] = {}


def _loaded(module_id: str) -> tuple[Any, dict[str, Any]]:
    """A shipped module, imported once, and the defaults of its parameters."""
    if module_id not in _LOADED:
        from cineforge.recipes.modules.discovery import find_modules, module_roots
        from cineforge.running.workers.loader import load_module

        found = find_modules(module_roots(None)).get(module_id)
        rules = found.parameters.get("properties", {})
        params = {name: rule["default"] for name, rule in rules.items() if "default" in rule}
        _LOADED[module_id] = load_module(found.module.code), params
    return _LOADED[module_id]
