"""The one function that makes outbound messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import models, transaction

from crm.engine import Actor, insert_or_none, publish, record, ring
from crm.engine.audit import subject_type
from crm.models import Interaction, Patient, Phone
from crm.states import Channel, Purpose
from outreach.models import Message, TextVersion
from outreach.rules.naming import neutral
from outreach.rules.render import choose_language, render
from outreach.rules.segments import count_segments
from outreach.states import Direction, MessageStatus
from outreach.texts import Template, get_text

#: The step that takes a queued message to the carrier (`outreach.tasks`).
DISPATCH = "outreach.message"


@transaction.atomic
def send(
    *,
    key: str,
    patient: Patient | None,
    phone: Phone,
    template: str,
    fields: Mapping[str, str],
    purpose: Purpose,
    by: Actor,
    at: dt.datetime,
    zone: str = "",
    subject: models.Model | None = None,
    interaction: Interaction | None = None,
    in_reply_to: Message | None = None,
    valid_until: dt.datetime | None = None,
    is_sensitive: bool = False,
    choices: Sequence[int] = (),
) -> Message:
    """Queue one text; the same `key` again gives the message that it made the first time.

    Nothing is decided here: permission, hours, budget and the sender's pace are looked at when
    the text's turn comes (`actions.dispatching`), since hours may lie between. Publishes
    `outreach.message-queued`; later comes `-sent`, `-delivered` or `-not-sent`.

    :param key: names the cause, such as "waitlist.offer:12:offer".
    :param fields: facts by name; those that the template does not name are left aside.
    :param zone: IANA zone of the site that it is about; the person's own zones count as well.
    :param in_reply_to: the text that this one answers; it goes out from the number that got it.
    :param valid_until: after this it is no longer true or useful, and is not sent.
    :param is_sensitive: it is about a visit of a kind that no text may hint at.
    :param choices: keys of what the text numbers for the reader, in order.
    :raises UnknownText: when there is no such template.
    :raises FieldsDoNotFit: when a fact that the template names is missing.
    """
    text = get_text(template)
    language = _language(patient, in_reply_to)
    told = {name: fields[name] for name in text.fields if name in fields}
    body = render(template, language, neutral(told, language, instead=_organization()))
    message = insert_or_none(
        Message(
            direction=Direction.OUT,
            status=MessageStatus.QUEUED,
            patient=patient,
            phone=phone,
            our_number=in_reply_to.our_number if in_reply_to else "",
            channel=Channel.SMS,
            purpose=purpose,
            text_version=_keep_version(text, language),
            language=language,
            body=body,
            segments=count_segments(body).parts,
            interaction=interaction,
            in_reply_to=in_reply_to,
            subject_type=subject_type(subject) if subject else "",
            subject_id=subject.pk if subject else None,
            key=key,
            zone=zone,
            created_at=at,
            valid_until=valid_until,
            is_sensitive=is_sensitive,
            choices=list(choices),
            due_at=at,
        )
    )
    if message is None:
        return Message.objects.get(key=key)
    record("outreach.message.queued", message, by=by, at=at, text=template, purpose=purpose)
    tell("queued", message, at=at)
    ring(DISPATCH, message.pk)
    return message


def tell(what: str, message: Message, *, at: dt.datetime, rule: str = "") -> None:
    """Publish `outreach.message-<what>`, with what the message is about so that others find it."""
    publish(
        f"outreach.message-{what}",
        message,
        at=at,
        status=str(message.status),
        purpose=str(message.purpose),
        about_type=message.subject_type,
        about_id=message.subject_id,
        rule=rule,
    )


def _language(patient: Patient | None, in_reply_to: Message | None) -> str:
    if patient is not None:
        return choose_language(patient.language)
    return in_reply_to.language if in_reply_to else "en"


def _organization() -> str:
    return settings.FIRSTCALL.organization_name


def _keep_version(text: Template, language: str) -> TextVersion:
    """The wording as it is now; a changed one comes with a new version (a test holds that)."""
    version, _ = TextVersion.objects.get_or_create(
        key=text.key,
        language=language,
        version=text.version,
        defaults={"body": text.body(language)},
    )
    return version
