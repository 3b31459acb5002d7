"""The rows of two records: all that hangs on one goes to the other, and back again exactly.

Every model with a key to `Patient` is found by itself (`crm.queries.patient_links`). Tables that
refuse changes (the consent ledger, the audit trail) are left as they were written: whoever
reads them looks at both records (`crm.queries.merging`, `crm.queries.contact_facts`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias

from django.db import IntegrityError, models, transaction

from crm.merge_hooks import say_conflict, stays_behind
from crm.models import Patient, PatientPhone
from crm.queries.patient_links import Link, links
from crm.states import Sex

#: By "app.model.field": keys of rows.
Moved: TypeAlias = dict[str, list[Any]]


class RowsClash(Exception):
    """Rows of both records cannot stand under one patient; the text says which, for staff."""


def move_rows(*, gone: int, stays: int) -> Moved:
    """Whatever hangs on `gone` now hangs on `stays`; which rows these were.

    The caller holds both patients.

    :raises RowsClash: where rows of both cannot stand together.
    """
    moved: Moved = {}
    for link in links():
        keys = _keys(link, gone=gone, stays=stays)
        done = _move(link, keys, gone, stays, may_stay=stays_behind(link.model._meta.label_lower))
        if done:
            moved[link.name] = done
    return moved


#: The same insurance, told for both records, is one: the other's row stays behind.
_TWINS: Mapping[str, tuple[str, ...]] = {"crm.coverage": ("payer", "plan", "member_id")}


def _keys(link: Link, *, gone: int, stays: int) -> list[Any]:
    rows = link.of(gone).order_by("pk")
    alike = _TWINS.get(link.model._meta.label_lower)
    if alike is None:
        return list(rows.values_list("pk", flat=True))
    there = set(link.of(stays).values_list(*alike))
    return [pk for pk, *facts in rows.values_list("pk", *alike) if tuple(facts) not in there]


def put_back(moved: Mapping[str, Collection[Any]], *, gone: int, stays: int) -> None:
    """The rows of `moved` that still hang on `stays` hang on `gone` again.

    :raises RowsClash: where that cannot be, for rows that came since.
    """
    for link in links():
        keys = moved.get(link.name)
        if keys:
            there = link.of(stays).filter(pk__in=keys).order_by("pk")
            back = list(there.values_list("pk", flat=True))
            _move(link, back, stays, gone, may_stay=False)


def _move(link: Link, keys: list[Any], was: int, now: int, *, may_stay: bool) -> list[Any]:
    """All at once; row by row only where a constraint stands against one of them."""
    if not keys or _write(link, keys, was, now):
        return keys
    done = [key for key in keys if _write(link, [key], was, now)]
    if len(done) < len(keys) and not may_stay:
        meta = link.model._meta
        raise RowsClash(say_conflict(meta.label_lower, str(meta.verbose_name_plural)))
    return done


def _write(link: Link, keys: list[Any], was: int, now: int) -> bool:
    try:
        with transaction.atomic():
            link.of(was).filter(pk__in=keys).update(**{link.field.attname: now})
    except IntegrityError:
        return False
    return True


# --- what one record knows and the other does not ---------------------------------------------

_FILLED = ("given_name", "birth_on", "zone", "email", "max_miles", "notice_hours")
_ADDRESS = ("address_line", "city", "state", "postal_code", "latitude", "longitude")


def learn(stays: Patient, gone: Patient) -> list[dict[str, Any]]:
    """Write into `stays` what only `gone` says, and of what protects somebody the stricter.

    Labels of both hold; a need that either has is one; a wish to be left alone is heeded; a
    number that is confidential for either is. Returns what was written, to be taken back.
    """
    news: dict[str, Any] = {
        name: getattr(gone, name)
        for name in _FILLED
        if getattr(stays, name) in (None, "") and getattr(gone, name) not in (None, "")
    }
    if not (stays.address_line or stays.postal_code):
        news |= {name: getattr(gone, name) for name in _ADDRESS}
    if stays.sex == Sex.UNKNOWN:
        news["sex"] = gone.sex
    labels = sorted({*stays.sensitivity, *gone.sensitivity})
    news["sensitivity"] = labels if set(labels) != set(stays.sensitivity) else stays.sensitivity
    news["needs_interpreter"] = stays.needs_interpreter or gone.needs_interpreter
    news["needs_transport"] = stays.needs_transport or gone.needs_transport
    news["wants_earlier_offers"] = stays.wants_earlier_offers and gone.wants_earlier_offers
    news["deceased_at"] = stays.deceased_at or gone.deceased_at
    written = [*write(stays, news)]
    held = PatientPhone.objects.filter(patient=gone, is_confidential=True).values("phone")
    for row in PatientPhone.objects.filter(patient=stays, phone__in=held, is_confidential=False):
        written += write(row, {"is_confidential": True})
    return written


def write(row: models.Model, news: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Save what differs; what it was and is, in words of the field, or nothing."""
    changed = {name: value for name, value in news.items() if getattr(row, name) != value}
    if not changed:
        return []
    before = {name: _said(row, name) for name in changed}
    for name, value in changed.items():
        setattr(row, name, value)
    row.save(update_fields=list(changed))
    after = {name: _said(row, name) for name in changed}
    label = row._meta.label_lower
    return [{"model": label, "pk": row.pk, "before": before, "after": after}]


def unlearn(written: Collection[Mapping[str, Any]]) -> None:
    """Take back what `learn` wrote, as far as nobody has written otherwise since."""
    known: dict[str, type[models.Model]] = {
        model._meta.label_lower: model for model in (Patient, PatientPhone)
    }
    for one in written:
        row = known[one["model"]]._base_manager.filter(pk=one["pk"]).first()
        if row is None:
            continue
        after = one["after"]
        news = {
            name: None if was is None else _field(row, name).to_python(was)
            for name, was in one["before"].items()
            if _said(row, name) == after[name]
        }
        write(row, news)


def _said(row: models.Model, name: str) -> str | None:
    """A field's value as text; `to_python` reads it back."""
    if getattr(row, name) is None:
        return None
    return str(_field(row, name).value_to_string(row))


def _field(row: models.Model, name: str) -> models.Field[Any, Any]:
    field = row._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101 for the type checker
    return field
