from __future__ import annotations

from django.apps import AppConfig


class PracticeEhrConfig(AppConfig):
    name = "integrations.practice_ehr"
    label = "practice_ehr"
    verbose_name = "Practice EHR"
