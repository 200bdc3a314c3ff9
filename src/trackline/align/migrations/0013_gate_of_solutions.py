"""The stages of the shipped pipeline ask for what new books ask for, where nobody chose otherwise."""

from django.db import migrations

ASKS = {"solution_validation": ("needs", ["needs_advance"]), "proposal": ("advises", ["competition_ready"])}


def ask(apps, editor):
    """Have the stages ask."""
    Stage = apps.get_model("align", "Stage")
    rows = Stage.objects.using(editor.connection.alias)
    for key, (field, checks) in ASKS.items():
        for stage in rows.filter(pipeline__key="kam7", key=key, deleted_at__isnull=True):
            if not stage.needs and not stage.advises:
                setattr(stage, field, checks)
                stage.save(update_fields=[field])


class Migration(migrations.Migration):

    dependencies = [
        ('align', '0012_amounts_are_not_negative'),
    ]

    operations = [migrations.RunPython(ask, migrations.RunPython.noop)]
