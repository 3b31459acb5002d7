"""Refusals, each an HTTP status with a FHIR OperationOutcome."""

from __future__ import annotations

from typing import Any

#: What the practice EHR may answer instead of a result, and the IssueType that goes with it
#: (http://hl7.org/fhir/R4/valueset-issue-type.html).
ISSUE_TYPES = {
    400: "invalid",
    401: "login",
    404: "not-found",
    405: "not-supported",
    409: "conflict",
    412: "conflict",
    413: "too-long",
    422: "business-rule",
    429: "throttled",
    500: "exception",
    503: "transient",
}


class FhirError(Exception):
    """The request is refused; nothing was changed. `expression` is the FHIRPath at fault."""

    def __init__(self, status: int, sentence: str, *, expression: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.expression = expression

    def outcome(self) -> dict[str, Any]:
        """This refusal as an OperationOutcome."""
        return operation_outcome(self.status, self.sentence, expression=self.expression)


def operation_outcome(status: int, sentence: str, *, expression: str = "") -> dict[str, Any]:
    """An OperationOutcome with one issue of severity error."""
    issue: dict[str, Any] = {
        "severity": "error",
        "code": ISSUE_TYPES.get(status, "processing"),
        "diagnostics": sentence,
    }
    if expression:
        issue["expression"] = [expression]
    return {"resourceType": "OperationOutcome", "issue": [issue]}
