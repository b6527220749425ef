"""Imports a module's main.py as a package of its own, from the very bytes that its fingerprint is of.

Python's own import would take compiled files from `__pycache__`, which go by size and time, and read an edited file in
the middle of a run. Only declared helpers are importable, because only they are part of the module's fingerprint: a
change in code that a module reads must never go unnoticed.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.util
import linecache
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    ModuleSpec,
    SourceFileLoader,
)
from pathlib import Path
from types import CodeType, ModuleType

from cineforge.model.errors import ModuleFailed
from cineforge.recipes.modules.module_code import SHARED_FOLDER, PythonCode

#: A ring of links must end.
_MOST_LINKS = 16


def load_module(code: PythonCode) -> ModuleType:
    """The imported main.py of a module; helpers appear as `.shared.<name>`. Raises what main.py raises."""
    stamp = hashlib.sha256(f"{code.folder} {code.digest}".encode(errors="surrogateescape"))
    name = f"_cineforge_module_{code.folder.name}_{stamp.hexdigest()[:12]}"
    _forget(name)
    _FINDER.codes[name] = code
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)
    sys.modules[name] = importlib.util.module_from_spec(_package(name, code.folder))
    try:
        return importlib.import_module(f"{name}.main")
    except BaseException:
        _forget(name)  # or the next attempt would go on with half of it
        raise


@functools.lru_cache(maxsize=64)
def loaded_module(code: PythonCode) -> ModuleType:
    """A module as it was planned with, imported once. One of other code is another module. Raises ModuleFailed too."""
    module = load_module(code)
    if not callable(getattr(module, "run_module", None)):
        raise ModuleFailed(f"{code.folder / 'main.py'} defines no run_module function")
    return module


class _Finder(MetaPathFinder):
    """Finds what is below modules' packages, in the bytes that were read."""

    def __init__(self) -> None:
        self.codes: dict[str, PythonCode] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError, rather than let others look in the folder itself."""
        del path, target
        package, *words = fullname.split(".")
        code = self.codes.get(package)
        if code is None:
            return None
        found = (
            _helper_spec(fullname, words[1:], code)
            if words[0] == SHARED_FOLDER
            else _own_spec(fullname, words, code)
        )
        if found is None:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return found


_FINDER = _Finder()


class _BytesLoader(SourceFileLoader):
    """Compiles what was read, never what the file holds now; reads and writes no compiled files."""

    def __init__(self, fullname: str, path: str, source: bytes) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        code: CodeType = self.source_to_code(self._source, self.path)
        text = self.get_source(fullname)
        # Tracebacks show the lines that ran. Without a time they are not looked up in the file.
        linecache.cache[self.path] = (len(text), None, text.splitlines(keepends=True), self.path)
        return code

    def get_source(self, fullname: str) -> str:
        del fullname
        return importlib.util.decode_source(self._source)


def _helper_spec(fullname: str, words: list[str], code: PythonCode) -> ModuleSpec | None:
    if not words:
        return ModuleSpec(fullname, None, is_package=True)
    for path, source in code.helpers.items():
        if words == [Path(path).stem]:
            return _file_spec(fullname, path, source)
    return None


def _own_spec(fullname: str, words: list[str], code: PythonCode) -> ModuleSpec | None:
    name = _without_links("/".join(words), code)
    place = code.folder / name
    if f"{name}/__init__.py" in code.files:
        path = place / "__init__.py"
        return _file_spec(fullname, str(path), code.files[f"{name}/__init__.py"], place)
    if f"{name}.py" in code.files:
        return _file_spec(fullname, f"{place}.py", code.files[f"{name}.py"])
    for suffix in EXTENSION_SUFFIXES:
        file = place.with_name(place.name + suffix)
        if file.is_file():  # watched, like all that is not Python
            loader = ExtensionFileLoader(fullname, str(file))
            return importlib.util.spec_from_file_location(fullname, file, loader=loader)
    return _package(fullname, place) if place.is_dir() else None


def _file_spec(
    fullname: str, path: str, source: bytes, package: Path | None = None
) -> ModuleSpec | None:
    return importlib.util.spec_from_file_location(
        fullname,
        path,
        loader=_BytesLoader(fullname, path, source),
        submodule_search_locations=None if package is None else [str(package)],
    )


def _package(fullname: str, folder: Path) -> ModuleSpec:
    """A package without code of its own."""
    spec = ModuleSpec(fullname, None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    return spec


def _without_links(name: str, code: PythonCode) -> str:
    """A path within the folder, links that stand for folders replaced by what they lead to."""
    for _ in range(_MOST_LINKS):
        link = next((each for each in code.links if name.startswith(f"{each}/")), None)
        if link is None:
            break
        target = code.links[link]
        rest = name.removeprefix(f"{link}/")
        name = rest if target == "." else f"{target}/{rest}"
    return name


def _forget(package: str) -> None:
    for name in [n for n in sys.modules if n == package or n.startswith(package + ".")]:
        del sys.modules[name]
