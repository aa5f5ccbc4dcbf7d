"""The nouns of the newsletter, one file a matter."""

from stemportal.newsletters.models.delivery import Batch, Bounce, Delivery
from stemportal.newsletters.models.newsletter import Block, Edition, Link, Newsletter
from stemportal.newsletters.models.subscriber import (
    ConsentEvent,
    ConsentText,
    Interest,
    NotNow,
    Subscriber,
    new_token,
)

__all__ = [
    "Batch",
    "Block",
    "Bounce",
    "ConsentEvent",
    "ConsentText",
    "Delivery",
    "Edition",
    "Interest",
    "Link",
    "Newsletter",
    "NotNow",
    "Subscriber",
    "new_token",
]
