"""`/inventory/`: supply, flags, proposals, and one slot."""

from django.urls import path

from desk import inventory_acting, inventory_feedback, inventory_proposals, inventory_views

urlpatterns = [
    path("", inventory_views.inventory, name="inventory"),
    path("inventory.csv", inventory_views.export_map, name="inventory-export"),
    path("slots.csv", inventory_views.export_slots, name="inventory-slots-export"),
    path("slots/<int:pk>/", inventory_acting.slot, name="inventory-slot"),
    path("slots/<int:pk>/mislabeled/", inventory_feedback.flag_a_slot, name="slot-mislabeled"),
    path(
        "visit-types/<int:pk>/mislabeled/",
        inventory_feedback.flag_a_visit_type,
        name="visit-type-mislabeled",
    ),
    path("feedback/", inventory_feedback.feedback, name="feedback"),
    path("feedback/feedback.csv", inventory_feedback.export_feedback, name="feedback-export"),
    path("feedback/news/", inventory_feedback.news, name="feedback-news"),
    path("feedback/<int:pk>/undo/", inventory_feedback.undo, name="feedback-undo"),
    path("feedback/<int:pk>/answer/", inventory_feedback.answer, name="feedback-answer"),
    path("feedback/<int:pk>/reopen/", inventory_feedback.reopen, name="feedback-reopen"),
    path("proposals/", inventory_proposals.proposals, name="proposals"),
    path("proposals/proposals.csv", inventory_proposals.export_proposals, name="proposals-export"),
    path("proposals/new/", inventory_proposals.propose, name="proposal-new"),
    path("proposals/<int:pk>/answer/", inventory_proposals.answer, name="proposal-answer"),
]
