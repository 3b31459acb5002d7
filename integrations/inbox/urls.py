from django.urls import path

from integrations.inbox import views

app_name = "inbox"
urlpatterns = [
    path("", views.messages, name="messages"),
    path("<int:pk>/", views.message, name="message"),
    path("<int:pk>/live/", views.message_live, name="message-live"),
    path("<int:pk>/replay/", views.replay, name="message-replay"),
    path("<int:pk>/set-aside/", views.set_aside, name="message-set-aside"),
]
