from django.urls import path

from desk import live_acting, live_forecast, live_views

urlpatterns = [
    path("", live_views.board, name="live"),
    path("contacts/<int:pk>/", live_views.contact, name="live-contact"),
    path("contacts/<int:pk>/reassign/", live_acting.reassign, name="live-reassign"),
    path("agents/<int:pk>/", live_views.agent, name="live-agent"),
    path("agents/<int:pk>/state/", live_acting.set_state, name="live-state"),
    path("forecast/", live_forecast.forecast, name="live-forecast"),
    path("forecast/forecast.csv", live_forecast.export_forecast, name="live-forecast-export"),
]
