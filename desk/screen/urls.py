"""The desk: one page, and the parts of it that change."""

from __future__ import annotations

from django.urls import include, path

from desk.screen import (
    act_views,
    booking_views,
    command_views,
    danger_views,
    declining_views,
    reason_views,
    register_views,
    script_views,
    task_views,
    tree_views,
    views,
    who_views,
)

urlpatterns = [
    path("", views.screen, name="screen"),
    path("left/", views.left, name="screen-left"),
    path("pop/", views.pop, name="screen-pop"),
    path("new/", views.new, name="screen-new"),
    path("find/", command_views.find, name="screen-find"),
    path("person/", command_views.person, name="screen-person"),
    path("state/", act_views.state, name="screen-state"),
    path("claim/<int:pk>/", act_views.claim, name="screen-claim"),
    path("<int:pk>/", views.contact, name="screen-contact"),
    path("<int:pk>/talk/", views.talk, name="screen-talk"),
    path("<int:pk>/side/", views.side, name="screen-side"),
    path("<int:pk>/take/", views.take, name="screen-take"),
    path("<int:pk>/rest/", views.rest, name="screen-rest"),
    path("<int:pk>/panels/<slug:name>/", views.panel, name="screen-panel"),
    path("", include("desk.screen.panels.urls")),
    path("", include("desk.screen.panels.further_urls")),
    path("", include("desk.screen.ending_urls")),
    path("<int:pk>/people/", who_views.people, name="screen-people"),
    path("<int:pk>/identify/", who_views.identify, name="screen-identify"),
    path("<int:pk>/register/", register_views.register, name="screen-register"),
    path("<int:pk>/verify/", who_views.verify, name="screen-verify"),
    path("<int:pk>/trees/<int:tree_pk>/", tree_views.ask, name="screen-tree"),
    path("<int:pk>/reason/", reason_views.reason, name="screen-reason"),
    path("<int:pk>/steps/<slug:key>/", script_views.step, name="screen-step"),
    path("<int:pk>/steps/<slug:key>/skip/", script_views.skip, name="screen-skip"),
    path("<int:pk>/steps/<slug:key>/task/", task_views.task, name="screen-step-task"),
    path("<int:pk>/not-now/", danger_views.not_now, name="screen-not-now"),
    path("<int:pk>/ruled-out/", danger_views.ruled_out, name="screen-ruled-out"),
    path("<int:pk>/helped/", danger_views.helped, name="screen-helped"),
    path("<int:pk>/hold/<int:slot_pk>/", booking_views.hold, name="screen-hold"),
    path("<int:pk>/override/<int:slot_pk>/", booking_views.override, name="screen-override"),
    path("<int:pk>/release/<int:hold_pk>/", booking_views.release, name="screen-release"),
    path("<int:pk>/book/<int:hold_pk>/", booking_views.book, name="screen-book"),
    path("<int:pk>/none-suits/", declining_views.decline, name="screen-none-suits"),
    path("<int:pk>/cancel/<int:visit_pk>/", act_views.cancel, name="screen-cancel"),
    path("<int:pk>/offers/<int:offer_pk>/", act_views.offer, name="screen-offer"),
]
