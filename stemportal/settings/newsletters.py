"""Newsletters: how they are sent, where returned mail comes in, and how long what they leave behind is kept."""

from __future__ import annotations

from django.core.exceptions import ImproperlyConfigured

from stemportal.settings import env

__all__ = [
    "ANYMAIL",
    "NEWSLETTER_BOUNCE_DAYS",
    "NEWSLETTER_COUNT_CLICKS",
    "NEWSLETTER_DELIVERY_DAYS",
    "NEWSLETTER_LANES",
    "NEWSLETTER_LINK_DAYS",
    "NEWSLETTER_PER_SECOND",
    "NEWSLETTER_PROOF_DAYS",
    "NEWSLETTER_PROVIDER",
    "NEWSLETTER_SOFT_BOUNCES",
    "NEWSLETTER_TWO_PERSONS",
    "NEWSLETTER_UNCONFIRMED_DAYS",
    "RETURN_ADDRESS",
    "RETURN_MAILBOX_URL",
]

# Workers that send one newsletter at the same time, each over a connection of its own, and the mails a second that they
# send all together; 0: as fast as the mail server takes them.
NEWSLETTER_LANES = env.number("NEWSLETTER_LANES", 2)
NEWSLETTER_PER_SECOND = env.number("NEWSLETTER_PER_SECOND", 0)
# Somebody else than who edited it last approves a newsletter before it is sent.
NEWSLETTER_TWO_PERSONS = env.flag("NEWSLETTER_TWO_PERSONS")
# Count how often the links of a newsletter are followed. Nothing is noted about who follows them.
NEWSLETTER_COUNT_CLICKS = env.flag("NEWSLETTER_COUNT_CLICKS")

# Mail that comes back goes to this address, with a signed word after a plus sign (recipient delimiter): the mail server
# must put retur+anything@… into the mailbox of retur@…. Without it, mail comes back to the portal's own sender.
RETURN_ADDRESS = env.text("RETURN_ADDRESS", "")
# Where the portal reads that mailbox: maildir:///path, imaps://user:password@host/folder or imap://…; empty: nowhere.
RETURN_MAILBOX_URL = env.text("RETURN_MAILBOX_URL", "")
if RETURN_MAILBOX_URL and not RETURN_MAILBOX_URL.startswith(("maildir:///", "imaps://", "imap://")):
    raise ImproperlyConfigured("RETURN_MAILBOX_URL must start with maildir:///, imaps:// or imap://.")
# The mail provider whose events come to /newsletter/provider/, by its name in django-anymail ("postmark", "mailgun" …),
# and "user:password" of HTTP basic authentication that it is told to send. Both or neither.
NEWSLETTER_PROVIDER = env.text("NEWSLETTER_PROVIDER", "")
ANYMAIL = {"WEBHOOK_SECRET": env.text("NEWSLETTER_PROVIDER_SECRET", "")}
if bool(NEWSLETTER_PROVIDER) != bool(ANYMAIL["WEBHOOK_SECRET"]):
    raise ImproperlyConfigured("Set NEWSLETTER_PROVIDER and NEWSLETTER_PROVIDER_SECRET together, or neither.")
# Keys with which some providers sign what they tell (mailgun, resend, sendgrid …), as django-anymail names them.
for _name in ("MAILGUN_WEBHOOK_SIGNING_KEY", "RESEND_SIGNING_SECRET", "SENDGRID_TRACKING_WEBHOOK_VERIFICATION_KEY"):
    if _value := env.text(f"ANYMAIL_{_name}", ""):
        ANYMAIL[_name] = _value

# So many temporary failures in a row stop an address.
NEWSLETTER_SOFT_BOUNCES = env.number("NEWSLETTER_SOFT_BOUNCES", 3)
# The link to one's choices in a mail is good for so many days; then the page offers to mail a new one.
NEWSLETTER_LINK_DAYS = env.number("NEWSLETTER_LINK_DAYS", 90)

# Addresses that nobody confirmed are forgotten after so many days. The proof of a consent is kept for so many days
# after it was taken back, for a complaint may come late (markedsføringsloven § 15; three years as for other claims).
NEWSLETTER_UNCONFIRMED_DAYS = env.number("NEWSLETTER_UNCONFIRMED_DAYS", 30)
NEWSLETTER_PROOF_DAYS = env.number("NEWSLETTER_PROOF_DAYS", 3 * 365)
# Who got which newsletter, and what came back, is kept for so many days; the counts stay.
NEWSLETTER_DELIVERY_DAYS = env.number("NEWSLETTER_DELIVERY_DAYS", 180)
NEWSLETTER_BOUNCE_DAYS = env.number("NEWSLETTER_BOUNCE_DAYS", 365)
