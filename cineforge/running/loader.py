"""Imports a module's main.py as a package of its own, with just the helpers that its manifest declares.

Only declared helpers are importable, because only they are part of the module's fingerprint: a change in
code that a module reads must never go unnoticed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType


def load_module(folder: Path, helpers: Sequence[Path]) -> ModuleType:
    """The imported main.py of a module folder; helpers appear as `.shared.<name>`. Raises what main.py raises."""
    stamp = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:12]
    package_name = f"_cineforge_module_{folder.name}_{stamp}"
    for name in [n for n in sys.modules if n == package_name or n.startswith(package_name + ".")]:
        del sys.modules[name]
    package = ModuleType(package_name)
    package.__path__ = [str(folder)]
    sys.modules[package_name] = package
    shared = ModuleType(f"{package_name}.shared")
    shared.__path__ = []
    sys.modules[shared.__name__] = shared
    for helper in helpers:
        _load_file(f"{shared.__name__}.{helper.stem}", helper)
    return _load_file(f"{package_name}.main", folder / "main.py")


def _load_file(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
