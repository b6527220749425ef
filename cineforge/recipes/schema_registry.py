"""The schema registry: the JSON Schema of every artifact type, by name, and payloads checked against it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cineforge.model.canonical import digest_json
from cineforge.model.errors import (
    InvalidPayload,
    NotFound,
    Problem,
    ProblemsFound,
    suggestion,
    unreadable,
)
from cineforge.recipes.json_schema.schema_check import ReadSchema, SchemaError
from cineforge.recipes.json_schema.schema_fit import schema_mismatches
from cineforge.recipes.modules.discovery import find_modules, module_roots
from cineforge.recipes.reading.json_objects import unique_keys
from cineforge.recipes.share import share_root
from cineforge.store import layout
from cineforge.store.disk.safe_files import read_regular

__all__ = ["SchemaError", "SchemaRegistry", "registry_for", "schema_folders", "schema_mismatches"]

SUFFIX = ".schema.json"


class SchemaRegistry:
    """Schemas by name, from `<name>.schema.json` files; an earlier folder wins. Files are read when asked for."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._files: dict[str, Path] = {}
        for folder in folders:
            if folder.is_dir():
                for file in sorted(folder.glob(f"*{SUFFIX}")):
                    self._files.setdefault(file.name.removesuffix(SUFFIX), file)
        self._schemas: dict[str, dict[str, Any]] = {}

    def names(self) -> list[str]:
        """Every schema's name, sorted."""
        return sorted(self._files)

    def file(self, name: str) -> Path:
        """The file of a schema. Raises NotFound, with the nearest name."""
        if name not in self._files:
            hint = suggestion(name, self.names())
            raise NotFound(f"there is no schema {name!r} ({name[:60]}{SUFFIX}): {hint}")
        return self._files[name]

    def get(self, name: str) -> dict[str, Any]:
        """A schema's content. Raises NotFound, or ProblemsFound when the file is not a JSON object."""
        if name not in self._schemas:
            self._schemas[name] = _read(self.file(name))
        return self._schemas[name]

    def schema(self, name: str) -> ReadSchema:
        """A schema as it was read. Raises NotFound, ProblemsFound."""
        content = self.get(name)
        return ReadSchema(name, self.file(name), digest_json(content), json.dumps(content))

    def digest(self, name: str) -> str:
        """The digest of a schema's content: layout and key order of the file do not matter."""
        return digest_json(self.get(name))

    def validate(self, name: str, payload: Any) -> list[SchemaError]:
        """Every place where a payload does not fit a schema. Raises NotFound, ProblemsFound, InvalidSchema."""
        return self.schema(name).errors(payload)


def _read(file: Path) -> dict[str, Any]:
    title = f"{file} cannot be read:"
    try:
        schema = json.loads(
            read_regular(file, follow=True).decode("utf-8"), object_pairs_hook=unique_keys
        )
        digest_json(schema)
    except json.JSONDecodeError as error:
        raise ProblemsFound(
            title, [Problem(f"not valid JSON: {error.msg}", str(file), error.lineno)]
        ) from None
    except OSError as error:
        raise ProblemsFound(title, [unreadable(str(file), error)]) from None
    except (ValueError, RecursionError, InvalidPayload) as error:
        raise ProblemsFound(title, [Problem(str(error), str(file))]) from None
    if not isinstance(schema, dict):
        raise ProblemsFound(title, [Problem("a schema must be a JSON object", str(file), 1)])
    return schema


def schema_folders(project: Path | None) -> tuple[Path, ...]:
    """Where a project's schemas are: its own `schemas/artifacts/`, the shipped ones, then modules' folders."""
    folders = [share_root() / layout.SCHEMAS]
    if project is not None:
        folders.insert(0, project / layout.SCHEMAS)
    return (*folders, *find_modules(module_roots(project)).schema_folders())


def registry_for(project: Path | None) -> SchemaRegistry:
    """The schemas of a project; see `schema_folders`."""
    return SchemaRegistry(schema_folders(project))
