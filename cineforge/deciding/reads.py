"""Everything that the work of one instance reads: the contents of its fingerprint, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pydantic import JsonValue

from cineforge.deciding.instance import Instance
from cineforge.model.canonical import digest_json
from cineforge.model.metadata import FINGERPRINT_FORMAT, Fingerprint, GatheredSet
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.model.secrets import sealed

_UPGRADE = ".upgrade"


def upgrade_name(schema: str) -> str:
    """What stands among the schemas of work that reads lifted payloads of this one."""
    return f"{schema}{_UPGRADE}"


def is_upgrade(name: str) -> bool:
    return name.endswith(_UPGRADE)


@dataclass(frozen=True)
class InputState:
    """One artifact that an input takes: the version and content it would read, or the instance to wait for.

    `closed` names what somebody has to approve before it may be read.
    """

    key: ArtifactKey
    ref: ArtifactRef | None = None
    content: str | None = None
    pending: Instance | None = None
    closed: tuple[ArtifactKey, ...] = ()


@dataclass(frozen=True)
class StageReads:
    """What every instance of a stage reads alike. `secrets` are the texts that no record may hold.

    `earlier_code` is the digest that earlier releases gave the same code, where that is another. `schema_versions` are
    what payloads of each output are sealed with.
    """

    code: str
    params: Mapping[str, JsonValue]
    config: Mapping[str, JsonValue]
    schemas: Mapping[str, str]
    sources: Mapping[str, str]
    secrets: frozenset[str] = frozenset()
    earlier_code: str | None = None
    schema_versions: Mapping[str, str] = field(default_factory=dict)

    def is_code(self, digest: str) -> bool:
        """Whether this is the code of a digest, by whatever release."""
        return digest in (self.code, self.earlier_code)


@dataclass(frozen=True)
class Reads:
    """What one instance reads. While `waits_for` names fan-outs yet to run, the inputs are not all known.

    `closed_members` must be approved before it is known which members there are.
    """

    instance: Instance
    stage: StageReads
    inputs: Mapping[str, tuple[InputState, ...]]
    gathered: tuple[GatheredSet, ...] = ()
    waits_for: tuple[Instance, ...] = ()
    closed_members: tuple[ArtifactKey, ...] = ()

    @cached_property
    def closed(self) -> tuple[ArtifactKey, ...]:
        """What somebody has to approve before all of this may be read, each once."""
        states = (state for found in self.inputs.values() for state in found)
        return tuple(
            dict.fromkeys(
                (*self.closed_members, *(key for state in states for key in state.closed))
            )
        )

    @cached_property
    def pending(self) -> tuple[Instance, ...]:
        """The instances that must run before everything here is known, each once."""
        found = dict.fromkeys(self.waits_for)
        for states in self.inputs.values():
            found.update((state.pending, None) for state in states if state.pending is not None)
        return tuple(found)

    @cached_property
    def digest(self) -> str:
        """The fingerprint's digest, in the present format. Only meaningful when nothing is pending.

        What goes in here, and into the digests of code and schemas, may not change without another format.
        """
        return digest_json({**self._but_for_schemas, "schemas": dict(self.stage.schemas)})

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """The digests by which the same work may be on record, the present one first."""
        return (self.digest, *(each.digest for each in self._earlier))

    @cached_property
    def work_digests(self) -> tuple[str, ...]:
        """The same without the schemas of what is made, which tell nothing of what a paid call returns."""
        return tuple(digest_json(each._but_for_schemas) for each in (self, *self._earlier))

    def is_work_of(self, digest: str | None) -> bool:
        """Whether a fingerprint's digest is of just this work."""
        return digest == self.digest or (bool(self._earlier) and digest in self.digests)

    @cached_property
    def _earlier(self) -> tuple[Reads, ...]:
        """The same, as earlier releases would have put it on record."""
        code = self.stage.earlier_code
        if code is None:
            return ()
        return (replace(self, stage=replace(self.stage, code=code, earlier_code=None)),)

    @cached_property
    def _but_for_schemas(self) -> dict[str, Any]:
        lifted = {name: each for name, each in self.stage.schemas.items() if is_upgrade(name)}
        return {
            **({"upgrades": lifted} if lifted else {}),
            "stage": self.instance.stage,
            "entity": self.instance.entity,
            "code": self.stage.code,
            "params": dict(self.stage.params),
            "config": dict(self.stage.config),
            "sources": dict(self.stage.sources),
            "inputs": {
                role: {str(state.key): state.content for state in states}
                for role, states in self.inputs.items()
            },
            "gathered": gathered_ids(self.gathered),
        }

    def fingerprint(self) -> Fingerprint:
        """The record to seal into the versions that this work makes: without keys, which its digest covers."""
        return Fingerprint(
            format=FINGERPRINT_FORMAT,
            digest=self.digest,
            stage=self.instance.stage,
            code=self.stage.code,
            params=sealed(self.stage.params, self.stage.secrets),
            config=sealed(self.stage.config, self.stage.secrets),
            schemas=dict(self.stage.schemas),
            sources=dict(self.stage.sources),
        )


def gathered_ids(gathered: tuple[GatheredSet, ...]) -> dict[str, list[str]]:
    """The sorted ids that each role gathered, over all its collections."""
    ids: dict[str, set[str]] = {}
    for gathered_set in gathered:
        ids.setdefault(gathered_set.role, set()).update(gathered_set.ids)
    return {role: sorted(found) for role, found in ids.items()}
