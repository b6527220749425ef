"""One project as the pages see it: where it is, who may ask, and how a page is written."""

from __future__ import annotations

import hashlib
import threading
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2

from cineforge.project import Project
from cineforge.ui.access.sessions import Sessions
from cineforge.ui.content.templating import template_environment

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
        return template_environment((HERE / "templates",), site=self)
