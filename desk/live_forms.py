"""What a supervisor may set: who takes a contact, and what state an agent is in."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.models import Agent
from crm.states import AgentState
from desk.live_words import say_skill
from desk.screen.words import STATES, say_state

_SELECT = {"class": "form-select"}


class ReassignForm(forms.Form):
    """To whom."""

    agent = forms.TypedChoiceField(
        coerce=int, label=gettext_lazy("Give it to"), widget=forms.Select(attrs=_SELECT)
    )

    def __init__(
        self, *args: Any, agents: Iterable[Agent], needs: Collection[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.agents = {one.pk: one for one in agents}
        said = [(pk, _say(one, needs)) for pk, one in self.agents.items()]
        self.fields["agent"].choices = [("", gettext_lazy("Choose somebody")), *said]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Agent:
        return self.agents[self.cleaned_data["agent"]]


class StateForm(forms.Form):
    """Which state, such as off for somebody who left without signing out."""

    state = forms.ChoiceField(
        choices=[(state.value, STATES[state][0]) for state in AgentState],
        label=gettext_lazy("State"),
        widget=forms.Select(attrs=_SELECT),
    )


def _say(agent: Agent, needs: Collection[str]) -> str:
    """ "Alma Ortega, free for a call"; with what they lack."""
    name = agent.user.get_full_name() or agent.user.get_username()
    lacks = [say_skill(one) for one in needs if one not in agent.skills]
    said = {"name": name, "state": say_state(agent.status)[0].lower(), "lacks": ", ".join(lacks)}
    return (_("%(name)s, %(state)s, without %(lacks)s") if lacks else "%(name)s, %(state)s") % said
