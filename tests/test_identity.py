"""Who sits at the system: the user of the process, by its number; what the environment says counts as sudo's word only."""

import os
import pwd
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla import identity
from complaint_sla.core.identity import SystemUser

ME = pwd.getpwuid(os.getuid()).pw_name
OTHER = next(one for one in pwd.getpwall() if one.pw_uid not in (0, os.getuid()))
NAMES = ("LOGNAME", "USER", "USERNAME", "LNAME", "SUDO_USER")


@pytest.fixture(autouse=True)
def nobody_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As in a container or a service; the file in which the kernel says who logged in."""
    file = tmp_path / "loginuid"
    file.write_text("4294967295")
    monkeypatch.setattr(identity, "LOGIN_UID", file)
    return file


def test_it_is_the_user_of_the_uid_whatever_names_the_environment_holds() -> None:
    assert identity.system_user(dict.fromkeys(NAMES, "director")) == SystemUser(ME)


def test_who_came_by_sudo_stands_beside_it_by_their_number() -> None:
    found = identity.system_user({"SUDO_UID": str(OTHER.pw_uid), "SUDO_USER": "director"})

    assert found == SystemUser(ME, sudo=OTHER.pw_name)
    assert (found.person, str(found)) == (OTHER.pw_name, f"{ME} (sudo {OTHER.pw_name})")
    assert identity.system_user({"SUDO_UID": str(os.getuid())}) == SystemUser(ME)


@given(
    st.sampled_from(["SUDO_UID", *NAMES]),
    st.text().filter(lambda text: not text.isascii() or not text.isdecimal()),
)
def test_nothing_else_that_the_environment_says_is_believed(name: str, value: str) -> None:
    assert identity.system_user({name: value}) == SystemUser(ME)


@given(st.integers(0, 10**12))
def test_a_number_of_nobody_is_shown_as_such(number: int) -> None:
    found = identity.system_user({"SUDO_UID": str(number)})

    known = {one.pw_uid: one.pw_name for one in pwd.getpwall()}
    expected = None if number == os.getuid() or number >= 10**10 else known.get(number, f"uid {number}")
    assert found == SystemUser(ME, sudo=expected)


@pytest.mark.parametrize("text", ["4294967295", "", "-1", "x", None])
def test_where_the_system_keeps_no_login_there_is_none(text: str | None, nobody_logged_in: Path) -> None:
    if text is None:
        nobody_logged_in.unlink()
    else:
        nobody_logged_in.write_text(text)
    assert identity.system_user({}).login is None


def test_who_logged_in_is_kept_whoever_they_became(nobody_logged_in: Path) -> None:
    nobody_logged_in.write_text(f"{OTHER.pw_uid}\n")
    found = identity.system_user({})
    assert (found.name, found.login, str(found)) == (ME, OTHER.pw_name, f"{ME} (login {OTHER.pw_name})")
    nobody_logged_in.write_text("4000000000")
    assert identity.system_user({}).login == "uid 4000000000"
    # Whoever is still who logged in need not be named twice.
    nobody_logged_in.write_text(str(os.getuid()))
    assert str(identity.system_user({})) == ME
