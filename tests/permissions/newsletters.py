"""The permission table, the rows of newsletters: subscribers, the archive, and what mail programs ask for."""

from __future__ import annotations

from stemportal.newsletters import links
from tests.permissions.patterns import (
    EVERYBODY,
    EVERYBODY_CHANGES,
    EVERYBODY_IS_SENT_ON,
    LOGGED_IN,
    LOGGED_IN_CHANGES,
    POST_ONLY,
    POST_ONLY_FOR_ALL,
    Row,
)

# fmt: off
ROWS = [
    # Subscribers
    Row("newsletters:subscribe", EVERYBODY, EVERYBODY_CHANGES, data=lambda w: {"email": "helt.ny@example.org"}),
    Row("newsletters:subscribed", EVERYBODY),
    Row("newsletters:confirm", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.asking.confirm_token]),
    Row("newsletters:unsubscribe", EVERYBODY, EVERYBODY_CHANGES, args=lambda w: [w.subscriber.unsubscribe_token]),
    Row("newsletters:resubscribe", POST_ONLY_FOR_ALL, EVERYBODY_CHANGES,
        args=lambda w: [w.asking.unsubscribe_token]),
    # Whoever holds the link chooses; a link that was mailed is a key.
    Row("newsletters:preferences", EVERYBODY, EVERYBODY_CHANGES,
        args=lambda w: [links.choices_token(w.subscriber.pk)], data=lambda w: {"language": "nn"}),
    Row("newsletters:new_link", POST_ONLY_FOR_ALL, EVERYBODY_CHANGES,
        args=lambda w: [links.choices_token(w.subscriber.pk)]),
    Row("newsletters:mine", LOGGED_IN, LOGGED_IN_CHANGES),
    Row("newsletters:not_now", POST_ONLY, LOGGED_IN_CHANGES),

    # The archive
    Row("newsletters:archive", EVERYBODY),
    Row("newsletters:feed", EVERYBODY),
    Row("newsletters:issue", EVERYBODY, args=lambda w: [w.newsletter.slug]),

    # Programs
    Row("newsletters_machine:picture", EVERYBODY, args=lambda w: [w.newsletter_picture]),
    Row("newsletters_machine:card_picture", EVERYBODY, args=lambda w: [w.newsletter_card.pk]),
    Row("newsletters_machine:link", EVERYBODY_IS_SENT_ON, args=lambda w: [w.newsletter_link]),
    Row("newsletters_machine:one_click", EVERYBODY_IS_SENT_ON, EVERYBODY,
        args=lambda w: [w.subscriber.unsubscribe_token]),
    # No mail provider is set up; newsletters/tests/test_provider_events.py looks at the one that is.
    Row("newsletters_machine:provider", POST_ONLY_FOR_ALL),
]
# fmt: on
