"""The page that finds slots, below `slots/` in the desk's addresses."""

from django.urls import path

from desk import slot_acting, slot_views

urlpatterns = [
    path("", slot_views.slots, name="slots"),
    path("people/", slot_views.people, name="slot-people"),
    path("reason/", slot_views.reason, name="slot-reason"),
    path("<int:pk>/hold/", slot_acting.hold, name="slot-hold"),
    path("<int:pk>/override/", slot_acting.override, name="slot-override"),
    path("holds/<int:pk>/release/", slot_acting.release, name="hold-release"),
    path("holds/<int:pk>/book/", slot_acting.book, name="hold-book"),
    path("searches/<int:pk>/close/", slot_acting.close, name="search-close"),
]
