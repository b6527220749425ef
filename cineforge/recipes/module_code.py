"""The code of a module as files: its digest, its helpers, and whether main.py offers what the runner calls."""

from __future__ import annotations

import ast
import hashlib
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from cineforge.model.canonical import digest_json
from cineforge.model.errors import Problem, suggestion
from cineforge.recipes.key_paths import shown
from cineforge.recipes.yaml_source import YamlDocument

#: The folder, beside the stages' folders, of files that several modules import.
SHARED_FOLDER = "shared"
ENTRY_POINT = "run_module"
_ARGUMENTS = ("inputs", "params", "project_config", "context")


def code_digest(folder: Path, helpers: Sequence[Path], problems: list[Problem]) -> str:
    """The digest over every file of a module's folder and its helpers: path and bytes, nothing else.

    Editor backups, hidden files and compiled Python are no part of the code. What cannot be part of a digest
    (links that lead out of the folder, pipes) is added to `problems`.
    """
    files: dict[str, str] = {}
    for path in _code_files(folder):
        # Names that are not UTF-8 must still give distinct, valid JSON keys.
        name = os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")
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
            files[name] = f"-> {os.fsencode(path.readlink()).decode('utf-8', 'backslashreplace')}"
        elif not path.is_file():
            problems.append(
                Problem("not a regular file", str(path), hint="a module's folder holds only files")
            )
        else:
            try:
                files[name] = _file_digest(path)
            except OSError as error:
                problems.append(Problem(f"cannot be read: {error.strerror}", str(path)))
    shared = {helper.name: _file_digest(helper) for helper in helpers}
    return digest_json({"files": files, "helpers": shared})


def _code_files(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name.endswith(("~", ".pyc")):
            continue
        if entry.is_dir(follow_symlinks=False):
            if entry.name != "__pycache__":
                yield from _code_files(Path(entry.path))
        else:
            yield Path(entry.path)


def _file_digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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


def check_entry_point(main: Path) -> list[Problem]:
    """What keeps main.py from being called, read without importing it: imports run code."""
    signature = f"def {ENTRY_POINT}({', '.join(_ARGUMENTS)}) -> ModuleResult"
    if not main.is_file():
        return [Problem("the module has no main.py", str(main), hint=f"write it, with {signature}")]
    try:
        with warnings.catch_warnings():
            # Python's remarks on style (an odd escape) are for the module's author, not for every command.
            warnings.simplefilter("ignore")
            tree = ast.parse(main.read_bytes(), filename=str(main))
    except SyntaxError as error:
        return [Problem(f"not valid Python: {error.msg}", str(main), error.lineno)]
    except (ValueError, RecursionError, MemoryError) as error:
        return [Problem(f"not valid Python: {error}", str(main))]
    except OSError as error:
        return [Problem(f"cannot be read: {error.strerror}", str(main))]
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        if function.name == ENTRY_POINT:
            if _takes_arguments(function.args):
                return []
            message = f"{ENTRY_POINT} must take the arguments {', '.join(_ARGUMENTS)}"
            return [Problem(message, str(main), function.lineno, hint=f"write {signature}")]
    close = suggestion(ENTRY_POINT, [function.name for function in functions])
    return [
        Problem(
            f"main.py defines no function {ENTRY_POINT}",
            str(main),
            hint=f"write {signature}" + (f"; {close}" if close.startswith("did") else ""),
        )
    ]


def _takes_arguments(arguments: ast.arguments) -> bool:
    positional = len(arguments.posonlyargs) + len(arguments.args)
    required = positional - len(arguments.defaults)
    enough = positional >= len(_ARGUMENTS) or arguments.vararg is not None
    keyword_only = [default for default in arguments.kw_defaults if default is None]
    return enough and required <= len(_ARGUMENTS) and not keyword_only
