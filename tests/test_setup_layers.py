"""import-linter reads only packages it is told of; these tests read the disk, so that nothing escapes its contracts."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

BASE_DIR: Path = settings.BASE_DIR
TOP_LEVEL = ["personnel_portal", "districts", "meetings", "proposals", "awards", "training", "kpi"]


def contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())
    found: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return [contract for contract in found if contract["type"] == "layers"]


def names(contract: dict[str, Any]) -> set[str]:
    """Return the modules on a contract's layers, without the marks of optional and sibling ones."""
    return {name.strip(" ()") for layer in contract["layers"] for name in layer.replace(":", "|").split("|")}


def modules(directory: Path) -> set[str]:
    """Return what can be imported from a directory: its modules, and the packages that hold Python at any depth."""
    if not directory.is_dir():
        return set()  # an app that is to come
    files = {path.stem for path in directory.glob("*.py") if path.stem != "__init__"}
    return files | {path.name for path in directory.iterdir() if path.is_dir() and any(path.rglob("*.py"))}


def packages() -> list[str]:
    """Return the dotted names of the portal's apps and parts that hold code."""
    parts = [f"personnel_portal.{path.name}" for path in (BASE_DIR / "personnel_portal").iterdir() if path.is_dir()]
    return sorted(name for name in [*TOP_LEVEL[1:], *parts] if modules(BASE_DIR / name.replace(".", "/")))


def test_every_part_of_the_portal_has_its_place_among_the_others() -> None:
    placed = names(contracts()[0])
    # Settings are read by everything, through django.conf.
    loose = {f"personnel_portal.{name}" for name in modules(BASE_DIR / "personnel_portal") - {"settings"}}
    assert (loose | set(packages())) - placed == set()


@pytest.mark.parametrize("package", packages())
def test_every_module_has_its_place_inside_its_app(package: str) -> None:
    (contract,) = (one for one in contracts() if package in one.get("containers", ()))
    known = names(contract) | set(contract.get("exhaustive_ignores", ()))
    assert modules(BASE_DIR / package.replace(".", "/")) - known == set()
    assert contract["exhaustive"]


def test_no_contract_has_exceptions() -> None:
    assert [contract["name"] for contract in contracts() if contract.get("ignore_imports")] == []


def test_the_top_level_holds_only_what_the_design_names() -> None:
    named = {
        *TOP_LEVEL,
        "manage.py",
        "templates",
        "fixtures",
        "tests",
        "pyproject.toml",
        "README.md",
        "Makefile",
        "uv.lock",
    }
    found = {path.name for path in BASE_DIR.iterdir() if not path.name.startswith(".") and path.name != "__pycache__"}
    assert found - named == set()
