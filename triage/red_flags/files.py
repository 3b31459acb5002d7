"""Reading a list from its file."""

from __future__ import annotations

import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from triage.rules.red_flags import RedFlagList, read_list

CURRENT: Final = "v1"
"""The version that texts are checked with."""


@cache
def load_list(version: str = CURRENT) -> RedFlagList:
    """The list of that version, read once a process.

    :raises BadList: where the file is no list of red flags.
    :raises FileNotFoundError: where there is no such version.
    """
    raw = (Path(__file__).parent / f"{version}.toml").read_bytes()
    return read_list(tomllib.loads(raw.decode()), digest=sha256(raw).hexdigest())
