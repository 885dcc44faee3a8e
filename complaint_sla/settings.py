"""What the program is set to, and from where: an option beats the environment, the environment the file.

Reads nothing by itself but the configuration file; the environment and the options are passed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from complaint_sla.core.errors import BadValue
from complaint_sla.resources import rules
from complaint_sla.wording import LANGUAGES

APP = "complaint_sla"
PREFIX = "COMPLAINT_SLA_"
NAMES = ("db", "rules", "lang", "as", "mail", "mail_password", "mail_password_file", "mail_from")


@dataclass(frozen=True)
class Setting:
    """A value and where it was set: an option's name, a variable's name, a file, or empty for the default."""

    value: str
    source: str = ""


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. The password is never shown, and says where it comes from only."""

    db: Setting
    rules: Setting
    lang: Setting
    actor: Setting
    mail: Setting
    mail_from: Setting
    password: Setting | None = field(repr=False)


def data_folder() -> Path:
    """Where the database and the mail folder are unless set otherwise."""
    return Path(platformdirs.user_data_dir(APP, appauthor=False))


def state_folder() -> Path:
    """Where reports of bugs are written."""
    return Path(platformdirs.user_state_dir(APP, appauthor=False))


def without_user(url: str) -> str:
    """The URL with all up to its last @ left out: a password may hold an @, a slash or a colon."""
    return re.sub(r"^([a-zA-Z0-9+.-]+://)?.*@", r"\1…@", url.strip(), flags=re.DOTALL)


def load(options: Mapping[str, str | None], environment: Mapping[str, str], system_user: str) -> Settings:
    """The settings in force.

    Raises BadValue: `config-unreadable`, `config-broken`, `unknown-setting`, `bad-language`, `bad-actor`.
    """
    file_values = _file(environment)
    found = {name: _first(name, options, environment, file_values) for name in NAMES}
    lang = found["lang"] or _locale(environment)
    if lang.value not in LANGUAGES:
        raise BadValue("bad-language", value=lang.value, known=list(LANGUAGES), source=lang.source)
    return Settings(
        db=found["db"] or Setting(f"sqlite:///{data_folder() / 'complaints.db'}"),
        rules=found["rules"] or Setting(str(rules())),
        lang=lang,
        actor=_actor(found["as"] or Setting(system_user)),
        mail=found["mail"] or Setting(f"folder:{data_folder() / 'mail'}"),
        mail_from=found["mail_from"] or Setting("complaint-sla@localhost"),
        password=_password(found["mail_password"], found["mail_password_file"]),
    )


def language(options: Mapping[str, str | None], environment: Mapping[str, str]) -> str:
    """The language to speak before anything else is known to be right; English if in doubt."""
    try:
        from_file = _file(environment)
    except BadValue:
        # That it can't be read is said by whoever needs what it sets.
        from_file = {}
    wanted = _first("lang", options, environment, from_file) or _locale(environment)
    return wanted.value if wanted.value in LANGUAGES else "en"


def _locale(environment: Mapping[str, str]) -> Setting:
    name = environment.get("LANG") or ""
    return Setting("th", "LANG") if name.lower().startswith("th") else Setting("en", "LANG" if name else "")


def _first(
    name: str,
    options: Mapping[str, str | None],
    environment: Mapping[str, str],
    file_values: dict[str, Setting],
) -> Setting | None:
    option = options.get(name)
    if option is not None:
        return Setting(option, f"--{name}")
    variable = f"{PREFIX}{name.upper()}"
    if environment.get(variable):
        return Setting(environment[variable], variable)
    return file_values.get(name)


def _file(environment: Mapping[str, str]) -> dict[str, Setting]:
    named = environment.get(f"{PREFIX}CONFIG")
    path = Path(named) if named else Path(platformdirs.user_config_dir(APP, appauthor=False)) / "config.toml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if named:
            raise BadValue("config-unreadable", file=path, problem="no such file") from None
        return {}
    except (OSError, UnicodeDecodeError) as problem:
        raise BadValue("config-unreadable", file=path, problem=_why(problem)) from None
    import tomllib

    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BadValue("config-broken", file=path, problem=problem) from None
    for name, value in values.items():
        if name not in NAMES or not isinstance(value, str):
            raise BadValue("unknown-setting", value=name, file=path, known=list(NAMES))
    return {name: Setting(value, str(path)) for name, value in values.items()}


def _password(direct: Setting | None, file: Setting | None) -> Setting | None:
    """The password itself, or what its file holds; of two, the one from the environment, then the password itself."""
    if file is None:
        return direct
    if direct is not None and (direct.source.startswith(PREFIX) or not file.source.startswith(PREFIX)):
        return direct
    try:
        text = Path(file.value).read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        raise BadValue("password-file-unreadable", file=file.value, problem=_why(problem)) from None
    return Setting(text.rstrip("\r\n"), file.source)


def _why(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return problem.strerror or ""
    return "not UTF-8" if isinstance(problem, UnicodeDecodeError) else str(problem)


def _actor(setting: Setting) -> Setting:
    from complaint_sla.core import fields

    try:
        name = fields.line("--as", setting.value, 254)
    except BadValue:
        raise BadValue("bad-actor", value=setting.value) from None
    return Setting(name.lower() if "@" in name else name, setting.source)
