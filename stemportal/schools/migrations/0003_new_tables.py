import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import stemportal.schools.models.afterwards


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("activities", "0012_grep_changed"),
        ("partners", "0009_import_language"),
        ("places", "0002_school_holidays"),
        ("schools", "0002_pupils_taken"),
    ]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="feedback",
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("school", "The school"), ("partner", "The partner")],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                (
                    "rating",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="how it went, 1 to 5",
                    ),
                ),
                (
                    "learned",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(5),
                        ],
                        verbose_name="fitted what the class learns, 1 to 5",
                    ),
                ),
                ("text", models.TextField(blank=True, max_length=1000, verbose_name="in own words")),
                ("may_quote", models.BooleanField(default=False, verbose_name="may be quoted without a name")),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="given")),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback",
                "ordering": ["-given_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="GrantPot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grant_pots",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "county",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="places.county",
                        verbose_name="county",
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="school year starts in")),
                ("amount_ore", models.PositiveBigIntegerField(verbose_name="amount, øre")),
                (
                    "reserved_ore",
                    models.PositiveBigIntegerField(default=0, editable=False, verbose_name="reserved, øre"),
                ),
                ("paid_ore", models.PositiveBigIntegerField(default=0, editable=False, verbose_name="paid, øre")),
                ("is_open", models.BooleanField(default=True, verbose_name="open")),
            ],
            options={
                "verbose_name": "pot for transport",
                "verbose_name_plural": "pots for transport",
                "ordering": ["-school_year", "name"],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="messages",
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("school", "The school"), ("partner", "The partner"), ("staff", "The secretariat")],
                        max_length=10,
                        verbose_name="from",
                    ),
                ),
                ("text", models.TextField(max_length=4000, verbose_name="message")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read")),
                ("told_at", models.DateTimeField(blank=True, null=True, verbose_name="told")),
                ("request_key", models.UUIDField(editable=False, unique=True)),
            ],
            options={
                "verbose_name": "message",
                "verbose_name_plural": "messages",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="schools.message",
                        verbose_name="message",
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("file", models.FileField(max_length=120, upload_to="", verbose_name="file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
            ],
            options={
                "verbose_name": "attachment",
                "verbose_name_plural": "attachments",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Proposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("school", "The school"), ("partner", "The partner")],
                        max_length=10,
                        verbose_name="proposed by",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="activities.session",
                        verbose_name="session",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="proposed time")),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="note")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for an answer"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("overtaken", "Replaced by another"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="proposed")),
            ],
            options={
                "verbose_name": "proposed time",
                "verbose_name_plural": "proposed times",
                "ordering": ["made_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pulse",
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "token",
                    models.CharField(
                        default=stemportal.schools.models.afterwards.pulse_token,
                        editable=False,
                        max_length=24,
                        unique=True,
                    ),
                ),
                ("opened_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="opened")),
                ("closes_at", models.DateTimeField(verbose_name="closes")),
            ],
            options={
                "verbose_name": "class pulse",
                "verbose_name_plural": "class pulses",
            },
        ),
        migrations.CreateModel(
            name="PulseCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "pulse",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="counts",
                        to="schools.pulse",
                        verbose_name="class pulse",
                    ),
                ),
                (
                    "moment",
                    models.CharField(
                        choices=[("before", "before"), ("after", "after")], max_length=6, verbose_name="moment"
                    ),
                ),
                ("question", models.PositiveSmallIntegerField(verbose_name="question")),
                ("answer", models.PositiveSmallIntegerField(verbose_name="answer, 1 to 5")),
                ("number", models.PositiveIntegerField(default=0, verbose_name="how many")),
            ],
            options={
                "verbose_name": "sum of answers",
                "verbose_name_plural": "sums of answers",
                "ordering": ["moment", "question", "answer"],
            },
        ),
        migrations.CreateModel(
            name="Reminder",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reminders",
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("reply_soon", "reply deadline is near"),
                            ("reply_late", "reply deadline has passed"),
                            ("week_before", "a week before"),
                            ("day_before", "a day before"),
                            ("attendance", "attendance is missing"),
                            ("attendance_again", "attendance is still missing"),
                            ("feedback", "feedback is asked for"),
                        ],
                        max_length=20,
                        verbose_name="about",
                    ),
                ),
                ("about", models.DateTimeField(verbose_name="about the time")),
                ("sent_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="sent")),
            ],
            options={
                "verbose_name": "reminder",
                "verbose_name_plural": "reminders",
                "ordering": ["-sent_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="SchoolRegisterRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("changed_since", models.DateField(blank=True, null=True, verbose_name="changes since")),
                ("page", models.PositiveIntegerField(default=0, verbose_name="pages read")),
                ("pages", models.PositiveIntegerField(blank=True, null=True, verbose_name="pages in all")),
                ("added", models.PositiveIntegerField(default=0, verbose_name="added")),
                ("changed", models.PositiveIntegerField(default=0, verbose_name="changed")),
                ("closed", models.PositiveIntegerField(default=0, verbose_name="closed")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="unchanged")),
                ("skipped", models.PositiveIntegerField(default=0, verbose_name="left out")),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("done", "Done"), ("failed", "Stopped")],
                        default="running",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("error", models.CharField(blank=True, max_length=300, verbose_name="what went wrong")),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="started")),
                ("moved_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="last step")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended")),
            ],
            options={
                "verbose_name": "import from the school register",
                "verbose_name_plural": "imports from the school register",
                "ordering": ["-started_at"],
            },
        ),
        migrations.CreateModel(
            name="SchoolChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="schools.schoolregisterrun",
                        verbose_name="import",
                    ),
                ),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="register_changes",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("added", "Added"),
                            ("changed", "Changed"),
                            ("closed", "Closed"),
                            ("reopened", "Open again"),
                        ],
                        max_length=10,
                        verbose_name="what",
                    ),
                ),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
            ],
            options={
                "verbose_name": "change from the school register",
                "verbose_name_plural": "changes from the school register",
                "ordering": ["school__name", "id"],
            },
        ),
        migrations.CreateModel(
            name="TransportGrant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grant",
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
                (
                    "pot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="schools.grantpot",
                        verbose_name="pot",
                    ),
                ),
                ("km", models.PositiveIntegerField(verbose_name="kilometres one way")),
                ("people", models.PositiveSmallIntegerField(verbose_name="people who travel")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("public", "Bus, tram, train or boat in traffic"),
                            ("minibus", "Hired minibus"),
                            ("coach", "Hired coach"),
                            ("boat", "Hired boat"),
                        ],
                        max_length=10,
                        verbose_name="way of travelling",
                    ),
                ),
                ("reasonable_ore", models.PositiveIntegerField(verbose_name="reasonable cost, øre")),
                ("applied_ore", models.PositiveIntegerField(verbose_name="applied for, øre")),
                ("approved_ore", models.PositiveIntegerField(blank=True, null=True, verbose_name="approved, øre")),
                ("settled_ore", models.PositiveIntegerField(blank=True, null=True, verbose_name="settled, øre")),
                ("why", models.CharField(blank=True, max_length=500, verbose_name="why it costs more")),
                ("reply", models.CharField(blank=True, max_length=500, verbose_name="answer")),
                (
                    "shares_with",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="shared_by",
                        to="schools.transportgrant",
                        verbose_name="shares a bus with",
                    ),
                ),
                ("receipt", models.FileField(blank=True, max_length=120, upload_to="", verbose_name="receipt")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("applied", "Applied for"),
                            ("approved", "Approved"),
                            ("declined", "Declined"),
                            ("claimed", "Receipt sent in"),
                            ("settled", "Settled"),
                            ("released", "Not needed"),
                        ],
                        default="applied",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("applied_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="applied")),
                (
                    "applied_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="applied by",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided")),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled")),
            ],
            options={
                "verbose_name": "transport grant",
                "verbose_name_plural": "transport grants",
                "ordering": ["-applied_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "pot",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="schools.grantpot",
                        verbose_name="pot",
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="schools.transportgrant",
                        verbose_name="grant",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("reserve", "Reserved"), ("release", "Released"), ("pay", "Paid")],
                        max_length=10,
                        verbose_name="movement",
                    ),
                ),
                ("ore", models.PositiveIntegerField(verbose_name="øre")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
            ],
            options={
                "verbose_name": "entry in the ledger",
                "verbose_name_plural": "ledger",
                "ordering": ["at", "id"],
            },
        ),
        migrations.CreateModel(
            name="TransportRate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("public", "Bus, tram, train or boat in traffic"),
                            ("minibus", "Hired minibus"),
                            ("coach", "Hired coach"),
                            ("boat", "Hired boat"),
                        ],
                        max_length=10,
                        verbose_name="way of travelling",
                    ),
                ),
                ("seats", models.PositiveSmallIntegerField(default=50, verbose_name="seats")),
                ("start_ore", models.PositiveIntegerField(default=0, verbose_name="start, øre")),
                ("per_km_ore", models.PositiveIntegerField(default=0, verbose_name="a kilometre, øre")),
                ("per_person_ore", models.PositiveIntegerField(default=0, verbose_name="a person, øre")),
                (
                    "longest_km",
                    models.PositiveSmallIntegerField(
                        blank=True, null=True, verbose_name="reasonable up to, km one way"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="valid from")),
                ("valid_to", models.DateField(blank=True, null=True, verbose_name="valid to")),
            ],
            options={
                "verbose_name": "transport rate",
                "verbose_name_plural": "transport rates",
                "ordering": ["-valid_from", "mode"],
            },
        ),
        migrations.CreateModel(
            name="Wish",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wishes",
                        to="schools.school",
                        verbose_name="school",
                    ),
                ),
                (
                    "teacher",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="wishes",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="teacher",
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.kind",
                        verbose_name="kind",
                    ),
                ),
                (
                    "subject",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.subject",
                        verbose_name="subject",
                    ),
                ),
                (
                    "goal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="activities.goal",
                        verbose_name="competence goal",
                    ),
                ),
                ("group_name", models.CharField(max_length=30, verbose_name="class or group")),
                (
                    "grade",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (8, "8th grade"),
                            (9, "9th grade"),
                            (10, "10th grade"),
                            (11, "Vg1"),
                            (12, "Vg2"),
                            (13, "Vg3"),
                        ],
                        verbose_name="grade",
                    ),
                ),
                (
                    "pupils",
                    models.PositiveSmallIntegerField(
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(500),
                        ],
                        verbose_name="number of pupils",
                    ),
                ),
                ("first_week", models.DateField(verbose_name="from the week of")),
                ("last_week", models.DateField(verbose_name="to the week of")),
                (
                    "where",
                    models.CharField(
                        choices=[
                            ("any", "Wherever it suits"),
                            ("partner", "At the partner's place"),
                            ("school", "At the school"),
                            ("video", "By video link"),
                        ],
                        default="any",
                        max_length=10,
                        verbose_name="where",
                    ),
                ),
                ("text", models.TextField(max_length=1000, verbose_name="what you wish for")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for offers"),
                            ("fulfilled", "An offer was accepted"),
                            ("withdrawn", "Withdrawn"),
                            ("expired", "The weeks have passed"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="wished")),
                ("handed_on_at", models.DateTimeField(blank=True, null=True, verbose_name="handed on")),
            ],
            options={
                "verbose_name": "wish",
                "verbose_name_plural": "wishes",
                "ordering": ["-created_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "wish",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="schools.wish",
                        verbose_name="wish",
                    ),
                ),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="activities.activity",
                        verbose_name="activity",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="starts")),
                ("ends_at", models.DateTimeField(verbose_name="ends")),
                (
                    "where",
                    models.CharField(
                        choices=[
                            ("any", "Wherever it suits"),
                            ("partner", "At the partner's place"),
                            ("school", "At the school"),
                            ("video", "By video link"),
                        ],
                        default="partner",
                        max_length=10,
                        verbose_name="where",
                    ),
                ),
                ("note", models.TextField(blank=True, max_length=1000, verbose_name="a line to the teacher")),
                (
                    "offered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="offered by",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("open", "Waiting for the teacher"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("overtaken", "Another offer was accepted"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("offered_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="offered")),
                (
                    "booking",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="offer",
                        to="schools.booking",
                        verbose_name="booking",
                    ),
                ),
            ],
            options={
                "verbose_name": "offer",
                "verbose_name_plural": "offers",
                "ordering": ["offered_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="WishMatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "wish",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="schools.wish",
                        verbose_name="wish",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "role_model",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="activities.rolemodel",
                        verbose_name="role model",
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(verbose_name="rank")),
                ("told_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="told")),
                ("not_now_at", models.DateTimeField(blank=True, null=True, verbose_name="said not now")),
            ],
            options={
                "verbose_name": "partner told of a wish",
                "verbose_name_plural": "partners told of a wish",
                "ordering": ["rank", "id"],
            },
        ),
        migrations.AddConstraint(
            model_name="schoolregisterrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "running")), fields=("status",), name="schools_run_one_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.UniqueConstraint(fields=("booking", "side"), name="schools_feedback_once"),
        ),
        migrations.AddConstraint(
            model_name="feedback",
            constraint=models.CheckConstraint(
                condition=models.Q(("rating__gte", 1), ("rating__lte", 5)), name="schools_feedback_rating"
            ),
        ),
        migrations.AddConstraint(
            model_name="grantpot",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "amount_ore__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("reserved_ore"), "+", models.F("paid_ore")
                        ),
                    )
                ),
                name="schools_pot_never_overdrawn",
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(fields=["booking", "at"], name="schools_message_booking"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("told_at", None)), fields=["at"], name="schools_message_untold"),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "open")), fields=("booking",), name="schools_proposal_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="pulsecount",
            constraint=models.UniqueConstraint(
                fields=("pulse", "moment", "question", "answer"), name="schools_pulsecount_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="pulsecount",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__gte", 1), ("answer__lte", 5), ("question__gte", 1), ("question__lte", 3)),
                name="schools_pulsecount_range",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(fields=("booking", "kind", "about"), name="schools_reminder_once"),
        ),
        migrations.AddConstraint(
            model_name="schoolchange",
            constraint=models.UniqueConstraint(fields=("run", "school"), name="schools_change_once_a_run"),
        ),
        migrations.AddIndex(
            model_name="transportgrant",
            index=models.Index(
                condition=models.Q(("status__in", ["applied", "claimed"])),
                fields=["applied_at"],
                name="schools_grant_waiting",
            ),
        ),
        migrations.AddConstraint(
            model_name="transportgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("settled_ore__isnull", True), ("settled_ore__lte", models.F("approved_ore")), _connector="OR"
                ),
                name="schools_grant_settled_within",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(condition=models.Q(("ore__gte", 1)), name="schools_ledger_amount"),
        ),
        migrations.AddIndex(
            model_name="wish",
            index=models.Index(condition=models.Q(("status", "open")), fields=["created_at"], name="schools_wish_open"),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.CheckConstraint(
                condition=models.Q(("last_week__gte", models.F("first_week"))), name="schools_wish_weeks"
            ),
        ),
        migrations.AddConstraint(
            model_name="wish",
            constraint=models.CheckConstraint(
                condition=models.Q(("pupils__gte", 1), ("pupils__lte", 500)), name="schools_wish_pupils"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "accepted")), fields=("wish",), name="schools_offer_one_accepted"
            ),
        ),
        migrations.AddConstraint(
            model_name="offer",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="schools_offer_ends_after_start"
            ),
        ),
        migrations.AddConstraint(
            model_name="wishmatch",
            constraint=models.UniqueConstraint(fields=("wish", "partner"), name="schools_wishmatch_once"),
        ),
    ]
