"""What codes look like. Nothing here says what one means: descriptors of CPT are licensed."""

from __future__ import annotations

import re

_SHAPES = {
    # AMA: five figures, or four and F (category II), T (III), U (laboratory analyses).
    "cpt": (re.compile(r"^\d{4}[\dFTU]$"), "five figures, or four and a letter: 99213"),
    # CMS HCPCS level II: a letter from A to V and four figures.
    "hcpcs": (re.compile(r"^[A-V]\d{4}$"), "a letter and four figures: G0438"),
    # X12 external code list 1365 (EB03 of the 271): one or two figures or letters.
    "benefit": (re.compile(r"^[A-Z0-9]{1,2}$"), "one or two figures or letters: 98"),
}


def what_is_wrong_with_code(system: str, code: str) -> str:
    """A sentence, or nothing where `code` can be one of `system`."""
    shape, like = _SHAPES[system]
    return "" if shape.match(code) else f"This code is written as {like}."
