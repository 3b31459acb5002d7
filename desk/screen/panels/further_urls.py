"""What is done in the panels of details, language, social needs, things to send and the story."""

from __future__ import annotations

from django.urls import path

from desk.screen.panels import (
    details_views,
    interpreter_views,
    sending_views,
    social_views,
    timeline_views,
)

urlpatterns = [
    path("<int:pk>/details/<slug:what>/", details_views.change, name="screen-details"),
    path(
        "<int:pk>/phones/<int:held_pk>/ended/",
        details_views.give_up_phone,
        name="screen-phone-ended",
    ),
    path("<int:pk>/interpreter/", interpreter_views.bring_in, name="screen-interpreter"),
    path("<int:pk>/interpreter/ended/", interpreter_views.end, name="screen-interpreter-end"),
    path(
        "<int:pk>/interpreter/next-time/",
        interpreter_views.next_time,
        name="screen-interpreter-next",
    ),
    path("<int:pk>/aid/", interpreter_views.aid, name="screen-aid"),
    path("<int:pk>/social/", social_views.ask, name="screen-social"),
    path("<int:pk>/social/declined/", social_views.decline, name="screen-social-decline"),
    path("social/<int:pk>/", social_views.results, name="social"),
    path("<int:pk>/timeline/", timeline_views.timeline, name="screen-timeline"),
    path("<int:pk>/send/<int:visit_pk>/<slug:what>/", sending_views.text, name="screen-send"),
    path("<int:pk>/read-out/<int:visit_pk>/", sending_views.read_out, name="screen-read-out"),
]
