"""What can go wrong with a newsletter, in words for its editor."""


class NewsletterError(Exception):
    """Something cannot be done with a newsletter now; the message says why, for the editor."""
