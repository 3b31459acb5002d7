from django.urls import path

from integrations.telephony.webhooks import CallWebhook

app_name = "telephony"
urlpatterns = [path("calls/", CallWebhook.as_view(), name="call-event")]
