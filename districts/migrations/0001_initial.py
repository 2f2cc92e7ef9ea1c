import districts.constraints
import districts.models.plans
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name='CalendarDay',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False, verbose_name='日期')),
                ('is_off', models.BooleanField(verbose_name='放假')),
                ('note', models.CharField(blank=True, max_length=60, verbose_name='備註')),
            ],
            options={
                'verbose_name': '辦公日曆',
                'verbose_name_plural': '辦公日曆',
                'ordering': ['day'],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(unique=True, verbose_name='代碼')),
                ('name', models.CharField(max_length=60, unique=True, verbose_name='名稱')),
            ],
            options={
                'verbose_name': '人事處',
                'verbose_name_plural': '人事處',
                'ordering': ['code'],
            },
        ),
        migrations.CreateModel(
            name='Closure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='日期')),
                ('reason', models.CharField(max_length=60, verbose_name='事由')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closures', to='districts.office', verbose_name='人事處')),
            ],
            options={
                'verbose_name': '停止上班日',
                'verbose_name_plural': '停止上班日',
                'ordering': ['-day'],
                'constraints': [models.UniqueConstraint(fields=('office', 'day'), name='closure_once_a_day')],
            },
        ),
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=50, verbose_name='姓名')),
                ('status', models.CharField(choices=[('civil_servant', '公務人員'), ('teacher', '教師'), ('contract', '約聘僱人員'), ('other', '其他')], default='civil_servant', max_length=15, verbose_name='身分別')),
                ('mail', models.EmailField(blank=True, max_length=254, verbose_name='公務信箱')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='公務電話')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='people', to='districts.office', verbose_name='人事處')),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='person', to=settings.AUTH_USER_MODEL, verbose_name='帳號')),
            ],
            options={
                'verbose_name': '人員',
                'verbose_name_plural': '人員',
                'ordering': ['office', 'name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Plan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('liaison', '分區聯繫會報'), ('kpi', '策略績效目標'), ('work', '年度工作計畫'), ('it_use', '資訊工具使用'), ('training', '訓練進修')], max_length=10, verbose_name='種類')),
                ('year', models.PositiveSmallIntegerField(help_text='民國年度，如 113。', verbose_name='年度')),
                ('title', models.CharField(max_length=100, verbose_name='計畫名稱')),
                ('issuing_body', models.CharField(max_length=60, verbose_name='訂定機關')),
                ('starts', models.DateField(verbose_name='期間起日')),
                ('ends', models.DateField(verbose_name='期間迄日')),
                ('budget_label', models.CharField(blank=True, max_length=100, verbose_name='經費來源')),
                ('convener', models.CharField(default='處長', max_length=30, verbose_name='召集人')),
                ('reminder_offsets', models.JSONField(default=districts.models.plans.default_offsets, help_text='如 [30, 14, 7, 1, 0]。', verbose_name='期限前幾日提醒')),
                ('overdue_every', models.PositiveSmallIntegerField(default=7, verbose_name='逾期後每幾日提醒')),
                ('note', models.TextField(blank=True, verbose_name='備註')),
                ('cloned_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='clones', to='districts.plan', verbose_name='複製自')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='districts.office', verbose_name='人事處')),
            ],
            options={
                'verbose_name': '計畫',
                'verbose_name_plural': '計畫',
                'ordering': ['office', 'kind', '-year'],
                'constraints': [models.UniqueConstraint(fields=('office', 'kind', 'year', 'issuing_body'), name='plan_once_a_year'), models.CheckConstraint(condition=models.Q(('ends__gte', models.F('starts'))), name='plan_ends_after_start', violation_error_message='期間迄日不得早於起日。')],
            },
        ),
        migrations.CreateModel(
            name='District',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, verbose_name='名稱')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='順序')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='districts', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '分區',
                'verbose_name_plural': '分區',
                'ordering': ['plan', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'name'), name='district_once_a_plan')],
            },
        ),
        migrations.CreateModel(
            name='CoachingTable',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.DateField(help_text='該月 1 日。', verbose_name='月份')),
                ('version', models.PositiveSmallIntegerField(default=1, verbose_name='版次')),
                ('filed_at', models.DateTimeField(auto_now_add=True, verbose_name='報送時間')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='備註')),
                ('filed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='報送人')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='coaching_tables', to='districts.district', verbose_name='分區')),
            ],
            options={
                'verbose_name': '輔導分配表',
                'verbose_name_plural': '輔導分配表',
                'ordering': ['district', '-month', '-version'],
                'constraints': [models.UniqueConstraint(fields=('district', 'month', 'version'), name='coaching_version_once'), models.CheckConstraint(condition=models.Q(('month__day', 1)), name='coaching_month_by_its_first_day')],
            },
        ),
        migrations.CreateModel(
            name='Deadline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.CharField(max_length=40, verbose_name='應辦事項代碼')),
                ('title', models.CharField(max_length=60, verbose_name='應辦事項')),
                ('clause', models.CharField(max_length=30, verbose_name='條次')),
                ('nominal', models.DateField(blank=True, null=True, verbose_name='期限')),
                ('month_day', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='每月幾日')),
                ('days_after', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='事後幾日內')),
                ('policy', models.CharField(choices=[('next', '順延至次一上班日'), ('previous', '提前至前一上班日'), ('none', '不調整')], default='next', max_length=10, verbose_name='遇休假日')),
                ('hour', models.TimeField(blank=True, null=True, verbose_name='截止時刻')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='說明')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deadlines', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '期限',
                'verbose_name_plural': '期限',
                'ordering': ['plan', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'duty'), name='deadline_once_a_duty'), models.CheckConstraint(condition=models.Q(('month_day__isnull', True), models.Q(('month_day__gte', 1), ('month_day__lte', 31)), _connector='OR'), name='deadline_day_of_a_month')],
            },
        ),
        migrations.CreateModel(
            name='PlanVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('approved', '核定'), ('amended', '修正')], max_length=10, verbose_name='核定／修正')),
                ('number', models.CharField(max_length=60, verbose_name='文號')),
                ('issued_on', models.DateField(verbose_name='日期')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='備註')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '計畫版本',
                'verbose_name_plural': '計畫版本',
                'ordering': ['plan', 'issued_on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='plan_version_once')],
            },
        ),
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=60, verbose_name='代碼')),
                ('clause', models.CharField(max_length=30, verbose_name='條次')),
                ('question', models.CharField(max_length=200, verbose_name='疑義')),
                ('value', models.JSONField(verbose_name='採用')),
                ('chosen', models.CharField(max_length=200, verbose_name='採用解釋')),
                ('alternative', models.CharField(blank=True, max_length=200, verbose_name='其他解釋')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='理由')),
                ('confirmed_on', models.DateField(blank=True, null=True, verbose_name='人事處確認日期')),
                ('confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name='確認人')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='readings', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '條文解釋',
                'verbose_name_plural': '條文解釋',
                'ordering': ['plan', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'key'), name='reading_once_a_question')],
            },
        ),
        migrations.CreateModel(
            name='Township',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=10, verbose_name='名稱')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='順序')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='townships', to='districts.office', verbose_name='人事處')),
            ],
            options={
                'verbose_name': '鄉鎮市',
                'verbose_name_plural': '鄉鎮市',
                'ordering': ['office', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('office', 'name'), name='township_named_once')],
            },
        ),
        migrations.CreateModel(
            name='DistrictArea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=20, verbose_name='計畫所列')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='順序')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='areas', to='districts.district', verbose_name='分區')),
                ('township', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='districts.township', verbose_name='鄉鎮市')),
            ],
            options={
                'verbose_name': '分區範圍',
                'verbose_name_plural': '分區範圍',
                'ordering': ['district', 'order', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('district', 'label'), name='area_once_a_district')],
            },
        ),
        migrations.CreateModel(
            name='Agency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('short_name', models.CharField(max_length=30, verbose_name='簡稱')),
                ('official_name', models.CharField(max_length=60, verbose_name='全銜')),
                ('code', models.CharField(blank=True, max_length=10, verbose_name='機關代碼')),
                ('kind', models.CharField(choices=[('office', '人事處'), ('county', '縣級機關'), ('township', '鄉鎮市公所'), ('land', '地政事務所'), ('senior_high', '高中'), ('junior_high', '國中'), ('joint_school', '國中小'), ('elementary', '國小'), ('other', '其他')], max_length=15, verbose_name='類別')),
                ('staffing', models.CharField(choices=[('full_time', '專任'), ('part_time', '兼任'), ('concurrent', '兼辦')], default='full_time', max_length=10, verbose_name='人事人員')),
                ('mail', models.EmailField(blank=True, max_length=254, verbose_name='公務信箱')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='電話')),
                ('is_active', models.BooleanField(default=True, verbose_name='使用中')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='備註')),
                ('folded', models.TextField(default='', editable=False, verbose_name='檢索字串')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agencies', to='districts.office', verbose_name='人事處')),
                ('township', models.ForeignKey(blank=True, help_text='實際所在地；計畫所列分組另記於分區成員。', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='agencies', to='districts.township', verbose_name='所在鄉鎮市')),
            ],
            options={
                'verbose_name': '機關',
                'verbose_name_plural': '機關',
                'ordering': ['office', 'kind', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('office', 'short_name'), name='agency_listed_once'), models.UniqueConstraint(condition=models.Q(('kind', 'office')), fields=('office',), name='office_is_one_agency')],
            },
        ),
        migrations.CreateModel(
            name='CoachingRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coached_in', to='districts.agency', verbose_name='受輔導機關')),
                ('table', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='districts.coachingtable', verbose_name='分配表')),
                ('officer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='coaches', to='districts.person', verbose_name='輔導人員')),
            ],
            options={
                'verbose_name': '輔導分配',
                'verbose_name_plural': '輔導分配',
                'ordering': ['table', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('table', 'agency'), name='coached_by_one_officer')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.PositiveSmallIntegerField(default=0, verbose_name='計畫所列順序')),
                ('is_host', models.BooleanField(default=False, verbose_name='承辦單位')),
                ('since', models.DateField(verbose_name='起日')),
                ('until', models.DateField(verbose_name='迄日')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='districts.agency', verbose_name='機關')),
                ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='districts.districtarea', verbose_name='計畫分組')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='districts.district', verbose_name='分區')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '分區成員',
                'verbose_name_plural': '分區成員',
                'ordering': ['district', 'order', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__gte', models.F('since'))), name='membership_ends_after_start', violation_error_message='迄日不得早於起日。'), districts.constraints.NoOverlap(keys=('plan', 'agency'), name='member_of_one_district_at_a_time', only='', violation_error_message='同一機關在同一計畫中，同一期間只能屬於一個分區。'), districts.constraints.NoOverlap(keys=('district',), name='district_has_one_host_at_a_time', only='is_host', violation_error_message='同一分區同一期間只能有一個承辦單位。')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit', models.CharField(blank=True, max_length=30, verbose_name='單位')),
                ('title', models.CharField(max_length=30, verbose_name='職稱')),
                ('rank', models.CharField(blank=True, max_length=30, verbose_name='官職等')),
                ('function', models.CharField(choices=[('head', '主管'), ('handler', '承辦'), ('personnel', '人事')], default='personnel', max_length=10, verbose_name='職務性質')),
                ('access', models.CharField(choices=[('admin', '管理'), ('review', '審核'), ('work', '承辦'), ('read', '唯讀')], default='work', max_length=10, verbose_name='使用權限')),
                ('since', models.DateField(verbose_name='到任日')),
                ('until', models.DateField(blank=True, null=True, verbose_name='卸任日')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='districts.agency', verbose_name='機關')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='postings', to='districts.person', verbose_name='人員')),
            ],
            options={
                'verbose_name': '職務',
                'verbose_name_plural': '職務',
                'ordering': ['agency', 'since', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('until__isnull', True), ('until__gte', models.F('since')), _connector='OR'), name='posting_ends_after_start', violation_error_message='卸任日不得早於到任日。'), models.UniqueConstraint(condition=models.Q(('until__isnull', True)), fields=('person', 'agency', 'function'), name='posting_open_once')],
            },
        ),
        migrations.CreateModel(
            name='AgencyName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('official', '全銜'), ('alias', '別名')], default='alias', max_length=10, verbose_name='種類')),
                ('name', models.CharField(max_length=60, verbose_name='名稱')),
                ('since', models.DateField(blank=True, null=True, verbose_name='起日')),
                ('until', models.DateField(blank=True, null=True, verbose_name='迄日')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='names', to='districts.agency', verbose_name='機關')),
            ],
            options={
                'verbose_name': '機關名稱',
                'verbose_name_plural': '機關名稱',
                'ordering': ['agency', 'since', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('agency', 'name', 'kind'), name='agency_name_once')],
            },
        ),
    ]
