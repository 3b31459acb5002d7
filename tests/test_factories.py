"""The factories themselves: every one makes rows that the database accepts."""

from __future__ import annotations

import inspect

import pytest
from django.apps import apps
from factory.django import DjangoModelFactory

from tests import factories
from tests.cast import Cast

FACTORIES = [
    found
    for name, found in inspect.getmembers(factories, inspect.isclass)
    if issubclass(found, DjangoModelFactory) and found.__module__ == factories.__name__
]


@pytest.mark.django_db
@pytest.mark.parametrize("made_by", FACTORIES, ids=lambda found: found.__name__)
def test_makes_two_rows_that_do_not_collide(made_by: type[DjangoModelFactory]) -> None:
    rows = [made_by.create(), made_by.create()]
    assert rows[0].pk != rows[1].pk


#: Their rows hang together, or have a life that only actions lead: tests make them as the product
#: does.
MADE_BY_ACTIONS = {
    f"scheduling.{name}"
    for name in (
        "appointmentresource", "billingcode", "bookinglink", "catalogentry", "catalogquestion",
        "clinicvisit", "decisiontree", "lookalike", "massmove", "massmoveitem", "onlinevisit",
        "phonecode", "plan", "plandefinition", "planneed", "planstep", "planvisit",
        "preparationlink", "providerlicense", "providerramp", "rampshare", "ruleoverride",
        "rulesetting", "scheduleahead",
        "searchrecord", "selfservicesession", "taken", "treecase", "treerun", "treeversion",
        "videovisit",
    )
} | {
    f"crm.{name}"
    for name in (
        "agent", "answer", "call", "callattempt", "callback", "careplanitem", "chartfetch",
        "encounter", "handoff", "interactionstep", "interpretersession", "labreport", "medication",
        "nameword",
        "patientmerge", "phoneline", "queue", "queueentry", "socialscreen", "verification",
        "wrapup",
    )
}  # fmt: skip


def test_there_is_a_factory_for_every_model_of_the_lower_floors() -> None:
    made = {found._meta.model for found in FACTORIES}
    rows_of_the_engine = {
        "crm.auditentry", "crm.event", "crm.eventdelivery", "crm.heartbeat", "crm.installation",
        "outreach.senderpace",
    }  # fmt: skip
    models = {
        model
        for app in ("crm", "scheduling", "outreach", "waitlist")
        for model in apps.get_app_config(app).get_models()
        if model._meta.label_lower not in rows_of_the_engine | MADE_BY_ACTIONS
    }
    assert models == made


def test_the_cast_is_one_of_each(cast: Cast) -> None:
    assert cast.patient.phones.get() == cast.phone
    assert cast.outsider.roles == []
    assert cast.front_desk.roles == ["front-desk"]
