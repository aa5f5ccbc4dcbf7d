"""The request of a page that needs a login; LoginRequiredMiddleware sees to it that nobody else gets there."""

from django.http import HttpRequest

from stemportal.accounts.models import User


class PersonRequest(HttpRequest):
    """A request whose user is a person who is logged in."""

    user: User
