"""From the web to a person: what only somebody at the desk can settle waits there."""

from __future__ import annotations

import datetime as dt

from crm.actions.asking import ask_at_desk
from crm.actions.contacts import open_contact
from crm.engine import Actor
from crm.models import Task
from crm.queries.queues import queue_of_writer
from crm.states import Channel
from scheduling.models import SelfServiceSession


def ask_a_person(
    session: SelfServiceSession, task: Task, *, about: str, by: Actor, at: dt.datetime
) -> None:
    """A contact by web that waits until somebody does `task`, in the queue of the service line that
    it is about, else of its language; once for each task. Where no queue is for them the task
    stands in the list alone.

    :param about: what is read of it before it is taken; names nobody.
    """
    specialty = session.role.clinic.specialty if session.role else ""
    queue = queue_of_writer(language=session.language, specialty=specialty)
    if queue is None or task.contact_id is not None:
        return
    contact = open_contact(
        channel=Channel.WEB,
        patient=session.patient,
        language=session.language,
        specialty=specialty,
        by=by,
        at=at,
    )
    ask_at_desk(task=task, contact=contact, queue=queue, about=about, by=by, at=at)
