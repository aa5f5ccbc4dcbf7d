from __future__ import annotations

import pytest

from stemportal.newsletters import return_addresses
from stemportal.newsletters.return_addresses import Returned, leave_by_mail, read, sender


@pytest.fixture(autouse=True)
def own_address(settings):
    settings.RETURN_ADDRESS = "retur@stemportal.example.no"


def test_address_names_its_delivery_and_is_short_enough_for_a_mail_server():
    address = sender(4711)

    assert address.startswith("retur+d4711-")
    assert len(sender(2**40).partition("@")[0]) <= 64
    assert read(address) == Returned(delivery_id=4711)


def test_address_for_leaving_names_its_subscriber():
    assert read(leave_by_mail(12)) == Returned(subscriber_id=12)


@pytest.mark.parametrize("change", [str.upper, str.title, lambda text: f" <{text}> "])
def test_address_is_understood_as_mail_servers_write_it(change):
    assert read(change(sender(7))) == Returned(delivery_id=7)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("d7-", "d8-"),
        lambda text: text.replace("d7-", "u7-"),
        lambda text: text.replace("@stemportal", "@annet"),
        lambda text: text.replace("retur+", "post+"),
        lambda text: text[: text.index("-") + 1] + "a" * 13 + text[text.index("@") :],
        lambda text: text.replace("d7-", "d-"),
        lambda text: "retur@stemportal.example.no",
        lambda text: "",
    ],
    ids=["id", "kind", "domain", "local", "signature", "no-id", "bare", "empty"],
)
def test_forged_address_names_nobody(change):
    assert read(change(sender(7))) is None


def test_old_key_is_good_for_as_long_as_it_is_kept(settings):
    before, address = settings.SECRET_KEY, sender(7)

    settings.SECRET_KEY = "another-key-another-key-another-key-another-key-another"
    assert read(address) is None
    settings.SECRET_KEY_FALLBACKS = [before]
    assert read(address) == Returned(delivery_id=7)


def test_without_an_address_mail_comes_back_to_the_portal(settings):
    settings.RETURN_ADDRESS = ""
    settings.DEFAULT_FROM_EMAIL = "stemportal <portal@stemportal.example.no>"

    assert return_addresses.sender(7) == "portal@stemportal.example.no"
    assert leave_by_mail(7) == ""
    assert read("@") is None
