"""Stories: written by partners and teachers, read by the secretariat, shown to everybody, taken down by whoever may."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from stemportal.accounts.deletion import delete_account, has_nothing_left
from stemportal.network.models import Story, StoryPhoto
from stemportal.network.services import stories as services
from stemportal.network.ties_stories import forget, story_tasks
from stemportal.network.ties_stories import photos as copied_photos
from stemportal.network.ties_stories import stories as copied_stories
from stemportal.outbox.models import Mail
from stemportal.partners.queries.people import people_of
from stemportal.testing.factories import (
    ActivityFactory,
    BookingFactory,
    MembershipFactory,
    PartnerFactory,
    SessionFactory,
    StaffFactory,
    TeacherFactory,
)
from stemportal.testing.network_factories import EcosystemFactory, StoryFactory

pytestmark = pytest.mark.django_db

Status = Story.Status
DRAFT = {"status": Status.DRAFT, "slug": None, "published_at": None}
SENT = {**DRAFT, "status": Status.SUBMITTED}
WORDS = {"title": "Sju forsøk", "lead": "En robot.", "text": "Den glapp.", "language": "nb", "byline": ""}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def owner():
    return MembershipFactory(role="owner", partner__display_name="Nordlys", user__full_name="Ingrid Fjelldal").user


@pytest.fixture
def partner(owner):
    return owner.memberships.get().partner


def jpeg_with_a_place() -> bytes:
    image, exif = Image.new("RGB", (60, 40), "navy"), Image.Exif()
    exif[0x010E] = "Ola Elev, 9B"
    target = BytesIO()
    image.save(target, "JPEG", exif=exif)
    return target.getvalue()


def picture_form(**changes) -> dict[str, object]:
    file = SimpleUploadedFile("bilde.jpg", jpeg_with_a_place())
    return {"file": file, "alt_text": "En robotarm", "photographer": "Kari", "consent": "on"} | changes


def completed_visit(teacher, **facts):
    session = SessionFactory(activity=ActivityFactory(title="Se robotene", **facts), places_taken=1)
    return BookingFactory(session=session, school=teacher.school, teacher=teacher.user, status="completed")


def own(story: Story) -> str:
    return reverse("network:story_own", args=[story.pk])


# --- Writing


def test_partner_writes_adds_a_picture_and_sends(client_of, owner, partner, media):
    client = client_of(owner)
    write = reverse("network:story_write")
    assert "checked" in client.get(f"{write}?for=partner-{partner.pk}").text

    answer = client.post(write, {"voice": f"partner-{partner.pk}", **WORDS, "lead": "", "text": ""})
    story = Story.objects.get()
    assert answer["Location"] == own(story)
    assert (story.partner, story.author, story.status) == (partner, owner, Status.DRAFT)

    client.post(reverse("network:story_photos", args=[story.pk]), picture_form())
    photo = story.photos.get()
    assert "said yes" in photo.consent_text
    assert (photo.consent_by, photo.alt_text, photo.photographer) == (owner, "En robotarm", "Kari")
    assert b"Ola Elev" not in default_storage.open(photo.file.name).read(), "metadata is gone"

    refused = client.post(own(story), {**WORDS, "text": "", "action": "send"})
    assert refused.status_code == 422
    assert "before you send" in refused.text

    sent = client.post(own(story), {**WORDS, "action": "send"}, follow=True)
    assert "With the secretariat" in sent.text
    story.refresh_from_db()
    assert (story.status, story.text) == (Status.SUBMITTED, "Den glapp.")
    assert story.submitted_at is not None
    assert client.post(own(story), {**WORDS, "title": "Annet"}).status_code == 422, "not while it is being read"
    story.refresh_from_db()
    assert story.title == "Sju forsøk"


def test_picture_without_the_word_of_those_in_it_is_refused(client_of, owner, partner):
    story = StoryFactory(partner=partner, author=owner, **DRAFT)
    address = reverse("network:story_photos", args=[story.pk])

    for form in (picture_form(consent=""), picture_form(alt_text=""), picture_form(file="")):
        answer = client_of(owner).post(address, form)
        assert answer.status_code == 422

    assert not StoryPhoto.objects.exists()


def test_story_has_at_most_so_many_pictures(client_of, owner, partner, monkeypatch, media):
    monkeypatch.setattr(services, "MOST_PHOTOS", 1)
    story = StoryFactory(partner=partner, author=owner, **DRAFT)
    address = reverse("network:story_photos", args=[story.pk])
    client_of(owner).post(address, picture_form())

    answer = client_of(owner).post(address, picture_form())

    assert answer.status_code == 422
    assert "at most 1 pictures" in answer.text
    assert len(list(media.rglob("*.*"))) == 1, "the file that was refused is gone"


def test_person_has_at_most_so_many_unfinished_stories(client_of, owner, partner, monkeypatch):
    monkeypatch.setattr(services, "MOST_UNFINISHED", 1)
    StoryFactory(author=owner, partner=partner)
    client = client_of(owner)
    form = {"voice": f"partner-{partner.pk}", **WORDS}
    assert client.post(reverse("network:story_write"), form).status_code == 302, "what is published does not count"

    answer = client.post(reverse("network:story_write"), form)

    assert answer.status_code == 422
    assert "not published" in answer.text


def test_identity_number_in_a_story_is_refused(client_of, owner, partner):
    form = {"voice": f"partner-{partner.pk}", **WORDS, "text": "Ring 01016050012"}
    answer = client_of(owner).post(reverse("network:story_write"), form)
    assert answer.status_code == 422
    assert "personal identity number" in answer.text
    assert not Story.objects.exists()


def test_teacher_tells_of_a_visit_that_took_place(client_of):
    teacher = TeacherFactory()
    booking = completed_visit(teacher)
    client = client_of(teacher.user)
    link = f"{reverse('network:story_write')}?for=visit-{booking.pk}"
    assert link in client.get(reverse("schools:thanks", args=[booking.pk])).text
    assert link in client.get(booking.get_absolute_url()).text

    client.post(link, {"voice": f"visit-{booking.pk}", **WORDS})

    story = Story.objects.get()
    assert (story.school, story.partner, story.booking) == (teacher.school, booking.activity.partner, booking)
    told = client.get(reverse("schools:thanks", args=[booking.pk])).text
    assert own(story) in told
    assert link not in told, "one visit, one story"
    assert client.post(link, {"voice": f"visit-{booking.pk}", **WORDS}).status_code == 422


def test_nobody_tells_of_visits_of_others_or_still_to_come(client_of):
    teacher = TeacherFactory()
    others = completed_visit(TeacherFactory())
    coming = BookingFactory(school=teacher.school, teacher=teacher.user, status="confirmed")
    client = client_of(teacher.user)
    page = client.get(reverse("network:story_write"))
    assert "Nothing to tell of yet" in page.text
    for booking in (others, coming):
        client.post(reverse("network:story_write"), {"voice": f"visit-{booking.pk}", **WORDS})
    assert not Story.objects.exists()


def test_story_of_a_teacher_is_the_teachers_alone(client_of, owner, partner):
    teacher = TeacherFactory()
    story = StoryFactory(author=teacher.user, school=teacher.school, partner=partner, **DRAFT)
    assert client_of(teacher.user).get(own(story)).status_code == 200
    for person in (owner, TeacherFactory(school=teacher.school).user, StaffFactory()):
        assert client_of(person).get(own(story)).status_code == 404


def test_author_who_left_the_partner_has_no_hold_on_its_story(client_of, owner, partner):
    story = StoryFactory(author=owner, partner=partner, **DRAFT)
    other = MembershipFactory(partner=partner, role="owner").user
    partner.memberships.filter(user=owner).delete()
    assert client_of(owner).get(own(story)).status_code == 404
    assert story.title not in client_of(owner).get(reverse("network:my_stories")).text
    assert client_of(other).get(own(story)).status_code == 200


def test_coordinator_writes_news_of_the_ecosystem(client_of):
    coordinator = TeacherFactory().user
    nord = EcosystemFactory(name_nb="STEM Nord", coordinator=coordinator)
    client_of(coordinator).post(reverse("network:story_write"), {"voice": f"ecosystem-{nord.pk}", **WORDS})
    story = Story.objects.get()
    assert (story.ecosystem, story.kind, story.voice) == (nord, "news", "STEM Nord")


# --- The secretariat


def admin_form(story: Story, **changes) -> dict[str, object]:
    names = ("kind", "language", "title", "lead", "text", "byline")
    words = {name: getattr(story, name) for name in names}
    photos = {"photos-TOTAL_FORMS": 0, "photos-INITIAL_FORMS": 0}
    return {**words, "partner": story.partner_id or "", "on_front_page": "on", **photos, **changes}


def decide(client, story: Story, decision: str, **changes):
    address = reverse("admin:network_story_change", args=[story.pk])
    return client.post(address, admin_form(story, decision=decision, **changes), follow=True)


def test_secretariat_edits_and_publishes_and_the_author_hears_of_it(client_of, owner, partner):
    story = StoryFactory(partner=partner, author=owner, title="Sju  forsøk på en æøå-fisk", **SENT)
    staff = client_of(StaffFactory())
    assert "Stories to read" in staff.get(reverse("admin:index")).text

    decide(staff, story, "publish", lead="Bedre første linjer.")

    story.refresh_from_db()
    assert (story.status, story.lead) == (Status.PUBLISHED, "Bedre første linjer.")
    assert story.slug == f"sju-forsok-pa-en-aeoa-fisk-{story.pk}"
    mail = Mail.objects.get(to_email=owner.email)
    assert "æøå-fisk" in mail.subject
    assert f"/news/{story.slug}/" in mail.text
    page = client_of().get(story.get_absolute_url())
    assert "Bedre første linjer." in page.text
    assert "<strong>Sjuende</strong>" in page.text
    assert story.title in client_of().get(partner.get_absolute_url()).text


@pytest.mark.parametrize(
    ("before", "decision", "after"),
    [
        (Status.SUBMITTED, "return", Status.RETURNED),
        (Status.SUBMITTED, "decline", Status.DECLINED),
        (Status.PUBLISHED, "take_down", Status.WITHDRAWN),
    ],
    ids=["return", "decline", "take_down"],
)
def test_secretariat_says_why(client_of, owner, partner, before, decision, after):
    facts = {} if before == Status.PUBLISHED else {**DRAFT, "status": before}
    story = StoryFactory(partner=partner, author=owner, **facts)
    staff = client_of(StaffFactory())
    address = story.get_absolute_url()

    refused = decide(staff, story, decision)
    assert "Say why" in refused.text
    story.refresh_from_db()
    assert story.status == before

    decide(staff, story, decision, reply_now="Hvem har tatt bildet?")
    story.refresh_from_db()
    assert (story.status, story.reply) == (after, "Hvem har tatt bildet?")
    assert "Hvem har tatt bildet?" in Mail.objects.get(to_email=owner.email).text
    assert "Hvem har tatt bildet?" in client_of(owner).get(own(story)).text
    if address:
        assert client_of().get(address).status_code == 404


def test_two_who_decide_at_once_do_not_undo_each_other(owner, partner):
    story, staff = StoryFactory(partner=partner, author=owner, **SENT), StaffFactory()
    assert services.decline_story(story=story, by=staff, reply="Nei")
    assert not services.publish_story(story=story, by=staff)
    assert not services.return_story(story=story, by=staff, reply="Hva?")
    story.refresh_from_db()
    assert (story.status, story.reply) == (Status.DECLINED, "Nei")
    assert Mail.objects.count() == 1


def test_story_that_its_author_took_back_meanwhile_is_not_published(owner, partner):
    as_the_page_showed_it = StoryFactory(partner=partner, author=owner, **SENT)
    services.take_back(story=as_the_page_showed_it)

    assert not services.publish_story(story=as_the_page_showed_it, by=StaffFactory())
    assert Story.objects.get().status == Status.DRAFT


def test_draft_of_somebody_else_is_not_for_the_secretariat_to_read(client_of, owner, partner):
    story = StoryFactory(partner=partner, author=owner, title="Hemmelig utkast", **DRAFT)
    staff = client_of(StaffFactory())
    assert "Hemmelig utkast" not in staff.get(reverse("admin:network_story_changelist")).text
    assert staff.get(reverse("admin:network_story_change", args=[story.pk])).status_code == 302


def test_secretariat_writes_news_with_a_picture_of_its_own(client_of, media):
    staff = StaffFactory()
    photo = {
        "photos-TOTAL_FORMS": 1,
        "photos-INITIAL_FORMS": 0,
        "photos-0-upload": SimpleUploadedFile("bilde.jpg", jpeg_with_a_place()),
        "photos-0-alt_text": "En robotarm",
        "photos-0-order": 10,
    }
    form = {**admin_form(Story(**WORDS, kind="news")), "decision": "publish", **photo}
    address = reverse("admin:network_story_add")
    assert "have said yes" in client_of(staff).post(address, form).text, "no picture without a consent"
    assert not Story.objects.exists()

    photo["photos-0-upload"] = SimpleUploadedFile("bilde.jpg", jpeg_with_a_place())
    client_of(staff).post(address, {**form, **photo, "photos-0-consent": "on"})

    story = Story.objects.get()
    assert (story.status, story.author, story.kind) == (Status.PUBLISHED, staff, "news")
    assert story.photos.get().consent_by == staff
    assert "En robotarm" in client_of().get(story.get_absolute_url()).text


# --- Taking back, taking down, deleting


def test_author_takes_back_and_sends_again(client_of, owner, partner):
    story = StoryFactory(partner=partner, author=owner, **SENT)
    client_of(owner).post(reverse("network:story_take_back", args=[story.pk]))
    story.refresh_from_db()
    assert story.status == Status.DRAFT
    services.send_story(story=story)
    story.refresh_from_db()
    services.publish_story(story=story, by=StaffFactory())
    answer = client_of(owner).post(reverse("network:story_take_back", args=[story.pk]), follow=True)
    assert "could not be taken back" in answer.text


def test_author_takes_a_published_story_and_its_pictures_off_the_pages(client_of, owner, partner):
    story = StoryFactory(partner=partner, author=owner, **DRAFT)
    client = client_of(owner)
    for _ in range(2):
        client.post(reverse("network:story_photos", args=[story.pk]), picture_form())
    services.send_story(story=story)
    story.refresh_from_db()
    services.publish_story(story=story, by=StaffFactory())
    story.refresh_from_db()
    first, second = (reverse("network:story_photo", args=[p.file.name[8:]]) for p in story.photos.all())
    assert client_of().get(first)["Cache-Control"] == "private, no-cache"

    one = reverse("network:story_photo_change", args=[story.pk, story.photos.first().pk])
    client.post(one, {"action": "remove"})
    assert first not in client_of().get(story.get_absolute_url()).text
    assert client_of().get(first).status_code == 404

    client.post(reverse("network:story_take_down", args=[story.pk]))
    assert client_of().get(story.get_absolute_url()).status_code == 404
    assert client_of().get(second).status_code == 404
    assert client.get(second).status_code == 200, "still one's own"
    assert story.title not in client_of().get(reverse("network:news_feed")).text


def test_deleted_story_leaves_nothing(client_of, owner, partner, media, django_capture_on_commit_callbacks):
    story = StoryFactory(partner=partner, author=owner, **DRAFT)
    client_of(owner).post(reverse("network:story_photos", args=[story.pk]), picture_form())
    with django_capture_on_commit_callbacks(execute=True):
        client_of(owner).post(reverse("network:story_delete", args=[story.pk]))
    assert not Story.objects.exists()
    assert not apps.get_model("network", "StoryChange").objects.exists()
    assert not list(media.rglob("*.png"))


def test_published_story_is_not_deleted(client_of, owner, partner):
    story = StoryFactory(partner=partner, author=owner)
    client_of(owner).post(reverse("network:story_delete", args=[story.pk]))
    assert Story.objects.filter(pk=story.pk).exists()


# --- What the partner and the person have, and what is forgotten


def test_partner_is_told_of_a_question_and_gets_a_copy(owner, partner):
    StoryFactory(partner=partner, author=owner, **{**DRAFT, "status": Status.RETURNED})
    of_teacher = StoryFactory(partner=partner, school=TeacherFactory().school, **DRAFT)
    assert [task.title for task in story_tasks(owner.memberships.get())] == ["A question about your story"]
    assert of_teacher.title not in [row["title"] for row in copied_stories(partner)]
    assert len(list(copied_stories(partner))) == 1
    assert list(copied_photos(partner)) == []


def test_forgetting_a_partner_deletes_its_stories_and_names_in_others(owner, partner):
    own_story = StoryFactory(partner=partner, author=owner, byline=owner.full_name)
    told = StoryFactory(partner=partner, school=TeacherFactory().school, text="Ingrid Fjelldal viste oss rundt.")
    elsewhere = StoryFactory(partner=PartnerFactory(), text="Ingrid Fjelldal var ikke der.")

    forget(partner, people_of(partner))

    assert not Story.objects.filter(pk=own_story.pk).exists()
    told.refresh_from_db()
    assert told.text == "… viste oss rundt."
    changes = apps.get_model("network", "StoryChange").objects.filter(pgh_obj_id__in=[own_story.pk, told.pk])
    assert not changes.filter(text__contains="Fjelldal").exists()
    elsewhere.refresh_from_db()
    assert "Fjelldal" in elsewhere.text


def test_account_goes_without_its_drafts_and_its_name():
    teacher = TeacherFactory(user__full_name="Mari Solli Prøve")
    facts = {"author": teacher.user, "school": teacher.school, "byline": "Mari Solli Prøve"}
    published, draft = StoryFactory(**facts), StoryFactory(**facts, **DRAFT)
    user = teacher.user
    teacher.delete()
    assert has_nothing_left(user), "a story is no reason to keep an account"

    delete_account(user_pk=user.pk)

    assert not Story.objects.filter(pk=draft.pk).exists()
    published.refresh_from_db()
    assert (published.author, published.byline, published.status) == (None, "", Status.PUBLISHED)
    assert not apps.get_model("network", "StoryChange").objects.filter(byline__contains="Solli").exists()
