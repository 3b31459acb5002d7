from django.urls import path

from integrations.inbox import door_views, mend_views, replay_views, sender_views, views

app_name = "inbox"
urlpatterns = [
    path("", views.messages, name="messages"),
    path("<int:pk>/", views.message, name="message"),
    path("<int:pk>/live/", views.message_live, name="message-live"),
    path("<int:pk>/replay/", views.replay, name="message-replay"),
    path("<int:pk>/set-aside/", views.set_aside, name="message-set-aside"),
    path("<int:pk>/mend/", mend_views.mend, name="message-mend"),
    path("replays/", replay_views.start, name="replay-start"),
    path("replays/<int:pk>/", replay_views.show, name="replay-progress"),
    path("replays/<int:pk>/stop/", replay_views.stop, name="replay-stop"),
    path("turned-away/", door_views.show, name="turned-away"),
    path("turned-away.csv", door_views.export, name="turned-away-export"),
    path("senders/", sender_views.senders, name="senders"),
    path("senders/new/", sender_views.register, name="sender-new"),
    path("senders/<int:pk>/", sender_views.sender, name="sender"),
    path("senders/<int:pk>/code/", sender_views.set_code, name="sender-code"),
]
