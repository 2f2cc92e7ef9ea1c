"""The portal's addresses and one list more."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from personnel_portal import lists
from personnel_portal.urls import urlpatterns as portal
from tests.lists.test_show import COLUMNS, AgencyFilter, agencies


@login_not_required
def agency_list(request: HttpRequest) -> HttpResponseBase:
    return lists.show(
        request,
        queryset=agencies(),
        columns=COLUMNS,
        title="機關",
        empty="請匯入機關。",
        filterset_class=AgencyFilter,
        actions=[lists.Action("匯入機關", "/agencies/")],
        per_page=10,
    )


urlpatterns = [path("agencies/", agency_list), *portal]
