"""One project as the pages see it: where it is, who may ask, and how a page is written."""

from __future__ import annotations

import hashlib
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from cineforge.model.visible import visible
from cineforge.project import Project
from cineforge.ui import words
from cineforge.ui.sessions import Sessions

HERE = Path(__file__).parent
STATIC = HERE / "static"


class Site:
    """A project folder that is shown. Each request opens the project for itself, as each command does."""

    def __init__(self, folder: Path, sessions: Sessions, cookie: str = "cineforge") -> None:
        self.folder = folder
        self.sessions = sessions
        self.cookie = cookie
        #: Set when the server is about to end, for answers that would go on for ever.
        self.ending = threading.Event()

    def open(self) -> Project:
        return Project(self.folder)

    @property
    def name(self) -> str:
        return self.folder.name or str(self.folder)

    def render(self, template: str, **values: Any) -> str:
        """A template filled in: whatever is not ours is escaped, and shown rather than obeyed."""
        return self._templates.get_template(template).render(**values)

    @cached_property
    def assets(self) -> str:
        """Changes whenever a script or style does, so that browsers may keep them for ever."""
        found = hashlib.sha256()
        for path in sorted(STATIC.rglob("*")):
            if path.is_file():
                found.update(path.read_bytes())
        return found.hexdigest()[:12]

    @cached_property
    def _templates(self) -> jinja2.Environment:
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            extensions=["jinja2.ext.loopcontrols"],
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )
        environment.globals.update(site=self, words=words)
        environment.filters.update(words.FILTERS)
        return environment


def _shown(value: Any) -> Any:
    """Marks that turn the direction of text and the like are written out; None is nothing."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
