"""Does a module's main.py offer what the runner calls? Read without importing it: imports run code."""

from __future__ import annotations

import ast
from pathlib import Path

from cineforge.model.errors import Problem, suggestion
from cineforge.recipes.reading.python_source import parse_python

ENTRY_POINT = "run_module"
_ARGUMENTS = ("inputs", "params", "project_config", "context")


def check_entry_point(main: Path, source: bytes | None) -> list[Problem]:
    """What keeps main.py from being called. `source` is what it holds, or None when it could not be read."""
    signature = f"def {ENTRY_POINT}({', '.join(_ARGUMENTS)}) -> ModuleResult"
    if not main.is_file():
        return [Problem("the module has no main.py", str(main), hint=f"write it, with {signature}")]
    if source is None:
        return []  # told with the folder's other files
    try:
        tree = parse_python(source, main)
    except SyntaxError as error:
        return [Problem(f"not valid Python: {error.msg}", str(main), error.lineno)]
    except (ValueError, RecursionError, MemoryError) as error:
        return [Problem(f"not valid Python: {error}", str(main))]
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
