"""The audit envelope of a version: what its maker states (`Provenance`), and what is sealed (`ArtifactMetadata`)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import (
    AwareDatetime,
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from cineforge.model.canonical import canonical_json, digest_bytes
from cineforge.model.names import collection_type
from cineforge.model.refs import ArtifactKey, ArtifactRef, EntityId, Strict, TypeName

Digest = Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")]
Text = Annotated[str, Field(max_length=100_000)]

#: The role that links a human's edit to the version it was made from.
EDITED_FROM = "edited_from"


class Source(StrEnum):
    """Who made a version. Earlier releases called `ai` whatever was no person's, whether a model was asked or not."""

    AI = "ai"
    CODE = "code"  # deterministic: it follows from what was read, and is nobody's judgement
    HUMAN = "human"
    HYBRID = "hybrid"


class CostRecord(Strict):
    """One paid call: tokens as counted by the provider, cost in US dollars."""

    model: str
    input_tokens: Annotated[int, Field(ge=0)] = 0
    output_tokens: Annotated[int, Field(ge=0)] = 0
    estimated_cost_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0


class Parent(Strict):
    """One version that another was made from, and the role it played."""

    ref: ArtifactRef
    role: str


class LineageEdge(Parent):
    """A parent as sealed: with the digest of its content and its own seal."""

    content: Digest
    seal: Digest


class GatheredSet(Strict):
    """The set of entity ids that an input gathered, and the collection(s) that named them.

    `scope` is the parent entity whose collection was read, or None for all collections of the stage.
    """

    role: str
    stage: str
    member_type: TypeName
    scope: EntityId | None = None
    ids: tuple[EntityId, ...]

    @property
    def collection(self) -> ArtifactKey:
        return ArtifactKey(collection_type(self.stage), self.scope)


#: What a fingerprint holds, and how its digest is made of it. `docs/decisions.md` says what another format needs.
FINGERPRINT_FORMAT = 1


class Fingerprint(Strict):
    """What an instance's work reads besides its inputs; the digest covers both.

    The inputs' content by role stands in the lineage beside it, so it is not repeated here. `format` says what is
    covered, and how; a record without it is of format 1.
    """

    format: Annotated[int, Field(ge=1, le=FINGERPRINT_FORMAT)] = 1
    digest: Digest
    stage: str
    code: Digest
    params: dict[str, JsonValue] = Field(default_factory=dict)
    config: dict[str, JsonValue] = Field(default_factory=dict)
    schemas: dict[str, Digest] = Field(default_factory=dict)
    sources: dict[str, Digest] = Field(default_factory=dict)

    @model_serializer(mode="wrap")
    def _without_format_1(self, serialized: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Records of format 1 stay byte for byte what they have always been, and readable by earlier releases."""
        fields: dict[str, Any] = serialized(self)
        if self.format == 1:
            del fields["format"]
        return fields


class MadeFor(Strict):
    """The entity that a for_each instance worked for: the artifact vanishes with it."""

    artifact_type: TypeName
    entity_id: EntityId


class AttachedFile(Strict):
    """A binary beside the payload: path relative to `files/`, digest, size in bytes."""

    path: str
    digest: Digest
    size: Annotated[int, Field(ge=0)]


class Provenance(Strict):
    """What the maker of a version says of it. Handed to `ArtifactStore.save_artifact`."""

    lineage: tuple[Parent, ...] = ()
    gathered: tuple[GatheredSet, ...] = ()
    made_for: MadeFor | None = None
    intent: Text = ""
    rationale: Text = ""
    alternatives_considered: tuple[Text, ...] = ()
    confidence: Annotated[float, Field(ge=0, le=1)] = 1.0
    source: Source = Source.HUMAN
    producing_module: str | None = None
    producing_role: str | None = None
    cost: tuple[CostRecord, ...] = ()
    #: Of the schema that the payload was checked with. Earlier releases wrote "1", whatever the schema.
    schema_version: str = "1"
    run_id: str | None = None
    fingerprint: Fingerprint | None = None


class ArtifactMetadata(Provenance):
    """The sealed envelope, stored as `meta.json`. The store fills in what `Provenance` lacks.

    `data_digest` covers the bytes of data.json; `content` covers data and attached files, metadata left out;
    `seal` covers all of this record, the parents' seals included.
    """

    ref: ArtifactRef
    lineage: tuple[LineageEdge, ...] = ()
    created_at: AwareDatetime
    data_digest: Digest
    files: tuple[AttachedFile, ...] = ()
    content: Digest
    reproduces: Annotated[int, Field(ge=1)] | None = None
    seal: Digest

    @property
    def refined_from(self) -> ArtifactRef | None:
        """The latest earlier version of the same artifact that this one was made from; of a person's edit None."""
        by_person = self.source in (Source.HUMAN, Source.HYBRID)
        before = [
            edge.ref
            for edge in self.lineage
            if edge.ref.key == self.ref.key and not (by_person and edge.role == EDITED_FROM)
        ]
        return max(before, key=lambda ref: ref.version, default=None)

    def computed_seal(self) -> str:
        """The seal that these fields should carry."""
        return seal_of(self.model_dump(mode="json", exclude={"seal"}))


def seal_of(unsealed: dict[str, JsonValue]) -> str:
    """The digest over the JSON form of a metadata record without its `seal` field."""
    return seal_of_bytes(canonical_json(unsealed))


def sealed_json(unsealed: dict[str, JsonValue]) -> tuple[str, bytes]:
    """The seal of a record's JSON form, and its canonical bytes with the seal in them: encoded once for both."""
    text = canonical_json(unsealed)
    seal = seal_of_bytes(text)
    # Keys are sorted, and a line that is indented by one begins with a key of the record itself.
    following = min(name for name in unsealed if name > "seal")
    before, key, after = text.partition(f'\n "{following}": '.encode())
    return seal, b"".join((before, b'\n "seal": "', seal.encode(), b'",', key, after))


def seal_of_bytes(unsealed: bytes) -> str:
    """The seal of a record by its canonical bytes without the seal."""
    return digest_bytes(b"cineforge-seal-1\n" + unsealed)


def content_digest(data_digest: str, files: tuple[AttachedFile, ...]) -> str:
    """The digest of a version's payload and attached files, metadata left out."""
    listing = {file.path: file.digest for file in files}
    return digest_bytes(
        b"cineforge-content-1\n" + canonical_json({"data": data_digest, "files": listing})
    )
