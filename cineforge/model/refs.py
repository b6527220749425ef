"""How artifacts and their versions are named: `scene/scene_7`, `scene/scene_7@2`, `script@latest`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from cineforge.model.errors import InvalidName
from cineforge.model.names import NO_ENTITY, check_entity, check_type


def checked_name(check: Callable[[Any], object]) -> AfterValidator:
    """A check of our own as Pydantic wants it: only ValueErrors are reported with their place."""

    def validate(value: Any) -> Any:
        try:
            check(value)
        except InvalidName as error:
            raise ValueError(str(error)) from error
        return value

    return AfterValidator(validate)


TypeName = Annotated[str, checked_name(check_type)]
EntityId = Annotated[str, checked_name(check_entity)]


class Strict(BaseModel):
    """Base of all records: immutable, no unknown keys, no silent conversions."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    def but(self, **values: Any) -> Self:
        """The same with other values, which are not checked.

        As `model_copy`, but the set of the names given, 2 KB for a record of many fields, is not copied with it.
        """
        return self.model_construct(self.model_fields_set, **{**self.__dict__, **values})


class ArtifactKey(NamedTuple):
    """An artifact without a version. `entity_id` is None for a project-level artifact."""

    artifact_type: str
    entity_id: str | None = None

    def __str__(self) -> str:
        if self.entity_id is None:
            return self.artifact_type
        return f"{self.artifact_type}/{self.entity_id}"

    @property
    def entity_dir(self) -> str:
        """The entity's name on disk and in the index: `_` stands for none."""
        return NO_ENTITY if self.entity_id is None else self.entity_id


#: The folder of all artifacts of a project.
ARTIFACTS = "artifacts"

#: Nine digits, as in the names of folders.
MAX_VERSION = 999_999_999


def version_name(version: int) -> str:
    """`v0003`: at least four digits, more when needed."""
    return f"v{version:04d}"


class ArtifactRef(Strict):
    """One exact version of an artifact."""

    artifact_type: TypeName
    entity_id: EntityId | None = None
    version: Annotated[int, Field(ge=1, le=MAX_VERSION)]

    @property
    def key(self) -> ArtifactKey:
        return ArtifactKey(self.artifact_type, self.entity_id)

    @property
    def path(self) -> str:
        """The version's folder, relative to the project: `artifacts/scene/scene_7/v0002`."""
        return (
            f"{ARTIFACTS}/{self.artifact_type}/{self.key.entity_dir}/{version_name(self.version)}"
        )

    def __str__(self) -> str:
        return f"{self.key}@{self.version}"


#: The names given are the same for all, and a set of its own is a third of what a reference takes.
_REF_FIELDS = set(ArtifactRef.model_fields)


def lean_ref(key: ArtifactKey, version: int) -> ArtifactRef:
    """As `ArtifactRef(...)`, checked as strictly, in half the memory: for very many. Raises ValidationError."""
    artifact_type, entity = key
    fields: dict[str, Any] = {
        "artifact_type": artifact_type,
        "entity_id": entity,
        "version": version,
    }
    try:
        check_type(artifact_type)
        if entity is not None:
            check_entity(entity)
    except InvalidName:
        return ArtifactRef(**fields)  # raises
    if type(version) is not int or not 1 <= version <= MAX_VERSION:
        return ArtifactRef(**fields)
    return _constructed(artifact_type, entity, version)


def known_ref(artifact_type: str, entity: str | None, version: int) -> ArtifactRef:
    """As `lean_ref`, of what was checked when it was registered."""
    return _constructed(artifact_type, entity, version)


def _constructed(artifact_type: str, entity: str | None, version: int) -> ArtifactRef:
    """As `ArtifactRef.model_construct`, which gives each a dictionary of its own: set one by one, values need none."""
    ref = ArtifactRef.__new__(ArtifactRef)
    _put(ref, "artifact_type", artifact_type)
    _put(ref, "entity_id", entity)
    _put(ref, "version", version)
    _put(ref, "__pydantic_fields_set__", _REF_FIELDS)
    _put(ref, "__pydantic_extra__", None)
    _put(ref, "__pydantic_private__", None)
    return ref


#: A reference is frozen, and says so to whoever sets a value in the usual way.
_put = object.__setattr__


def make_key(artifact_type: str, entity_id: str | None = None) -> ArtifactKey:
    """A checked key; raises InvalidName."""
    check_type(artifact_type)
    if entity_id is not None:
        check_entity(entity_id)
    return ArtifactKey(artifact_type, entity_id)


def as_ref(text: str) -> ArtifactRef:
    """The version that a text names as `str(ref)` does. Raises InvalidName."""
    key, version = parse_ref(text)
    if version is None:
        raise InvalidName(f"'{text}' names no version")
    return ArtifactRef(artifact_type=key.artifact_type, entity_id=key.entity_id, version=version)


def parse_ref(text: str) -> tuple[ArtifactKey, int | None]:
    """Read `type[/entity][@version|@latest]`; the version is None for the latest. Raises InvalidName."""
    name, at, version_text = text.partition("@")
    artifact_type, slash, entity = name.partition("/")
    if slash and not entity:
        raise InvalidName(f"'{text}' names no entity after the '/': type e.g. scene/scene_7@2")
    key = make_key(artifact_type, entity if slash and entity != NO_ENTITY else None)
    if not at or version_text == "latest":
        return key, None
    digits = version_text.removeprefix("v")
    if not (digits.isascii() and digits.isdigit()) or not 1 <= int(digits[:10]) <= 999_999_999:
        raise InvalidName(f"'{text}': after '@' comes a version number or 'latest'")
    return key, int(digits)
