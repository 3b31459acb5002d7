from django.urls import path

from integrations.rest.webhooks import AppointmentWebhook, SlotWebhook

app_name = "rest"
urlpatterns = [
    path("appointments/", AppointmentWebhook.as_view(), name="appointment-event"),
    path("slots/", SlotWebhook.as_view(), name="slot-event"),
]
