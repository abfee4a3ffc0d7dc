"""The npm packages that run models in a browser: where they are looked for, and the command that installs them.

Needs the standard library alone: planning looks here too.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
from collections.abc import Iterable
from pathlib import Path

#: Names the folder in place of the user's own.
VARIABLE = "ADVISOR_WEB"
_HOME_FOLDERS = {
    "Darwin": "Library/Application Support/framework-advisor/web",
    "Windows": "AppData/Local/framework-advisor/web",
}
_HOME_FOLDER = ".local/share/framework-advisor/web"


def web_folder() -> Path:
    """The folder that npm installs into; it need not exist."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser().resolve() if named else Path.home() / _in_home()


def installed_version(name: str) -> str | None:
    """The version of an npm package in the folder; None where it is not there or cannot be read."""
    try:
        told = json.loads((package_folder(name) / "package.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) else None


def package_folder(name: str) -> Path:
    """Where npm puts a package."""
    return web_folder() / "node_modules" / name


def split_pin(pin: str) -> tuple[str, str]:
    """Name and version of ``NAME@VERSION``; names may begin with an ``@`` too."""
    name, _, version = pin.rpartition("@")
    return name, version


def install_command(pins: Iterable[str]) -> str:
    """What installs these. The user's own folder is not spelt out: this gets into the report."""
    folder = f'"${VARIABLE}"' if os.environ.get(VARIABLE) else f"~/{shlex.quote(_in_home())}"
    return f"npm install --prefix {folder} {' '.join(map(shlex.quote, pins))}"


def _in_home() -> str:
    return _HOME_FOLDERS.get(platform.system(), _HOME_FOLDER)
