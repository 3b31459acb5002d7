"""Staff's side of self-service: links with their QR codes, and people to compare."""

from django.urls import path

from desk.self_service import link_views, person_views

app_name = "book-links"
urlpatterns = [
    path("", link_views.links, name="links"),
    path("links.csv", link_views.export, name="export"),
    path("visits/", link_views.online, name="online"),
    path("<int:pk>/", link_views.link, name="link"),
    path("<int:pk>/switch/", link_views.switch, name="switch"),
    path("<int:pk>/send/", link_views.send, name="send"),
    path("<int:pk>/print/", link_views.poster, name="print"),
    path("<int:pk>/qr.svg", link_views.qr, name="qr"),
    path("people/<int:pk>/", person_views.person, name="person"),
]
