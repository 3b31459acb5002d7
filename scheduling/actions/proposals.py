"""Changes that we propose to clinics whose EHR owns the schedule, and their answers."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from crm.engine import Actor, insert_or_none, move, publish, record
from scheduling.models import Clinic, ProviderRole, Slot, TemplateProposal
from scheduling.states import ProposalKind, ProposalStatus


class AlreadyProposed(Exception):
    """The same thing is proposed for this slot already, and not answered yet."""


def propose_change(
    *,
    clinic: Clinic,
    kind: ProposalKind,
    what: str,
    why: str,
    by: Actor,
    at: dt.datetime,
    slot: Slot | None = None,
    role: ProviderRole | None = None,
) -> TemplateProposal:
    """Put a change before the clinic. Publishes `scheduling.proposal-made`.

    :param what: the change in words that the clinic can carry out; names no patient.
    :raises AlreadyProposed: when one of that kind waits for an answer for `slot`.
    """
    with transaction.atomic():
        proposal = insert_or_none(
            TemplateProposal(
                clinic=clinic,
                role=role or (slot.role if slot else None),
                slot=slot,
                kind=kind,
                what=what[:300],
                why=why[:300],
                proposed_at=at,
                proposed_by=by.label[:120],
            )
        )
        if proposal is None:
            raise AlreadyProposed("That is proposed already, and the clinic has not answered yet.")
        record("scheduling.proposal.made", proposal, by=by, at=at, kind=kind)
        publish("scheduling.proposal-made", proposal, at=at)
    return proposal


def answer_proposal(
    *, proposal: TemplateProposal, accept: bool, answer: str, by: Actor, at: dt.datetime
) -> TemplateProposal:
    """The clinic's answer, in its words. Publishes `scheduling.proposal-answered`.

    :raises MovedMeanwhile: when it was answered or withdrawn since it was read.
    :raises IllegalMove: when it is not waiting for an answer.
    """
    to = ProposalStatus.ACCEPTED if accept else ProposalStatus.DECLINED
    with transaction.atomic():
        move(
            proposal,
            to=to,
            by=by,
            at=at,
            reason=answer,
            answer=answer[:300],
            answered_at=at,
            answered_by=by.label[:120],
        )
        publish("scheduling.proposal-answered", proposal, at=at)
    return proposal


def withdraw_proposal(
    *, proposal: TemplateProposal, by: Actor, at: dt.datetime
) -> TemplateProposal:
    """Take it back before there is an answer.

    :raises MovedMeanwhile: when it was answered since it was read.
    :raises IllegalMove: when it is not waiting for an answer.
    """
    with transaction.atomic():
        move(proposal, to=ProposalStatus.WITHDRAWN, by=by, at=at)
        publish("scheduling.proposal-answered", proposal, at=at)
    return proposal
