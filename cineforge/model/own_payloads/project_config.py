"""The project's configuration: the recipe's `project:` with the project's own values over it."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field, JsonValue

from cineforge.model.refs import Strict


class ProjectConfig(Strict):
    """Free keys with JSON values, versioned as the artifact `project_config`."""

    values: dict[str, JsonValue] = Field(default_factory=dict)

    def only(self, keys: Iterable[str]) -> dict[str, JsonValue]:
        """The values of those keys that are set: all that a module declaring them gets to see."""
        return {key: self.values[key] for key in sorted(set(keys)) if key in self.values}
