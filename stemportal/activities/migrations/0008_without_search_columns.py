"""The words of offers stand in the search index; what PostgreSQL kept of them, and the indexes of its search, go."""

from django.db import migrations

INDEXES = ["search", "place", "point", "format", "cover", "typos"]
FOREIGN_KEYS = [
    ("activity", "copied_from"),
    ("session", "series"),
    ("goal", "successor"),
    ("curriculumplan", "subject"),
]
# No version that reads these columns has been installed anywhere.
DROP = """
    -- squawk-ignore ban-drop-column
    ALTER TABLE activities_activity DROP COLUMN IF EXISTS search;
    -- squawk-ignore ban-drop-column
    ALTER TABLE activities_activity DROP COLUMN IF EXISTS search_head;
"""
ADD_AGAIN = """
    ALTER TABLE activities_activity ADD COLUMN search tsvector NULL;
    ALTER TABLE activities_activity ADD COLUMN search_head tsvector NULL;
"""


def index_of(model, name):
    table = f"activities_{model}"
    return migrations.RunSQL(
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {table}_{name}_id ON {table} ({name}_id)",
        reverse_sql=f"DROP INDEX CONCURRENTLY IF EXISTS {table}_{name}_id",
    )


def without_index(name):
    return migrations.SeparateDatabaseAndState(
        state_operations=[migrations.RemoveIndex(model_name="activity", name=name)],
        database_operations=[
            migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", reverse_sql=migrations.RunSQL.noop)
        ],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("activities", "0007_role_model_history"),
    ]

    operations = [
        *(index_of(model, name) for model, name in FOREIGN_KEYS),
        *(without_index(f"activities_activity_{name}") for name in INDEXES),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="activity", name="search"),
                migrations.RemoveField(model_name="activity", name="search_head"),
            ],
            database_operations=[migrations.RunSQL(DROP, reverse_sql=ADD_AGAIN)],
        ),
    ]
