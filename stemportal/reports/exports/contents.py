"""What an archive of the installation carries: every table but a few, and every file that their rows name.

Tables are found, not listed: a model that is added tomorrow is carried. What is left out stands in ``LEFT_OUT`` with
its reason, and so do the few columns that are written without their value.
"""

from __future__ import annotations

from django.apps import apps
from django.db import models
from django.db.migrations.recorder import MigrationRecorder

# Tables that a migrated database fills by itself. Other tables point to their rows by number, so they are carried, and
# the archive's take the place of those that stand there.
FILLED_BY_MIGRATE = ("auth_permission", "django_content_type")
# Which migrations an installation has stands in the manifest.
OF_MIGRATE = MigrationRecorder.Migration._meta.db_table

# Models whose rows stay behind, and why.
LEFT_OUT = {
    "sessions.Session": "Logins of browsers. Everybody logs in anew.",
    "usersessions.UserSession": "Addresses and programs of those who are logged in.",
    "account.EmailConfirmation": "Codes that were mailed and not used yet.",
    "mfa.Authenticator": "Secrets of second factors, and passkeys that are good for one address only.",
    "socialaccount.SocialApp": "Keys of other services; the portal has them from its settings.",
    "socialaccount.SocialToken": "Keys that other services gave to people.",
    "outbox.Mail": "Mails with secret links. What was sent is sent, and nothing is to be sent twice.",
    "partners.RegistrationDraft": "What visitors typed and did not send.",
    "partners.DataExport": "Copies that are deleted after some days.",
    "reports.Export": "Exports, this one among them.",
}
# Columns that are carried with this instead of their value. Nobody can log in with such a password; a mailed code, or a
# new password, takes its place.
WITHOUT_VALUE = {("accounts_user", "password"): "!"}


def carried_models() -> list[type[models.Model]]:
    """Return the models with a table of their own that is carried, in a fixed order."""
    return sorted((model for model in table_models() if model._meta.label not in LEFT_OUT), key=table_of)


def table_models() -> list[type[models.Model]]:
    """Return every model that has a table of its own, those between many and many included; no views."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def table_of(model: type[models.Model]) -> str:
    """Return the name of a model's table."""
    return model._meta.db_table


def file_columns() -> list[tuple[str, str]]:
    """Return (table, column) of every column that names a stored file."""
    return [
        (table_of(model), str(field.column))
        for model in carried_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField)
    ]
