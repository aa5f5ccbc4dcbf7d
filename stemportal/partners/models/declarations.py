"""The declaration that partners sign, version by version, and their signatures."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.lib.history import keep_history
from stemportal.partners.models.partner import Partner


class Declaration(models.Model):
    """The text a partner signs, in each language; a new text is a new version."""

    version = models.PositiveSmallIntegerField(_("version"), unique=True)
    valid_from = models.DateField(_("valid from"), default=timezone.localdate)
    text_nb = models.TextField(_("text, bokmål"))
    text_nn = models.TextField(_("text, nynorsk"))
    text_en = models.TextField(_("text, English"))
    # What is new since the version before, for those who signed that one.
    changes_nb = models.TextField(_("what is new, bokmål"), max_length=1000, blank=True)
    changes_nn = models.TextField(_("what is new, nynorsk"), max_length=1000, blank=True)
    changes_en = models.TextField(_("what is new, English"), max_length=1000, blank=True)
    # When partners who signed an older version were asked for a new signature.
    asked_at = models.DateTimeField(_("new signatures asked for"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("declaration")
        verbose_name_plural = _("declarations")
        ordering = ["-version"]

    def __str__(self) -> str:
        return _("Declaration, version %(version)s") % {"version": self.version}

    @property
    def fingerprint(self) -> str:
        """A short mark of the version and its words: a page sends back which text it showed."""
        words = "\0".join([str(self.version), self.text_nb, self.text_nn, self.text_en])
        return hashlib.sha256(words.encode()).hexdigest()[:24]


@keep_history("SignatureChange")
class Signature(models.Model):
    """A partner's signature on one version of the declaration. It outlives the person's account: the name stays."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="signatures", verbose_name=_("partner"))
    declaration = models.ForeignKey(
        Declaration, on_delete=models.PROTECT, related_name="signatures", verbose_name=_("declaration")
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        related_name="signatures",
        verbose_name=_("signed by"),
    )
    signed_name = models.CharField(_("name of the person who signed"), max_length=120)
    signed_at = models.DateTimeField(_("signed"), default=timezone.now)

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["-signed_at"]
        constraints = [models.UniqueConstraint(fields=["partner", "declaration"], name="partners_signature_unique")]

    def __str__(self) -> str:
        return f"{self.partner} · {self.declaration}"


class SignatureRequest(models.Model):
    """That a partner's owners were mailed to sign a version: each is asked once."""

    partner = models.ForeignKey(
        Partner, on_delete=models.CASCADE, related_name="signature_requests", verbose_name=_("partner")
    )
    declaration = models.ForeignKey(
        Declaration,
        on_delete=models.CASCADE,
        related_name="requests",
        db_index=False,
        verbose_name=_("declaration"),
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)

    class Meta:
        verbose_name = _("request for a signature")
        verbose_name_plural = _("requests for signatures")
        constraints = [
            models.UniqueConstraint(fields=["declaration", "partner"], name="partners_signaturerequest_once")
        ]

    def __str__(self) -> str:
        return f"{self.partner} · {self.declaration}"
