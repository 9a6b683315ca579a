# SPDX-License-Identifier: Apache-2.0
"""What is told while a model trains: to callbacks, to the history, to a progress bar."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from ._arrays import callback, flag

Callback = Callable[[dict[str, Any]], Any]


def callbacks_of(given: Any) -> list[Callback]:
    """None, one, or a list of them."""
    each = given if isinstance(given, (list, tuple)) else [given]
    return [callback(one, "callback") for one in each if one is not None]


def _is_watched() -> bool:
    """Whether somebody sees a bar: in a terminal, or in a notebook, whose output is none."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return sys.stderr.isatty() or hasattr(shell, "kernel")


def bar_maker(wanted: bool | None) -> Callable[[], Any] | None:
    """Of tqdm's bars: where somebody sees them and it is installed, or where progress=True asks for one."""
    if wanted is not None:
        wanted = flag(wanted, "progress")
    if wanted is False or (wanted is None and not _is_watched()):
        return None
    try:
        from tqdm.auto import tqdm
    except ImportError as error:
        if wanted is None:
            return None
        raise ImportError("progress: got True, which requires tqdm") from error
    return partial(tqdm, unit="epoch", leave=False)


def teller(callbacks: list[Callback], history: list[dict[str, Any]], bar: Any) -> Callback:
    def tell(line: dict[str, Any]) -> Any:
        history.append(line)
        if bar is not None:
            bar.total = line["epochs"]
            bar.set_postfix(loss=f"{line['loss']:.6g}", refresh=False)
            bar.update(1)
        answers = [callback(line) for callback in callbacks]
        return False if any(answer is False for answer in answers) else None

    return tell
