from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from zeal.errors import NPlusOneError

from crm.models import Patient
from tests.factories import PatientFactory


def careless(_request: HttpRequest) -> HttpResponse:
    for patient in Patient.objects.all():
        list(patient.coverages.all())
    return HttpResponse()


urlpatterns = [path("careless/", careless)]


@pytest.mark.django_db
@pytest.mark.urls(__name__)
def test_a_request_that_reads_row_by_row_is_caught(client: Client) -> None:
    PatientFactory.create_batch(3)
    with pytest.raises(NPlusOneError):
        client.get("/careless/")
