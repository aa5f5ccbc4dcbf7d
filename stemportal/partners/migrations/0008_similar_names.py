from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models import Func, TextField, Value
from django.db.models.functions import Lower, Trim

FORMS = (
    "as|asa|sa|ans|da|ba|ks|nuf|iks|kf|fkf|hf|rhf|sf|se|enk|a/s|aps|i/s|k/s|p/s|ivs|amba|"
    "ab|hb|kb|ekonomisk förening|oyj?|ltd|llc|inc|gmbh"
)
# What is taken out of a name in small letters, and what stands there instead.
STEPS = (
    (r"\s*\(publ\.?\)\s*$", ""),
    (rf"^({FORMS})\s+|\s+({FORMS})\.?\s*$", ""),
    ("[^[:alnum:]]+", " "),
)


def plain_name(field):
    """partners.names.plain_name as it was when this was written."""
    text = Lower(field)
    for pattern, by in STEPS:
        text = Func(text, Value(pattern), Value(by), Value("g"), function="regexp_replace", output_field=TextField())
    return Trim(text)


def plain_name_in_sql(field):
    text = f"lower({field})"
    for pattern, by in STEPS:
        text = f"regexp_replace({text}, '{pattern}', '{by}', 'g')"
    return f"trim(both from {text})"


def index(field, name):
    """An index that is built while others write to the table.

    Django's own operation for it can not show its SQL inside a transaction, which the test of this file needs.
    """
    create = f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {name} ON partners_partner USING gin (({plain_name_in_sql(field)}) gin_trgm_ops)"
    return migrations.SeparateDatabaseAndState(
        state_operations=[
            migrations.AddIndex(
                model_name="partner", index=GinIndex(OpClass(plain_name(field), name="gin_trgm_ops"), name=name)
            )
        ],
        database_operations=[migrations.RunSQL(create, reverse_sql=f"DROP INDEX CONCURRENTLY IF EXISTS {name}")],
    )


class Migration(migrations.Migration):
    # For CREATE INDEX CONCURRENTLY. The extension pg_trgm is there: places, on which partners rest, have it.
    atomic = False

    dependencies = [
        ("partners", "0007_page_revision"),
    ]

    operations = [
        index("legal_name", "partners_partner_legal_alike"),
        index("display_name", "partners_partner_shown_alike"),
    ]
