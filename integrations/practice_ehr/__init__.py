"""The practice EHR: a small FHIR R4 server to rehearse against (E7).

It stands for somebody else's system: it has its own settings, tables, migrations and process,
imports nothing of Firstcall but the reading of the environment, and is reached over HTTP only.

    export DJANGO_SETTINGS_MODULE=integrations.practice_ehr.settings
    python manage.py migrate
    granian --interface wsgi --port 8002 integrations.practice_ehr.wsgi:application
"""
