"""What patients do without a login: `/book/`. Addresses hold no secret and nothing of a patient."""

from django.urls import path

from desk.self_service import (
    done_views,
    help_views,
    start_views,
    time_views,
    visit_choice_views,
    who_views,
)

app_name = "book"
urlpatterns = [
    path("", start_views.start, name="start"),
    path("go/stop/", start_views.stop, name="stop"),
    path("go/call-me/", start_views.nurse, name="nurse"),
    path("go/language/", start_views.language, name="language"),
    path("go/leave/", start_views.leave, name="leave"),
    path("go/over/", start_views.over, name="over"),
    path("go/what/", start_views.wish, name="wish"),
    path("go/questions/", help_views.questions, name="questions"),
    path("go/phone/", who_views.phone, name="phone"),
    path("go/code/", who_views.code, name="code"),
    path("go/who/", who_views.person, name="person"),
    path("go/visits/", visit_choice_views.visits, name="visits"),
    path("go/visits/<int:pk>/", visit_choice_views.visit, name="visit"),
    path("go/times/", time_views.times, name="times"),
    path("go/check/", time_views.check, name="check"),
    path("go/list/", time_views.waitlist, name="list"),
    path("go/done/", done_views.done, name="done"),
    path("go/visit.ics", done_views.calendar, name="calendar"),
    path("<slug:token>/", start_views.start, name="link"),
]
