# SPDX-License-Identifier: Apache-2.0
"""Writes the types of the extension, and of pushforward.distances, whose classes are made when it is imported.

    python write_stubs.py FOLDER_OF_THE_EXTENSION FOLDER_FOR_THE_STUBS
"""

import importlib.util
import re
import sys
import types
from pathlib import Path

from nanobind.stubgen import StubGen

sys.path.insert(0, sys.argv[1])
import _core  # noqa: E402

PACKAGE = Path(__file__).parent / "pushforward"
HEAD = '''# Written by write_stubs.py from the library's registry.
from collections.abc import Sequence
from typing import Any

from ._measure import OnFit

Option = str | float | bool | Sequence[float] | None

class Distance:
    """A distance with its options; call it with two samples, or with batches of them."""

    name: str
    options: dict[str, Any]
    seed: int
    on_fit: OnFit | None
    def __init__(self, *, seed: int = 0, on_fit: OnFit | None = None, **options: Option) -> None: ...
    def __call__(
        self,
        x: Any,
        y: Any,
        *,
        x_weights: Any = None,
        y_weights: Any = None,
        floor: bool | int = False,
        standardize: bool | None = None,
    ) -> Any: ...
'''


def rows_module():
    """_rows.py alone, without the package around it, which is not built yet."""
    package = types.ModuleType("pushforward")
    package.__path__ = []
    sys.modules.update({"pushforward": package, "pushforward._core": _core})
    package._core = _core
    spec = importlib.util.spec_from_file_location("pushforward._rows", PACKAGE / "_rows.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def stub_of(row, rows):
    options = "".join(f", {name}: Option = None" for name in rows.option_names(row))
    document = "\n".join("    " + line if line else "" for line in rows.document(row).splitlines()).strip()
    document = document.replace("\\", "\\\\")
    return (
        f"\nclass {rows.class_name(row['name'])}(Distance):\n"
        f'    """{document}"""\n\n'
        f"    def __init__(self, *, seed: int = 0, on_fit: OnFit | None = None{options}) -> None: ...\n"
    )


def extension_stub():
    generator = StubGen(_core)
    generator.put(_core)
    # What an array must be besides its type is checked, and told in words, before it gets there.
    return re.sub(r"Annotated\[NDArray(\[[\w.]+\])?, dict\((?:\([^)]*\)|[^()])*\)\]", _plain, generator.get())


def _plain(found):
    return "NDArray" + (found[1] or "[Any]")


def main():
    rows, folder = rows_module(), Path(sys.argv[2])
    (folder / "_core.pyi").write_text(extension_stub())
    (folder / "distances.pyi").write_text(HEAD + "".join(stub_of(row, rows) for row in _core.distance_rows()))


main()
