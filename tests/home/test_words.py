"""The words that replace Django's own: the compiled catalogue holds what the readable one says."""

import ast
import gettext
import re
from pathlib import Path

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin

CATALOGUE = Path(settings.LOCALE_PATHS[0]) / "zh_Hant" / "LC_MESSAGES"
PAIR = re.compile(r'^msgid (".+")\n(?:msgid_plural ".+"\n)?msgstr(?:\[0\])? (".+")$', re.MULTILINE)


def test_compiled_catalogue_is_current() -> None:
    written = {
        ast.literal_eval(key): ast.literal_eval(word)
        for key, word in PAIR.findall((CATALOGUE / "django.po").read_text())
    }
    with (CATALOGUE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert written
    words = {key: compiled.gettext(key) for key in written}
    plurals = {key: compiled.ngettext(key, key, 1) for key in written if words[key] == key}
    assert words | plurals == written


def test_forms_speak_as_offices_do() -> None:
    class Sheet(forms.Form):
        name = forms.CharField()
        count = forms.IntegerField()
        kind = forms.ChoiceField(choices=[("a", "甲")])

    assert Sheet({"count": "x", "kind": "b"}).errors == {
        "name": ["此欄位為必填。"],
        "count": ["請填整數。"],
        "kind": ["「b」不在可選的項目內，請從選單中選擇。"],
    }


def test_administration_names_its_parts_in_chinese() -> None:
    assert apps.get_app_config("axes").verbose_name == "登入保護"
    assert str(apps.get_app_config("auditlog").verbose_name) == "欄位異動紀錄"
    english = [
        str(model._meta.verbose_name_plural)
        for model in admin.site._registry
        if str(model._meta.verbose_name_plural).isascii()
    ]
    assert english == []
