"""Handing a contact over, ending it, and calling back."""

from __future__ import annotations

from django.urls import path

from desk.screen import callback_views, handoff_views, reply_views, wrap_views

urlpatterns = [
    path("<int:pk>/hand-off/", handoff_views.handoff, name="screen-handoff"),
    path("<int:pk>/hand-off/state/", handoff_views.state, name="screen-handoff-state"),
    path("<int:pk>/hand-off/back/", handoff_views.take_back, name="screen-handoff-back"),
    path("hand-offs/<int:pk>/accept/", handoff_views.accept, name="screen-handoff-accept"),
    path("hand-offs/<int:pk>/decline/", handoff_views.decline, name="screen-handoff-decline"),
    path("<int:pk>/reply/", reply_views.reply, name="screen-reply"),
    path("<int:pk>/put-back/", reply_views.put_back, name="screen-put-back"),
    path("<int:pk>/wrap-up/", wrap_views.wrap, name="screen-wrap"),
    path("<int:pk>/note/", wrap_views.note, name="screen-note"),
    path("<int:pk>/note/again/", wrap_views.again, name="screen-note-again"),
    path("callbacks/<int:pk>/", callback_views.callback, name="screen-callback"),
    path("from-task/<int:pk>/", callback_views.from_task, name="screen-from-task"),
]
