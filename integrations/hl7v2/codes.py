"""Small readers shared by the mapping: coded values and lengths."""

from __future__ import annotations

from integrations.hl7v2.errors import ErrorCode, Hl7Refused
from integrations.hl7v2.message import Element
from scheduling.ports import CodeReport

#: Longest key that we take (EI.1, CX.1, XCN.1); HL7 itself has 199 since version 2.7.
MAX_KEY = 199

#: Longest text that we keep of a name or description; the rest is cut.
MAX_TEXT = 200


def cut(text: str) -> str:
    """Text short enough to keep."""
    return text[:MAX_TEXT]


def key(text: str, *, field: str) -> str:
    """A key as sent; a cut key would be another key.

    :raises Hl7Refused: when it is too long.
    """
    if len(text) > MAX_KEY:
        raise Hl7Refused(
            field=field,
            sentence=f"{field} is longer than {MAX_KEY} characters.",
            error_code=ErrorCode.WRONG_TYPE,
        )
    return text


def code_report(element: Element, *, field: str) -> CodeReport | None:
    """A CWE as a code, its text and its system; None when all are empty.

    :raises Hl7Refused: when the code is too long.
    """
    code, text = element.text(1), element.text(2)
    if not code and not text:
        return None
    return CodeReport(
        code=key(code or cut(text), field=field), text=cut(text), system=cut(element.text(3))
    )
