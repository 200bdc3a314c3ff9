from django.db import migrations


def sign_what_stands(apps, schema):
    """Versions that stand were agreed on before signatures were asked for: nothing changes about which one is in force."""
    models = apps.get_model("book", "ScoringModel")
    for model in models.objects.using(schema.connection.alias):
        made = model.created_at.date()
        model.signed_on = min(model.from_on, made) if model.from_on else made
        model.save(update_fields=["signed_on"])


class Migration(migrations.Migration):

    dependencies = [('book', '0011_scoring_signatures')]

    operations = [migrations.RunPython(sign_what_stands, migrations.RunPython.noop)]
