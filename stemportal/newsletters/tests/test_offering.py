from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from stemportal.accounts.deletion import delete_unused_account
from stemportal.accounts.models import User
from stemportal.newsletters.models import NotNow, Subscriber
from stemportal.newsletters.tests.people import interest, subscriber
from stemportal.outbox.models import Mail
from stemportal.testing.factories import MembershipFactory, TeacherFactory, UserFactory

pytestmark = pytest.mark.django_db

MINE = "/en/newsletter/choices/"
OFFER = "Would you like our newsletter?"


def unproved(email: str) -> User:
    user = UserFactory(email=email)
    EmailAddress.objects.filter(user=user).update(verified=False)
    return user


@pytest.fixture
def teacher(client) -> User:
    user = TeacherFactory(user__email="mari@example.org").user
    client.force_login(user)
    return user


@pytest.fixture
def start_pages(client):
    """The pages on which a teacher and a partner's people begin, each of one who is logged in there."""
    teacher, member = TeacherFactory(), MembershipFactory()
    return [
        (teacher.user, "/en" + reverse("schools:my_page").removeprefix("/en")),
        (member.user, "/en" + reverse("schools:partner_today", args=[member.partner_id]).removeprefix("/en")),
    ]


def test_newsletter_is_offered_where_teachers_and_partners_begin_until_they_answer(client, start_pages):
    for user, page in start_pages:
        client.force_login(user)
        assert OFFER in client.get(page).content.decode()
        assert not Subscriber.objects.filter(email=user.email).exists(), "nobody is signed up silently"

        response = client.post("/en/newsletter/choices/not-now/", {"next": page}, follow=True)

        assert response.redirect_chain[-1][0] == page
        assert OFFER not in response.content.decode()
        assert NotNow.objects.filter(user=user).exists()


@pytest.mark.parametrize("status", Subscriber.Status.values)
def test_address_that_was_asked_before_is_not_asked_again(client, start_pages, status):
    user, page = start_pages[0]
    subscriber(email=user.email.upper(), status=status)
    client.force_login(user)

    assert OFFER not in client.get(page).content.decode()


def test_no_leads_to_no_other_site(client, teacher):
    response = client.post("/en/newsletter/choices/not-now/", {"next": "https://example.org/"})

    assert response.url == reverse("newsletters:mine")


def test_yes_under_the_words_is_all_when_the_account_has_proved_the_address(client, teacher):
    robots = interest("roboter")
    words = client.get(MINE).context["consent_text"]

    client.post(MINE, {"interests": [robots.pk]})

    person = Subscriber.objects.get()
    assert (person.email, person.status, list(person.interests.all())) == ("mari@example.org", "active", [robots])
    assert [(event.kind, event.text, event.source) for event in person.consents.all()] == [
        ("asked", words, MINE),
        ("confirmed", words, MINE),
    ]
    assert not Mail.objects.exists()


def test_address_that_nobody_proved_gets_the_mailed_link(client):
    client.force_login(unproved("ny@example.org"))

    response = client.post(MINE)

    assert response.url == reverse("newsletters:subscribed")
    assert Subscriber.objects.get().status == Subscriber.Status.PENDING
    assert Mail.objects.get().template == "newsletter_confirm"


def test_choices_of_who_is_logged_in_stand_among_the_accounts_pages(client, teacher):
    person = subscriber(email="Mari@example.org", language="nb")

    page = client.get(MINE).content.decode()
    client.post(MINE, {"language": "nn"})

    person.refresh_from_db()
    assert person.language == "nn"
    assert reverse("newsletters:unsubscribe", args=[person.unsubscribe_token]) in page
    assert MINE in client.get("/en/account/email/").content.decode()


def test_unproved_account_does_not_see_the_choices_of_an_address(client):
    client.force_login(unproved("offer@example.org"))
    person = subscriber(email="offer@example.org", language="nb")

    page = client.get(MINE).content.decode()
    client.post(MINE, {"language": "nn"})

    person.refresh_from_db()
    assert (person.language, person.status) == ("nb", "active")
    assert person.unsubscribe_token not in page
    assert Mail.objects.get().template == "newsletter_already"


def test_account_whose_address_we_cannot_write_to_is_told_so(client):
    client.force_login(UserFactory(email="kjærsti@example.org"))

    page = client.post(MINE, follow=True).content.decode()

    assert "before the @ sign" in page
    assert not Subscriber.objects.exists()


def test_account_with_letters_in_its_domain_finds_its_subscription(client):
    client.force_login(UserFactory(email="kari@blåbær.example.no"))

    client.post(MINE)

    assert Subscriber.objects.get().email == "kari@xn--blbr-roah.example.no"
    assert client.get(MINE).context["subscribes"]


def test_coming_back_after_leaving_is_a_yes_of_its_own(client, teacher):
    person = subscriber(email="mari@example.org", status=Subscriber.Status.UNSUBSCRIBED)

    client.post(MINE)

    person.refresh_from_db()
    assert person.status == Subscriber.Status.ACTIVE
    assert [event.kind for event in person.consents.all()] == ["asked", "confirmed"]


def test_no_goes_with_the_account_and_the_subscription_stays():
    user = UserFactory(email="kari@example.org")
    NotNow.objects.create(user=user)
    subscriber(email="kari@example.org")

    assert delete_unused_account(user_pk=user.pk) == "kari@example.org"

    assert not NotNow.objects.exists()
    assert Subscriber.objects.get().status == Subscriber.Status.ACTIVE, "it is a consent of its own"
