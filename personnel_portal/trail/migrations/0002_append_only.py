"""The database itself refuses to change a row of the trail: only a seal may be added, once.

Removing is refused unless the chain's anchor already stands at or behind the row, which is what
`trail.actions.expire` sees to first. A later migration that makes SQLite build the table anew must create the
triggers again.
"""

from django.db import migrations

CONTENT = (
    "id",
    "at",
    "actor_id",
    "actor_name",
    "acting_for_name",
    "address",
    "act",
    "target_type_id",
    "target_id",
    "target_label",
    "office_id",
    "detail",
)

POSTGRESQL = (
    f"""
    CREATE FUNCTION trail_entry_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.position <= (SELECT anchor_position FROM trail_chainhead WHERE id = 1) THEN
                RETURN OLD;
            END IF;
            RAISE EXCEPTION 'trail_entry is append-only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF OLD.position IS NOT NULL
            OR ({", ".join(f"OLD.{name}" for name in CONTENT)})
            IS DISTINCT FROM ({", ".join(f"NEW.{name}" for name in CONTENT)})
        THEN
            RAISE EXCEPTION 'trail_entry is append-only' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER trail_entry_append_only BEFORE UPDATE OR DELETE ON trail_entry
    FOR EACH ROW EXECUTE FUNCTION trail_entry_refuse_change()
    """,
)
SQLITE = (
    f"""
    CREATE TRIGGER trail_entry_no_change BEFORE UPDATE ON trail_entry
    WHEN OLD.position IS NOT NULL OR {" OR ".join(f"OLD.{name} IS NOT NEW.{name}" for name in CONTENT)}
    BEGIN SELECT RAISE(ABORT, 'trail_entry is append-only'); END
    """,
    """
    CREATE TRIGGER trail_entry_no_removal BEFORE DELETE ON trail_entry
    WHEN OLD.position IS NULL OR OLD.position > coalesce((SELECT anchor_position FROM trail_chainhead WHERE id = 1), 0)
    BEGIN SELECT RAISE(ABORT, 'trail_entry is append-only'); END
    """,
)


def create(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER trail_entry_append_only ON trail_entry")
        schema_editor.execute("DROP FUNCTION trail_entry_refuse_change()")
    else:
        schema_editor.execute("DROP TRIGGER trail_entry_no_change")
        schema_editor.execute("DROP TRIGGER trail_entry_no_removal")


class Migration(migrations.Migration):
    dependencies = [("trail", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
