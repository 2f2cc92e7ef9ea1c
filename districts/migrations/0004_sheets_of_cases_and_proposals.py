from django.db import migrations, models


def keep_invitations(apps, schema_editor):
    apps.get_model("districts", "StagedSheet").objects.filter(invite=True).update(options={"invite": True})


class Migration(migrations.Migration):

    dependencies = [
        ('districts', '0003_values_within_bounds'),
    ]

    operations = [
        migrations.AddField(
            model_name='stagedsheet',
            name='options',
            field=models.JSONField(blank=True, default=dict, verbose_name='選項'),
        ),
        migrations.RunPython(keep_invitations, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name='stagedsheet',
            name='invite',
        ),
        migrations.AlterField(
            model_name='stagedsheet',
            name='kind',
            field=models.CharField(choices=[('agencies', '機關'), ('people', '人員'), ('cases', '案例'), ('proposals', '提案')], max_length=10, verbose_name='內容'),
        ),
    ]
