from __future__ import annotations

from django.urls import path

from integrations.practice_ehr import practice_views, views

urlpatterns = [
    path("", practice_views.home),
    path("home.css", practice_views.style),
    path("healthz", practice_views.healthz),
    path("practice/switches", practice_views.switches),
    path("practice/slots/<str:slot_id>/take", practice_views.take_slot),
    path("fhir", views.system),
    path("fhir/", views.system),
    path("fhir/metadata", views.metadata),
    path("fhir/<str:kind>", views.kind),
    path("fhir/<str:kind>/<str:fhir_id>", views.document),
]
