"""Training, learning hours, study leave."""

from training.models.catalogue import College, Course, Need, PreReading, Programme, Survey, TrainingRule
from training.models.classes import (
    Answer,
    Answered,
    Attendance,
    ClassFile,
    ClassTopic,
    Question,
    Registration,
    RegistrationEvent,
    Session,
    TrainingClass,
)
from training.models.hours import (
    LearningRecord,
    NationalReport,
    NationalRow,
    Requirement,
    RequirementSet,
    Topic,
    UploadLayout,
)
from training.models.study import Headcount, Semester, Study, StudyFile, StudyLeave, StudyRoster

__all__ = [
    "Answer",
    "Answered",
    "Attendance",
    "ClassFile",
    "ClassTopic",
    "College",
    "Course",
    "Headcount",
    "LearningRecord",
    "NationalReport",
    "NationalRow",
    "Need",
    "PreReading",
    "Programme",
    "Question",
    "Registration",
    "RegistrationEvent",
    "Requirement",
    "RequirementSet",
    "Semester",
    "Session",
    "Study",
    "StudyFile",
    "StudyLeave",
    "StudyRoster",
    "Survey",
    "Topic",
    "TrainingClass",
    "TrainingRule",
    "UploadLayout",
]
