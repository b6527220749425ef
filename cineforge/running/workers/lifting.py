"""Lifts an old payload to what its schema is now, by the functions of `<schema>.upgrade.py`, one after the other."""

from __future__ import annotations

import functools
import linecache
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cineforge.model.errors import ModuleFailed
from cineforge.model.upgrades import Upgrade, steps_of
from cineforge.recipes.resolved import Upgrades

#: So many places are told where a lifted payload does not fit.
SHOWN = 5


def lifted(payload: Any, version: str, upgrades: Upgrades, ref: str) -> Any:
    """A payload of a version as it would be today, checked. Raises ModuleFailed."""
    schema, now = upgrades.rules.name, upgrades.rules.version
    if version == now:
        return payload
    steps = _steps(upgrades.file, upgrades.source, schema)
    way = _way(steps, version, now)
    if way is None:
        old, new = _gap(steps, version, now)
        raise ModuleFailed(
            f"{ref} is of version {version!r} of the schema '{schema}', which is {now!r} now:"
            f" add a function to {upgrades.file}, marked @upgrade({schema!r}, {old!r}, {new!r})"
        )
    for step in way:
        try:
            payload = step.function(payload)
        except (Exception, SystemExit) as error:
            raise ModuleFailed(
                f"{ref} cannot be lifted from version {step.old!r} to {step.new!r} of the schema '{schema}':"
                f" {_error_text(error, upgrades.file)}"
            ) from error
    errors = upgrades.rules.errors(payload)
    if errors:
        more = f"; and {len(errors) - SHOWN} more" if len(errors) > SHOWN else ""
        raise ModuleFailed(
            f"{ref}, lifted by {upgrades.file} from version {version!r} to {now!r}, does not fit the schema"
            f" '{schema}': {'; '.join(map(str, errors[:SHOWN]))}{more}"
        )
    return payload


@dataclass(frozen=True)
class _Step:
    old: str
    new: str
    function: Upgrade


@functools.lru_cache(maxsize=32)
def _steps(file: Path, source: bytes, schema: str) -> Mapping[str, tuple[_Step, ...]]:
    """The functions of a file by the version that they take. Raises ModuleFailed."""
    # As an import would have it, and from the very bytes that count.
    names: dict[str, Any] = {"__name__": f"_cineforge_upgrades_{schema}", "__file__": str(file)}
    text = source.decode("utf-8", "replace")
    linecache.cache[str(file)] = (len(text), None, text.splitlines(keepends=True), str(file))
    try:
        exec(compile(source, str(file), "exec", dont_inherit=True), names)
    except (Exception, SystemExit) as error:
        raise ModuleFailed(f"{file} cannot be loaded: {_error_text(error, file)}") from error
    found: dict[str, list[_Step]] = {}
    for function in {id(each): each for each in names.values() if callable(each)}.values():
        for of_schema, old, new in steps_of(function):
            if of_schema != schema:
                raise ModuleFailed(
                    f"{file}: @upgrade({of_schema!r}, {old!r}, {new!r}): it is the file of '{schema}'"
                )
            if any(each.new == new for each in found.get(old, ())):
                raise ModuleFailed(f"{file}: two functions lift from {old!r} to {new!r}: keep one")
            found.setdefault(old, []).append(_Step(old, new, function))
    return {old: tuple(steps) for old, steps in found.items()}


def _way(
    steps: Mapping[str, tuple[_Step, ...]], version: str, now: str
) -> tuple[_Step, ...] | None:
    """The shortest way, by the order in the file where there are several."""
    ways: dict[str, tuple[_Step, ...]] = {version: ()}
    pending = [version]
    while pending:
        at = pending.pop(0)
        if at == now:
            return ways[at]
        for step in steps.get(at, ()):
            if step.new not in ways:
                ways[step.new] = (*ways[at], step)
                pending.append(step.new)
    return None


def _gap(steps: Mapping[str, tuple[_Step, ...]], version: str, now: str) -> tuple[str, str]:
    """Between which versions a function is missing: as far as one comes, and from where one comes to the end."""
    old, seen = version, {version}
    while further := [each.new for each in steps.get(old, ()) if each.new not in seen]:
        old = further[-1]
        seen.add(old)
    new = now
    while earlier := [
        each.old
        for some in steps.values()
        for each in some
        if each.new == new and each.old not in seen
    ]:
        new = earlier[0]
        seen.add(new)
    return old, new


def _error_text(error: BaseException, file: Path) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == str(file)]
    line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
    place = own[-1].lineno if own else line
    where = f" ({file.name}:{place})" if place else ""
    return f"{type(error).__name__}: {error}{where}"
