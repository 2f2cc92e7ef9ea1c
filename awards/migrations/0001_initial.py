import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('districts', '0003_values_within_bounds'),
        ('proposals', '0002_room_for_signs'),
    ]

    operations = [
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='次別')),
                ('state', models.CharField(choices=[('draft', '試算'), ('approved', '已核定')], default='draft', max_length=10, verbose_name='狀態')),
                ('rule_version', models.CharField(max_length=20, verbose_name='規則版本')),
                ('facts', models.JSONField(default=dict, editable=False, verbose_name='事實')),
                ('rules', models.JSONField(default=dict, editable=False, verbose_name='規則與解釋')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='試算時間')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='核定時間')),
                ('letter_number', models.CharField(blank=True, max_length=60, verbose_name='核定文號')),
                ('letter_date', models.DateField(blank=True, null=True, verbose_name='核定日期')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='核定人')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='試算人')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='award_runs', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '獎勵試算',
                'verbose_name_plural': '獎勵試算',
                'ordering': ['plan', '-number'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'number'), name='award_run_numbered_once'), models.CheckConstraint(condition=models.Q(('state', 'draft'), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('letter_date__isnull', False), models.Q(('letter_number', ''), _negated=True)), _connector='OR'), name='approved_run_has_a_letter'), models.CheckConstraint(condition=models.Q(('approved_by__isnull', True), models.Q(('approved_by', models.F('made_by')), _negated=True), _connector='OR'), name='run_approved_by_another')],
            },
        ),
        migrations.CreateModel(
            name='Line',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('hosting', '辦理聯繫會報（伍、一）'), ('proposal', '提案獲參採（伍、二）')], max_length=10, verbose_name='類別')),
                ('name', models.CharField(max_length=50, verbose_name='姓名')),
                ('office_unit', models.CharField(blank=True, max_length=30, verbose_name='單位')),
                ('title', models.CharField(blank=True, max_length=30, verbose_name='職稱')),
                ('rank', models.CharField(blank=True, max_length=30, verbose_name='官職等')),
                ('status', models.CharField(choices=[('civil_servant', '公務人員'), ('teacher', '教師'), ('contract', '約聘僱人員'), ('other', '其他')], max_length=15, verbose_name='身分別')),
                ('deed', models.CharField(max_length=500, verbose_name='具體事蹟')),
                ('clause', models.CharField(max_length=30, verbose_name='條次')),
                ('computed_unit', models.CharField(choices=[('citation', '嘉獎'), ('merit', '記功'), ('major_merit', '記大功')], max_length=15, verbose_name='試算獎勵種類')),
                ('computed_times', models.PositiveSmallIntegerField(verbose_name='試算次數')),
                ('unit', models.CharField(choices=[('citation', '嘉獎'), ('merit', '記功'), ('major_merit', '記大功')], max_length=15, verbose_name='獎勵種類')),
                ('times', models.PositiveSmallIntegerField(verbose_name='次數')),
                ('matters', models.JSONField(default=list, editable=False, verbose_name='獎勵事項')),
                ('because', models.JSONField(default=dict, editable=False, verbose_name='依據事實')),
                ('is_estimated', models.BooleanField(default=False, verbose_name='預估')),
                ('is_dropped', models.BooleanField(default=False, verbose_name='剔除')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='調整或剔除理由')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='備註')),
                ('result', models.CharField(blank=True, max_length=100, verbose_name='審議結果')),
                ('agency', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='award_lines', to='districts.agency', verbose_name='服務機關')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='districts.district', verbose_name='分區')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='award_lines', to='districts.person', verbose_name='人員')),
                ('replaces', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='awards.line', verbose_name='取代（原建議註銷）')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='awards.run', verbose_name='試算')),
            ],
            options={
                'verbose_name': '獎勵建議',
                'verbose_name_plural': '獎勵建議',
                'ordering': ['run', 'kind', 'district', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('is_dropped', False), ('times', models.F('computed_times')), ('unit', models.F('computed_unit'))), models.Q(('reason', ''), _negated=True), _connector='OR'), name='award_line_changed_with_a_reason'), models.CheckConstraint(condition=models.Q(('times__gte', 1)), name='award_line_grants_something')],
            },
        ),
        migrations.CreateModel(
            name='Tier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clause', models.CharField(max_length=30, verbose_name='條次')),
                ('unit', models.CharField(choices=[('citation', '嘉獎'), ('merit', '記功'), ('major_merit', '記大功')], max_length=15, verbose_name='獎勵種類')),
                ('times', models.PositiveSmallIntegerField(verbose_name='次數')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='award_tiers', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '獎勵級距',
                'verbose_name_plural': '獎勵級距',
                'ordering': ['plan', 'clause', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'clause'), name='award_tier_once_a_clause'), models.CheckConstraint(condition=models.Q(('times__gte', 1)), name='award_tier_grants_something', violation_error_message='次數至少 1 次。')],
            },
        ),
        migrations.CreateModel(
            name='TierCondition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('measure', models.CharField(choices=[('meetings', '聯繫會報場次'), ('proposals', '修正建議提案案數'), ('attendees', '出席人次'), ('members', '分區成員機關數'), ('rank', '提案數名次')], max_length=15, verbose_name='計數')),
                ('low', models.PositiveIntegerField(blank=True, null=True, verbose_name='下限')),
                ('low_included', models.BooleanField(default=True, help_text='不勾選為「超過」。', verbose_name='含下限（以上）')),
                ('high', models.PositiveIntegerField(blank=True, null=True, verbose_name='上限')),
                ('high_included', models.BooleanField(default=False, help_text='不勾選為「未滿」。', verbose_name='含上限（以下）')),
                ('tier', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conditions', to='awards.tier', verbose_name='獎勵級距')),
            ],
            options={
                'verbose_name': '級距條件',
                'verbose_name_plural': '級距條件',
                'ordering': ['tier', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('tier', 'measure'), name='tier_asks_a_measure_once'), models.CheckConstraint(condition=models.Q(('low__isnull', False), ('high__isnull', False), _connector='OR'), name='tier_condition_has_a_bound', violation_error_message='請至少填下限或上限。'), models.CheckConstraint(condition=models.Q(('low__isnull', True), ('high__isnull', True), ('high__gt', models.F('low')), models.Q(('high', models.F('low')), ('high_included', True), ('low_included', True)), _connector='OR'), name='tier_condition_is_not_reversed', violation_error_message='上限須大於下限；兩者相同時須均包含。')],
            },
        ),
        migrations.CreateModel(
            name='HostPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('part', models.CharField(choices=[('head', '主管'), ('handler', '實際執行人員')], max_length=10, verbose_name='身分')),
                ('work', models.CharField(max_length=300, verbose_name='承辦工作')),
                ('state', models.CharField(choices=[('named', '待審查'), ('accepted', '同意列入'), ('refused', '不列入')], default='named', max_length=10, verbose_name='審查')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='不列入理由')),
                ('named_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='提報時間')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='審查時間')),
                ('checked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='審查人')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='host_people', to='districts.district', verbose_name='分區')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='提報人')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hosted', to='districts.person', verbose_name='人員')),
            ],
            options={
                'verbose_name': '會報承辦人員',
                'verbose_name_plural': '會報承辦人員',
                'ordering': ['district', 'part', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('district', 'person'), name='host_person_named_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='host_person_refused_with_a_reason'), models.CheckConstraint(condition=models.Q(('state', 'named'), models.Q(('checked_at__isnull', False), ('checked_by__isnull', False)), _connector='OR'), name='host_person_checked_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='ProposalPerson',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('named_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='指定時間')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='指定人')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='districts.person', verbose_name='人員')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rewarded', to='proposals.proposal', verbose_name='提案')),
            ],
            options={
                'verbose_name': '提案獎勵人員',
                'verbose_name_plural': '提案獎勵人員',
                'ordering': ['proposal', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'person'), name='proposal_person_once')],
            },
        ),
        migrations.CreateModel(
            name='ProposalRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('clause', models.CharField(max_length=30, verbose_name='條次')),
                ('unit', models.CharField(choices=[('citation', '嘉獎'), ('merit', '記功'), ('major_merit', '記大功')], default='citation', max_length=15, verbose_name='獎勵種類')),
                ('times', models.PositiveSmallIntegerField(default=1, verbose_name='每案次數')),
                ('cap', models.PositiveSmallIntegerField(blank=True, help_text='空白表示不設上限。', null=True, verbose_name='至多次數')),
                ('plan', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='proposal_rule', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '提案獎勵',
                'verbose_name_plural': '提案獎勵',
                'ordering': ['plan'],
                'constraints': [models.CheckConstraint(condition=models.Q(('times__gte', 1)), name='proposal_rule_grants_something', violation_error_message='次數至少 1 次。')],
            },
        ),
        migrations.CreateModel(
            name='Rewarded',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('matter', models.CharField(max_length=120, verbose_name='獎勵事項')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rewarded', to='awards.line', verbose_name='獎勵建議')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='districts.plan', verbose_name='計畫')),
            ],
            options={
                'verbose_name': '已獎勵事項',
                'verbose_name_plural': '已獎勵事項',
                'ordering': ['plan', 'matter'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'matter'), name='matter_rewarded_once')],
            },
        ),
    ]
