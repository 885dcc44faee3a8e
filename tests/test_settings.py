"""What the program is set to: an option beats the environment, the environment the file."""

from pathlib import Path

import pytest

from complaint_sla import bookshelf, settings
from complaint_sla.cli import texts
from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.mapfile import OWN_KEYS
from complaint_sla.work.sheets import mapping

NO_OPTIONS: dict[str, str | None] = {"db": None, "rules": None, "lang": None, "as": None}


def load(environment: dict[str, str] | None = None, **options: str) -> settings.Settings:
    return settings.load({**NO_OPTIONS, **options}, environment or {}, "root")


def config(folder: Path, text: str) -> dict[str, str]:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return {"COMPLAINT_SLA_CONFIG": str(path)}


def test_without_settings_everything_lies_in_the_users_data_folder(clean_machine: Path) -> None:
    found = load()

    data = clean_machine / ".local/share/complaint_sla"
    assert found.db.value == f"sqlite:///{data / 'complaints.db'}"
    assert found.mail.value == f"folder:{data / 'mail'}"
    assert (Path(found.rules.value) / "pea-2560.toml").is_file()
    assert (found.lang.value, found.actor.value, found.password) == ("en", "root", None)
    assert found.mail_from.value == "complaint-sla@localhost"
    assert {one.source for one in (found.db, found.rules, found.lang, found.actor, found.mail)} == {""}


NAMES = {
    "db": "db",
    "rules": "rules",
    "lang": "lang",
    "as": "actor",
    "mail": "mail",
    "mail_from": "mail_from",
    "mail_ca": "mail_ca",
}


@pytest.mark.parametrize("name", NAMES)
def test_an_option_beats_the_environment_and_the_environment_the_file(tmp_path: Path, name: str) -> None:
    values = ["th", "en", "th"] if name == "lang" else ["a", "b", "c"]
    environment = config(tmp_path, f'{name} = "{values[0]}"\n')
    file = environment["COMPLAINT_SLA_CONFIG"]
    variable = f"COMPLAINT_SLA_{name.upper()}"

    def found(environment: dict[str, str], **options: str) -> settings.Setting:
        one: settings.Setting = getattr(load(environment, **options), NAMES[name])
        return one

    assert found(environment) == settings.Setting(values[0], file)
    environment[variable] = values[1]
    assert found(environment) == settings.Setting(values[1], variable)
    if name in NO_OPTIONS:
        assert found(environment, **{name: values[2]}) == settings.Setting(values[2], f"--{name}")


@pytest.mark.parametrize("nothing", ["", " "])
@pytest.mark.parametrize("name", [*settings.NAMES, "config"])
def test_what_is_set_and_empty_is_a_fault_with_its_name_wherever_it_stands(
    tmp_path: Path, name: str, nothing: str
) -> None:
    """A variable that nobody filled in must not stand for a default that nobody chose."""
    variable = f"COMPLAINT_SLA_{name.upper()}"
    given = [({variable: nothing}, {}, variable)]
    if name != "config":
        environment = config(tmp_path, f'{name} = "{nothing}"\n')
        given.append((environment, {}, environment["COMPLAINT_SLA_CONFIG"]))
    if name in NO_OPTIONS:
        given.append(({}, {name: nothing}, f"--{name}"))
    for environment, options, source in given:
        with pytest.raises(BadValue) as refused:
            load(environment, **options)
        assert (refused.value.key, refused.value.values["source"]) == ("setting-empty", source)
        assert settings.language({**NO_OPTIONS, **options}, environment) == "en"


def test_the_file_of_the_config_folder_is_read_unless_another_is_named(
    clean_machine: Path, tmp_path: Path
) -> None:
    own = clean_machine / ".config/complaint_sla"
    own.mkdir(parents=True)
    (own / "config.toml").write_text('mail = "folder:own"\n')

    assert load().mail.value == "folder:own"
    assert load(config(tmp_path, 'mail = "folder:other"\n')).mail.value == "folder:other"


def test_what_holds_for_the_machine_holds_as_far_as_nobody_says_otherwise(
    clean_machine: Path, tmp_path: Path
) -> None:
    settings.MACHINE.parent.mkdir()
    # As Notepad saves it.
    settings.MACHINE.write_text(
        'db = "sqlite:////x"\r\nlang = "th"\r\nmail_password = "s"\r\n', encoding="utf-8-sig"
    )
    own = clean_machine / ".config/complaint_sla/config.toml"
    own.parent.mkdir(parents=True)
    own.write_text('lang = "en"\n')

    found = load()
    assert found.db == settings.Setting("sqlite:////x", str(settings.MACHINE))
    assert found.lang == settings.Setting("en", str(own))
    assert found.secret_files == (settings.MACHINE,)
    assert load(config(tmp_path, 'mail = "folder:other"\n')).db.source == ""
    settings.MACHINE.unlink()
    settings.MACHINE.mkdir()
    assert load().passed_over == settings.MACHINE
    assert load().lang.value == "en"


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("mail = ", "config-broken", None),
        ('colour = "red"', "unknown-setting", "colour"),
        ("lang = 1", "unknown-setting", "lang"),
        ('[mail]\nx = "y"', "unknown-setting", "mail"),
        ('lang = "fr"', "bad-language", "fr"),
        ('as = "\\u0000"', "bad-actor", "\0"),
    ],
)
def test_a_bad_file_is_refused_with_its_name(tmp_path: Path, text: str, key: str, value: str | None) -> None:
    with pytest.raises(BadValue) as refused:
        load(config(tmp_path, text))

    assert refused.value.key == key
    assert value is None or refused.value.values["value"] == value


def test_a_named_file_must_be_there_and_be_text(tmp_path: Path) -> None:
    with pytest.raises(BadValue, match="config-unreadable"):
        load({"COMPLAINT_SLA_CONFIG": str(tmp_path / "none.toml")})
    (tmp_path / "bytes.toml").write_bytes(b"\xff")
    with pytest.raises(BadValue, match="config-unreadable"):
        load({"COMPLAINT_SLA_CONFIG": str(tmp_path / "bytes.toml")})
    with pytest.raises(BadValue, match="config-unreadable"):
        load({"COMPLAINT_SLA_CONFIG": str(tmp_path)})


def test_the_password_comes_from_a_variable_or_a_file_and_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("sésame öffne\n", encoding="utf-8")

    from_file = load({"COMPLAINT_SLA_MAIL_PASSWORD_FILE": str(file)})
    direct = load({"COMPLAINT_SLA_MAIL_PASSWORD": "s3cret", "COMPLAINT_SLA_MAIL_PASSWORD_FILE": str(file)})

    assert from_file.password is not None
    assert from_file.password.source == "COMPLAINT_SLA_MAIL_PASSWORD_FILE"
    assert from_file.password.read() == "sésame öffne"
    assert direct.password is not None
    assert direct.password.read() == "s3cret"
    for found in (from_file, direct):
        assert "sésame" not in repr(found)
        assert "s3cret" not in repr(found)


def test_the_environments_password_file_beats_the_password_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("new")
    environment = config(tmp_path, 'mail_password = "old"\n')

    found = load({**environment, "COMPLAINT_SLA_MAIL_PASSWORD_FILE": str(tmp_path / "password")}).password

    assert found is not None
    assert (found.read(), found.source) == ("new", "COMPLAINT_SLA_MAIL_PASSWORD_FILE")


@pytest.mark.parametrize(
    ("environment", "language", "source"),
    [
        ({}, "en", ""),
        ({"LANG": "th_TH.UTF-8"}, "th", "LANG"),
        ({"LANG": "TH"}, "th", "LANG"),
        ({"LANG": "de_DE.UTF-8"}, "en", "LANG"),
        ({"LANG": "th_TH.UTF-8", "COMPLAINT_SLA_LANG": "en"}, "en", "COMPLAINT_SLA_LANG"),
    ],
)
def test_the_language_is_that_of_the_setting_then_of_the_locale(
    environment: dict[str, str], language: str, source: str
) -> None:
    assert load(environment).lang == settings.Setting(language, source)
    assert settings.language({}, environment) == language


def test_a_language_nobody_speaks_is_refused_in_one_that_somebody_does(tmp_path: Path) -> None:
    with pytest.raises(BadValue) as refused:
        load({"COMPLAINT_SLA_LANG": "fr"})

    assert refused.value.values["source"] == "COMPLAINT_SLA_LANG"
    assert settings.language({"lang": "fr"}, {"LANG": "th"}) == "en"


def test_the_language_of_the_file_is_spoken_from_the_start(tmp_path: Path) -> None:
    environment = config(tmp_path, 'lang = "th"\n')

    assert settings.language({}, environment) == "th"
    assert settings.language({"lang": "en"}, environment) == "en"
    assert settings.language({}, config(tmp_path, "lang = ")) == "en"


@pytest.mark.parametrize("actor", ["a\0b", "\udc80", "x" * 255])
def test_who_acts_must_be_a_name(actor: str) -> None:
    with pytest.raises(BadValue, match="bad-actor"):
        load(**{"as": actor})


def test_an_address_acts_in_small_letters_and_a_name_as_it_stands() -> None:
    assert load(**{"as": " Som@Example.ORG "}).actor.value == "som@example.org"
    assert load(**{"as": "Somchai"}).actor.value == "Somchai"


MAP = 'format = 1\n[columns]\nsubject = "เรื่อง"\ngroup = "ประเภท"\nchannel = "ทาง"\ncategory = "หมวด"\nreceived_at = "วันที่"\n'

# As Notepad and other editors save a file, and one of Windows reads it.
SAVED = [
    (mark, ends) for mark in (b"", b"\xef\xbb\xbf") for ends in (b"\n", b"\r\n", b"\r")
]  # fmt: skip
WIDE = ["utf-16", "utf-16-le", "utf-16-be"]


@pytest.mark.parametrize(("mark", "ends"), SAVED)
def test_whatever_is_read_may_have_a_mark_in_front_and_the_line_ends_of_any_system(
    tmp_path: Path, mark: bytes, ends: bytes
) -> None:
    def saved(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(mark + text.encode().replace(b"\n", ends))
        return path

    secret = saved("password", "geheim\n")
    named = saved("config.toml", f'lang = "th"\nmail_password_file = "{secret}"\n')
    found = load({"COMPLAINT_SLA_CONFIG": str(named)})
    assert found.lang.value == "th"
    assert found.password is not None
    assert found.password.read() == "geheim"

    rules = Path(__file__).parents[1] / "rules"
    shipped = bookshelf.drafts(rules)
    for one in rules.glob("*.toml"):
        saved(one.name, one.read_text(encoding="utf-8"))
    named.unlink()
    saved("service.toml", "silence_minutes = 45\n")
    drafts = bookshelf.drafts(tmp_path)
    assert [one.digest for one in drafts.books] == [one.digest for one in shipped.books]
    assert [one.id for one in drafts.plans] == [one.id for one in shipped.plans]
    assert drafts.service is not None
    text = saved("note.txt", "first\nsecond\n")
    assert texts.read(f"@{text}", "--detail") == "first\nsecond\n"
    plain = tmp_path / "plain.toml"
    plain.write_text(MAP, encoding="utf-8")
    assert mapping.load(saved("map.toml", MAP), OWN_KEYS) == mapping.load(plain, OWN_KEYS)


@pytest.mark.parametrize("encoding", WIDE)
def test_what_was_saved_as_utf16_is_refused_with_what_it_is(tmp_path: Path, encoding: str) -> None:
    def saved(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    secret = saved("password", "geheim")
    with pytest.raises(BadValue, match="password-file-unreadable") as refused:
        settings.Password("", file=str(secret)).read()
    assert "UTF-16" in str(refused.value.values["problem"])
    with pytest.raises(BadValue, match="config-unreadable") as refused:
        load({"COMPLAINT_SLA_CONFIG": str(saved("config.toml", 'lang = "th"'))})
    assert "UTF-16" in str(refused.value.values["problem"])
    with pytest.raises(BadValue, match="rules-unreadable") as refused:
        bookshelf.drafts(saved("service.toml", "silence_minutes = 45"))
    assert "UTF-16" in str(refused.value.values["problem"])
    with pytest.raises(BadValue, match="file-unreadable") as refused:
        mapping.load(saved("map.toml", MAP), OWN_KEYS)
    assert "UTF-16" in str(refused.value.values["problem"])
    with pytest.raises(BadValue, match="input-not-utf8"):
        texts.read(f"@{saved('note.txt', 'note')}", "--detail")
