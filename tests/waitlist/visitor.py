"""Somebody who opens an offer's link on a phone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from waitlist.models import Offer


class Visitor:
    """A browser at one link; `client` keeps its cookies."""

    def __init__(self, token: str, headers: dict[str, str] | None = None) -> None:
        self.token = token
        self.client = Client()
        self.headers = headers or {}

    def url(self, name: str = "offer") -> str:
        return reverse(f"offers:{name}", args=[self.token])

    def get(self, name: str = "offer", **query: str) -> Any:
        return self.client.get(self.url(name), query, headers=self.headers)

    def post(self, name: str, data: dict[str, str] | None = None, *, query: str = "") -> Any:
        return self.client.post(f"{self.url(name)}{query}", data or {}, headers=self.headers)

    def say_born(self, on: dt.date, *, query: str = "") -> Any:
        typed = {"month": str(on.month), "day": str(on.day), "year": str(on.year)}
        return self.post("offer", typed, query=query)


def verified(offer: Offer) -> Visitor:
    """A visitor who has shown the patient's date of birth."""
    visitor = Visitor(offer.token)
    assert offer.patient.birth_on is not None
    assert visitor.say_born(offer.patient.birth_on).status_code == 302
    return visitor


def html(answer: Any) -> str:
    """The page without what differs each time: the CSRF token, and the link's own."""
    text = answer.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", text)


def words(answer: Any) -> str:
    """What a person reads on the page."""
    body = re.sub(r"(?s)^.*<main[^>]*>|</main>.*$", "", answer.content.decode())
    text = re.sub(r"<[^>]+>", " ", body).replace("&#x27;", "'")
    return " ".join(text.split())
