"""What teachers keep: favourites, searches that mail them, and what they looked for and did not find."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from stemportal.activities.models.activity import Activity
from stemportal.lib.tokens import new_token


def search_address(query: str) -> str:
    """Return the address of a search that was kept, in the language that is spoken now."""
    address = reverse("activities:search")
    return f"{address}?{query}" if query else address


class Favourite(models.Model):
    """An activity that a person wants to find again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites", verbose_name=_("person")
    )
    activity = models.ForeignKey(
        Activity, on_delete=models.CASCADE, related_name="favourites", verbose_name=_("activity")
    )
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        ordering = ["-added_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "activity"], name="activities_favourite_once")]

    def __str__(self) -> str:
        return str(self.activity)


class SavedSearch(models.Model):
    """A search that mails its owner when something new fits. ``query`` is the address' query string, tidied."""

    class Frequency(models.TextChoices):
        INSTANT = "instant", _("As soon as something new fits")
        WEEKLY = "weekly", _("Once a week")
        NEVER = "never", _("No mail")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_searches", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=120)
    query = models.CharField(_("search"), max_length=2000)
    frequency = models.CharField(_("mail"), max_length=10, choices=Frequency, default=Frequency.WEEKLY)
    # In the mails: stops this search's mails with one click, without a login.
    stop_token = models.CharField(max_length=40, unique=True, default=new_token, editable=False)
    created_at = models.DateTimeField(_("saved"), default=timezone.now)
    # Offers published before this moment have been told of, or were there when the search was saved.
    seen_until = models.DateTimeField(default=timezone.now, editable=False)
    mailed_at = models.DateTimeField(_("last mail"), null=True, blank=True)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["-created_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "query"], name="activities_savedsearch_once")]
        indexes = [models.Index(fields=["frequency", "mailed_at"], name="activities_savedsearch_due")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return search_address(self.query)

    @property
    def has_mail(self) -> bool:
        """Whether it mails its owner."""
        return self.frequency != self.Frequency.NEVER


class UnmetSearch(models.Model):
    """Somebody searched, found nothing and asked for it with one button. The secretariat sees what is missing."""

    query = models.CharField(_("search"), max_length=2000)
    words = models.CharField(_("in words"), max_length=300)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="unmet_searches",
        verbose_name=_("person"),
    )
    email = models.EmailField(_("e-mail address"), max_length=254, blank=True)
    message = models.CharField(_("in own words"), max_length=500, blank=True)
    # Of the page it was asked on: what a visitor without an account is answered in.
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="nb")
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("asked for")
        verbose_name_plural = _("asked for")
        ordering = ["-asked_at", "-id"]
        indexes = [
            models.Index(
                fields=["asked_at"], name="activities_unmet_waiting", condition=models.Q(answered_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.words

    def get_absolute_url(self) -> str:
        return search_address(self.query)

    @property
    def answer_to(self) -> str:
        """The address for the answer: the account's own as it is now, or the one that was given."""
        return self.user.email if self.user else self.email

    @property
    def answer_language(self) -> str:
        return self.user.language if self.user else self.language
