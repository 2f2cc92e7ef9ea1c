"""The Django admin with the portal's name on it."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig


class PortalAdminSite(AdminSite):
    site_header = "人事業務協作平台　後台管理"
    site_title = "後台管理"
    index_title = "資料管理"
    enable_nav_sidebar = True


class PortalAdminConfig(AdminConfig):
    default_site = "personnel_portal.home.admin_site.PortalAdminSite"
