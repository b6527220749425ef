"""What a stage or a module may ask of Snakemake: refused here, where the line is known, rather than by Snakemake."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from cineforge.model.errors import InvalidName
from cineforge.model.refs import checked_name
from cineforge.recipes.reading.fields import require_identifier

#: What Snakemake knows by several names, and converts.
_SIZES = {f"{base}{unit}": base for base in ("mem", "disk") for unit in ("", "_mb", "_mib")}
#: `attempt` is every compiled rule's own; the others are methods of the list that Snakemake keeps resources in.
_TAKEN = frozenset({"attempt", "get", "items", "keys", "update", *vars(list)})
_WITH_UNIT = re.compile(r"\s*\d+(\.\d+)?\s*[A-Za-z]*\s*")
_EXAMPLES = {"mem": "4 GB", "disk": "4 GB", "runtime": "90m"}


def replaced(
    defaults: Mapping[str, int | str], wanted: Mapping[str, int | str]
) -> dict[str, int | str]:
    """The defaults with what is wanted over them, also where it is wanted in another unit."""
    said = {_SIZES.get(name, name) for name in wanted}
    kept = {name: value for name, value in defaults.items() if _SIZES.get(name, name) not in said}
    return {**kept, **wanted}


def _require_free(value: str) -> None:
    require_identifier(value)
    if value in _TAKEN:
        raise InvalidName(f"the resource name '{value}' is taken: choose another name")


def _require_stage_resource(value: str) -> None:
    _require_free(value)
    if value == "threads":
        raise InvalidName("'threads' is a key of its own: write it beside 'resources'")


def _understood(resources: dict[str, int | str]) -> dict[str, int | str]:
    """Raises ValueError for what Snakemake would refuse."""
    found: dict[str, str] = {}
    for name, value in resources.items():
        base = _SIZES.get(name)
        if base is not None:
            other = found.setdefault(base, name)
            if other != name:
                raise ValueError(f"{other} and {name} are the same: keep one of the two")
        if isinstance(value, str):
            if base not in (None, name):
                raise ValueError(f"{name}: {value!r} is no whole number: write e.g. {base}: 4 GB")
            if name in _EXAMPLES and not _WITH_UNIT.fullmatch(value):
                raise ValueError(
                    f"{name}: {value!r} is no number with a unit: write e.g. {_EXAMPLES[name]}"
                )
    return resources


def _with_valid_threads(resources: dict[str, int | str]) -> dict[str, int | str]:
    threads = resources.get("threads", 1)
    if not isinstance(threads, int) or threads < 1:
        raise ValueError("threads must be a whole number of at least 1")
    return resources


_Value = Annotated[int, Field(ge=0)] | str
_StageResource = Annotated[str, checked_name(_require_stage_resource)]
_ModuleResource = Annotated[str, checked_name(_require_free)]
StageResources = Annotated[dict[_StageResource, _Value], AfterValidator(_understood)]
ModuleResources = Annotated[
    dict[_ModuleResource, _Value], AfterValidator(_understood), AfterValidator(_with_valid_threads)
]
