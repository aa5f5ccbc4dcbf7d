"""Answering an invitation."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.network.models import Meeting, Rsvp
from stemportal.partners.forms.forgetting import without_personal_number
from stemportal.partners.models import Partner
from stemportal.schools.models import School

YES, NO = "yes", "no"


class RsvpForm(forms.Form):
    """Yes or no; with a yes the guests and what the kitchen must know, where the meeting asks for it."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Do you come?"),
        choices=[(YES, gettext_lazy("Yes, I come")), (NO, gettext_lazy("No, I cannot come"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose yes or no.")},
    )
    for_whom = forms.ChoiceField(label=gettext_lazy("For whom do you come?"), required=False)
    guests = forms.IntegerField(
        label=gettext_lazy("How many guests do you bring?"),
        required=False,
        min_value=0,
        widget=forms.NumberInput({"inputmode": "numeric"}),
    )
    guest_names = forms.CharField(
        label=gettext_lazy("Names of your guests"),
        help_text=gettext_lazy("For the name list at the door."),
        max_length=500,
        required=False,
    )
    diet = forms.CharField(
        label=gettext_lazy("Dietary needs"),
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        meeting: Meeting,
        rsvp: Rsvp | None,
        sides: tuple[list[Partner], list[School]],
        **kwargs: Any,
    ) -> None:
        self.meeting, (self.partners, self.schools) = meeting, sides
        kwargs.setdefault("initial", _first(rsvp))
        super().__init__(*args, **kwargs)
        self._choose_side(rsvp)
        if meeting.guests_at_most:
            guests = self.fields["guests"]
            assert isinstance(guests, forms.IntegerField)
            guests.widget.attrs["max"] = meeting.guests_at_most
            guests.help_text = _("%(count)s at most.") % {"count": meeting.guests_at_most}
        else:
            del self.fields["guests"], self.fields["guest_names"]
        if meeting.asks_diet:
            self.fields["diet"].help_text = _(
                "Allergies, vegetarian and so on. Only for the kitchen, without your name; deleted %(days)s days after "
                "the meeting."
            ) % {"days": settings.MEETING_RETENTION_DAYS}
        else:
            del self.fields["diet"]

    def _choose_side(self, rsvp: Rsvp | None) -> None:
        """Only somebody with several partners or schools is asked."""
        choices = [(f"partner-{one.pk}", one.display_name) for one in self.partners]
        choices += [(f"school-{one.pk}", one.name) for one in self.schools]
        if len(choices) < 2:
            del self.fields["for_whom"]
            return
        field = self.fields["for_whom"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        known = {value for value, _label in choices}
        now = ""
        if rsvp is not None:
            now = f"partner-{rsvp.partner_id}" if rsvp.partner_id else f"school-{rsvp.school_id}"
        self.initial["for_whom"] = now if now in known else choices[0][0]

    def clean_guest_names(self) -> str:
        return without_personal_number(self.cleaned_data["guest_names"])

    def clean_diet(self) -> str:
        return without_personal_number(self.cleaned_data["diet"])

    @property
    def comes(self) -> bool:
        return bool(self.cleaned_data["answer"] == YES)

    @property
    def facts(self) -> dict[str, Any]:
        """What ``services.rsvp.say_yes`` takes beside the person."""
        partner, school = self._side()
        return {
            "guests": self.cleaned_data.get("guests") or 0,
            "guest_names": self.cleaned_data.get("guest_names", ""),
            "diet": self.cleaned_data.get("diet", ""),
            "partner": partner,
            "school": school,
        }

    def _side(self) -> tuple[Partner | None, School | None]:
        chosen = self.cleaned_data.get("for_whom") or ""
        partner = next((one for one in self.partners if chosen in {"", f"partner-{one.pk}"}), None)
        if partner is not None:
            return partner, None
        return None, next((one for one in self.schools if chosen in {"", f"school-{one.pk}"}), None)


class GroupMeetingForm(forms.Form):
    """A meeting that the lead of a working group plans."""

    title = forms.CharField(label=gettext_lazy("What is the meeting about?"), max_length=160)
    day = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    begins = forms.TimeField(label=gettext_lazy("Begins"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=gettext_lazy("Ends"), widget=forms.TimeInput({"type": "time"}, format="%H:%M"))
    place = forms.CharField(label=gettext_lazy("Place"), max_length=160, required=False)
    video_link = forms.URLField(
        label=gettext_lazy("Video link"),
        help_text=gettext_lazy("Shown to those who come, to nobody else."),
        max_length=500,
        required=False,
        assume_scheme="https",
    )
    text = forms.CharField(
        label=gettext_lazy("What members should know"),
        max_length=6000,
        required=False,
        widget=forms.Textarea({"rows": 5}),
    )

    def __init__(self, *args: Any, meeting: Meeting | None = None, **kwargs: Any) -> None:
        """With a meeting that is planned already, its facts stand in the form."""
        self.days = timedelta(0)
        if meeting is not None:
            begins, ends = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
            # The secretariat may have planned one over several days; it keeps them.
            self.days = ends.date() - begins.date()
            kwargs["initial"] = {
                "title": meeting.title_nb,
                "day": begins.date(),
                "begins": begins.time(),
                "ends": ends.time(),
                "place": meeting.place,
                "video_link": meeting.video_link,
                "text": meeting.text_nb,
            }
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        facts = super().clean() or self.cleaned_data
        day, begins, ends = facts.get("day"), facts.get("begins"), facts.get("ends")
        if begins and ends and ends <= begins and not self.days:
            self.add_error("ends", _("The meeting must end after it begins."))
        elif day and begins and ends:
            facts["starts_at"] = timezone.make_aware(datetime.combine(day, begins))
            facts["ends_at"] = timezone.make_aware(datetime.combine(day + self.days, ends))
            if facts["starts_at"] <= timezone.now():
                self.add_error("day", _("Choose a time that is still to come."))
        if not facts.get("place") and not facts.get("video_link") and "video_link" not in self.errors:
            self.add_error("place", _("Write a place or a video link."))
        return facts


class CallOffForm(forms.Form):
    """Why a meeting is called off."""

    reason = forms.CharField(
        label=gettext_lazy("A line to everybody who is invited"),
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
    )


def _first(rsvp: Rsvp | None) -> dict[str, Any]:
    if rsvp is None or rsvp.status == Rsvp.Status.INVITED:
        return {"guests": 0}
    answer = NO if rsvp.status == Rsvp.Status.DECLINED else YES
    return {"answer": answer, "guests": rsvp.guests, "guest_names": rsvp.guest_names, "diet": rsvp.diet}
