"""How templates are filled in, for the server's pages and for the page in one file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from cineforge.model.display.visible import visible
from cineforge.ui.content import page_words


def template_environment(folders: Iterable[Path], **known: Any) -> jinja2.Environment:
    """Whatever is not ours is escaped, and shown rather than obeyed. `known` are names that every template may use."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(list(folders)),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.loopcontrols"],
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.globals.update(words=page_words, **known)
    environment.filters.update(page_words.FILTERS)
    return environment


def _shown(value: Any) -> Any:
    """Marks that turn the direction of text and the like are written out; None is nothing."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
