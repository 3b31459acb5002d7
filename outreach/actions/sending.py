"""The one place that makes outbound messages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q

from crm.engine import Actor, insert_those_free, publish, record, ring
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One text to be queued.

    :param key: names the cause, such as "waitlist.offer:12:offer".
    :param fields: facts by name; those that the template does not name are left aside.
    :param zone: IANA zone of the site that it is about; the person's own zones count as well.
    :param in_reply_to: the text that this one answers; it goes out from the number that got it.
    :param valid_until: after this it is no longer true or useful, and is not sent.
    :param is_sensitive: it is about a visit of a kind that no text may hint at.
    :param choices: keys of what the text numbers for the reader, in order.
    :param language: what the reader chose on a page; else the patient's, or that of the thread.
    """

    key: str
    patient: Patient | None
    phone: Phone
    template: str
    fields: Mapping[str, str]
    purpose: Purpose
    zone: str = ""
    subject: models.Model | None = None
    interaction: Interaction | None = None
    in_reply_to: Message | None = None
    valid_until: dt.datetime | None = None
    is_sensitive: bool = False
    choices: Sequence[int] = ()
    language: str = ""


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
    language: str = "",
) -> Message:
    """Queue one text; the same `key` again gives the message that it made the first time.

    Nothing is decided here: permission, hours, budget and the sender's pace are looked at when
    the text's turn comes (`actions.dispatching`), since hours may lie between. Publishes
    `outreach.message-queued`; later comes `-sent`, `-delivered` or `-not-sent`.

    The parameters are those of `Outgoing`.

    :raises UnknownText: when there is no such template.
    :raises FieldsDoNotFit: when a fact that the template names is missing.
    """
    outgoing = Outgoing(
        key=key,
        patient=patient,
        phone=phone,
        template=template,
        fields=fields,
        purpose=purpose,
        zone=zone,
        subject=subject,
        interaction=interaction,
        in_reply_to=in_reply_to,
        valid_until=valid_until,
        is_sensitive=is_sensitive,
        choices=choices,
        language=language,
    )
    return send_together([outgoing], by=by, at=at)[0]


def send_together(texts: Sequence[Outgoing], *, by: Actor, at: dt.datetime) -> list[Message]:
    """Queue several texts, as `send` does one, in two statements beside audit and events.

    Their keys differ. All are put into words before anything is written.

    :raises UnknownText, FieldsDoNotFit: and then none is queued.
    """
    messages = [_compose(text, at=at) for text in texts]
    with transaction.atomic(savepoint=False):
        _keep_versions(texts, messages)
        queued = insert_those_free(messages, known_by="key")
        template_of = {text.key: text.template for text in texts}
        for message in queued:
            told = {"text": template_of[message.key], "purpose": message.purpose}
            record("outreach.message.queued", message, by=by, at=at, **told)
            tell("queued", message, at=at)
            ring(DISPATCH, message.pk)
        by_key = {message.key: message for message in queued}
        known = template_of.keys() - by_key.keys()
        earlier = Message.objects.filter(key__in=known) if known else ()
        by_key |= {message.key: message for message in earlier}
    return [by_key[text.key] for text in texts]


def _compose(text: Outgoing, *, at: dt.datetime) -> Message:
    """The message, unsaved, still without the version of its wording."""
    named = get_text(text.template).fields
    language = text.language or _language(text.patient, text.in_reply_to)
    told = {name: text.fields[name] for name in named if name in text.fields}
    body = render(text.template, language, neutral(told, language, instead=_organization()))
    return Message(
        direction=Direction.OUT,
        status=MessageStatus.QUEUED,
        patient=text.patient,
        phone=text.phone,
        our_number=text.in_reply_to.our_number if text.in_reply_to else "",
        channel=Channel.SMS,
        purpose=text.purpose,
        language=language,
        body=body,
        segments=count_segments(body).parts,
        interaction=text.interaction,
        in_reply_to=text.in_reply_to,
        subject_type=subject_type(text.subject) if text.subject else "",
        subject_id=text.subject.pk if text.subject else None,
        key=text.key,
        zone=text.zone,
        created_at=at,
        valid_until=text.valid_until,
        is_sensitive=text.is_sensitive,
        choices=list(text.choices),
        due_at=at,
    )


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


def _keep_versions(texts: Sequence[Outgoing], messages: Sequence[Message]) -> None:
    """The wordings as they are now; a changed one comes with a new version (a test holds that)."""
    pairs = zip(texts, messages, strict=True)
    wanted = [(get_text(text.template), message.language) for text, message in pairs]
    same = (
        Q(key=text.key, language=language, version=text.version)
        for text, language in dict.fromkeys(wanted)
    )
    kept = {
        (version.key, version.language): version
        for version in TextVersion.objects.filter(reduce(or_, same, Q(pk=None)))
    }
    for (text, language), message in zip(wanted, messages, strict=True):
        if (text.key, language) not in kept:
            kept[text.key, language] = _keep_version(text, language)
        message.text_version = kept[text.key, language]


def _keep_version(text: Template, language: str) -> TextVersion:
    version, _ = TextVersion.objects.get_or_create(
        key=text.key,
        language=language,
        version=text.version,
        defaults={"body": text.body(language)},
    )
    return version
