"""Texts of the programme in bokmål, nynorsk and English, as fields that several models share.

Bokmål is always there; templates show ``obj|localized:"name"``: the language of the page, or bokmål where it is empty.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """A name in three languages."""

    name_nb = models.CharField(_("name, bokmål"), max_length=120)
    name_nn = models.CharField(_("name, nynorsk"), max_length=120, blank=True)
    name_en = models.CharField(_("name, English"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name_nb


class Titled(models.Model):
    """A title in three languages."""

    title_nb = models.CharField(_("title, bokmål"), max_length=160)
    title_nn = models.CharField(_("title, nynorsk"), max_length=160, blank=True)
    title_en = models.CharField(_("title, English"), max_length=160, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.title_nb


class Described(models.Model):
    """A text in three languages (Markdown)."""

    text_nb = models.TextField(_("text, bokmål (Markdown)"), max_length=6000, blank=True)
    text_nn = models.TextField(_("text, nynorsk (Markdown)"), max_length=6000, blank=True)
    text_en = models.TextField(_("text, English (Markdown)"), max_length=6000, blank=True)

    class Meta:
        abstract = True
