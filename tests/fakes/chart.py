"""Charts in memory, which keep to the contract in `tests/integrations/chart_contract.py`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from crm.ports import (
    CarePlanTold,
    ChartAnswer,
    ChartUnavailable,
    CoverageTold,
    EncounterTold,
    LabTold,
    MedicationTold,
)


class FakeChart:
    """One EHR's charts, by the patient's key. `asked` lists each question as (method, key)."""

    source = "practice-ehr"

    def __init__(self) -> None:
        self.labs: dict[str, list[LabTold]] = defaultdict(list)
        self.plan: dict[str, list[CarePlanTold]] = defaultdict(list)
        self.medications: dict[str, list[MedicationTold]] = defaultdict(list)
        self.encounters: dict[str, list[EncounterTold]] = defaultdict(list)
        self.coverages: dict[str, list[CoverageTold]] = defaultdict(list)
        self.asked: list[tuple[str, str]] = []
        self.unread = 0
        self.is_away = False

    def read_labs(self, patient_id: str, *, since: dt.date) -> ChartAnswer[LabTold]:
        rows = [
            one
            for one in self.labs[patient_id]
            if one.collected_at is None or one.collected_at.date() >= since
        ]
        return self._answer("labs", patient_id, rows)

    def read_plan(self, patient_id: str) -> ChartAnswer[CarePlanTold]:
        return self._answer("plan", patient_id, self.plan[patient_id])

    def read_medications(self, patient_id: str) -> ChartAnswer[MedicationTold]:
        return self._answer("medications", patient_id, self.medications[patient_id])

    def read_encounters(self, patient_id: str, *, since: dt.date) -> ChartAnswer[EncounterTold]:
        rows = [one for one in self.encounters[patient_id] if one.starts_at.date() >= since]
        return self._answer("encounters", patient_id, rows)

    def read_coverages(self, patient_id: str) -> ChartAnswer[CoverageTold]:
        return self._answer("coverages", patient_id, self.coverages[patient_id])

    def _answer(self, method: str, patient_id: str, rows: list[Any]) -> ChartAnswer[Any]:
        self.asked.append((method, patient_id))
        if self.is_away:
            raise ChartUnavailable("The EHR cannot be reached.")
        return ChartAnswer(tuple(rows), unread=self.unread)
