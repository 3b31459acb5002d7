"""Who sent a webhook: Standard Webhooks (https://www.standardwebhooks.com), symmetric scheme.

HMAC-SHA256 over "webhook-id.webhook-timestamp.body". A time stamp more than five minutes off is
refused, which is the replay window; within it the unique id makes a repeat harmless.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standardwebhooks import Webhook, WebhookVerificationError

from integrations.problems import Problem


def check_signature(body: bytes, headers: Mapping[str, str], *, secrets: Sequence[str]) -> str:
    """The webhook's id, once one of `secrets` has proved it (several while rotating).

    :raises Problem: 401 for a missing or wrong signature or an old time stamp; 400 for bytes that
        are no UTF-8, over which the scheme signs nothing.
    """
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Problem(400, "unreadable", "The body is no UTF-8. Nothing was kept.") from None
    signed = {
        name: headers.get(name, "")
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    }
    if not any(_proves(Webhook(secret), text, signed) for secret in secrets):
        raise Problem(
            401,
            "unauthorized",
            "The signature or its time stamp is missing, wrong or more than 5 minutes off.",
            headers={"WWW-Authenticate": "Signature"},
        )
    return signed["webhook-id"]


def _proves(webhook: Webhook, text: str, signed: dict[str, str]) -> bool:
    try:
        webhook.verify(text, signed, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: a signature that is no base64
        return False
    return True
