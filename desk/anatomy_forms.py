"""Of which calls the time is summed up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from crm.models import User
from crm.saying import choices_translated
from desk.anatomy_words import BYS, SHIFTS
from desk.queries.anatomy import Asked, By, Shift, teams
from desk.queries.zone import day_begins, house_zone
from desk.rules.anatomy import Spent
from desk.weeks import last_weeks

WEEKS = (1, 2, 4, 12)
USUAL_WEEKS = 4
_SELECT = forms.Select(attrs={"class": "form-select"})


class AnatomyForm(forms.Form):
    """What is not understood is left at its default."""

    weeks = forms.TypedChoiceField(
        choices=last_weeks(WEEKS),
        coerce=int,
        required=False,
        empty_value=None,
        label=gettext_lazy("When"),
        widget=_SELECT,
    )
    agent = forms.ModelChoiceField(
        User.objects.filter(agent__isnull=False).order_by("first_name", "last_name"),
        required=False,
        empty_label=gettext_lazy("Everybody"),
        label=gettext_lazy("Agent"),
        widget=_SELECT,
    )
    team = forms.ChoiceField(required=False, label=gettext_lazy("Team"), widget=_SELECT)
    shift = forms.ChoiceField(
        choices=[("", gettext_lazy("Any time of day")), *choices_translated(SHIFTS.items())],
        required=False,
        label=gettext_lazy("Shift"),
        widget=_SELECT,
    )
    call_type = forms.ChoiceField(required=False, label=gettext_lazy("Reason"), widget=_SELECT)
    by = forms.ChoiceField(choices=list(BYS.items()), required=False)
    spent = forms.ChoiceField(choices=[(one.value, one.value) for one in Spent], required=False)

    def __init__(self, data: Mapping[str, Any], *, names: Mapping[str, str]) -> None:
        super().__init__({"weeks": USUAL_WEEKS, **dict(data.items())})
        team, call_type = self.fields["team"], self.fields["call_type"]
        team.choices = [("", gettext_lazy("Every team")), *((one, one) for one in teams())]  # type: ignore[attr-defined]
        call_type.choices = [  # type: ignore[attr-defined]
            ("", gettext_lazy("Every reason")),
            *choices_translated(names.items()),
            ("none", gettext_lazy("No reason given")),
        ]
        self.fields["agent"].label_from_instance = _name  # type: ignore[attr-defined]

    @property
    def filters(self) -> list[forms.BoundField]:
        """Those that stand in the line of filters."""
        return [self[name] for name in ("weeks", "agent", "team", "shift", "call_type")]

    def asked(self, *, at: dt.datetime) -> Asked:
        self.is_valid()
        said, zone = self.cleaned_data, house_zone()
        today = at.astimezone(zone).date()
        first = today - dt.timedelta(days=7 * (said.get("weeks") or USUAL_WEEKS) - 1)
        agent, code = said.get("agent"), said.get("call_type")
        return Asked(
            since=day_begins(first, zone),
            until=at,
            zone=zone,
            by=By(said.get("by") or By.REASON),
            agent_id=agent.pk if agent else None,
            team=said.get("team") or None,
            shift=Shift(said["shift"]) if said.get("shift") else None,
            call_type="" if code == "none" else code or None,
            spent=Spent(said["spent"]) if said.get("spent") else None,
        )


def _name(user: User) -> str:
    return user.get_full_name() or user.get_username()
