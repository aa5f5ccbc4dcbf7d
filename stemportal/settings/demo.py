"""Demo: what `make run` starts on one machine, with the demo world and a page that shows every mail."""

import json

from stemportal.settings import env
from stemportal.settings.base import *  # noqa: F403
from stemportal.settings.base import CELERY_BEAT_SCHEDULE, FILM_HOSTS, VAR

DEMO_MODE = True
DEMO_MAIL_DIR = VAR / "mail"


def _running_portal() -> dict[str, str]:
    """Read where the servers of a running `make run` listen, so that manage.py works in a second terminal."""
    try:
        return {key: str(value) for key, value in json.loads((VAR / "run" / "portal.env.json").read_text()).items()}
    except (OSError, ValueError):
        return {}


_running = _running_portal()
SECRET_KEY = env.text(
    "SECRET_KEY", _running.get("SECRET_KEY") or "demo-only-key-that-make-run-replaces-with-a-random-one"
)
DATABASES = {
    "default": env.database(
        env.text("DATABASE_URL", _running.get("DATABASE_URL") or "postgresql://postgres@127.0.0.1:5432/postgres")
    )
}
REDIS_URL = env.text("REDIS_URL", _running.get("REDIS_URL") or "redis://127.0.0.1:6379/0")
CELERY_BROKER_URL = REDIS_URL
CACHES["default"]["LOCATION"] = REDIS_URL  # noqa: F405
EMAIL_HOST = env.text("EMAIL_HOST", _running.get("EMAIL_HOST") or "127.0.0.1")
EMAIL_PORT = int(env.text("EMAIL_PORT", _running.get("EMAIL_PORT") or "25"))
PORTAL_BASE_URL = env.text("PORTAL_BASE_URL", _running.get("PORTAL_BASE_URL") or "http://127.0.0.1:8000").rstrip("/")

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
# Shorter than in production, so that a person who pulls the plug sees the portal recover.
OUTBOX_CLAIM_SECONDS = env.number("OUTBOX_CLAIM_SECONDS", 20)
CELERY_BEAT_SCHEDULE["outbox-sweep"]["schedule"] = env.number("OUTBOX_SWEEP_SECONDS", 5)
# The demo's organisations are made up: the register knows none of them, and need not be asked every night.
CELERY_BEAT_SCHEDULE.pop("partners-register")
# Where the made-up films lie: nobody's film is shown by chance.
FILM_HOSTS = (*FILM_HOSTS, "film.example.no")
