"""The page of keys leaves none out that the desk has."""

from __future__ import annotations

import re

from bench.servers import ROOT

TEMPLATES = ROOT / "templates"
#: What the desk draws: its own, and the tree that runs in its dialog.
DRAWN = (*(TEMPLATES / "screen").rglob("*.html"), TEMPLATES / "trees" / "run.html")


def test_every_key_of_the_desk_is_told() -> None:
    keys = {key for file in DRAWN for key in re.findall(r'data-key="([^"{]+)"', file.read_text())}
    told = re.findall(r"<kbd>([^<]+)</kbd>", (TEMPLATES / "screen" / "keys.html").read_text())
    assert {"/", "?", "b", "t"} <= keys
    assert keys == {key.lower() for key in told} - {"1", "9", "ctrl k", "esc", "↵"}
