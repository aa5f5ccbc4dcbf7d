import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("activities", "0004_pledge_units"),
        ("partners", "0009_import_language"),
        ("places", "0002_school_holidays"),
    ]

    operations = [
        migrations.CreateModel(
            name="ActivityFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="activities.activity",
                        verbose_name="activity",
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("risk", "Risk assessment"), ("tasks", "Tasks for the class"), ("other", "Other")],
                        default="other",
                        max_length=10,
                        verbose_name="what it is",
                    ),
                ),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("file", models.FileField(max_length=120, upload_to="", verbose_name="file")),
                ("size", models.PositiveIntegerField(default=0, verbose_name="size in bytes")),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="added")),
            ],
            options={
                "verbose_name": "file",
                "verbose_name_plural": "files",
                "ordering": ["purpose", "id"],
            },
        ),
        migrations.CreateModel(
            name="ActivityImage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="images",
                        to="activities.activity",
                        verbose_name="activity",
                    ),
                ),
                ("file", models.FileField(max_length=120, upload_to="", verbose_name="picture")),
                ("width", models.PositiveIntegerField(default=0, verbose_name="width")),
                ("height", models.PositiveIntegerField(default=0, verbose_name="height")),
                ("alt_text", models.CharField(max_length=250, verbose_name="what the picture shows")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="added")),
            ],
            options={
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="ActivityTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="templates",
                        to="activities.kind",
                        verbose_name="kind",
                    ),
                ),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="code")),
                ("name_nb", models.CharField(max_length=120, verbose_name="name, bokmål")),
                ("name_nn", models.CharField(max_length=120, verbose_name="name, nynorsk")),
                ("name_en", models.CharField(max_length=120, verbose_name="name, English")),
                ("texts", models.JSONField(default=dict, verbose_name="texts")),
                ("values", models.JSONField(blank=True, default=dict, verbose_name="values")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
            ],
            options={
                "verbose_name": "template",
                "verbose_name_plural": "templates",
                "ordering": ["kind__order", "order", "id"],
            },
        ),
        migrations.CreateModel(
            name="Availability",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="availability",
                        to="activities.activity",
                        verbose_name="activity",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "Monday"),
                            (1, "Tuesday"),
                            (2, "Wednesday"),
                            (3, "Thursday"),
                            (4, "Friday"),
                            (5, "Saturday"),
                            (6, "Sunday"),
                        ],
                        verbose_name="weekday",
                    ),
                ),
                ("begins", models.TimeField(verbose_name="from")),
                ("ends", models.TimeField(verbose_name="to")),
                ("first_day", models.DateField(blank=True, null=True, verbose_name="first day")),
                ("last_day", models.DateField(blank=True, null=True, verbose_name="last day")),
            ],
            options={
                "verbose_name": "time that can be asked for",
                "verbose_name_plural": "times that can be asked for",
                "ordering": ["weekday", "begins", "id"],
            },
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="activities.activity",
                        verbose_name="activity",
                    ),
                ),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="added")),
            ],
            options={
                "verbose_name": "favourite",
                "verbose_name_plural": "favourites",
                "ordering": ["-added_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PendingEdit",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pending_edit",
                        to="activities.activity",
                        verbose_name="activity",
                    ),
                ),
                ("data", models.JSONField(default=dict, verbose_name="what was typed")),
                ("based_on", models.PositiveIntegerField(default=0, editable=False)),
                ("saved_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="saved")),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="saved by",
                    ),
                ),
            ],
            options={
                "verbose_name": "unpublished change",
                "verbose_name_plural": "unpublished changes",
            },
        ),
        migrations.CreateModel(
            name="RoleModel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_models",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                ("full_name", models.CharField(max_length=120, verbose_name="name")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("language", models.CharField(default="nb", max_length=5, verbose_name="language of mails")),
                ("job_title", models.CharField(max_length=120, verbose_name="what the person does")),
                ("intro", models.CharField(blank=True, max_length=240, verbose_name="in one or two sentences")),
                ("path", models.TextField(blank=True, max_length=4000, verbose_name="which choices took me here")),
                ("steps", models.JSONField(blank=True, default=list, verbose_name="the way there, step by step")),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("nb", "Norwegian bokmål"),
                                ("nn", "Norwegian nynorsk"),
                                ("en", "English"),
                                ("se", "Northern Sámi"),
                            ],
                            max_length=5,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="languages",
                    ),
                ),
                ("visits_schools", models.BooleanField(default=True, verbose_name="visits schools")),
                ("meets_online", models.BooleanField(default=False, verbose_name="meets classes by video")),
                (
                    "grade_from",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (8, "8th grade"),
                            (9, "9th grade"),
                            (10, "10th grade"),
                            (11, "Vg1"),
                            (12, "Vg2"),
                            (13, "Vg3"),
                        ],
                        default=8,
                        verbose_name="from grade",
                    ),
                ),
                (
                    "grade_to",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (8, "8th grade"),
                            (9, "9th grade"),
                            (10, "10th grade"),
                            (11, "Vg1"),
                            (12, "Vg2"),
                            (13, "Vg3"),
                        ],
                        default=13,
                        verbose_name="to grade",
                    ),
                ),
                ("film_link", models.URLField(blank=True, max_length=300, verbose_name="film")),
                ("photo", models.FileField(blank=True, max_length=120, upload_to="", verbose_name="photo")),
                ("photo_alt", models.CharField(blank=True, max_length=200, verbose_name="what the photo shows")),
                (
                    "offer",
                    models.OneToOneField(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="role_model",
                        to="activities.activity",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "Draft"), ("published", "Published"), ("hidden", "Hidden")],
                        default="draft",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("consented_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="said yes")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                ("published_at", models.DateTimeField(blank=True, null=True, verbose_name="published")),
                (
                    "subjects",
                    models.ManyToManyField(
                        blank=True, related_name="role_models", to="activities.subject", verbose_name="subjects"
                    ),
                ),
                (
                    "counties",
                    models.ManyToManyField(
                        blank=True,
                        related_name="role_models",
                        to="places.county",
                        verbose_name="counties where the person visits schools",
                    ),
                ),
            ],
            options={
                "verbose_name": "role model",
                "verbose_name_plural": "role models",
                "ordering": ["full_name", "id"],
            },
        ),
        migrations.CreateModel(
            name="RoleModelConsent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role_model",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="activities.rolemodel",
                        verbose_name="role model",
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                ("text", models.TextField(blank=True, verbose_name="text that was agreed to")),
                ("given_at", models.DateTimeField(blank=True, null=True, verbose_name="given")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn")),
            ],
            options={
                "verbose_name": "consent of a role model",
                "verbose_name_plural": "consents of role models",
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SavedSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_searches",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("query", models.CharField(max_length=2000, verbose_name="search")),
                (
                    "frequency",
                    models.CharField(
                        choices=[
                            ("instant", "As soon as something new fits"),
                            ("weekly", "Once a week"),
                            ("never", "No mail"),
                        ],
                        default="weekly",
                        max_length=10,
                        verbose_name="mail",
                    ),
                ),
                ("stop_token", models.CharField(editable=False, max_length=40, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="saved")),
                ("seen_until", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("mailed_at", models.DateTimeField(blank=True, null=True, verbose_name="last mail")),
            ],
            options={
                "verbose_name": "saved search",
                "verbose_name_plural": "saved searches",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SessionSeries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="series",
                        to="activities.activity",
                        verbose_name="activity",
                    ),
                ),
                ("rule", models.CharField(max_length=300, verbose_name="rule")),
                ("first_day", models.DateField(verbose_name="from")),
                ("last_day", models.DateField(verbose_name="until")),
                ("begins", models.TimeField(verbose_name="begins")),
                ("minutes", models.PositiveSmallIntegerField(verbose_name="minutes")),
                ("school_weeks_only", models.BooleanField(default=True, verbose_name="only in school weeks")),
                ("left_out", models.JSONField(blank=True, default=list, verbose_name="days left out, with the reason")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
            ],
            options={
                "verbose_name": "series of sessions",
                "verbose_name_plural": "series of sessions",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="UnmetSearch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("query", models.CharField(max_length=2000, verbose_name="search")),
                ("words", models.CharField(max_length=300, verbose_name="in words")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="unmet_searches",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="in own words")),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered")),
            ],
            options={
                "verbose_name": "asked for",
                "verbose_name_plural": "asked for",
                "ordering": ["-asked_at", "-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="activityimage",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt_text", ""), _negated=True), name="activities_image_is_described"
            ),
        ),
        migrations.AddConstraint(
            model_name="availability",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends__gt", models.F("begins"))), name="activities_availability_hours"
            ),
        ),
        migrations.AddConstraint(
            model_name="availability",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__lte", 6)), name="activities_availability_weekday"
            ),
        ),
        migrations.AddConstraint(
            model_name="favourite",
            constraint=models.UniqueConstraint(fields=("user", "activity"), name="activities_favourite_once"),
        ),
        migrations.AddIndex(
            model_name="rolemodel",
            index=models.Index(
                condition=models.Q(("status", "published")), fields=["-published_at"], name="activities_rolemodel_new"
            ),
        ),
        migrations.AddConstraint(
            model_name="rolemodel",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "published"), _negated=True), ("consented_at__isnull", False), _connector="OR"
                ),
                name="activities_rolemodel_consented",
            ),
        ),
        migrations.AddConstraint(
            model_name="rolemodel",
            constraint=models.CheckConstraint(
                condition=models.Q(("grade_from__lte", models.F("grade_to"))), name="activities_rolemodel_grades"
            ),
        ),
        migrations.AddConstraint(
            model_name="rolemodelconsent",
            constraint=models.UniqueConstraint(
                condition=models.Q(("given_at__isnull", False), ("withdrawn_at__isnull", True)),
                fields=("role_model",),
                name="activities_consent_one_stands",
            ),
        ),
        migrations.AddIndex(
            model_name="savedsearch",
            index=models.Index(fields=["frequency", "mailed_at"], name="activities_savedsearch_due"),
        ),
        migrations.AddConstraint(
            model_name="savedsearch",
            constraint=models.UniqueConstraint(fields=("user", "query"), name="activities_savedsearch_once"),
        ),
        migrations.AddConstraint(
            model_name="sessionseries",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_day__gte", models.F("first_day"))), name="activities_series_has_an_end"
            ),
        ),
        migrations.AddIndex(
            model_name="unmetsearch",
            index=models.Index(
                condition=models.Q(("answered_at__isnull", True)), fields=["asked_at"], name="activities_unmet_waiting"
            ),
        ),
    ]
