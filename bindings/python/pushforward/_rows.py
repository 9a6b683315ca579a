# SPDX-License-Identifier: Apache-2.0
"""What a row of the registry is called and says in Python."""

from __future__ import annotations

import keyword
from typing import Any


def class_name(name: str) -> str:
    """w2 -> W2, mmd -> MMD, jsd-critic -> JSDCritic: what has no vowel is an abbreviation."""
    return "".join(
        part.capitalize() if set(part) & set("aeiouy") else part.upper() for part in name.replace("_", "-").split("-")
    )


def parameter_name(option: str) -> str:
    """label-smoothing is label_smoothing; lambda, a word of the language, is lambda_."""
    name = option.replace("-", "_")
    return f"{name}_" if keyword.iskeyword(name) else name


def option_names(row: dict[str, Any]) -> list[str]:
    """Options as keywords."""
    names = [parameter_name(name) for name, *_ in row["options"]]
    return [name for name in names if name.isidentifier()]


def document(row: dict[str, Any]) -> str:
    options = [f"{name} (default {fallback or 'none'}): {meaning}" for name, fallback, meaning, _ in row["options"]]
    return "\n".join([row["title"], "", row["formula"], "", *options, "", f"Source: {row['source']}"])
