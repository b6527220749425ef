"""The files that lift old payloads, `<schema>.upgrade.py` beside the schema: read once, what counts is what runs."""

from __future__ import annotations

import hashlib
import os

from cineforge.model.canonical import digest_json
from cineforge.model.errors import Problem, ProblemsFound
from cineforge.recipes.reading.python_source import parse_python
from cineforge.recipes.resolved import Upgrades
from cineforge.recipes.schema_registry import SchemaRegistry
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
        raise _unusable(Problem(f"cannot be read: {error.strerror or error}", str(file))) from None
    except SyntaxError as error:
        raise _unusable(Problem(f"no valid Python: {error.msg}", str(file), error.lineno)) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise _unusable(Problem(f"no valid Python: {error}", str(file))) from None
    rules = registry.schema(schema)
    digest = digest_json({"code": hashlib.sha256(source).hexdigest(), "to": rules.version})
    return Upgrades(file, source, digest, rules)


def _unusable(problem: Problem) -> ProblemsFound:
    return ProblemsFound(f"{problem.file} cannot be used:", [problem])
