"""The code of a module as files: read once, so that what was digested is what is called.

Python files are kept as bytes, from which workers compile. All others stay where they are, for modules to read; they
are watched.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cineforge.model.canonical import digest_json
from cineforge.model.errors import Problem, suggestion, unreadable
from cineforge.recipes.modules.manifest_text import without_estimate
from cineforge.recipes.modules.watched_files import WatchedFile, watch
from cineforge.recipes.reading.key_paths import shown
from cineforge.recipes.reading.yaml_source import YamlDocument
from cineforge.store.disk import safe_files

#: The folder, beside the stages' folders, of files that several modules import.
SHARED_FOLDER = "shared"
MANIFEST = "module.yaml"


@dataclass(frozen=True)
class PythonCode:
    """What a worker compiles a module from. Two of one folder and digest are the same.

    `files` are the Python files of the folder by their path within it, `helpers` the declared ones by their full path;
    `links` tells where links within the folder that stand for folders lead, as paths within it.
    """

    folder: Path
    digest: str
    files: Mapping[str, bytes] = field(compare=False, repr=False)
    #: As earlier releases digested it, with the manifest's estimate; None where that is the same.
    digest_with_estimate: str | None = field(default=None, compare=False)
    helpers: Mapping[str, bytes] = field(default_factory=dict, compare=False, repr=False)
    links: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class ModuleFiles:
    """A module's folder as it was read: the digest of each file by name, and what is kept of it.

    `link_texts` holds the links that stand for folders, as written.
    """

    folder: Path
    digests: Mapping[str, str] = field(repr=False)
    python: Mapping[str, bytes] = field(repr=False)
    manifest: bytes | None = field(repr=False)
    data: Mapping[str, WatchedFile] = field(repr=False)
    link_texts: Mapping[str, str] = field(repr=False)

    def code(self, helpers: Mapping[str, bytes]) -> PythonCode:
        """The code together with its helpers. Its digest is over paths and bytes, nothing else.

        Of the manifest, what it estimates is no code.
        """
        files = {_key(name): digest for name, digest in self.digests.items()}
        shared = {Path(path).name: _digest(content) for path, content in helpers.items()}
        root = self.folder.resolve()
        links = {
            name: (self.folder / name).resolve().relative_to(root).as_posix()
            for name in self.link_texts
        }
        digest = whole = digest_json({"files": files, "helpers": shared})
        if self.manifest is not None:
            counted = {**files, MANIFEST: _digest(without_estimate(self.manifest))}
            digest = digest_json({"files": counted, "helpers": shared})
        earlier = whole if whole != digest else None
        return PythonCode(self.folder, digest, self.python, earlier, helpers, links)

    def other_name(self) -> Path | None:
        """Something among the files that modules may read that was not there, or a link that leads elsewhere."""
        for path in _code_files(self.folder):
            name = path.relative_to(self.folder).as_posix()
            if path.is_symlink() and path.is_dir():
                if self.link_texts.get(name) != os.readlink(path):  # noqa: PTH115
                    return path
            elif not _is_kept(name) and name not in self.data:
                return path
        return None


def read_files(folder: Path, problems: list[Problem]) -> ModuleFiles:
    """Read every file of a module's folder.

    Editor backups, hidden files and compiled Python are no part of the code. What cannot be part of a digest
    (links that lead out of the folder, pipes) is added to `problems`.
    """
    digests: dict[str, str] = {}
    python: dict[str, bytes] = {}
    data: dict[str, WatchedFile] = {}
    links: dict[str, str] = {}
    manifest: bytes | None = None
    for path in _code_files(folder):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
            hint = "copy the file into the module's folder, or make it a helper"
            problems.append(
                Problem(
                    "a link out of the module's folder: its target may change unseen",
                    str(path),
                    hint=hint,
                )
            )
        elif path.is_symlink() and path.is_dir():
            links[name] = os.readlink(path)  # noqa: PTH115
            digests[name] = f"-> {_key(links[name])}"
        elif not path.is_file():
            problems.append(
                Problem("not a regular file", str(path), hint="a module's folder holds only files")
            )
        else:
            try:
                if _is_kept(name):
                    content = safe_files.read_regular(path, follow=True)
                    digests[name] = _digest(content)
                    if name == MANIFEST:
                        manifest = content
                    else:
                        python[name] = content
                else:
                    data[name] = watch(path)
                    digests[name] = data[name].digest
            except OSError as error:
                problems.append(unreadable(str(path), error))
    return ModuleFiles(folder, digests, python, manifest, data, links)


def read_helpers(helpers: Sequence[Path], problems: list[Problem]) -> dict[str, bytes]:
    """The bytes of declared helpers by their path."""
    found = {}
    for helper in helpers:
        try:
            found[str(helper)] = safe_files.read_regular(helper, follow=True)
        except OSError as error:
            problems.append(unreadable(str(helper), error))
    return found


def read_code(folder: Path, helpers: Sequence[Path] = ()) -> PythonCode:
    """A module's code straight from the disk, whatever may be wrong with it."""
    return read_files(folder, []).code(read_helpers(helpers, []))


def _is_kept(name: str) -> bool:
    return name.endswith(".py") or name == MANIFEST


def _key(name: str) -> str:
    """Names that are not UTF-8 must still give distinct, valid JSON keys."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _code_files(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name.endswith(("~", ".pyc")):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _code_files(Path(entry.path))
        else:
            yield Path(entry.path)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def find_helpers(
    names: Sequence[str], root: Path, document: YamlDocument, problems: list[Problem]
) -> tuple[Path, ...]:
    """The files of the `helpers:` of a manifest, in the `shared` folder of the modules' root; problems are added."""
    shared = root / SHARED_FOLDER
    known = [path.name for path in shared.glob("*.py")] if names else []
    found: list[Path] = []
    for index, name in enumerate(names):
        path = shared / name if name in known else None
        if path is None:
            message = f"there is no helper {shown(name)} in {shared}"
            problems.append(document.problem(("helpers", index), message, suggestion(name, known)))
        elif names.index(name) != index:
            problems.append(document.problem(("helpers", index), f"{shown(name)} is named twice"))
        elif not path.is_file() or not path.resolve().is_relative_to(shared.resolve()):
            message = f"the helper {shown(name)} is a link out of {shared}, or no file"
            problems.append(document.problem(("helpers", index), message, "copy the file there"))
        else:
            found.append(path)
    return tuple(found)
