"""Links in texts about what to do before a visit: `/p/<token>/`. The token is a secret."""

from django.urls import path

from desk import preparation_views

app_name = "preparation"
urlpatterns = [path("<slug:token>/", preparation_views.visit, name="visit")]
