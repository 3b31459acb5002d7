# Firstcall for production: `docker compose up` (docker-compose.yml, docs/env.example).
FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUTF8=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

RUN groupadd --gid 10001 firstcall \
    && useradd --uid 10001 --gid firstcall --no-create-home --shell /usr/sbin/nologin firstcall

WORKDIR /app

# The lock first, so that a change of the code alone reuses this layer.
COPY requirements/base.txt requirements/base.txt
RUN python -m pip install --require-hashes --no-deps --only-binary :all: --requirement requirements/base.txt

COPY manage.py LICENSE ./
COPY config config
COPY crm crm
COPY scheduling scheduling
COPY triage triage
COPY outreach outreach
COPY waitlist waitlist
COPY integrations integrations
COPY desk desk
COPY insights insights
COPY templates templates
COPY static static

# Static files need no secrets and no servers; demo mode lets the settings load without them.
RUN FIRSTCALL_DEMO=1 python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q config crm scheduling triage outreach waitlist integrations desk insights \
    && install -d -o firstcall -g firstcall var/run

USER firstcall

EXPOSE 8000
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--no-ws", "--blocking-threads-idle-timeout", "600", "--respawn-failed-workers", "config.wsgi:application"]
