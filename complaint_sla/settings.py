"""What the program is set to, and from where: an option beats the environment, the environment the file.

Reads nothing by itself but the configuration file, and the password when mail is sent; the environment and the options
are passed in. Here alone it is decided where things are if nothing says so, and that is nowhere for whoever has no home.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import platformdirs

from complaint_sla import files
from complaint_sla.core.errors import BadValue
from complaint_sla.resources import rules
from complaint_sla.wording import LANGUAGES

APP = "complaint_sla"
PREFIX = "COMPLAINT_SLA_"
# What holds for everybody on the machine, unless they say otherwise.
MACHINE = Path("/etc/complaint-sla/config.toml")
# By which the system says what language it speaks; the last one, a list, only where one of the others names a locale.
LOCALE = ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE")
NAMES = ("db", "rules", "lang", "as", "mail", "mail_password", "mail_password_file", "mail_from", "mail_ca")


@dataclass(frozen=True)
class Setting:
    """A value and where it was set: an option's name, a variable's name, a file, or empty for the default."""

    value: str
    source: str = ""


# Of what has its place in a home, for whoever has none.
NOWHERE = Setting("")


@dataclass(frozen=True)
class Password:
    """The mail server's: said outright, or in a file. It is never shown, and says where it comes from only."""

    source: str
    text: str = field(default="", repr=False)
    file: str | None = None

    def read(self) -> str:
        """The password itself, for whoever sends mail. Raises BadValue: `password-file-unreadable`, `password-file-closed`."""
        if self.file is None:
            return self.text
        try:
            return files.text(Path(self.file)).rstrip("\n")
        except PermissionError as problem:
            raise BadValue("password-file-closed", file=self.file, problem=_why(problem)) from None
        except (OSError, ValueError) as problem:
            raise BadValue("password-file-unreadable", file=self.file, problem=_why(problem)) from None


@dataclass(frozen=True)
class Settings:
    """Everything that can be set. `db` and `mail` may be NOWHERE.

    `mail_ca` is the file of an authority of the house, by whose word the mail server is itself. `secret_files` are those that
    hold a password. `passed_over` is a configuration that nobody named, and that is there and can't be read.
    """

    db: Setting
    rules: Setting
    lang: Setting
    actor: Setting
    mail: Setting
    mail_from: Setting
    mail_ca: Setting | None
    password: Password | None
    secret_files: tuple[Path, ...] = ()
    passed_over: Path | None = None

    @property
    def database(self) -> str:
        """The URL of the database. Raises BadValue (`nowhere-for-database`)."""
        if self.db == NOWHERE:
            raise BadValue("nowhere-for-database")
        return self.db.value

    @property
    def mail_way(self) -> str:
        """How mail leaves. Raises BadValue (`nowhere-for-mail`)."""
        if self.mail == NOWHERE:
            raise BadValue("nowhere-for-mail")
        return self.mail.value


class _Config(NamedTuple):
    """What the configuration files say; `passed_over` is one that can't be read."""

    values: Mapping[str, Setting] = {}
    passed_over: Path | None = None


def data_folder() -> Path | None:
    """Where the database and the mail folder are unless set otherwise; None for a user without a home."""
    return _own(platformdirs.user_data_dir)


def state_folder() -> Path | None:
    """Where reports of bugs are written; None for a user without a home."""
    return _own(platformdirs.user_state_dir)


def drafts_folder() -> Path | None:
    """Where is kept for a day what was typed and not logged; None for a user without a home."""
    folder = state_folder()
    return folder / "drafts" if folder is not None else None


def _own(place: Callable[..., str]) -> Path | None:
    """A folder of the user's own."""
    try:
        folder = Path(place(APP, appauthor=False))
    except RuntimeError:
        return None
    # Of a user without a home an older library says `~`, which would be made in the folder where we happen to be.
    return folder if folder.is_absolute() else None


def without_secrets(url: str) -> str:
    """A URL of a database or of mail without what may be a password, however badly it is written: all up to its last @,
    its parameters, and what stands where a port should be and is none.
    """
    url = url.strip()
    if url.lower().startswith(("folder:", "sqlite:///")):
        return url
    shown = re.sub(r"^([a-zA-Z0-9+.-]+://)?.*@", r"\1…@", url, flags=re.DOTALL).partition("?")[0]
    scheme, slashes, rest = shown.rpartition("://")
    rest = re.sub(r"^([^:\[]*):(?![0-9]{0,5}(/|$)).*", r"\1:…", rest, flags=re.DOTALL)
    return f"{scheme}{slashes}{rest}"


def load(options: Mapping[str, str | None], environment: Mapping[str, str], system_user: str) -> Settings:
    """The settings in force.

    Raises BadValue: `setting-empty`, `config-unreadable`, `config-broken`, `unknown-setting`, `bad-language`, `bad-actor`.
    """
    config = _file(environment)
    found = {name: _full(name, _first(name, options, environment, config.values)) for name in NAMES}
    lang = found["lang"] or _locale(environment)
    if lang.value not in LANGUAGES:
        raise BadValue("bad-language", value=lang.value, known=list(LANGUAGES), source=lang.source)
    db = found["db"] or _in_data_folder("sqlite:///{}", "complaints.db")
    return Settings(
        db=db,
        rules=found["rules"] or Setting(str(rules())),
        lang=lang,
        actor=_actor(found["as"] or Setting(system_user)),
        mail=found["mail"] or _in_data_folder("folder:{}", "mail"),
        mail_from=found["mail_from"] or Setting("complaint-sla@localhost"),
        mail_ca=found["mail_ca"],
        password=_password(found["mail_password"], found["mail_password_file"]),
        secret_files=tuple(_secret_files(config, found["mail_password_file"], db.value, environment)),
        passed_over=config.passed_over,
    )


def _in_data_folder(form: str, name: str) -> Setting:
    folder = data_folder()
    return Setting(form.format(folder / name)) if folder is not None else NOWHERE


def language(options: Mapping[str, str | None], environment: Mapping[str, str]) -> str:
    """The language to speak before anything else is known to be right; English if in doubt."""
    try:
        from_file = _file(environment).values
    except BadValue:
        # That it can't be read is said by whoever needs what it sets.
        from_file = {}
    wanted = _first("lang", options, environment, from_file) or _locale(environment)
    return wanted.value if wanted.value in LANGUAGES else "en"


def _locale(environment: Mapping[str, str]) -> Setting:
    """The language that the system speaks, as gettext finds it: LANGUAGE's first that is known, where there is a locale."""
    variable = next((name for name in LOCALE[:-1] if environment.get(name)), "")
    locale = environment.get(variable, "")
    if variable and locale not in ("C", "POSIX"):
        for wanted in environment.get(LOCALE[-1], "").split(":"):
            spoken = wanted.lower().partition(".")[0].partition("_")[0]
            if spoken in LANGUAGES:
                return Setting(spoken, LOCALE[-1])
    return Setting("th" if locale.lower().startswith("th") else "en", variable)


def _first(
    name: str,
    options: Mapping[str, str | None],
    environment: Mapping[str, str],
    file_values: Mapping[str, Setting],
) -> Setting | None:
    option = options.get(name)
    if option is not None:
        return Setting(option, f"--{name}")
    variable = f"{PREFIX}{name.upper()}"
    if variable in environment:
        return Setting(environment[variable], variable)
    return file_values.get(name)


def _full(name: str, found: Setting | None) -> Setting | None:
    """What is set to nothing was to be filled in, and hides what would hold without it. Raises BadValue (`setting-empty`)."""
    if found is not None and not found.value.strip():
        raise BadValue("setting-empty", name=name, source=found.source)
    return found


def _file(environment: Mapping[str, str]) -> _Config:
    """What the configuration says: that which is named, which must be there; or what the machine's says, and, before that,
    the one of the user's config folder, as far as they are there.
    """
    variable = f"{PREFIX}CONFIG"
    if variable in environment:
        named = Setting(environment[variable], variable)
        _full("config", named)
        return _read(Path(named.value), named=True)
    machine, folder = _read(MACHINE, named=False), _own(platformdirs.user_config_dir)
    own = _read(folder / MACHINE.name, named=False) if folder is not None else _Config()
    return _Config({**machine.values, **own.values}, own.passed_over or machine.passed_over)


def _read(path: Path, *, named: bool) -> _Config:
    try:
        text = files.text(path)
    except OSError as problem:
        if named:
            why = "no such file" if isinstance(problem, FileNotFoundError) else _why(problem)
            raise BadValue("config-unreadable", file=path, problem=why) from None
        # A home that is not ours (sudo, a container, a unit that hides /home) is no configuration of ours.
        return _Config(passed_over=path if _is_there(path) else None)
    except ValueError as problem:
        raise BadValue("config-unreadable", file=path, problem=_why(problem)) from None
    import tomllib

    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise BadValue("config-broken", file=path, problem=problem) from None
    for name, value in values.items():
        if name not in NAMES or not isinstance(value, str):
            raise BadValue("unknown-setting", value=name, file=path, known=list(NAMES))
    return _Config({name: Setting(value, str(path)) for name, value in values.items()})


def _is_there(path: Path) -> bool:
    """Whether it is there for all that we may know: a folder that can't be looked into holds nothing."""
    try:
        path.stat()
    except OSError:
        return False
    return True


def _password(direct: Setting | None, file: Setting | None) -> Password | None:
    """The password itself, or its file; of two, the one from the environment, then the password itself."""
    if direct is not None and (
        file is None or direct.source.startswith(PREFIX) or not file.source.startswith(PREFIX)
    ):
        return Password(direct.source, direct.value)
    return Password(file.source, file=file.value) if file is not None else None


def _secret_files(
    config: _Config, password_file: Setting | None, db: str, environment: Mapping[str, str]
) -> Iterator[Path]:
    """The files with passwords: also that which something else outweighs is to be kept from others."""
    yield from dict.fromkeys(
        Path(one.source)
        for name, one in config.values.items()
        if name == "mail_password" or (name in ("db", "mail") and _holds_password(one.value))
    )
    if password_file is not None:
        yield Path(password_file.value)
    if db.startswith("postgresql") and not _holds_password(db):
        # Where libpq looks for it.
        home = environment.get("HOME")
        file = environment.get("PGPASSFILE") or (f"{home}/.pgpass" if home else None)
        if file is not None:
            yield Path(file)


def _holds_password(url: str) -> bool:
    return re.search(r"://[^/@]*:.*@|[?&]password=", url) is not None


def _why(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return problem.strerror or ""
    return str(problem)


def _actor(setting: Setting) -> Setting:
    from complaint_sla.core import fields

    try:
        name = fields.line("--as", setting.value, 254)
    except BadValue:
        raise BadValue("bad-actor", value=setting.value) from None
    return Setting(name.lower() if "@" in name else name, setting.source)
