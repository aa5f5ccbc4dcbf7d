"""Why something about a working group could not be done; each carries the words for the person."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class GroupError(Exception):
    """Something a person can understand and act on, in the language of the page."""

    @property
    def words(self) -> str:
        return str(self)


class GroupEnded(GroupError):
    """The group does not work any more: it can be read, nothing else."""

    def __init__(self) -> None:
        super().__init__(_("This group has ended. What it wrote stays here to be read."))


class GroupFull(GroupError):
    """As many members as one group may have."""

    def __init__(self, most: int) -> None:
        text = ngettext(
            "This group has %(count)s member, and cannot take more.",
            "This group has %(count)s members, and cannot take more.",
            most,
        )
        super().__init__(text % {"count": most})


class NotOpen(GroupError):
    """The group is closed (or was closed meanwhile), or its lead has taken the person out: ask instead."""

    def __init__(self) -> None:
        super().__init__(_("You cannot join this group without asking. Write to its lead why you would like to."))


class AskedAlready(GroupError):
    """An application waits, or was answered a short time ago."""

    def __init__(self) -> None:
        super().__init__(_("You have asked already. You get a mail when somebody has answered."))


class MovedOn(GroupError):
    """Somebody else was faster: what the page offered is not there any more."""

    def __init__(self) -> None:
        super().__init__(_("That was settled meanwhile, so nothing was changed."))


class AlreadyIn(GroupError):
    """The person takes part already, or has an invitation."""

    def __init__(self, *, is_invited: bool) -> None:
        super().__init__(
            _("This person has an invitation already that waits for an answer.")
            if is_invited
            else _("This person is a member already.")
        )


class NobodyToInvite(GroupError):
    """No person with this address acts for an approved partner."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Nobody with this address acts for an approved partner. Ask the person to become a colleague of the "
                "partner first, or write to the secretariat, who can add others."
            )
        )


class LeadStays(GroupError):
    """The lead cannot leave before somebody else leads."""

    def __init__(self) -> None:
        super().__init__(_("You lead this group. Hand that over to another member first, under Members."))


class TooMuch(GroupError):
    """More lines, documents or versions than one group may have."""

    def __init__(self) -> None:
        super().__init__(
            _("So much stands here that there is no room for more. Ask the secretariat to make a new group.")
        )


class HasAnswers(GroupError):
    """What others answered would go with it."""

    def __init__(self) -> None:
        super().__init__(_("Others have answered, so you cannot take this away. You can change it, or ask the lead."))
