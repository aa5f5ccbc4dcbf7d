import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("activities", "0012_grep_changed"),
        ("network", "0001_initial"),
        ("newsletters", "0001_initial"),
        ("outbox", "0001_initial"),
        ("places", "0002_school_holidays"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "newsletter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to="newsletters.newsletter",
                        verbose_name="newsletter",
                    ),
                ),
                ("taken_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="taken")),
                ("begun_id", models.BigIntegerField(default=0)),
                ("horizon_id", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "batch",
                "verbose_name_plural": "batches",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "newsletter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blocks",
                        to="newsletters.newsletter",
                        verbose_name="newsletter",
                    ),
                ),
                ("order", models.PositiveSmallIntegerField(default=0, verbose_name="order")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("heading", "Heading"),
                            ("text", "Text"),
                            ("image", "Picture"),
                            ("button", "Button"),
                            ("activity", "Offer"),
                            ("story", "Story or news"),
                            ("event", "Meeting"),
                        ],
                        default="text",
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("title_nb", models.CharField(blank=True, max_length=200, verbose_name="title, bokmål")),
                ("title_nn", models.CharField(blank=True, max_length=200, verbose_name="title, nynorsk")),
                ("title_en", models.CharField(blank=True, max_length=200, verbose_name="title, English")),
                ("text_nb", models.TextField(blank=True, max_length=6000, verbose_name="text, bokmål (Markdown)")),
                ("text_nn", models.TextField(blank=True, max_length=6000, verbose_name="text, nynorsk (Markdown)")),
                ("text_en", models.TextField(blank=True, max_length=6000, verbose_name="text, English (Markdown)")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address it leads to")),
                ("file", models.FileField(blank=True, max_length=120, upload_to="", verbose_name="picture")),
                ("width", models.PositiveIntegerField(default=0, verbose_name="width")),
                ("height", models.PositiveIntegerField(default=0, verbose_name="height")),
                (
                    "activity",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="activities.activity",
                        verbose_name="offer",
                    ),
                ),
                (
                    "story",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="network.story",
                        verbose_name="story",
                    ),
                ),
                (
                    "meeting",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="network.meeting",
                        verbose_name="meeting",
                    ),
                ),
            ],
            options={
                "verbose_name": "block",
                "verbose_name_plural": "blocks",
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="Bounce",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("hard", "The address does not exist or refuses mail"),
                            ("soft", "Could not be delivered for now"),
                            ("complaint", "Reported as spam"),
                            ("reply", "Asked to leave by mail"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("smtp", "While sending"),
                            ("mailbox", "Mailbox for returned mail"),
                            ("provider", "Mail provider"),
                        ],
                        max_length=10,
                        verbose_name="told by",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "subscriber",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bounces",
                        to="newsletters.subscriber",
                        verbose_name="subscriber",
                    ),
                ),
                (
                    "newsletter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bounces",
                        to="newsletters.newsletter",
                        verbose_name="newsletter",
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=20, verbose_name="status code")),
                ("diagnosis", models.CharField(blank=True, max_length=500, verbose_name="what the mail server said")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("fingerprint", models.CharField(editable=False, max_length=64, unique=True)),
            ],
            options={
                "verbose_name": "returned mail",
                "verbose_name_plural": "returned mail",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ConsentEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "subscriber",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="newsletters.subscriber",
                        verbose_name="subscriber",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("asked", "Asked for the newsletter"),
                            ("confirmed", "Said yes"),
                            ("changed", "Changed the choices"),
                            ("unsubscribed", "Unsubscribed"),
                            ("stopped", "Stopped"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("text", models.TextField(blank=True, verbose_name="consent text")),
                (
                    "version",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="version of the consent text"),
                ),
                ("source", models.CharField(max_length=200, verbose_name="where")),
                (
                    "newsletter",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="consent_events",
                        to="newsletters.newsletter",
                        verbose_name="newsletter",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="ConsentText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveSmallIntegerField(unique=True, verbose_name="version")),
                ("text_nb", models.TextField(max_length=1000, verbose_name="text, bokmål")),
                ("text_nn", models.TextField(max_length=1000, verbose_name="text, nynorsk")),
                ("text_en", models.TextField(max_length=1000, verbose_name="text, English")),
                (
                    "in_force_from",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="in force from"),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "consent text",
                "verbose_name_plural": "consent texts",
                "ordering": ["-version"],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "newsletter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="editions",
                        to="newsletters.newsletter",
                        verbose_name="newsletter",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("nb", "Norwegian bokmål"), ("nn", "Norwegian nynorsk"), ("en", "English")],
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("subject", models.CharField(max_length=250, verbose_name="subject")),
                ("html", models.TextField(verbose_name="HTML")),
                ("text", models.TextField(verbose_name="text")),
                ("web_html", models.TextField(verbose_name="HTML on the web")),
                ("frozen_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="frozen")),
            ],
            options={
                "verbose_name": "edition",
                "verbose_name_plural": "editions",
                "ordering": ["newsletter", "language"],
            },
        ),
        migrations.CreateModel(
            name="Interest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name_nb", models.CharField(max_length=120, verbose_name="name, bokmål")),
                ("name_nn", models.CharField(blank=True, max_length=120, verbose_name="name, nynorsk")),
                ("name_en", models.CharField(blank=True, max_length=120, verbose_name="name, English")),
                ("slug", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="can be chosen")),
            ],
            options={
                "verbose_name": "interest",
                "verbose_name_plural": "interests",
                "ordering": ["order", "slug"],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "newsletter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="newsletters.newsletter",
                        verbose_name="newsletter",
                    ),
                ),
                ("url", models.URLField(max_length=1000, verbose_name="address")),
                ("clicks", models.PositiveIntegerField(default=0, verbose_name="times followed")),
            ],
            options={
                "verbose_name": "link",
                "verbose_name_plural": "links",
                "ordering": ["-clicks", "id"],
            },
        ),
        migrations.CreateModel(
            name="NotNow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
            ],
            options={
                "verbose_name": "no to the offer of a newsletter",
                "verbose_name_plural": "nos to the offer of a newsletter",
            },
        ),
        migrations.AddIndex(
            model_name="bounce",
            index=models.Index(fields=["at"], name="newsletters_bounce_at"),
        ),
        migrations.AddConstraint(
            model_name="edition",
            constraint=models.UniqueConstraint(fields=("newsletter", "language"), name="newsletters_edition_once"),
        ),
        migrations.AddConstraint(
            model_name="link",
            constraint=models.UniqueConstraint(fields=("newsletter", "url"), name="newsletters_link_once"),
        ),
    ]
