"""What a run leaves for later questions, stage by stage: that all of it was kept, and up to when the index was read.

Unlike a certificate, it counts on when something has changed: what that may reach is decided anew, and nothing else.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cineforge import __version__
from cineforge.bridge.certificate.certificate import data_digest, keep_sealed, read_sealed
from cineforge.bridge.certificate.files_read import program_stamp
from cineforge.deciding.decide import Decision
from cineforge.deciding.instance import Instance
from cineforge.deciding.kept_before import KeptBefore, KeptStage, shape_digest
from cineforge.model.errors import CineForgeError
from cineforge.model.refs import ArtifactKey
from cineforge.recipes.resolved import ResolvedRecipe
from cineforge.store import ArtifactStore
from cineforge.store.index.queries.since import Moment

_FORMAT = 2
#: Of a stage with more of which there was something to say, nothing is noted: it would be decided anew all the same.
_MANY = 1000


@dataclass(frozen=True)
class KeptStages:
    """The stages that had nothing to do at a moment of the index. `shape` is of the recipe that they belong to."""

    shape: str
    moment: Moment
    stages: Mapping[str, KeptStage]

    def keep(self, project: Path) -> None:
        """Write it down, in the place of what was known of the same stages. Raises OSError."""
        stages = {
            name: {
                "digest": each.digest,
                "count": each.count,
                "others": sorted(each.others, key=str),
            }
            for name, each in self.stages.items()
        }
        record = {"shape": self.shape, "moment": self.moment, "stages": stages}
        keep_sealed(project, _name(self.shape), record)


def kept_stage(digest: str, decisions: Iterable[Decision]) -> KeptStage | None:
    """What to note of a stage that had nothing to do; None of one of which there was much to say."""
    decisions = list(decisions)
    others = frozenset(each.instance for each in decisions if not each.is_plain_keep)
    return None if len(others) > _MANY else KeptStage(digest, len(decisions), others)


def kept_before(store: ArtifactStore, recipe: ResolvedRecipe) -> KeptBefore | None:
    """What is known of a recipe's stages, and what has changed since; None where nothing is.

    What others have done to the folders of artifacts must be registered: what is gone, or came, is a change.
    """
    with suppress(OSError):
        shape = shape_digest(recipe)
        found = _read(store.project, shape)
        if found is None:
            return None
        changed = store.changed_since(found.moment)
        if changed is None:
            return None
        named = _NamedThen(store, found.moment)
        return KeptBefore(found.stages, changed, named)
    return None


class _NamedThen:
    """Whether collections named some entity at a moment."""

    def __init__(self, store: ArtifactStore, moment: Moment) -> None:
        self._store = store
        self._moment = moment
        self._members = functools.cache(self._look_up)

    def __call__(self, collection: ArtifactKey, entity_type: str, entity: str) -> bool:
        return entity in self._members(collection).get(entity_type, {})

    def _look_up(self, collection: ArtifactKey) -> Mapping[str, Mapping[str, Any]]:
        with suppress(CineForgeError):
            then = self._store.head_at(collection, self._moment)
            if then is not None:
                return self._store.collection_of(then).members
        return {}


def _name(shape: str) -> str:
    return data_digest(["stages", _FORMAT, __version__, program_stamp(), sys.version, shape])


def _read(project: Path, shape: str) -> KeptStages | None:
    data = read_sealed(project, _name(shape))
    try:
        if data is None or data["shape"] != shape:
            return None
        made, row = data["moment"]
        stages = {
            str(name): KeptStage(
                str(each["digest"]),
                int(each["count"]),
                frozenset(Instance(stage, entity) for stage, entity in each["others"]),
            )
            for name, each in data["stages"].items()
        }
        return KeptStages(shape, Moment(str(made), int(row)), stages)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
