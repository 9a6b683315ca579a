# SPDX-License-Identifier: Apache-2.0
"""The program that Python's numbers are compared with."""

import json
import os
import subprocess

import pytest

PROGRAM = os.environ.get("PUSHFORWARD_PROGRAM")


def program(*words):
    """What a command says with --json; of a list of one, that one."""
    if not PROGRAM:
        pytest.skip("PUSHFORWARD_PROGRAM does not name the program to compare with")
    done = subprocess.run([PROGRAM, *words, "--json", "--quiet"], check=True, capture_output=True)
    told = json.loads(done.stdout)
    return told[0] if isinstance(told, list) and len(told) == 1 else told
