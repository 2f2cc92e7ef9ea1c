from django.apps import AppConfig

# What people do with plans, courses and needs, as the trail names it.
CATALOGUE_ACTS: dict[str, str] = {}

# What people do with classes.
CLASS_ACTS: dict[str, str] = {}

# What people do with registrations.
REGISTRATION_ACTS: dict[str, str] = {}

# What people do with attendance, credited hours and questionnaires.
ATTENDANCE_ACTS: dict[str, str] = {}

# What people do with learning records, reports of the national portal and uploads to it.
HOURS_ACTS: dict[str, str] = {}

# What people do with study leave.
STUDY_ACTS: dict[str, str] = {}


class TrainingConfig(AppConfig):
    name = "training"
    verbose_name = "訓練進修"

    def ready(self) -> None:
        from auditlog.registry import auditlog  # its models cannot be imported earlier

        from personnel_portal.trail import acts

        for model in self.get_models():
            auditlog.register(model)
        for known in (CATALOGUE_ACTS, CLASS_ACTS, REGISTRATION_ACTS, ATTENDANCE_ACTS, HOURS_ACTS, STUDY_ACTS):
            acts.register(known)
