"""Addresses of training, learning hours and study leave."""

from django.urls import URLPattern, path

from training.views import catalogue, classes, nominations, registration, study, study_rosters, study_terms

app_name = "training"

urlpatterns: list[URLPattern] = [
    # Catalogue, needs survey, courses
    path("", catalogue.catalogue, name="catalogue"),
    path("courses/<int:pk>/", catalogue.course, name="course"),
    # Classes
    path("classes/", classes.index, name="classes"),
    path("classes/<int:pk>/", classes.detail, name="training_class"),
    # Registration, waiting list, nominations
    path("classes/<int:pk>/registrations/", registration.class_registrations, name="class_registrations"),
    path("classes/<int:pk>/register/", registration.register, name="register"),
    path("classes/<int:pk>/nominations/", nominations.nominations, name="nominations"),
    path("classes/<int:pk>/nominations/add/", nominations.nominate, name="nominate"),
    path("classes/<int:pk>/nominations/decide/", nominations.decide, name="decide_nominations"),
    path("registrations/", registration.my_registrations, name="my_registrations"),
    path("registrations/<int:pk>/", registration.registration, name="registration"),
    path("registrations/<int:pk>/accept/", registration.accept_offer, name="accept_offer"),
    path("registrations/<int:pk>/decline/", registration.decline_offer, name="decline_offer"),
    path("registrations/<int:pk>/cancel/", registration.cancel, name="cancel_registration"),
    # Attendance, credited hours, certificates, questionnaires
    # Learning hours
    # Study leave
    path("study/", study.index, name="studies"),
    path("study/add/", study.add, name="add_study"),
    path("study/<int:pk>/", study.detail, name="study"),
    path("study/<int:pk>/edit/", study.edit, name="edit_study"),
    path("study/<int:pk>/submit/", study.submit, name="submit_study"),
    path("study/<int:pk>/decide/", study.decide, name="decide_study"),
    path("study/<int:pk>/withdraw/", study.withdraw, name="withdraw_study"),
    path("study/<int:pk>/end/", study.end, name="end_study"),
    path("study/<int:pk>/leaves/", study.add_leave, name="add_study_leave"),
    path("study/<int:pk>/semesters/add/", study_terms.add, name="add_semester"),
    path("study/leaves/<int:pk>/remove/", study.remove_leave, name="remove_study_leave"),
    path("study/files/<int:pk>/", study.file, name="study_file"),
    path("study/files/<int:pk>/remove/", study.remove_file, name="remove_study_file"),
    path("study/semesters/<int:pk>/", study_terms.detail, name="semester"),
    path("study/semesters/<int:pk>/edit/", study_terms.edit, name="edit_semester"),
    path("study/semesters/<int:pk>/timetable/", study_terms.timetable, name="file_timetable"),
    path("study/semesters/<int:pk>/grades/", study_terms.grades, name="file_grades"),
    path("study/semesters/<int:pk>/hours/", study_terms.hours, name="register_study_hours"),
    path("study/semesters/<int:pk>/files/<str:kind>/", study_terms.file, name="semester_file"),
    path("study/headcounts/", study_rosters.headcounts, name="headcounts"),
    path("study/headcounts/<int:pk>/", study_rosters.enter_headcounts, name="enter_headcounts"),
    path("study/headcounts/<int:pk>/sheet/", study_rosters.read_sheet, name="read_headcounts"),
    path("study/rosters/", study_rosters.index, name="study_rosters"),
    path("study/rosters/start/<int:pk>/", study_rosters.start, name="start_study_roster"),
    path("study/rosters/<int:pk>/", study_rosters.detail, name="study_roster"),
    path("study/rosters/<int:pk>/submit/", study_rosters.submit, name="submit_study_roster"),
    path("study/rosters/<int:pk>/accept/", study_rosters.accept, name="accept_study_roster"),
    path("study/rosters/<int:pk>/return/", study_rosters.give_back, name="return_study_roster"),
    path("study/rosters/<int:pk>/roster.<str:form>", study_rosters.paper, name="study_roster_paper"),
]
