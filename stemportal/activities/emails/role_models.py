"""Mails about role models, one function each: to the person, in the person's language, and to the partner."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stemportal.activities.models import RoleModel, RoleModelConsent, Session
from stemportal.lib.templatetags.portal import weekdate
from stemportal.outbox.letters import Letter, absolute_url
from stemportal.outbox.models import Mail
from stemportal.outbox.services import queue_mail
from stemportal.partners.emails.common import about as about_partner
from stemportal.partners.emails.common import greeting, language_of, queue
from stemportal.partners.models import Partner
from stemportal.partners.services.decisions import contact_of


def about(role_model: RoleModel) -> str:
    """Return the outbox's key for mails to a role model: they are deleted with the profile."""
    return f"role_model:{role_model.pk}"


def _names(role_model: RoleModel) -> dict[str, str]:
    return {"name": role_model.full_name, "partner": role_model.partner.display_name}


def _hello(name: str) -> str:
    return _("Hello %(name)s") % {"name": name}


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")


def _page(token: str) -> str:
    return absolute_url(reverse("activities:role_model_consent", args=[token]))


def _to_person(template: str, role_model: RoleModel, letter: Letter) -> Mail:
    return queue_mail(
        template=template,
        to=role_model.email,
        language=role_model.language,
        letter=letter,
        about=about(role_model),
    )


# To the person


def consent_asked(*, role_model: RoleModel, consent: RoleModelConsent, token: str) -> Mail:
    """Ask the person; the link opens a page with the profile and buttons, and does nothing by itself."""
    with translation.override(role_model.language):
        names = _names(role_model)
        letter = Letter(
            subject=_("May %(partner)s show you as a role model?") % names,
            greeting=_hello(role_model.full_name),
            paragraphs=[
                _("%(partner)s would like to show you to schools as a role model, and has written a profile of you.")
                % names,
                _("Nobody sees it before you have said yes. Open the page, read it, and say yes or no."),
                _("You can take a yes back at any time, with the same link."),
            ],
            facts=[
                (_("Organisation"), role_model.partner.display_name),
                (_("The link works until"), _day(timezone.localtime(consent.expires_at))),
            ],
            action_url=_page(token),
            action_label=_("Read your profile"),
            reason=_("%(partner)s gave this address when writing a profile of a role model") % names,
        )
    return _to_person("role_model_asked", role_model, letter)


def consent_given(*, role_model: RoleModel, consent: RoleModelConsent, token: str) -> list[Mail]:
    """Thank the person, with the link for later, and tell the partner."""
    with translation.override(role_model.language):
        names = _names(role_model)
        letter = Letter(
            subject=_("Thank you: you are now a role model for %(partner)s") % names,
            greeting=_hello(role_model.full_name),
            paragraphs=[
                _("Your profile is shown from now on, and schools can ask for a visit. %(partner)s answers them.")
                % names,
                _("Keep this mail: its link takes your consent back at once, whenever you like."),
                _("If %(partner)s changes your profile, we write to you.") % names,
            ],
            facts=[
                (_("Your page"), absolute_url(role_model.get_absolute_url())),
                (_("You said yes on"), _day(timezone.localtime(consent.given_at))),
            ],
            action_url=_page(token),
            action_label=_("See or take back your consent"),
            reason=_("you said yes to being shown as a role model"),
        )
    thanks = _to_person("role_model_consent_given", role_model, letter)
    return [thanks, _said_yes(role_model)]


def link_again(*, role_model: RoleModel, token: str) -> Mail:
    """Send the link once more to somebody who has said yes."""
    with translation.override(role_model.language):
        names = _names(role_model)
        letter = Letter(
            subject=_("Your page as a role model for %(partner)s") % names,
            greeting=_hello(role_model.full_name),
            paragraphs=[
                _("%(partner)s has asked us to send you your link once more.") % names,
                _("On the page you see your profile, and can take your consent back at any time."),
            ],
            action_url=_page(token),
            action_label=_("See or take back your consent"),
            reason=_("you said yes to being shown as a role model"),
        )
    return _to_person("role_model_link_again", role_model, letter)


def profile_changed(*, role_model: RoleModel, token: str, changed: Sequence[str]) -> Mail:
    """Tell the person what the partner has changed in the profile."""
    with translation.override(role_model.language):
        names = _names(role_model)
        columns = {field.name: field for field in (*RoleModel._meta.fields, *RoleModel._meta.many_to_many)}
        labels = [capfirst(str(columns[name].verbose_name)) for name in changed]
        letter = Letter(
            subject=_("%(partner)s has changed your profile as a role model") % names,
            greeting=_hello(role_model.full_name),
            paragraphs=[
                _("Please look at it. If you do not like it any more, tell %(partner)s, or take your consent back.")
                % names,
            ],
            facts=[(_("Changed"), ", ".join(labels))],
            action_url=_page(token),
            action_label=_("See your profile"),
            reason=_("you said yes to being shown as a role model"),
        )
    return _to_person("role_model_changed", role_model, letter)


def no_longer_asked(*, role_model: RoleModel, name: str, email: str, language: str) -> Mail:
    """Tell the one who had said yes that name or address were changed, so that the consent has ended."""
    with translation.override(language):
        partner = {"partner": role_model.partner.display_name}
        letter = Letter(
            subject=_("You are no longer shown as a role model for %(partner)s") % partner,
            greeting=_hello(name),
            paragraphs=[
                _("%(partner)s has changed the name or the e-mail address of the profile.") % partner,
                _("A consent is one person's own, so yours has ended, and the profile is not shown any more."),
                _("If it is still about you, %(partner)s can ask you again.") % partner,
            ],
            reason=_("you said yes to being shown as a role model"),
        )
    return queue_mail(
        template="role_model_consent_ended",
        to=email,
        language=language,
        letter=letter,
        about=about(role_model),
    )


def profile_deleted(*, partner: Partner, name: str, email: str, language: str) -> Mail:
    """Tell somebody who had said yes that the partner has deleted the profile."""
    with translation.override(language):
        names = {"partner": partner.display_name}
        letter = Letter(
            subject=_("You are no longer shown as a role model for %(partner)s") % names,
            greeting=_hello(name),
            paragraphs=[
                _("%(partner)s has deleted your profile. What stood in it is gone.") % names,
                _("What we keep is that you had said yes, to which words, and when."),
            ],
            reason=_("you said yes to being shown as a role model"),
        )
    return queue_mail(
        template="role_model_deleted", to=email, language=language, letter=letter, about=about_partner(partner)
    )


def partnership_ended(*, role_model: RoleModel) -> Mail:
    """Tell somebody who is shown that the partner has left, and the profile with it."""
    with translation.override(role_model.language):
        names = _names(role_model)
        letter = Letter(
            subject=_("You are no longer shown as a role model for %(partner)s") % names,
            greeting=_hello(role_model.full_name),
            paragraphs=[
                _("%(partner)s is no longer a partner in the portal, so your profile is not shown any more.") % names,
                _("Thank you for what you have given young people."),
            ],
            reason=_("you said yes to being shown as a role model"),
        )
    return _to_person("role_model_partnership_ended", role_model, letter)


# To the partner


def _to_partner(template: str, role_model: RoleModel, **words: str | list[str]) -> Mail:
    """Queue a mail to the contact person; call it with the contact's language active."""
    partner = role_model.partner
    contact = contact_of(partner)
    letter = Letter(
        greeting=greeting(partner),
        action_url=absolute_url(reverse("activities:partner_role_models", args=[partner.pk])),
        action_label=_("See your role models"),
        reason=_("you are the contact person of %(partner)s") % {"partner": partner.display_name},
        **words,  # type: ignore[arg-type]  # subject and paragraphs
    )
    return queue(template, partner, contact, letter, language_of(contact))


def _said_yes(role_model: RoleModel) -> Mail:
    with translation.override(language_of(contact_of(role_model.partner))):
        names = _names(role_model)
        return _to_partner(
            "role_model_said_yes",
            role_model,
            subject=_("%(name)s has said yes") % names,
            paragraphs=[
                _("The profile is shown from now on. Schools find %(name)s, and propose dates to you.") % names,
            ],
        )


def consent_refused(*, role_model: RoleModel) -> Mail:
    """Tell the partner that the person said no."""
    with translation.override(language_of(contact_of(role_model.partner))):
        names = _names(role_model)
        return _to_partner(
            "role_model_said_no",
            role_model,
            subject=_("%(name)s would rather not be a role model") % names,
            paragraphs=[
                _("%(name)s has said no to the profile you wrote, so it is not shown.") % names,
                _("Please respect it. You can delete the profile, or talk about it and ask again later."),
            ],
        )


def consent_withdrawn(*, role_model: RoleModel, token: str) -> list[Mail]:
    """Confirm it to the person, and tell the partner, with the visits that are agreed and stand."""
    with translation.override(role_model.language):
        names = _names(role_model)
        letter = Letter(
            subject=_("Your consent is taken back"),
            greeting=_hello(role_model.full_name),
            paragraphs=[
                _("Your profile and your photo are not shown any more. We have told %(partner)s.") % names,
                _("Visits that are agreed are not called off by this. Talk to %(partner)s about them.") % names,
                _("Would you like to have the profile deleted as well? You can do it on the same page."),
            ],
            action_url=_page(token),
            action_label=_("Open the page"),
            reason=_("you took your consent to be shown as a role model back"),
        )
    done = _to_person("role_model_consent_withdrawn", role_model, letter)
    with translation.override(language_of(contact_of(role_model.partner))):
        told = _to_partner(
            "role_model_withdrew",
            role_model,
            subject=_("%(name)s is not a role model any more") % names,
            paragraphs=[
                _("%(name)s has taken the consent back. The profile and its offer are off the pages.") % names,
                _visits(role_model),
                _("New requests cannot come. Please answer those that wait."),
            ],
        )
    return [done, told]


def deleted_at_wish(*, role_model: RoleModel) -> Mail:
    """Tell the partner that the person wanted the profile deleted. Call it before it is done."""
    with translation.override(language_of(contact_of(role_model.partner))):
        names = _names(role_model)
        return _to_partner(
            "role_model_deleted_at_wish",
            role_model,
            subject=_("%(name)s has had the profile deleted") % names,
            paragraphs=[
                _("The profile of %(name)s, the photo and the texts of the offer are deleted, as %(name)s wished.")
                % names,
                _visits(role_model),
                _("Please delete what you yourselves have kept about the profile as well."),
            ],
        )


def _visits(role_model: RoleModel) -> str:
    """What is agreed and not yet held, in a sentence: it stands, and the partner has to see to it."""
    coming = Session.objects.filter(activity=role_model.offer_id or 0, places_taken__gt=0).open()
    days = list(coming.order_by("starts_at").values_list("starts_at", flat=True))
    if not days:
        return _("No visit is agreed.")
    text = ngettext(
        "%(count)s agreed visit stands, on %(day)s. Find somebody else for it, or call it off under Bookings.",
        "%(count)s agreed visits stand, the first on %(day)s. Find somebody else for them, or call them off under "
        "Bookings.",
        len(days),
    )
    return text % {"count": len(days), "day": weekdate(days[0])}
