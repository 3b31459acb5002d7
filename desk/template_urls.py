"""`/schedules/`: weekly patterns, leave, holidays, and making slots from them."""

from django.urls import path

from desk import template_runs, template_views

urlpatterns = [
    path("", template_views.schedules, name="schedules"),
    path("clinics/<int:clinic_pk>/new/", template_views.new_pattern, name="schedule-new"),
    path("clinics/<int:clinic_pk>/holidays/", template_views.holidays, name="schedule-holidays"),
    path("sessions/<int:pk>/", template_views.pattern, name="schedule-pattern"),
    path("sessions/<int:pk>/end/", template_views.end, name="schedule-end"),
    path("sessions/<int:pk>/dates/", template_views.new_exception, name="schedule-exception-new"),
    path("dates/<int:pk>/remove/", template_views.drop_exception, name="schedule-exception-remove"),
    path("leave/", template_views.new_absence, name="absence-new"),
    path("leave/<int:pk>/remove/", template_views.drop_absence, name="absence-remove"),
    path("plan/", template_runs.plan, name="schedule-plan"),
    path("plan/start/", template_runs.start, name="schedule-start"),
    path("runs/<int:pk>/", template_runs.run, name="schedule-run"),
    path("runs/<int:pk>/stop/", template_runs.stop, name="schedule-stop"),
    path("to-move/", template_runs.to_move, name="visits-to-move"),
    path("to-move/to-move.csv", template_runs.export_to_move, name="visits-to-move-export"),
]
