"""The deadlines of cases, proposals and circulars for the liaison plans that are there already.

A new database gets them with its plans (fixtures/075_deadlines_proposals_113.json).
"""

from django.db import migrations

ROWS = [
    ("proposals.answer", "回復函請提案（案例、提案或「無」）", "肆、二、(二)", "none", "截止日由承辦單位於函請提案訂定，得個別展延。"),
    ("proposals.case", "專任人事機構提供案例至少 1 件", "肆、二、(二)、1", "none", "以所屬分區第一次函請提案之截止日為期限；尚未函請者不判定逾期。"),
    ("proposals.cases_to_office", "會後彙整案例函送本處", "肆、二、(二)、1", "next", "計畫未定日數；僅顯示會後日數，人事處訂定日數後始判定逾期。"),
    ("proposals.proposals_to_office", "專任會報前函送修正建議提案", "肆、二、(二)、2", "previous", "須早於專任會報開會日，以前一日為期限，遇休假日提前；當日送達列為逾期。"),
    ("proposals.publish_cases", "案例去識別並發布", "肆、三", "next", "計畫未定日數；自承辦單位函送之日起算。"),
    ("proposals.decide", "提案研處並公布結果", "肆、二、(二)、2", "next", "計畫未定日數；自承辦單位函送之日起算。"),
    ("proposals.circulate", "專任會報紀錄及決議通函", "肆、三", "next", "計畫未定日數；自會議紀錄備查之日起算。"),
    ("proposals.acknowledge", "簽收通函", "肆、三", "next", "計畫未定日數；人事處訂定公布後日數後始判定逾期。"),
    ("proposals.follow_up", "決議列管事項填報辦理情形", "肆、三", "next", "期限由列管時訂定。"),
    ("proposals.release", "審核列管事項解除列管", "肆、三", "next", "計畫未定日數；自承辦單位填報之日起算。"),
]


def add_missing(apps, schema_editor):
    Plan, Deadline = apps.get_model("districts", "Plan"), apps.get_model("districts", "Deadline")
    for plan in Plan.objects.filter(kind="liaison"):
        there = set(Deadline.objects.filter(plan=plan).values_list("duty", flat=True))
        Deadline.objects.bulk_create(
            Deadline(plan=plan, duty=duty, title=title, clause=clause, policy=policy, note=note)
            for duty, title, clause, policy, note in ROWS
            if duty not in there
        )


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0002_room_for_signs"),
        ("districts", "0003_values_within_bounds"),
    ]

    operations = [migrations.RunPython(add_missing, migrations.RunPython.noop)]
