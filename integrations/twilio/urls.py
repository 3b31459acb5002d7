from django.urls import path

from integrations.twilio import webhooks

app_name = "twilio"
urlpatterns = [
    path("inbound/", webhooks.inbound, name="inbound"),
    path("status/<uuid:ref>/", webhooks.status, name="status"),
]
