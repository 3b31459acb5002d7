"""The only `select_for_update` of the desk."""

from __future__ import annotations

from typing import Any

from desk.models import CallType, VersionRow


def lock_document(kind: type[VersionRow], pk: int) -> Any:
    """The script or article: its versions are changed under this.

    :raises ObjectDoesNotExist: when there is none.
    """
    model = kind._meta.get_field(kind.OWNER).related_model
    return model._default_manager.select_for_update(of=("self",)).get(pk=pk)  # type: ignore[union-attr]


def lock_call_type(pk: int) -> CallType:
    """Its ways to end are changed under this. :raises CallType.DoesNotExist:"""
    return CallType.objects.select_for_update().get(pk=pk)
