# SPDX-License-Identifier: Apache-2.0
"""The program's pages in a notebook."""

from __future__ import annotations

import html
import re
from pathlib import Path

from ._arrays import path_of

HEIGHT = 720  # pixels of the frame, which a notebook's reader may pull larger


class Page:
    """A page of the program: one HTML file, which loads nothing. A notebook shows it; save() writes it."""

    def __init__(self, text: str) -> None:
        self.html = text
        """The file's text."""

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.html, re.S)
        return html.unescape(found[1]) if found else ""

    def save(self, path: str | Path) -> None:
        """Writes the file."""
        Path(path_of(path, "path")).write_text(self.html, encoding="utf-8")

    def _repr_html_(self) -> str:
        # In a frame of its own: a page's style and script are not the notebook's.
        look = f"width:100%;height:{HEIGHT}px;border:0;resize:vertical"
        return f'<iframe srcdoc="{html.escape(self.html)}" title="{html.escape(self.title)}" style="{look}"></iframe>'

    def __repr__(self) -> str:
        return f"Page({self.title!r}, {len(self.html) // 1000} kB; save(path) writes it)"
