"""A user's own files that modules read: where they are, and what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cineforge.deciding.reads import StageReads
from cineforge.model.canonical import DIGEST_TAG
from cineforge.model.errors import DecisionFailed, nearest, unreadable
from cineforge.recipes.modules.watched_files import Watch, WatchedFile
from cineforge.recipes.resolved import ResolvedStage

if TYPE_CHECKING:
    from pydantic import JsonValue

    from cineforge.deciding.facts.world import World


class SourceFiles:
    """Relative paths are looked up in `folders`, in order: the project first. Safe to use from many threads."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)
        self._watch = Watch()
        #: What was looked up: a file's name, where it is, and the digest of its bytes; None for what is not there.
        self.looked_up: set[tuple[str, Path | None, str | None]] = set()

    def digest(self, path: str) -> str:
        """The content digest of a file. Raises DecisionFailed when it cannot be read."""
        found = self.watched(path)
        self.looked_up.add((path, found.path, found.digest))
        return DIGEST_TAG + found.digest

    def watched(self, path: str) -> WatchedFile:
        """A file as it is now. Raises DecisionFailed when it cannot be read."""
        found = self.path(path)
        try:
            return self._watch.look(found)
        except OSError as error:
            raise DecisionFailed(str(unreadable(path, error))) from error

    def has(self, path: str) -> bool:
        """Whether there is something by this name, be it fit to be read or not."""
        wanted = _expanded(path)
        found = any((folder / wanted).exists() for folder in self._folders)
        if not found:
            self.looked_up.add((path, None, None))
        return found

    def path(self, path: str) -> Path:
        """The absolute path of a file. Raises DecisionFailed when there is none."""
        wanted = _expanded(path)
        for folder in self._folders:
            candidate = folder / wanted
            if candidate.is_file():
                return candidate.resolve()
            if candidate.exists() and not candidate.is_dir():
                raise DecisionFailed(f"'{path}' is not an ordinary file: name one that is")
        folder = (self._folders[0] / path).parent
        names = [p.name for p in folder.iterdir() if p.is_file()] if folder.is_dir() else []
        close = nearest(Path(path).name, names)
        if (self._folders[0] / path).is_dir():
            hint = "it is a folder; name a file"
        elif close:
            hint = f"did you mean '{close}'?"
        else:
            hint = "name it in config.yaml, or with --config, relative to the project folder"
        raise DecisionFailed(f"there is no file '{path}': {hint}")


def _expanded(path: str) -> Path:
    """A path in which `~` has become a folder. Raises DecisionFailed where nobody knows which."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        home = Path(path).parts[0]
        raise DecisionFailed(
            f"there is no file '{path}': nobody knows the home folder that '{home}' stands for: write the path in full"
        ) from None


def source_paths(stage: ResolvedStage) -> Iterator[tuple[str, str]]:
    """The source files of a stage, by parameter, as its recipe names them."""
    for name in stage.module.source_params:
        path = stage.params.get(name)
        if isinstance(path, str):
            yield name, path


def stage_reads(stage: ResolvedStage, world: World, secrets: frozenset[str]) -> StageReads:
    """What all instances of a stage read alike. Raises DecisionFailed for a source file that cannot be read."""
    sources: dict[str, str] = {}
    params: dict[str, JsonValue] = dict(stage.params)
    for name, path in source_paths(stage):
        if name not in stage.module.optional_sources or world.has_source(path):
            sources[name] = world.source_digest(path)
        # The file counts by its content alone: a moved project rebuilds nothing.
        params.pop(name, None)
    return StageReads(
        code=stage.module.code_digest,
        earlier_code=stage.module.code.digest_with_estimate,
        params=params,
        config=stage.config,
        schemas={output.artifact_type: output.schema_digest for output in stage.outputs},
        schema_versions={each.artifact_type: each.rules.version for each in stage.outputs},
        sources=sources,
        secrets=secrets,
    )
