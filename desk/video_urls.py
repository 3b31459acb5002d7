"""Links in texts about visits by video: `/t/<token>/`. The token is a secret."""

from django.urls import path

from desk import video_views

app_name = "video"
urlpatterns = [
    path("<slug:token>/", video_views.visit, name="visit"),
    path("<slug:token>/state/", video_views.state, name="state"),
    path("<slug:token>/trouble/", video_views.trouble, name="trouble"),
]
