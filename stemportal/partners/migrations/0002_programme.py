import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import stemportal.partners.models.drafts
import stemportal.partners.models.members


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("partners", "0001_initial"),
        ("places", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BrandMaterial",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="shown to partners")),
                ("title_nb", models.CharField(max_length=120, verbose_name="title, bokmål")),
                ("title_nn", models.CharField(max_length=120, verbose_name="title, nynorsk")),
                ("title_en", models.CharField(max_length=120, verbose_name="title, English")),
                ("text_nb", models.TextField(blank=True, max_length=1500, verbose_name="text, bokmål")),
                ("text_nn", models.TextField(blank=True, max_length=1500, verbose_name="text, nynorsk")),
                ("text_en", models.TextField(blank=True, max_length=1500, verbose_name="text, English")),
                ("file", models.FileField(blank=True, max_length=120, upload_to="brand/", verbose_name="file")),
                ("file_name", models.CharField(blank=True, editable=False, max_length=120, verbose_name="file name")),
                (
                    "updated_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="changed"),
                ),
            ],
            options={
                "verbose_name": "brand material",
                "verbose_name_plural": "brand material",
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="DataExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="data_exports",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("building", "Being built"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                            ("expired", "Deleted"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("requested_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="asked for")),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked for by",
                    ),
                ),
                ("claimed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0, editable=False)),
                ("total", models.PositiveIntegerField(default=0, verbose_name="steps")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="steps done")),
                ("file", models.FileField(blank=True, max_length=120, upload_to="", verbose_name="file")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="size in bytes")),
                ("built_at", models.DateTimeField(blank=True, null=True, verbose_name="ready")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                ("error", models.TextField(blank=True, verbose_name="error")),
            ],
            options={
                "verbose_name": "copy of a partner's data",
                "verbose_name_plural": "copies of partners' data",
                "ordering": ["-requested_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="DeclineReason",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("title_nb", models.CharField(max_length=120, verbose_name="title, bokmål")),
                ("title_nn", models.CharField(max_length=120, verbose_name="title, nynorsk")),
                ("title_en", models.CharField(max_length=120, verbose_name="title, English")),
                ("text_nb", models.TextField(max_length=1000, verbose_name="text, bokmål")),
                ("text_nn", models.TextField(max_length=1000, verbose_name="text, nynorsk")),
                ("text_en", models.TextField(max_length=1000, verbose_name="text, English")),
            ],
            options={
                "verbose_name": "reason for declining",
                "verbose_name_plural": "reasons for declining",
                "ordering": ["order", "id"],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("editor", "Editor"), ("reader", "Reader")],
                        default="editor",
                        max_length=10,
                        verbose_name="role",
                    ),
                ),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("invited_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="invited")),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=stemportal.partners.models.members.invitation_ends, verbose_name="valid until"
                    ),
                ),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="taken back")),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "accepted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="accepted by",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-invited_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Level",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="programme year starts in")),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                ("order", models.PositiveSmallIntegerField(default=100, verbose_name="order")),
                ("name_nb", models.CharField(max_length=80, verbose_name="name, bokmål")),
                ("name_nn", models.CharField(max_length=80, verbose_name="name, nynorsk")),
                ("name_en", models.CharField(max_length=80, verbose_name="name, English")),
                ("description_nb", models.TextField(blank=True, max_length=1500, verbose_name="description, bokmål")),
                ("description_nn", models.TextField(blank=True, max_length=1500, verbose_name="description, nynorsk")),
                ("description_en", models.TextField(blank=True, max_length=1500, verbose_name="description, English")),
                ("expects_nb", models.TextField(blank=True, max_length=1500, verbose_name="what is expected, bokmål")),
                ("expects_nn", models.TextField(blank=True, max_length=1500, verbose_name="what is expected, nynorsk")),
                ("expects_en", models.TextField(blank=True, max_length=1500, verbose_name="what is expected, English")),
                ("offers_nb", models.TextField(blank=True, max_length=1500, verbose_name="what is offered, bokmål")),
                ("offers_nn", models.TextField(blank=True, max_length=1500, verbose_name="what is offered, nynorsk")),
                ("offers_en", models.TextField(blank=True, max_length=1500, verbose_name="what is offered, English")),
            ],
            options={
                "verbose_name": "engagement level",
                "verbose_name_plural": "engagement levels",
                "ordering": ["-school_year", "order", "id"],
            },
        ),
        migrations.CreateModel(
            name="Engagement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="engagements",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="programme year starts in")),
                (
                    "level",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="engagements",
                        to="partners.level",
                        verbose_name="level",
                    ),
                ),
                (
                    "chosen_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="picked by",
                    ),
                ),
                ("chosen_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="picked")),
            ],
            options={
                "verbose_name": "picked level",
                "verbose_name_plural": "picked levels",
                "ordering": ["-school_year"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notes",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                ("text", models.TextField(max_length=4000, verbose_name="note")),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="when")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="who",
                    ),
                ),
                ("follow_up_on", models.DateField(blank=True, null=True, verbose_name="come back to it on")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done")),
            ],
            options={
                "verbose_name": "note",
                "verbose_name_plural": "notes",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="PartnerImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.FileField(max_length=120, upload_to="", verbose_name="file")),
                ("file_name", models.CharField(max_length=200, verbose_name="file name")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("reading", "Being read"),
                            ("ready", "Ready to apply"),
                            ("applying", "Being applied"),
                            ("applied", "Applied"),
                            ("failed", "Could not be read"),
                            ("discarded", "Thrown away"),
                        ],
                        default="reading",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="uploaded")),
                ("claimed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="applied")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="rows read")),
                ("error", models.TextField(blank=True, verbose_name="error")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "import of partners",
                "verbose_name_plural": "imports of partners",
                "ordering": ["-uploaded_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner_import",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="partners.partnerimport",
                        verbose_name="import",
                    ),
                ),
                ("line", models.PositiveIntegerField(verbose_name="line")),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("new", "New partner"),
                            ("change", "Changes"),
                            ("same", "No change"),
                            ("bad", "Cannot be used"),
                        ],
                        max_length=6,
                        verbose_name="what would happen",
                    ),
                ),
                (
                    "partner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("values", models.JSONField(default=dict, verbose_name="values")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("errors", models.JSONField(default=list, verbose_name="errors")),
            ],
            options={
                "verbose_name": "row",
                "verbose_name_plural": "rows",
                "ordering": ["line"],
            },
        ),
        migrations.CreateModel(
            name="RegisterRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "Running"), ("stopped", "Stopped"), ("done", "Done")],
                        default="running",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("started_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="started")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished")),
                ("seen_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="last sign of life")),
                ("resume_at", models.DateTimeField(blank=True, null=True, verbose_name="goes on at")),
                ("last_pk", models.BigIntegerField(default=0, verbose_name="compared up to partner")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="partners")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="compared")),
                ("proposed", models.PositiveIntegerField(default=0, verbose_name="changes proposed")),
                ("flagged", models.PositiveIntegerField(default=0, verbose_name="flagged")),
                ("unanswered", models.PositiveIntegerField(default=0, verbose_name="without an answer")),
                (
                    "started_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "comparison with the register",
                "verbose_name_plural": "comparisons with the register",
                "ordering": ["-started_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="RegisterProposal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "partner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="proposals",
                        to="partners.partner",
                        verbose_name="partner",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="proposals",
                        to="partners.registerrun",
                        verbose_name="comparison",
                    ),
                ),
                ("field", models.CharField(max_length=40, verbose_name="fact")),
                ("ours", models.CharField(blank=True, max_length=300, verbose_name="we have")),
                ("theirs", models.CharField(max_length=300, verbose_name="the register has")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("accepted", "Accepted"),
                            ("rejected", "Rejected"),
                            ("outdated", "Outdated"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                ("found_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="found")),
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
            ],
            options={
                "verbose_name": "proposal from the register",
                "verbose_name_plural": "proposals from the register",
                "ordering": ["-found_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="RegistrationDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token_hash", models.CharField(editable=False, max_length=64, unique=True)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("language", models.CharField(default="nb", max_length=5, verbose_name="language")),
                ("data", models.JSONField(default=dict, verbose_name="what was typed")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="begun")),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="saved")),
                (
                    "expires_at",
                    models.DateTimeField(
                        default=stemportal.partners.models.drafts.draft_ends, verbose_name="kept until"
                    ),
                ),
            ],
            options={
                "verbose_name": "begun registration",
                "verbose_name_plural": "begun registrations",
                "ordering": ["-updated_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="level",
            constraint=models.UniqueConstraint(fields=("school_year", "code"), name="partners_level_unique"),
        ),
        migrations.AddIndex(
            model_name="registrationdraft",
            index=models.Index(fields=["expires_at"], name="partners_draft_expires"),
        ),
        migrations.AddConstraint(
            model_name="dataexport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["waiting", "building"])),
                fields=("partner",),
                name="partners_dataexport_one_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                models.F("partner"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(("accepted_at__isnull", True), ("revoked_at__isnull", True)),
                name="partners_invitation_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="engagement",
            constraint=models.UniqueConstraint(fields=("partner", "school_year"), name="partners_engagement_unique"),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(
                condition=models.Q(("done_at__isnull", True), ("follow_up_on__isnull", False)),
                fields=["follow_up_on"],
                name="partners_note_due",
            ),
        ),
        migrations.AddIndex(
            model_name="importrow",
            index=models.Index(
                condition=models.Q(("action", "bad")), fields=["partner_import", "line"], name="partners_importrow_bad"
            ),
        ),
        migrations.AddConstraint(
            model_name="importrow",
            constraint=models.UniqueConstraint(fields=("partner_import", "line"), name="partners_importrow_unique"),
        ),
        migrations.AddConstraint(
            model_name="registerrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "running")), fields=("status",), name="partners_registerrun_one_running"
            ),
        ),
        migrations.AddIndex(
            model_name="registerproposal",
            index=models.Index(
                condition=models.Q(("status", "waiting")), fields=["found_at"], name="partners_proposal_waiting"
            ),
        ),
        migrations.AddConstraint(
            model_name="registerproposal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "waiting")),
                fields=("partner", "field"),
                name="partners_proposal_waiting_once",
            ),
        ),
    ]
