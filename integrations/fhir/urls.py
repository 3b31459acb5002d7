from django.urls import path

from integrations.fhir.webhooks import FhirResourceWebhook, FhirWebhook

app_name = "fhir"
urlpatterns = [
    path("", FhirWebhook.as_view(), name="notify"),
    path("<str:kind>/<str:name>", FhirResourceWebhook.as_view(), name="update"),
]
