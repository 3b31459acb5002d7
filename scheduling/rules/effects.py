"""What a rule that objects to a booking does about it: by kind of rule, and by clinic."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from crm.rules.said import say_all
from crm.states import Role
from scheduling.rules.names import Hidden, HiddenBy
from scheduling.states import RuleEffect


@dataclass(frozen=True, slots=True)
class Effect:
    """`roles` may set the rule aside where it can be; they mean nothing else."""

    effect: RuleEffect
    roles: frozenset[Role] = frozenset()


#: What cannot be argued with: two people do not fit one seat, whatever a clinic sets.
PHYSICAL: Final = frozenset(
    {
        HiddenBy.NOT_FREE,
        HiddenBy.BEGUN,
        HiddenBy.NO_SEAT,
        HiddenBy.HELD,
        HiddenBy.PROVIDER_BUSY,
        HiddenBy.ROOM_BUSY,
        HiddenBy.PATIENT_BUSY,
    }
)
#: The law of the state where the patient is: no clinic can set it aside.
LEGAL: Final = frozenset({HiddenBy.LICENSE})
#: What the clinic has ended takes nobody's exception, but the catalog's.
FIXED: Final = PHYSICAL | LEGAL | {HiddenBy.RETIRED}
_BLOCK: Final = Effect(RuleEffect.BLOCK)
_WARN: Final = Effect(RuleEffect.WARN)
#: The clinic owns its schedule (principle 7), so its own people may open what it keeps back.
_CLINIC: Final = Effect(RuleEffect.OVERRIDE, frozenset({Role.FRONT_DESK, Role.MANAGER, Role.ADMIN}))
#: What a visit needs, and what a clinician's day bears, takes somebody who answers for it.
_MANAGER: Final = Effect(RuleEffect.OVERRIDE, frozenset({Role.MANAGER, Role.ADMIN}))

_KEPT_BACK: Final = frozenset(
    {
        HiddenBy.TOO_SOON,
        HiddenBy.SAME_DAY,
        HiddenBy.SAME_WEEK,
        HiddenBy.DAYS_BEFORE,
        HiddenBy.HELD_FOR_REVIEW,
        HiddenBy.NEW_PATIENTS,
        HiddenBy.ESTABLISHED,
        HiddenBy.KEPT_FOR,
        HiddenBy.VISIT_TYPE,
    }
)
DEFAULTS: Final[Mapping[HiddenBy, Effect]] = {
    **dict.fromkeys(HiddenBy, _MANAGER),
    **dict.fromkeys(_KEPT_BACK, _CLINIC),
    **dict.fromkeys(FIXED, _BLOCK),
    HiddenBy.MODALITY: _WARN,
}
#: What a clinic may set for itself.
SETTABLE: Final = tuple(
    rule for rule in HiddenBy if rule not in FIXED and rule is not HiddenBy.NEEDS
)


def effect_of(rule: HiddenBy, settings: Mapping[HiddenBy, Effect]) -> Effect:
    """The clinic's own word where it has one; never for what is physical or law."""
    return settings.get(rule, DEFAULTS[rule]) if rule not in FIXED else _BLOCK


def with_effect(found: Hidden, settings: Mapping[HiddenBy, Effect]) -> Hidden:
    """The same objection with what it does here."""
    by = effect_of(found.rule, settings)
    roles = by.roles if by.effect is RuleEffect.OVERRIDE else frozenset()
    return replace(found, effect=by.effect, roles=roles)


def still_stops(
    found: Iterable[Hidden], *, aside: Collection[str] = (), roles: Collection[Role] = ()
) -> tuple[Hidden, ...]:
    """Those that stop a booking once `roles` have set the rules named in `aside` aside.

    What nobody may go past comes first.
    """
    left = [
        one
        for one in found
        if one.stops and not (one.rule.value in aside and may_set_aside(one, roles))
    ]
    return tuple(sorted(left, key=lambda one: one.effect is not RuleEffect.BLOCK))


def may_set_aside(found: Hidden, roles: Collection[Role]) -> bool:
    """Whether somebody with these roles may go past this rule, with a reason."""
    return found.effect is RuleEffect.OVERRIDE and not found.roles.isdisjoint(roles)


def say_stops(stops: Sequence[Hidden]) -> str:
    """What whoever wants to book reads: the first that nobody may go past; else all of them."""
    if not stops:
        return ""
    if stops[0].effect is RuleEffect.BLOCK:
        return stops[0].sentence
    return say_all(list(dict.fromkeys(one.sentence for one in stops)))
