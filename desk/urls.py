from django.urls import include, path

from desk import alert_views, request_views, slot_demand, task_acting, task_views, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("first-admin/<str:token>/", views.first_admin, name="first-admin"),
    path("tasks/", task_views.tasks, name="tasks"),
    path("tasks/tasks.csv", task_views.export_tasks, name="tasks-export"),
    path("tasks/<int:pk>/", task_views.task, name="task"),
    path("tasks/<int:pk>/live/", task_views.task_live, name="task-live"),
    path("tasks/<int:pk>/claim/", task_acting.claim, name="task-claim"),
    path("tasks/<int:pk>/put-back/", task_acting.put_back, name="task-put-back"),
    path("tasks/<int:pk>/done/", task_acting.finish, name="task-done"),
    path("tasks/<int:pk>/nothing-to-do/", task_acting.dismiss, name="task-nothing"),
    path("tasks/<int:pk>/booked/", request_views.booked, name="task-booked"),
    path("tasks/<int:pk>/not-possible/", request_views.not_possible, name="task-not-possible"),
    path(
        "tasks/<int:pk>/texts/<int:message_pk>/carry-out/",
        alert_views.carry_out_text,
        name="text-carry-out",
    ),
    path("alerts/bar/", alert_views.alert_bar, name="alert-bar"),
    path("desk/live/", include("desk.live_urls")),
    path("desk/anatomy/", include("desk.anatomy_urls")),
    path("desk/", include("desk.screen.urls")),
    path("slots/", include("desk.slot_urls")),
    path("demand/", slot_demand.demand, name="demand"),
    path("demand/demand.csv", slot_demand.export_demand, name="demand-export"),
    path("demand/<int:pk>/wait/", slot_demand.wait, name="demand-wait"),
    path("visits/", include("desk.visit_urls")),
    path("inventory/", include("desk.inventory_urls")),
    path("schedules/", include("desk.template_urls")),
    path("mass/", include("desk.mass_urls")),
    path("plans/", include("desk.plan_urls")),
    path("rules/", include("desk.rule_urls")),
    path("trees/", include("desk.tree_urls")),
    path("visit-types/", include("desk.catalog_urls")),
    path("new-patients/", include("desk.ramp_urls")),
]
