from django.urls import path

from waitlist.views import acting, exports, modes, pages, shadow

app_name = "waitlist"
urlpatterns = [
    path("", pages.openings, name="openings"),
    path("report/", shadow.report, name="report"),
    path("report/report.csv", shadow.export_report, name="report-export"),
    path("report/openings/", shadow.openings_behind, name="report-openings"),
    path("report/offers/", shadow.offers_behind, name="report-offers"),
    path("clinics/<int:clinic_id>/mode/", modes.switch, name="clinic-mode"),
    path("openings.csv", exports.export_openings, name="openings-export"),
    path("<int:pk>/", pages.opening, name="opening"),
    path("<int:pk>/live/", pages.opening_live, name="opening-live"),
    path("<int:pk>/why-not/", pages.why_not, name="opening-why-not"),
    path("<int:pk>/left-out/", pages.left_out, name="opening-left-out"),
    path("<int:pk>/candidates.csv", exports.export_candidates, name="opening-export"),
    path("<int:pk>/pause/", acting.pause, name="opening-pause"),
    path("<int:pk>/resume/", acting.resume, name="opening-resume"),
    path("<int:pk>/withdraw/", acting.withdraw, name="opening-withdraw"),
    path("<int:pk>/plan/<int:plan_id>/send/", acting.send, name="plan-send"),
    path("<int:pk>/plan/<int:plan_id>/not-now/", acting.not_now, name="plan-not-now"),
    path("<int:pk>/plan/<int:plan_id>/skip/<int:planned_id>/", acting.skip, name="plan-skip"),
    path("<int:pk>/book/<int:patient_id>/", acting.book, name="opening-book"),
]
