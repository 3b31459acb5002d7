"""The phone wall; included in demo mode only (config.urls)."""

from django.urls import path

from integrations.phone_wall import views

app_name = "phones"
urlpatterns = [
    path("", views.phones, name="phones"),
    path("changes/", views.changes, name="changes"),
    path("<int:pk>/reply/", views.reply, name="reply"),
    path("<int:pk>/call/", views.call, name="call"),
]
