"""The Celery application. What runs when is written in settings (CELERY_BEAT_SCHEDULE)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stemportal.settings.production")

app = Celery("stemportal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
