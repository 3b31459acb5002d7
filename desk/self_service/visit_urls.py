"""Links in texts about a visit that was asked for online: `/v/<token>/`. The token is a secret."""

from django.urls import path

from desk.self_service import visit_views

app_name = "visit"
urlpatterns = [
    path("<slug:token>/", visit_views.visit, name="visit"),
    path("<slug:token>/visit.ics", visit_views.calendar, name="calendar"),
]
