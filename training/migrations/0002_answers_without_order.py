import uuid

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0001_training'),
    ]

    # No column of numbers turns into one of UUIDs; nobody has answered yet.
    operations = [
        migrations.DeleteModel(name='Answer'),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('points', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='分數')),
                ('text', models.TextField(blank=True, max_length=1000, verbose_name='意見')),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='training.question', verbose_name='題目')),
            ],
            options={
                'verbose_name': '問卷回答',
                'verbose_name_plural': '問卷回答',
                'ordering': ['question', 'points', 'text'],
                'constraints': [models.CheckConstraint(condition=models.Q(('points__isnull', True), models.Q(('points__gte', 1), ('points__lte', 5)), _connector='OR'), name='answer_of_one_to_five')],
            },
        ),
    ]
