"""The map of the site. Apps are named by string, so that this floor imports none of them."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.env import get_env

handler500 = "config.trouble.failed"

urlpatterns = [
    path("", include("desk.urls")),
    path("openings/", include("waitlist.urls")),
    path("o/", include("waitlist.offer_urls")),
    path("book/", include("desk.self_service.urls")),
    path("v/", include("desk.self_service.visit_urls")),
    path("m/", include("desk.mass_patient_urls")),
    path("t/", include("desk.video_urls")),
    path("p/", include("desk.preparation_urls")),
    path("book-links/", include("desk.self_service.link_urls")),
    path("webhooks/fhir/", include("integrations.fhir.urls")),
    path("webhooks/rest/", include("integrations.rest.urls")),
    path("webhooks/telephony/", include("integrations.telephony.urls")),
    path("webhooks/twilio/", include("integrations.twilio.urls")),
    path("inbox/", include("integrations.inbox.urls")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
    path("admin/", admin.site.urls),
]

if get_env().firstcall_demo:
    urlpatterns.append(path("phones/", include("integrations.phone_wall.urls")))
