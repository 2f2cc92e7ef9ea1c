"""Who may open what: every view of the URL table, tried by every role.

The objects in the addresses are those of 北平原區 and its host 大林鎮公所 (`tests.site.world`), so that the host's
officer owns them, the member's and the coached school's officers are invited, and the neighbour has no part in them.
"""

from dataclasses import dataclass
from datetime import timedelta
from http.cookies import SimpleCookie

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from districts.choices import Access, Function
from meetings.choices import MinutesState
from meetings.models import Meeting, MinutesFile
from personnel_portal.accounts.models import User
from personnel_portal.home import health
from personnel_portal.trail.models import Entry
from tests import build
from tests.site.addresses import address, layers, places
from tests.site.clients import logged_in, status
from tests.site.world import World

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("today"),
    pytest.mark.one_database("guards and policies ask for rows by key; what finds them is tested on both in each app"),
]

ROLES = [
    "office_admin",
    "office_reviewer",
    "office_reader",
    "host_officer",
    "neighbour_host",
    "member_officer",
    "coached_officer",
    "employee",
    "stranger",
    "other_reviewer",
    "nobody",
]
# A page is fetched, a form is fetched and sent, an act can only be sent. `login` leads to the login page.
TABLE = """
view                             sort  admin  reviewer  reader  host   neighbour  member  coached  employee  stranger  elsewhere  nobody
admin:index                      page  login  login     login   login  login      login   login    login     login     login      login

home:index                       page  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
home:search                      page  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
home:sitemap                     page  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
home:administration              page  ok     403       403     403    403        403     403      403       403       403        login
home:accounts                    page  ok     403       403     403    403        403     403      403       403       403        login
home:accounts_review             act   ok     403       403     403    403        403     403      403       403       403        login
home:account                     page  ok     403       403     403    403        403     403      403       403       403        login
home:account_disable             act   ok     403       403     403    403        403     403      403       403       403        login
home:account_enable              act   ok     403       403     403    403        403     403      403       403       403        login
home:account_invite              act   ok     403       403     403    403        403     403      403       403       403        login
home:account_reset               act   ok     403       403     403    403        403     403      403       403       403        login
home:trail                       page  ok     403       403     403    403        403     403      403       403       403        login

accounts:login                   form  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         ok
accounts:logout                  act   ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
accounts:password_change         form  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
accounts:reset                   form  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         ok
accounts:set_password            form  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         ok
accounts:profile                 page  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
accounts:deputies                form  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
accounts:end_deputyship          act   404    404       404     ok     404        404     404      404       404       404        login
accounts:act_for                 act   404    404       404     404    404        ok      404      404       404       404        login
accounts:act_as_self             act   ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login

downloads:index                  page  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
downloads:ask                    form  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         login
downloads:file                   page  404    404       404     ok     404        404     404      404       404       404        login

districts:index                  page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
districts:detail                 page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
districts:change_host            form  ok     403       403     403    403        403     403      403       404       404        login
districts:coaching               page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
districts:file_coaching          form  ok     ok        403     ok     403        403     403      403       404       404        login
districts:import_coaching        act   ok     ok        403     ok     403        403     403      403       404       404        login
districts:repeat_coaching        act   ok     ok        403     ok     403        403     403      403       404       404        login
districts:agencies               page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
districts:add_agency             form  ok     403       403     403    403        403     403      403       403       403        login
districts:import_agencies        form  ok     403       403     403    403        403     403      403       403       403        login
districts:agency                 page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
districts:edit_agency            form  ok     403       403     403    403        403     403      403       404       404        login
districts:add_person             form  ok     403       403     ok     403        403     403      403       404       404        login
districts:people                 page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
districts:import_people          form  ok     403       403     403    403        403     403      403       403       403        login
districts:person                 page  ok     ok        ok      ok     404        404     404      404       404       404        login
districts:edit_person            form  ok     403       403     ok     404        404     404      404       404       404        login
districts:invite_person          form  ok     403       403     ok     404        404     404      404       404       404        login
districts:appoint                form  ok     403       403     403    404        404     404      404       404       404        login
districts:edit_posting           form  ok     403       403     ok     404        404     404      404       404       404        login
districts:end_posting            form  ok     403       403     ok     404        404     404      404       404       404        login
districts:hand_over              form  ok     403       403     ok     404        404     404      404       404       404        login
districts:sheet                  page  ok     404       404     404    404        404     404      404       404       404        login
districts:import_sheet           act   ok     404       404     404    404        404     404      404       404       404        login
districts:refused_rows           page  ok     404       404     404    404        404     404      404       404       404        login
districts:plans                  page  ok     403       403     403    403        403     403      403       403       403        login
districts:plan                   page  ok     403       403     403    403        403     403      403       404       404        login
districts:edit_plan              form  ok     403       403     403    403        403     403      403       404       404        login
districts:clone_plan             form  ok     403       403     403    403        403     403      403       404       404        login
districts:add_version            form  ok     403       403     403    403        403     403      403       404       404        login
districts:remove_version         act   ok     403       403     403    403        403     403      403       404       404        login
districts:edit_deadline          form  ok     403       403     403    403        403     403      403       404       404        login
districts:confirm_reading        act   ok     403       403     403    403        403     403      403       404       404        login
districts:office_calendar        page  ok     403       403     403    403        403     403      403       403       403        login
districts:import_calendar        act   ok     403       403     403    403        403     403      403       403       403        login
districts:declare_closure        act   ok     403       403     403    403        403     403      403       403       403        login
districts:withdraw_closure       form  ok     403       403     403    403        403     403      403       404       404        login

duties:board                     page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
duties:cell                      page  ok     ok        ok      ok     404        404     404      404       404       404        login
duties:detail                    page  ok     ok        ok      ok     404        404     404      404       403       404        login
duties:remind_now                act   ok     ok        403     403    403        403     403      403       403       404        login
duties:relieve                   act   ok     ok        403     403    403        403     403      403       403       404        login
duties:reliefs                   page  ok     ok        ok      403    403        403     403      403       403       ok         login
duties:withdraw                  act   ok     ok        403     403    404        404     404      404       404       404        login
duties:calendar                  page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
duties:feed                      page  ok     ok        ok      ok     ok         ok      ok       ok        ok        ok         ok
duties:feed_page                 page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
duties:open_feed                 act   ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
duties:revoke_feed               act   ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
duties:outbox                    page  ok     ok        403     403    403        403     403      403       403       ok         login
duties:message                   page  ok     ok        403     403    403        403     403      403       403       404        login
duties:resend                    act   ok     ok        403     403    403        403     403      403       403       404        login
duties:cancel                    act   ok     ok        403     403    403        403     403      403       403       404        login

meetings:list                    page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
meetings:create                  form  403    403       403     ok     ok         403     403      403       403       403        login
meetings:detail                  page  ok     ok        ok      ok     404        ok      ok       404       404       404        login
meetings:edit                    form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:call                    form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:invite_more             act   ok     ok        403     ok     404        403     403      404       404       404        login
meetings:cancel                  form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:hold                    form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:attendance              form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:import_attendance       form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:attendance_sheet        page  ok     ok        ok      ok     404        403     403      404       404       404        login
meetings:open_check_in           act   ok     ok        403     ok     404        403     403      404       404       404        login
meetings:check_in                act   403    403       403     403    404        ok      403      404       404       404        login
meetings:add_item                form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:edit_item               form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:remove_item             form  ok     ok        403     ok     404        403     403      404       404       404        login
meetings:order_items             act   ok     ok        403     ok     404        403     403      404       404       404        login
meetings:notice                  page  ok     ok        ok      ok     404        ok      ok       404       404       404        login
meetings:sign_in                 page  ok     ok        ok      ok     404        403     403      404       404       404        login
meetings:draft                   page  ok     ok        ok      ok     404        403     403      404       404       404        login
meetings:minutes                 form  403    403       403     ok     404        403     403      404       404       404        login
meetings:accept                  act   ok     ok        403     403    404        403     403      404       404       404        login
meetings:return                  act   ok     ok        403     403    404        403     403      404       404       404        login
meetings:reopen                  act   ok     ok        403     403    404        403     403      404       404       404        login
meetings:compare                 page  ok     ok        ok      ok     404        404     404      404       404       404        login
meetings:file                    page  ok     ok        ok      ok     404        404     404      404       404       404        login
meetings:remove_file             act   403    403       403     ok     404        404     404      404       404       404        login
meetings:change_role             act   403    403       403     ok     404        404     404      404       404       404        login

proposals:calls                  page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
proposals:call                   page  ok     ok        ok      ok     404        ok      ok       404       403       404        login
proposals:edit_call              form  ok     ok        403     ok     404        403     403      404       404       404        login
proposals:send_call              form  ok     ok        403     ok     404        403     403      404       404       404        login
proposals:ask_more               act   ok     ok        403     ok     404        403     403      404       404       404        login
proposals:ask_missing            form  ok     ok        403     ok     404        403     403      404       404       404        login
proposals:move_closing           form  ok     ok        403     ok     404        403     403      404       404       404        login
proposals:call_letter            page  ok     ok        ok      ok     404        ok      ok       404       403       404        login
proposals:extend_call            form  ok     ok        403     ok     404        403     404      404       404       404        login
proposals:answer_none            act   403    403       403     403    404        ok      404      404       404       404        login
proposals:take_back_none         act   403    403       403     403    404        ok      404      404       404       404        login

proposals:cases                  page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
proposals:cases_missing          page  ok     ok        ok      ok     ok         403     403      403       403       ok         login
proposals:create_case            form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
proposals:case                   page  ok     ok        ok      ok     404        ok      404      404       404       404        login
proposals:edit_case              form  403    403       403     403    404        ok      404      404       404       404        login
proposals:send_case              form  403    403       403     403    404        ok      404      404       404       404        login
proposals:withdraw_case          form  403    403       403     403    404        ok      404      404       404       404        login
proposals:return_case            form  ok     ok        403     ok     404        403     404      404       404       404        login
proposals:add_case_attachments   act   403    403       403     403    404        ok      404      404       404       404        login
proposals:share_case             act   403    403       403     ok     404        403     404      404       404       404        login
proposals:review_case            form  ok     ok        403     403    404        403     404      404       404       404        login
proposals:start_review           act   ok     ok        403     403    404        403     404      404       404       404        login
proposals:add_mark               act   ok     ok        403     403    404        403     404      404       404       404        login
proposals:publish_case           form  ok     ok        403     403    404        403     404      404       404       404        login
proposals:library                page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
proposals:supersessions          page  ok     ok        403     403    403        403     403      403       403       ok         login
proposals:decide_supersession    act   ok     ok        403     404    404        404     404      404       404       404        login
proposals:publication            page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
proposals:helpful                act   ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
proposals:correct_publication    form  ok     ok        403     403    403        403     403      403       404       404        login
proposals:take_down              form  ok     ok        403     403    403        403     403      403       404       404        login

proposals:list                   page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
proposals:create                 form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
proposals:similar                page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
proposals:detail                 page  ok     ok        ok      ok     404        ok      404      404       404       404        login
proposals:edit                   form  403    403       403     403    404        ok      404      404       404       404        login
proposals:send                   form  403    403       403     403    404        ok      404      404       404       404        login
proposals:withdraw               form  403    403       403     403    404        ok      404      404       404       404        login
proposals:return                 form  ok     ok        403     ok     404        403     404      404       404       404        login
proposals:add_attachments        act   403    403       403     403    404        ok      404      404       404       404        login
proposals:attachment             page  ok     ok        ok      ok     404        ok      404      404       404       404        login
proposals:remove_attachment      act   403    403       403     403    404        ok      404      404       404       404        login

proposals:follow_ups             page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
proposals:open_follow_up         form  ok     ok        403     ok     ok         403     403      403       403       ok         login
proposals:follow_up              page  ok     ok        ok      ok     404        ok      404      404       404       404        login
proposals:report_follow_up       act   403    403       403     403    404        ok      404      404       404       404        login
proposals:release_follow_up      act   ok     ok        403     403    404        403     404      404       404       404        login
proposals:keep_follow_up         act   ok     ok        403     403    404        403     404      404       404       404        login
proposals:follow_up_table        page  ok     ok        ok      ok     403        403     403      403       404       404        login
proposals:circulars              page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
proposals:draft_circular         form  ok     ok        403     403    403        403     403      403       403       404        login
proposals:circular               page  ok     ok        ok      404    404        404     404      404       404       404        login
proposals:edit_circular          form  ok     ok        403     404    404        404     404      404       404       404        login
proposals:redraft_circular       act   ok     ok        403     404    404        404     404      404       404       404        login
proposals:discard_circular       form  ok     ok        403     404    404        404     404      404       404       404        login
proposals:publish_circular       form  ok     ok        403     404    404        404     404      404       404       404        login
proposals:circular_letter        page  ok     ok        ok      404    404        404     404      404       404       404        login
proposals:remind_circular        act   ok     ok        403     404    404        404     404      404       404       404        login
proposals:acknowledge            act   403    403       403     404    404        ok      404      404       404       404        login

proposals:compile                page  ok     ok        ok      ok     403        403     403      403       404       404        login
proposals:compilation            page  ok     ok        ok      ok     403        403     403      403       404       404        login
proposals:take_in                act   ok     ok        403     ok     403        403     403      403       404       404        login
proposals:share_cases            act   ok     ok        403     ok     403        403     403      403       404       404        login
proposals:place                  act   ok     ok        403     ok     403        403     403      403       404       404        login
proposals:resolve_recorded       act   ok     ok        403     ok     403        403     403      403       404       404        login
proposals:order_compiled         act   403    403       403     ok     403        403     403      403       404       404        login
proposals:send_package           form  403    403       403     ok     403        403     403      403       404       404        login
proposals:merge                  form  ok     ok        403     ok     404        403     404      404       404       404        login
proposals:split                  form  ok     ok        403     ok     404        403     404      404       404       404        login
proposals:resolve                form  ok     ok        403     ok     404        403     404      404       404       404        login
proposals:packages               page  ok     ok        ok      ok     ok         403     403      403       403       ok         login
proposals:package                page  ok     ok        ok      ok     404        404     404      404       404       404        login
proposals:decisions              page  ok     ok        ok      403    403        403     403      403       403       ok         login
proposals:publish_decisions      form  ok     ok        403     403    403        403     403      403       404       404        login
proposals:decide                 form  ok     ok        403     403    404        403     404      404       404       404        login
proposals:correct_decision       form  ok     ok        403     403    404        403     404      404       404       404        login
proposals:import_cases           form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
proposals:import_proposals       form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
proposals:sheet                  page  404    404       404     ok     404        404     404      404       404       404        login
proposals:import_sheet           act   404    404       404     ok     404        404     404      404       404       404        login
proposals:refused_rows           page  404    404       404     ok     404        404     404      404       404       404        login

awards:overview                  page  ok     ok        ok      ok     ok         403     403      403       403       ok         login
awards:people                    page  ok     ok        ok      ok     403        403     403      403       404       404        login
awards:name_person               act   ok     ok        403     ok     403        403     403      403       404       404        login
awards:check_people              act   ok     ok        403     403    403        403     403      403       404       404        login
awards:remove_person             act   ok     ok        403     ok     404        404     404      404       404       404        login
awards:proposers                 form  ok     ok        403     403    404        403     404      404       404       404        login
awards:what_if                   page  ok     ok        ok      ok     403        403     403      403       404       404        login
awards:mine                      page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
awards:runs                      page  ok     ok        ok      403    403        403     403      403       403       ok         login
awards:make_run                  form  ok     ok        403     403    403        403     403      403       404       404        login
awards:run                       page  ok     ok        ok      404    404        404     404      404       404       404        login
awards:run_inputs                page  ok     ok        ok      404    404        404     404      404       404       404        login
awards:approve                   form  ok     ok        403     404    404        404     404      404       404       404        login
awards:drop_lines                act   ok     ok        403     404    404        404     404      404       404       404        login
awards:write_results             act   ok     ok        403     404    404        404     404      404       404       404        login
awards:roster_paper              page  ok     ok        ok      404    404        404     404      404       404       404        login
awards:line                      page  ok     ok        ok      404    404        404     404      404       404       404        login
awards:adjust_line               act   ok     ok        403     404    404        404     404      404       404       404        login
awards:drop_line                 act   ok     ok        403     404    404        404     404      404       404       404        login
awards:restore_line              act   ok     ok        403     404    404        404     404      404       404       404        login
awards:remark_line               act   ok     ok        403     404    404        404     404      404       404       404        login
awards:roster                    page  ok     ok        ok      403    403        403     403      403       403       ok         login

kpi:entries                      page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
kpi:entry                        page  ok     ok        ok      ok     ok         ok      ok       404       404       404        login
kpi:entry_row                    page  ok     ok        ok      ok     404        ok      404      404       404       404        login
kpi:carry_in                     form  403    403       403     ok     404        ok      404      404       404       404        login
kpi:actual                       page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:actual_file                  page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:remove_actual_file           act   403    403       403     ok     404        404     404      404       404       404        login
kpi:export_actuals               page  ok     ok        ok      ok     ok         ok      ok       404       404       404        login
kpi:import_actuals               form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
kpi:actual_sheet                 page  404    404       404     ok     404        404     404      404       404       404        login
kpi:take_actuals                 act   404    404       404     ok     404        404     404      404       404       404        login
kpi:refused_actuals              page  404    404       404     ok     404        404     404      404       404       404        login

kpi:targets                      page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
kpi:target_matrix                page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
kpi:indicator                    page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
kpi:review_targets               form  ok     ok        403     403    403        403     403      403       404       404        login
kpi:lock_targets                 act   ok     ok        403     403    403        403     403      403       404       404        login
kpi:missed_targets               page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
kpi:correction                   page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:file_correction              act   403    403       403     ok     404        404     404      404       404       404        login
kpi:finish_correction            act   403    403       403     ok     404        404     404      404       404       404        login
kpi:violations                   page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
kpi:enter_violation              act   ok     ok        403     403    403        403     403      403       404       404        login
kpi:remove_violation             form  ok     ok        403     403    404        404     404      404       404       404        login
kpi:target_reports               page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
kpi:issue_target_report          act   ok     ok        403     403    403        403     403      403       404       404        login
kpi:report_file                  page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login

kpi:usage                        page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
kpi:usage_returns                page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
kpi:usage_return                 page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:edit_usage_return            form  403    403       403     ok     404        404     404      404       404       404        login
kpi:review_usage_return          form  ok     ok        403     403    404        404     404      404       404       404        login
kpi:return_usage_return          act   ok     ok        403     403    404        404     404      404       404       404        login
kpi:usage_evidence               page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:usage_service_evidence       page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:start_usage_return           act   ok     ok        403     ok     ok         ok      ok       403       404       404        login
kpi:usage_missing                page  ok     ok        ok      403    403        403     403      403       404       404        login
kpi:chase_usage                  act   ok     ok        403     403    403        403     403      403       404       404        login
kpi:usage_systems                page  ok     ok        ok      403    403        403     403      403       404       404        login
kpi:usage_by_system              form  ok     ok        403     403    403        403     403      403       404       404        login
kpi:usage_scores                 page  ok     ok        ok      403    403        403     403      403       404       404        login
kpi:publish_usage_scores         form  ok     ok        403     403    403        403     403      403       404       404        login
kpi:usage_rule                   form  ok     403       403     403    403        403     403      403       404       404        login
kpi:add_usage_training           act   ok     ok        403     403    403        403     403      403       404       404        login
kpi:remove_usage_training        act   ok     ok        403     403    403        403     403      403       404       404        login
kpi:usage_score_list             page  ok     ok        ok      403    403        403     403      403       404       404        login
kpi:usage_score                  page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:usage_catalogue              page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
kpi:propose_usage_system         form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
kpi:usage_system                 form  ok     ok        403     403    403        403     403      403       404       404        login
kpi:usage_subsystems             form  ok     ok        403     403    403        403     403      403       403       ok         login
kpi:usage_subsystem              form  ok     ok        403     403    403        403     403      403       404       404        login

kpi:work                         page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
kpi:begin_work                   form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
kpi:work_plan                    page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:copy_work                    form  ok     ok        403     ok     404        404     404      404       404       404        login
kpi:add_work_item                form  403    403       403     ok     404        404     404      404       404       404        login
kpi:import_work                  form  403    403       403     ok     404        404     404      404       404       404        login
kpi:work_progress                form  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:work_report                  page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:freeze_work_report           act   403    403       403     ok     404        404     404      404       404       404        login
kpi:work_report_file             page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:work_item                    page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:edit_work_item               form  403    403       403     ok     404        404     404      404       404       404        login
kpi:move_work_item               act   403    403       403     ok     404        404     404      404       404       404        login
kpi:remove_work_item             form  403    403       403     ok     404        404     404      404       404       404        login
kpi:work_done                    act   403    403       403     ok     404        404     404      404       404       404        login
kpi:work_event                   act   403    403       403     ok     404        404     404      404       404       404        login
kpi:add_work_evidence            act   403    403       403     ok     404        404     404      404       404       404        login
kpi:finish_work_event            act   403    403       403     ok     404        404     404      404       404       404        login
kpi:take_back_work_doing         act   403    403       403     ok     404        404     404      404       404       404        login
kpi:work_evidence                page  ok     ok        ok      ok     404        404     404      404       404       404        login
kpi:remove_work_evidence         act   403    403       403     ok     404        404     404      404       404       404        login
kpi:work_draft                   page  404    404       404     ok     404        404     404      404       404       404        login
kpi:correct_work_draft           act   404    404       404     ok     404        404     404      404       404       404        login
kpi:save_work_draft              act   404    404       404     ok     404        404     404      404       404       404        login
kpi:discard_work_draft           act   404    404       404     ok     404        404     404      404       404       404        login

training:catalogue               page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
training:course                  page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
training:classes                 page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
training:training_class          page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
training:course_list             page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
training:add_course              form  ok     ok        403     403    403        403     403      403       404       404        login
training:add_college             form  ok     ok        403     403    403        403     403      403       404       404        login
training:edit_college            form  ok     ok        403     403    403        403     403      403       404       404        login
training:rule                    form  ok     ok        403     403    403        403     403      403       404       404        login
training:survey                  page  ok     ok        ok      ok     ok         ok      ok       403       404       404        login
training:open_survey             act   ok     ok        403     403    403        403     403      403       404       404        login
training:answer_survey           form  ok     ok        403     ok     ok         ok      ok       403       404       404        login
training:choose_courses          act   ok     ok        403     403    403        403     403      403       404       404        login
training:take_up_need            form  ok     ok        403     403    404        404     404      404       404       404        login
training:edit_course             form  ok     ok        403     403    403        403     403      403       404       404        login
training:add_class               form  ok     ok        403     ok     ok         ok      ok       403       404       404        login
training:edit_class              form  ok     ok        403     ok     403        403     403      403       404       404        login
training:open_class              act   ok     ok        403     ok     403        403     403      403       404       404        login
training:close_class             act   ok     ok        403     ok     403        403     403      403       404       404        login
training:cancel_class            form  ok     ok        403     ok     403        403     403      403       404       404        login
training:remove_class            form  ok     ok        403     ok     403        403     403      403       404       404        login
training:class_plan              page  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
training:add_class_files         act   ok     ok        403     ok     403        403     403      403       404       404        login
training:class_file              page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:remove_class_file       act   ok     ok        403     ok     404        404     404      404       404       404        login
training:class_registrations     page  ok     ok        ok      ok     ok         ok      ok       403       404       404        login
training:register                form  ok     ok        ok      ok     ok         ok      ok       ok        404       404        login
training:nominations             page  ok     ok        ok      ok     ok         ok      ok       403       404       404        login
training:nominate                act   ok     ok        403     ok     ok         ok      ok       403       404       404        login
training:decide_nominations      act   ok     ok        403     403    403        403     403      403       404       404        login
training:my_registrations        page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
training:registration            page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:accept_offer            act   ok     ok        403     ok     404        404     404      404       404       404        login
training:decline_offer           form  ok     ok        403     ok     404        404     404      404       404       404        login
training:cancel_registration     form  ok     ok        403     ok     404        404     404      404       404       404        login
training:attendance              form  ok     ok        403     ok     403        403     403      403       404       404        login
training:correct_attendance      act   ok     ok        403     403    403        403     403      403       404       404        login
training:attendance_sheet        page  ok     ok        ok      ok     403        403     403      403       404       404        login
training:class_hours             page  ok     ok        ok      ok     403        403     403      403       404       404        login
training:hours_list              page  ok     ok        ok      ok     403        403     403      403       404       404        login
training:finish_class            act   ok     ok        403     ok     403        403     403      403       404       404        login
training:submit_hours            act   403    403       403     ok     403        403     403      403       404       404        login
training:return_hours            act   ok     ok        403     403    403        403     403      403       404       404        login
training:grant_hours             act   ok     ok        403     403    403        403     403      403       404       404        login
training:certificates            page  ok     ok        ok      ok     403        403     403      403       404       404        login
training:certificate             page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:registration_hours      page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:session_code            form  ok     ok        403     ok     403        403     403      403       404       404        login
training:check_in                form  404    404       404     ok     404        404     404      404       404       404        login
training:questionnaire           form  403    403       403     ok     404        404     404      404       404       404        login
training:questionnaire_results   page  ok     ok        ok      ok     403        403     403      403       404       404        login
training:edit_questions          form  ok     ok        403     ok     403        403     403      403       404       404        login
training:remind_questionnaire    act   ok     ok        403     ok     403        403     403      403       404       404        login
training:import_attendance       form  ok     ok        403     ok     ok         ok      ok       403       403       ok         login
training:attendance_import       page  404    404       404     ok     404        404     404      404       404       404        login
training:take_attendance         act   404    404       404     ok     404        404     404      404       404       404        login
training:refused_attendance      page  404    404       404     ok     404        404     404      404       404       404        login
training:hours                   page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
training:county_hours            page  ok     ok        ok      403    403        403     403      403       403       ok         login
training:agency_hours            page  ok     ok        ok      ok     403        403     403      403       404       404        login
training:person_hours            page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:add_record              form  ok     ok        403     ok     404        404     404      404       404       404        login
training:edit_record             form  ok     ok        403     ok     404        404     404      404       404       404        login
training:reports                 page  ok     ok        ok      403    403        403     403      403       403       ok         login
training:report                  page  ok     ok        ok      404    404        404     404      404       404       404        login
training:take_report             act   ok     ok        403     404    404        404     404      404       404       404        login
training:drop_report             act   ok     ok        403     404    404        404     404      404       404       404        login
training:uploads                 page  ok     ok        ok      403    403        403     403      403       403       ok         login
training:make_upload             form  ok     ok        403     403    403        403     403      403       403       ok         login
training:withdraw_upload         act   ok     ok        403     404    404        404     404      404       404       404        login
training:studies                 page  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
training:add_study               form  ok     ok        ok      ok     ok         ok      ok       ok        403       ok         login
training:study                   page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:edit_study              form  ok     ok        403     ok     404        404     404      404       404       404        login
training:submit_study            form  ok     ok        403     ok     404        404     404      404       404       404        login
training:decide_study            form  ok     ok        403     ok     404        404     404      404       404       404        login
training:withdraw_study          form  ok     ok        403     ok     404        404     404      404       404       404        login
training:end_study               form  ok     ok        403     ok     404        404     404      404       404       404        login
training:add_study_leave         act   ok     ok        403     ok     404        404     404      404       404       404        login
training:remove_study_leave      act   ok     ok        403     ok     404        404     404      404       404       404        login
training:study_file              page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:remove_study_file       act   ok     ok        403     ok     404        404     404      404       404       404        login
training:add_semester            form  ok     ok        403     ok     404        404     404      404       404       404        login
training:semester                page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:edit_semester           form  ok     ok        403     ok     404        404     404      404       404       404        login
training:file_timetable          act   ok     ok        403     ok     404        404     404      404       404       404        login
training:file_grades             act   ok     ok        403     ok     404        404     404      404       404       404        login
training:register_study_hours    act   ok     ok        403     ok     404        404     404      404       404       404        login
training:semester_file           page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:headcounts              page  ok     ok        ok      ok     ok         ok      ok       403       403       ok         login
training:enter_headcounts        act   ok     ok        403     ok     ok         ok      ok       403       404       404        login
training:read_headcounts         act   ok     ok        403     ok     ok         ok      ok       403       404       404        login
training:study_rosters           page  ok     ok        ok      ok     ok         ok      ok       403       403       ok         login
training:start_study_roster      act   ok     ok        403     ok     ok         ok      ok       403       404       404        login
training:study_roster            page  ok     ok        ok      ok     404        404     404      404       404       404        login
training:submit_study_roster     act   403    403       403     ok     404        404     404      404       404       404        login
training:accept_study_roster     act   ok     ok        403     403    404        404     404      404       404       404        login
training:return_study_roster     act   ok     ok        403     403    404        404     404      404       404       404        login
training:study_roster_paper      page  ok     ok        ok      ok     404        404     404      404       404       404        login
"""
# The views of a step in the life of minutes are tried on minutes that wait for it; all others on minutes not submitted.
WAITING = {
    "meetings:accept": MinutesState.SUBMITTED,
    "meetings:return": MinutesState.SUBMITTED,
    "meetings:reopen": MinutesState.ACCEPTED,
    "meetings:compare": MinutesState.ACCEPTED,
}
# What a form needs to be sent at all.
SENT = {"meetings:change_role": {"role": "minutes"}}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a view, how it is asked, and what each role gets."""

    view: str
    sort: str
    outcomes: dict[str, str]

    @property
    def methods(self) -> list[str]:
        return {"page": ["GET"], "form": ["GET", "POST"], "act": ["POST"]}[self.sort]


def _rows() -> dict[str, Row]:
    lines = [line.split() for line in TABLE.strip().splitlines()[1:] if line]
    return {view: Row(view, sort, dict(zip(ROLES, outcomes, strict=True))) for view, sort, *outcomes in lines}


ROWS = _rows()
PLACES = places()


@pytest.fixture(autouse=True)
def _healthy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "check", lambda: (True, {}))  # the parts run in tests of their own


def person(world: World, role: str) -> User | None:
    """Return the account of a role; none for nobody. The employee of the host sees what is his own alone."""
    if role == "employee":
        return build.officer(build.listed("大林鎮公所"), access=Access.OWN, function=Function.HANDLER, title="科員")
    found: User | None = getattr(world.cast, role, None)
    return found


def outcome(response: HttpResponseBase) -> str:
    """Return how the portal answered, in the words of the table."""
    if response.status_code == 302 and "?next=" in response.headers["Location"]:
        return "login"
    code = status(response)
    return "ok" if code in (200, 204, 302, 422) else str(code)


def test_table_names_every_view_and_no_other() -> None:
    assert set(ROWS) == set(PLACES)


def test_table_tells_acts_from_pages() -> None:
    assert {view for view, row in ROWS.items() if row.sort == "act"} == {
        view for view, place in PLACES.items() if place.posts_only
    }


def test_every_view_is_guarded() -> None:
    open_views = {
        name
        for name, place in PLACES.items()
        if not any(getattr(layer, "is_guarded", False) for layer in layers(place.view))
    }
    assert open_views == {"admin:index"}, "Django's own guard of the admin is tried below"


@pytest.mark.parametrize("role", ROLES)
def test_every_view_answers_the_role_as_the_table_says(world: World, role: str) -> None:
    client = logged_in(person(world, role))
    session = client.cookies.output(header="", sep=";")
    wrong = []
    for row in ROWS.values():
        state = WAITING.get(row.view)
        objects = world.objects_of(world.meeting(state)) if state else world.objects
        url = address(PLACES[row.view], objects)
        for method in row.methods:
            client.cookies = SimpleCookie(session)  # a view may have ended the session, which is taken back
            answer, traces = _ask(client, method, url, SENT.get(row.view, {}))
            if answer != row.outcomes[role]:
                wrong.append(f"{method} {row.view} answered {answer} instead of {row.outcomes[role]}")
            if answer != "ok" and traces:
                wrong.append(f"{method} {row.view} refused, but did something: {traces}")
    assert wrong == []


def _ask(client: Client, method: str, url: str, data: dict[str, str]) -> tuple[str, list[str]]:
    """Return the answer and what was done, which is taken back: the next view finds the world as it was."""
    with transaction.atomic():
        last = Entry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        response = client.get(url) if method == "GET" else client.post(url, data)
        traces = list(Entry.objects.filter(pk__gt=last).values_list("act", flat=True))
        transaction.set_rollback(True)
    return outcome(response), traces


def test_acts_do_nothing_when_they_are_fetched(world: World) -> None:
    client = logged_in(world.cast.office_admin)
    acts = [PLACES[row.view] for row in ROWS.values() if row.sort == "act"]
    assert {client.get(address(place, world.objects)).status_code for place in acts} == {405}


READERS = """
minutes    admin  reviewer  reader  host  neighbour  member  coached  employee  stranger  elsewhere  nobody
unfiled    ok     ok        ok      ok    404        404     404      404       404       404        login
submitted  ok     ok        ok      ok    404        404     404      404       404       404        login
returned   ok     ok        ok      ok    404        404     404      404       404       404        login
accepted   ok     ok        ok      ok    404        ok      ok       404       404       404        login
"""


@pytest.mark.parametrize("line", READERS.strip().splitlines()[1:], ids=lambda line: line.split()[0])
def test_files_of_minutes_open_to_invitees_once_accepted(world: World, line: str) -> None:
    state, *expected = line.split()
    url = address(PLACES["meetings:file"], world.objects_of(world.meeting(MinutesState(state))))
    answers = [outcome(logged_in(person(world, role)).get(url)) for role in ROLES]
    assert dict(zip(ROLES, answers, strict=True)) == dict(zip(ROLES, expected, strict=True))


def test_invitees_read_the_accepted_version_alone(world: World) -> None:
    first, second = MinutesFile.objects.filter(version__minutes__meeting=world.accepted).order_by("version__number")
    client = logged_in(world.cast.member_officer)
    assert outcome(client.get(reverse("meetings:file", args=[first.pk]))) == "404"
    assert outcome(client.get(reverse("meetings:file", args=[second.pk]))) == "ok"


def test_a_member_that_was_not_invited_reads_no_minutes(world: World) -> None:
    client = logged_in(build.officer(build.listed("民雄鄉公所")))
    assert client.get(world.accepted.get_absolute_url()).status_code == 200
    assert outcome(client.get(address(PLACES["meetings:file"], world.objects_of(world.accepted)))) == "404"


@pytest.mark.parametrize("role", ["office_reader", "host_officer", "member_officer", "coached_officer"])
@pytest.mark.parametrize("state", MinutesState)
def test_resolutions_are_read_with_the_minutes(world: World, role: str, state: MinutesState) -> None:
    meeting = world.meeting(state)
    page = logged_in(person(world, role)).get(meeting.get_absolute_url()).content.decode()
    may_read = role in ("office_reader", "host_officer") or state == MinutesState.ACCEPTED
    assert (f"照案通過（{meeting.number}）" in page) == may_read


def test_a_host_plans_no_meeting_of_another_district(world: World) -> None:
    district = world.objects["districts/<int:pk>"]
    day = build.TODAY + timedelta(days=30)
    data = {"district": district, "kind": "A", "starts_at_date": f"{day:%Y-%m-%d}", "starts_at_time": "14:00"}
    before = Meeting.objects.count()
    logged_in(world.cast.neighbour_host).post(reverse("meetings:create"), {**data, "place": "三樓", "chair": "處長"})
    assert Meeting.objects.count() == before


def test_an_administrator_opens_no_account_of_another_office(world: World) -> None:
    url = reverse("home:account", args=[world.cast.other_reviewer.pk])
    assert logged_in(world.cast.office_admin).get(url).status_code == 404


def test_a_superuser_alone_opens_the_admin(world: World) -> None:
    chief = User.objects.create_superuser("chief", "chief@example.gov.tw", build.PASSWORD, name="管理員")
    User.objects.filter(pk=chief.pk).update(must_change_password=False)
    assert logged_in(chief).get(reverse("admin:index")).status_code == 200
