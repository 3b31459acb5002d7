"""Every key to a patient, in every app: read from the models, so that none is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, models

from crm.models import Patient, PatientMerge


class Link(NamedTuple):
    """One key to a patient, in one model."""

    model: type[models.Model]
    field: models.ForeignKey[Any, Any]

    @property
    def name(self) -> str:
        return f"{self.model._meta.label_lower}.{self.field.name}"

    def of(self, patient_id: int) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(**{self.field.attname: patient_id})


@cache
def _append_only() -> frozenset[str]:
    """Tables whose trigger refuses changes (`crm/migrations/0002_append_only.py`)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " JOIN pg_proc ON pg_proc.oid = tgfoid WHERE proname = 'crm_refuse_change'"
        )
        return frozenset(name for (name,) in cursor.fetchall())


def links() -> Iterator[Link]:
    """Every key to a patient that a merge rewrites, `Patient.merged_into` among them."""
    for relation in Patient._meta.get_fields(include_hidden=True):
        field = getattr(relation, "field", None)
        if relation.concrete or not isinstance(field, models.ForeignKey):
            continue
        model = field.model
        if model is not PatientMerge and model._meta.db_table not in _append_only():
            yield Link(model, field)
