from django.apps import AppConfig


class WaitlistConfig(AppConfig):
    name = "waitlist"
    verbose_name = "Openings and offers"

    def ready(self) -> None:
        from crm.engine import subscribe
        from waitlist import merging, subscribers, tasks  # noqa: F401 tasks registers its step

        merging.connect()
        subscribe("scheduling.slot-freed", subscribers.on_slot_freed, urgent=True)
        subscribe("scheduling.slot-taken", subscribers.on_slot_taken)
        subscribe("scheduling.search-lost", subscribers.on_search_lost)
        subscribe("scheduling.hold-ended", subscribers.on_hold_ended)
        subscribe("scheduling.appointment-confirmed", subscribers.on_appointment_confirmed)
        subscribe("scheduling.appointment-registered", subscribers.on_appointment_registered)
        subscribe("scheduling.appointment-refused", subscribers.on_appointment_refused)
        subscribe("scheduling.appointment-cancelled", subscribers.on_appointment_cancelled)
        subscribe("scheduling.request-handed-over", subscribers.on_request_handed_over)
        subscribe("scheduling.fill-mode-changed", subscribers.on_fill_mode_changed)
        subscribe("waitlist.offer-accepted", subscribers.on_offer_accepted)
        subscribe("waitlist.opening-filled", subscribers.on_opening_filled)
        subscribe("outreach.message-not-sent", subscribers.on_message_not_sent)
        subscribe("outreach.message-put-off", subscribers.on_message_put_off)
        subscribe("outreach.reply-received", subscribers.on_reply_received, urgent=True)
