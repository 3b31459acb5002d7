"""Links that patients get in texts: `/o/<token>/`. The token is a secret."""

from django.urls import path

from waitlist import offer_views

app_name = "offers"
urlpatterns = [
    path("<slug:token>/", offer_views.offer, name="offer"),
    path("<slug:token>/accept/", offer_views.accept, name="accept"),
    path("<slug:token>/decline/", offer_views.decline, name="decline"),
    path("<slug:token>/give-back/", offer_views.give_back, name="give-back"),
    path("<slug:token>/another/", offer_views.another, name="another"),
    path("<slug:token>/visit.ics", offer_views.calendar, name="calendar"),
]
