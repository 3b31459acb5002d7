"""Pages of plans, below `plans/` in the desk's addresses."""

from django.urls import path

from desk import plan_acting, plan_editing, plan_views

urlpatterns = [
    path("", plan_views.plans, name="plans"),
    path("plans.csv", plan_views.export, name="plans-export"),
    path("people/", plan_views.people, name="plan-people"),
    path("hold/", plan_acting.hold, name="plan-hold"),
    path("release/", plan_acting.release, name="plan-release"),
    path("book/", plan_acting.book, name="plan-book"),
    path("definitions/", plan_editing.definitions_page, name="plan-definitions"),
    path("definitions/add/", plan_editing.edit, name="plan-definition-add"),
    path("definitions/<int:pk>/", plan_editing.edit, name="plan-definition"),
    path("<int:pk>/", plan_views.plan, name="plan"),
    path("<int:pk>/visits/<int:position>/", plan_acting.mend, name="plan-mend"),
    path("<int:pk>/leave/", plan_acting.leave, name="plan-leave"),
    path("<int:pk>/call-off/", plan_acting.call_off, name="plan-call-off"),
]
