from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"

    def ready(self) -> None:
        from crm.engine import subscribe
        from desk import mass_subscribers as mass
        from desk import video_subscribers
        from desk.self_service import subscribers

        subscribe("scheduling.appointment-confirmed", subscribers.on_appointment_confirmed)
        subscribe("scheduling.video-ready", video_subscribers.on_video_ready)
        subscribe("outreach.message-sent", video_subscribers.on_message_sent)
        subscribe("outreach.message-not-sent", video_subscribers.on_message_not_sent)
        subscribe("scheduling.appointment-refused", subscribers.on_appointment_refused)
        subscribe("scheduling.request-handed-over", subscribers.on_request_handed_over)
        subscribe("outreach.message-not-sent", subscribers.on_message_not_sent)
        subscribe("scheduling.mass-choices-offered", mass.on_choices_offered)
        subscribe("scheduling.mass-choices-withdrawn", mass.on_choices_withdrawn)
        subscribe("scheduling.mass-visit-moved", mass.on_visit_moved)
        subscribe("outreach.message-sent", mass.on_message_sent)
        subscribe("outreach.message-not-sent", mass.on_message_not_sent)
