from django.urls import path

from waitlist.views import acting, exports, pages

app_name = "waitlist"
urlpatterns = [
    path("", pages.openings, name="openings"),
    path("openings.csv", exports.export_openings, name="openings-export"),
    path("<int:pk>/", pages.opening, name="opening"),
    path("<int:pk>/live/", pages.opening_live, name="opening-live"),
    path("<int:pk>/why-not/", pages.why_not, name="opening-why-not"),
    path("<int:pk>/left-out/", pages.left_out, name="opening-left-out"),
    path("<int:pk>/candidates.csv", exports.export_candidates, name="opening-export"),
    path("<int:pk>/pause/", acting.pause, name="opening-pause"),
    path("<int:pk>/resume/", acting.resume, name="opening-resume"),
    path("<int:pk>/withdraw/", acting.withdraw, name="opening-withdraw"),
    path("<int:pk>/book/<int:patient_id>/", acting.book, name="opening-book"),
]
