"""The files that lift old payloads, `<schema>.upgrade.py` beside the schema: read once, what counts is what runs."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from cineforge.model.canonical import digest_json
from cineforge.model.errors import NotFound, Problem, ProblemsFound, unreadable
from cineforge.recipes.reading.python_source import parse_python
from cineforge.recipes.resolved import Upgrades
from cineforge.recipes.schema_registry import SchemaRegistry, registry_for
from cineforge.recipes.share import share_root
from cineforge.store import layout
from cineforge.store.disk.safe_files import read_regular

SUFFIX = ".upgrade.py"


def read_upgrades(registry: SchemaRegistry, schema: str) -> Upgrades | None:
    """The upgrades of a schema that can be read; None where there are none. Raises ProblemsFound."""
    file = registry.file(schema).with_name(f"{schema}{SUFFIX}")
    if not os.path.lexists(file):
        return None
    try:
        source = read_regular(file, follow=True)
        parse_python(source, file)
    except OSError as error:
        raise _unusable(unreadable(str(file), error)) from None
    except SyntaxError as error:
        raise _unusable(Problem(f"no valid Python: {error.msg}", str(file), error.lineno)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _unusable(Problem(f"no valid Python: {error}", str(file))) from None
    rules = registry.schema(schema)
    digest = digest_json({"code": hashlib.sha256(source).hexdigest(), "to": rules.version})
    return Upgrades(file, source, digest, rules)


def upgrades_of_type(project: Path, artifact_type: str) -> Upgrades | None:
    """What lifts payloads of a type to the schema of its name; None where nothing does. Raises ProblemsFound."""
    folders = (project / layout.SCHEMAS, share_root() / layout.SCHEMAS)
    if not any(os.path.lexists(each / f"{artifact_type}{SUFFIX}") for each in folders):
        return None  # to look through all modules for schemas takes longer than to show a payload
    registry = registry_for(project)
    return read_upgrades(registry, artifact_type) if artifact_type in registry.names() else None


def later_version(project: Path, artifact_type: str, version: str) -> str | None:
    """The version that a schema is of now, where modules get payloads of this one lifted to it; else None."""
    with suppress(ProblemsFound, NotFound):  # told by whoever lifts
        upgrades = upgrades_of_type(project, artifact_type)
        if upgrades is not None and upgrades.rules.version != version:
            return upgrades.rules.version
    return None


def _unusable(problem: Problem) -> ProblemsFound:
    return ProblemsFound(f"{problem.file} cannot be used:", [problem])
