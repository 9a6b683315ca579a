# SPDX-License-Identifier: Apache-2.0
"""How many threads the library may use."""

from __future__ import annotations

from . import _core
from ._arrays import count as whole_number

MOST_THREADS = 1024  # as the program's


def set_threads(count: int) -> None:
    """How many threads the library may use from now on, in every thread of Python; 0: all processors."""
    _core.set_threads(whole_number(count, "count", most=MOST_THREADS))
