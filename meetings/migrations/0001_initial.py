import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('districts', '0001_initial'),
        ('uploads', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Meeting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('A', '專、兼任(辦)人事人員聯繫會報'), ('B', '專任人事人員聯繫會報')], max_length=1, verbose_name='種類')),
                ('number', models.PositiveSmallIntegerField(verbose_name='次別')),
                ('starts_at', models.DateTimeField(verbose_name='開會時間')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='散會時間')),
                ('place', models.CharField(max_length=100, verbose_name='地點')),
                ('chair', models.CharField(default='處長', max_length=50, verbose_name='主席')),
                ('recorder', models.CharField(blank=True, max_length=50, verbose_name='紀錄人員')),
                ('contact', models.CharField(blank=True, max_length=60, verbose_name='聯絡人及電話')),
                ('observers', models.CharField(blank=True, max_length=200, verbose_name='列席人員')),
                ('call_number', models.CharField(blank=True, max_length=60, verbose_name='開會通知文號')),
                ('call_date', models.DateField(blank=True, null=True, verbose_name='開會通知日期')),
                ('state', models.CharField(choices=[('planned', '已排定'), ('called', '已通知'), ('held', '已召開'), ('cancelled', '已取消')], default='planned', max_length=10, verbose_name='狀態')),
                ('cancel_reason', models.CharField(blank=True, max_length=200, verbose_name='取消原因')),
                ('opening', models.TextField(blank=True, verbose_name='主席致詞')),
                ('check_in_code', models.CharField(blank=True, max_length=8, verbose_name='報到碼')),
                ('sequence', models.PositiveIntegerField(default=0, help_text='每次異動加一，供行事曆更新。', verbose_name='通知版次')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='建立時間')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='建立人')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='districts.district', verbose_name='分區')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='meetings', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '會議',
                'verbose_name_plural': '會議',
                'ordering': ['-starts_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('district', 'kind', 'number'), name='meeting_numbered_once'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gte', models.F('starts_at')), _connector='OR'), name='meeting_ends_after_start', violation_error_message='散會時間不得早於開會時間。'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'cancelled'), _negated=True), models.Q(('cancel_reason', ''), _negated=True), _connector='OR'), name='cancelled_with_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_coached', models.BooleanField(default=False, verbose_name='輔導區兼任(辦)')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='順序')),
                ('attendance', models.CharField(blank=True, choices=[('', '未登錄'), ('present', '出席'), ('deputy', '代理出席'), ('excused', '請假'), ('absent', '未出席')], default='', max_length=10, verbose_name='出席情形')),
                ('attendee', models.CharField(blank=True, help_text='代理出席時填代理人姓名。', max_length=50, verbose_name='出席人員')),
                ('checked_in_at', models.DateTimeField(blank=True, null=True, verbose_name='報到時間')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='districts.agency', verbose_name='機關')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='meetings.meeting', verbose_name='會議')),
            ],
            options={
                'verbose_name': '出席單位',
                'verbose_name_plural': '出席單位',
                'ordering': ['meeting', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('meeting', 'agency'), name='agency_invited_once'), models.CheckConstraint(condition=models.Q(models.Q(('attendance', 'deputy'), _negated=True), models.Q(('attendee', ''), _negated=True), _connector='OR'), name='deputy_is_named')],
            },
        ),
        migrations.CreateModel(
            name='AgendaItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('section', models.CharField(choices=[('report', '報告事項'), ('discussion', '討論事項'), ('extempore', '臨時動議')], default='discussion', max_length=10, verbose_name='類別')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='順序')),
                ('subject', models.CharField(max_length=300, verbose_name='案由')),
                ('proposer', models.CharField(blank=True, max_length=100, verbose_name='提案單位')),
                ('explanation', models.TextField(blank=True, verbose_name='說明')),
                ('remedy', models.TextField(blank=True, verbose_name='辦法')),
                ('resolution', models.TextField(blank=True, verbose_name='決議')),
                ('meeting', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agenda', to='meetings.meeting', verbose_name='會議')),
            ],
            options={
                'verbose_name': '議程項目',
                'verbose_name_plural': '議程項目',
                'ordering': ['meeting', 'section', 'order', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Minutes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('unfiled', '未報'), ('submitted', '已報'), ('returned', '退請補正'), ('accepted', '已備查')], default='unfiled', max_length=10, verbose_name='狀態')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='最近報送時間')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='備查或退請補正時間')),
                ('reason', models.TextField(blank=True, verbose_name='退請補正或重啟理由')),
                ('meeting', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='minutes', to='meetings.meeting', verbose_name='會議')),
            ],
            options={
                'verbose_name': '會議紀錄',
                'verbose_name_plural': '會議紀錄',
                'ordering': ['-meeting__starts_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('state', 'returned'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='returned_with_a_reason'), models.CheckConstraint(condition=models.Q(('state', 'unfiled'), ('submitted_at__isnull', False), _connector='OR'), name='filed_minutes_have_a_date')],
            },
        ),
        migrations.CreateModel(
            name='MinutesVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='版次')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='報送說明')),
                ('submitted_at', models.DateTimeField(blank=True, null=True, verbose_name='報送時間')),
                ('accepted_at', models.DateTimeField(blank=True, null=True, verbose_name='備查時間')),
                ('findings', models.JSONField(blank=True, editable=False, null=True, verbose_name='文字預檢')),
                ('minutes', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='meetings.minutes', verbose_name='會議紀錄')),
                ('submitted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='報送人')),
            ],
            options={
                'verbose_name': '會議紀錄版本',
                'verbose_name_plural': '會議紀錄版本',
                'ordering': ['minutes', 'number'],
                'constraints': [models.UniqueConstraint(fields=('minutes', 'number'), name='minutes_version_once'), models.UniqueConstraint(condition=models.Q(('submitted_at__isnull', True)), fields=('minutes',), name='minutes_one_open_version'), models.CheckConstraint(condition=models.Q(('accepted_at__isnull', True), ('submitted_at__isnull', False), _connector='OR'), name='accepted_after_submission')],
            },
        ),
        migrations.CreateModel(
            name='MinutesFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('minutes', '會議紀錄'), ('attachment', '相關資料')], default='minutes', max_length=10, verbose_name='性質')),
                ('stored', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='uploads.storedfile', verbose_name='檔案')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='files', to='meetings.minutesversion', verbose_name='版本')),
            ],
            options={
                'verbose_name': '會議紀錄檔案',
                'verbose_name_plural': '會議紀錄檔案',
                'ordering': ['version', 'role', 'pk'],
            },
        ),
    ]
