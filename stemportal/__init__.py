"""The portal: the project and its apps. docs/architecture.md has the plan of the house."""

from stemportal.celery import app as celery_app

__all__ = ["celery_app"]
