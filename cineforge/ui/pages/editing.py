"""Editing a version, and putting one: the schema is the form, and what changed meanwhile is not written over."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.responses import Response

from cineforge.model.errors import CineForgeError, InvalidPayload, NotFound
from cineforge.model.names import NO_ENTITY
from cineforge.model.refs import ArtifactKey, ArtifactRef, make_key
from cineforge.project import Project
from cineforge.project.human_work import require_ordinary_type
from cineforge.project.opening import schema_of
from cineforge.recipes.schema_registry import SchemaRegistry, registry_for
from cineforge.store import HeadMoved
from cineforge.store.disk.temporary import TemporaryFolder
from cineforge.store.versions.differences import diff_data
from cineforge.ui.content import forms, page_words
from cineforge.ui.content.changes import changes_shown
from cineforge.ui.content.json_text import read_json, shown_json
from cineforge.ui.pages import attached
from cineforge.ui.pages.artifact_page import key_asked, ref_asked
from cineforge.ui.pages.saying import require_who_and_why
from cineforge.ui.web import Asked, message, see

_SHOWN = 20


@dataclass(frozen=True)
class Opened:
    """What is edited: a version, the head when it was opened, its payload, and what its type asks for.

    The payload is as modules get it, since what is saved has to fit the schema of today. `lifted_from` is the version
    of the schema that an older one was saved under.
    """

    ref: ArtifactRef
    head: ArtifactRef
    data: Any
    schema_name: str
    schema: dict[str, Any]
    registry: SchemaRegistry
    lifted_from: str

    @property
    def fields(self) -> tuple[forms.Field, ...]:
        return forms.fields_of(self.schema, self.data)


def edit(asked: Asked) -> Response:
    """The form of a version."""
    with asked.site.open() as project:
        opened = _opened(project, ref_asked(asked, project))
        return _form(asked, project, opened, as_json=bool(asked.query("json")))


def save(asked: Asked) -> Response:
    """Saves what the form says as the next version, unless the head is another one by now."""
    key = key_asked(asked)
    as_json = asked.said("as") == "json"
    with asked.site.open() as project:
        opened = _opened(project, project.ref(asked.said("edited") or str(key)))
        if opened.ref.key != key:
            raise CineForgeError(f"the form is of {opened.ref}, not of {key}: open it anew")
        data, errors = _said(asked, opened, as_json)
        if not errors:
            errors = _unfit(opened, data, as_json)
        who, why = asked.said("who").strip(), asked.said("why").strip()
        general = list(errors.pop((), []))
        try:
            require_who_and_why(who, why)
        except CineForgeError as error:
            general.append(str(error))
        if errors or general:
            return _form(asked, project, opened, as_json, 422, errors, general)
        seen = project.ref(asked.said("seen") or str(opened.head))
        if opened.lifted_from and data == opened.data and not _changes_files(asked):
            return see(
                page_words.artifact_url(key)
            )  # it is lifted for all who read it, whoever saves it
        try:
            with ExitStack() as stack:
                project.put(
                    key,
                    data,
                    who=who,
                    why=why,
                    edited_from=opened.ref,
                    attach=_uploaded(asked, stack),
                    detach=asked.all_said("detach"),
                    only_after=seen,
                )
        except HeadMoved:
            return _moved(asked, project, opened, data, seen)
        except (CineForgeError, OSError) as error:
            return _form(asked, project, opened, as_json, 422, errors, [message(error)])
    return see(page_words.artifact_url(key))


def new(asked: Asked) -> Response:
    """The form for an artifact that is not there yet, or for a payload out of a file."""
    return _new_form(asked, 200, "")


def put(asked: Asked) -> Response:
    """Saves a payload as JSON, typed or from a file, under a name of one's own."""
    try:
        who, why = asked.said("who").strip(), asked.said("why").strip()
        require_who_and_why(who, why)
        entity = asked.said("entity").strip()
        key = make_key(asked.said("type").strip(), None if entity in ("", NO_ENTITY) else entity)
        uploaded = asked.files("payload")
        text = asked.said("data")
        if uploaded:
            text = uploaded[0].file.read(attached_limit() + 1).decode("utf-8-sig")
        if not text.strip():
            raise InvalidPayload("nothing is in it: give the payload as JSON")
        data = read_json(text)
        with asked.site.open() as project, ExitStack() as stack:
            head = project.store.head(key)
            if head is not None and asked.said("new"):
                raise CineForgeError(
                    f"{key} is there already: edit it, or do not say that it is new"
                )
            project.put(
                key,
                data,
                who=who,
                why=why,
                attach=_uploaded(asked, stack),
                new=bool(asked.said("new")),
            )
    except UnicodeDecodeError:
        return _new_form(asked, 422, "the file is no UTF-8 text")
    except NotFound as error:
        return _new_form(
            asked, 422, message(error).replace("say that it is new", "tick 'It is new'")
        )
    except (CineForgeError, OSError) as error:
        return _new_form(asked, 422, message(error))
    return see(page_words.artifact_url(key))


def attached_limit() -> int:
    """The most bytes of a payload."""
    from cineforge.store.disk.safe_files import LIMIT

    return LIMIT


def _opened(project: Project, ref: ArtifactRef) -> Opened:
    require_ordinary_type(ref.key)
    registry = registry_for(project.folder)
    name = schema_of(project.store, project.folder, ref.artifact_type) or ref.artifact_type
    schema = registry.get(name) if name in registry.names() else {}
    head = project.store.head(ref.key) or ref
    found = project.show(ref)
    data = project.as_of_today(ref)
    lifted_from = found.metadata.schema_version if data != found.data else ""
    return Opened(ref, head, data, name, schema, registry, lifted_from)


def _said(asked: Asked, opened: Opened, as_json: bool) -> tuple[Any, dict[forms.Path, list[str]]]:
    if as_json or not opened.fields:
        try:
            return read_json(asked.said("data")), {}
        except InvalidPayload as error:
            return None, {("$",): [str(error)]}
    data, errors = forms.applied(opened.fields, opened.schema, opened.data, _typed(asked))
    return data, {path: [text] for path, text in errors.items()}


def _typed(asked: Asked) -> Any:
    def said(name: str) -> str | None:
        value = asked.form.get(name)
        return value if isinstance(value, str) else None

    return said


def _unfit(opened: Opened, data: Any, as_json: bool) -> dict[forms.Path, list[str]]:
    """Where a payload does not fit its schema, by the field that shows the place."""
    if opened.schema_name not in opened.registry.names():
        return {}
    found: dict[forms.Path, list[str]] = {}
    for error in opened.registry.validate(opened.schema_name, data):
        place = (
            ("$",) if as_json or not opened.fields else forms.place_of(opened.fields, error.keys)
        )
        texts = found.setdefault(place, [])
        if len(texts) < _SHOWN:
            texts.append(f"{error.path}: {error.message}; expected {error.expected}")
    return found


def _form(
    asked: Asked,
    project: Project,
    opened: Opened,
    as_json: bool = False,
    code: int = 200,
    errors: dict[forms.Path, list[str]] | None = None,
    general: list[str] | None = None,
) -> Response:
    sent = code != 200
    errors = errors or {}
    fields = opened.fields
    as_json = as_json or not fields
    record = project.store.metadata(opened.ref)
    return asked.page(
        "edit.html",
        code,
        title=f"Edit {opened.ref.key}",
        opened=opened,
        fields=forms.beside(fields, errors, _typed(asked) if sent else None),
        as_json=as_json,
        data=asked.said("data") if sent and as_json else shown_json(opened.data),
        data_errors=errors.get(("$",), []),
        general=general or [],
        files=[(each, attached.kind_of(each.path)) for each in record.files],
        seen=asked.said("seen") if sent else str(opened.head),
        who=asked.said("who") if sent else page_words.login(),
        why=asked.said("why") if sent else "",
        has_form=bool(fields),
    )


def _moved(
    asked: Asked, project: Project, opened: Opened, data: Any, seen: ArtifactRef
) -> Response:
    """Both edits side by side: what came meanwhile, and what was about to be saved."""
    head = project.store.head(opened.ref.key) or opened.head
    theirs = project.diff(seen, head)
    mine = diff_data(opened.data, data)
    diff = type(theirs)(opened.ref, opened.ref, mine, ())
    return asked.page(
        "moved.html",
        409,
        title="It has changed meanwhile",
        opened=opened,
        head=head,
        seen=seen,
        record=project.store.metadata(head),
        theirs=changes_shown(theirs, 0),
        mine=changes_shown(diff, 0),
        data=shown_json(data),
        who=asked.said("who"),
        why=asked.said("why"),
        had_files=_changes_files(asked),
    )


def _changes_files(asked: Asked) -> bool:
    return bool(asked.files("attach") or asked.all_said("detach"))


def _new_form(asked: Asked, code: int, error: str) -> Response:
    types = [name for name in registry_for(asked.site.folder).names() if _is_ordinary(name)]
    said = asked.said if code != 200 else asked.query
    return asked.page(
        "put.html",
        code,
        title="Put an artifact",
        error=error,
        types=types,
        said={name: said(name) for name in ("type", "entity", "data", "new", "why")},
        who=asked.said("who") or page_words.login(),
    )


def _is_ordinary(name: str) -> bool:
    try:
        require_ordinary_type(ArtifactKey(name))
    except InvalidPayload:
        return False
    return True


def _uploaded(asked: Asked, stack: ExitStack) -> dict[str, Path | str | bytes]:
    """The files that came with a form, by name, on the disk while the stack is open."""
    found: dict[str, Path | str | bytes] = {}
    folder = stack.enter_context(TemporaryFolder("attached"))
    for number, each in enumerate(asked.files("attach")):
        # Some browsers send the path that a file had on its owner's machine.
        own = (each.filename or "").replace("\\", "/").rpartition("/")[2]
        name = asked.said("attach_as").strip() if number == 0 else ""
        path = folder / str(number)
        with path.open("xb") as out:
            shutil.copyfileobj(each.file, out)
        if (name or own) in found:
            raise CineForgeError(
                f"two files are called '{name or own}': send them one after the other"
            )
        found[name or own] = path
    return found
