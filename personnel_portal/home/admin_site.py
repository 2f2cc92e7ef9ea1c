"""The Django admin with the portal's name on it."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest


class PortalAdminSite(AdminSite):
    site_header = "人事業務協作平台　後台管理"
    site_title = "後台管理"
    index_title = "資料管理"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let only superusers in: these pages show the rows of every office, which no right of Django's tells apart.

        An office's own administrators work on the portal's pages, where every list is scoped by their office.
        """
        return bool(super().has_permission(request) and request.user.is_superuser)


class PortalAdminConfig(AdminConfig):
    default_site = "personnel_portal.home.admin_site.PortalAdminSite"
