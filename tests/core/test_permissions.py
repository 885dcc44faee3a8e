"""Who may do what: the shipped rule, the settings that change it, and what can't be changed by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import BookFaults, NotPossible
from complaint_sla.core.permissions import (
    WHOLE,
    AccessRole,
    Action,
    Ground,
    Permissions,
    Standing,
)
from complaint_sla.core.servicefile import read_service

READER, OFFICER, SUPERVISOR, SERVICE, ADMINISTRATOR = AccessRole
OFFICERS = {OFFICER, SUPERVISOR, ADMINISTRATOR}
AS_SHIPPED = Permissions()
# As a person at the office would say it.
SHIPPED = {
    Action.WORK: OFFICERS,
    Action.CLOSE: OFFICERS,
    Action.RECLASSIFY: OFFICERS,
    Action.REOPEN: OFFICERS,
    Action.PEOPLE: {SUPERVISOR, ADMINISTRATOR},
    Action.SERVE: {SERVICE, ADMINISTRATOR},
    Action.ERASE: {ADMINISTRATOR},
    Action.FREEZE: {ADMINISTRATOR},
    Action.PUBLISH: {ADMINISTRATOR},
    Action.ADMINISTER: {ADMINISTRATOR},
}

# What writes nothing but that it was done.
READING = frozenset({Action.READ, Action.READ_ALL, Action.READ_CONTACTS, Action.TAKE_OUT})


def may(standing: Standing, action: Action, permissions: Permissions = AS_SHIPPED) -> bool:
    try:
        standing.require(action, permissions)
    except NotPossible as refused:
        assert refused.key in {"not-permitted", "sees-a-part", "login-without-office"}
        return False
    return True


def read(text: str) -> Permissions:
    return read_service(text, "service.toml", lambda *_: {}).permissions


def faults_of(text: str) -> list[tuple[str, str]]:
    with pytest.raises(BookFaults) as refused:
        read(text)
    return [(fault.place, fault.key) for fault in refused.value.faults]


@pytest.mark.parametrize("role", AccessRole)
@pytest.mark.parametrize("action", Action)
def test_as_shipped_whoever_has_no_role_reads_and_each_does_their_own(
    role: AccessRole, action: Action
) -> None:
    allowed = set(AccessRole) if action in READING else SHIPPED[action]
    assert may(Standing("malee", role, Ground.LOGIN), action) is (role in allowed)


def test_the_settings_give_out_what_an_office_decides_and_nothing_else() -> None:
    permissions = read('[permissions]\nclose = ["supervisor"]\nerase = ["supervisor", "administrator"]')

    assert not may(Standing("malee", OFFICER, Ground.LOGIN), Action.CLOSE, permissions)
    assert not may(Standing("root", ADMINISTRATOR, Ground.FILE), Action.CLOSE, permissions)
    assert may(Standing("somsri", SUPERVISOR, Ground.LOGIN), Action.ERASE, permissions)
    assert permissions.freeze == Permissions().freeze
    assert faults_of('[permissions]\nwork = ["reader"]') == [("permissions.work", "fault-unknown-key")]


@pytest.mark.parametrize(
    ("text", "place", "key"),
    [
        ('close = ["reader"]', "permissions.close[…]", "fault-choice"),
        ("close = []", "permissions.close", "fault-type"),
        ('close = "officer"', "permissions.close", "fault-type"),
        ('publish = ["officer"]', "permissions.publish", "fault-publish"),
    ],
)
def test_settings_that_leave_nobody_able_to_publish_or_name_no_role_are_refused(
    text: str, place: str, key: str
) -> None:
    assert faults_of(f"[permissions]\n{text}") == [(place.removesuffix("[…]"), key)]


@given(st.sampled_from(AccessRole), st.sampled_from(sorted(WHOLE)))
def test_whoever_sees_a_part_proves_copies_and_freezes_nothing(role: AccessRole, action: Action) -> None:
    everything = Permissions(erase=tuple(AccessRole), freeze=tuple(AccessRole))
    confined = Standing("malee", role, Ground.SERVER_ROLE, "BANSANG", on_server=True, confined=True)
    assert not may(confined, action, everything)
    lost = Standing("malee", role, Ground.SERVER_ROLE, None, on_server=True, confined=True)
    assert not any(may(lost, one) for one in Action)


def test_on_a_server_only_administrators_change_the_record_whatever_the_settings_say() -> None:
    everything = Permissions(erase=tuple(AccessRole), freeze=tuple(AccessRole), publish=tuple(AccessRole))
    for action in (Action.ERASE, Action.FREEZE, Action.PUBLISH):
        for role in AccessRole:
            standing = Standing("malee", role, Ground.SERVER_ROLE, on_server=True)
            assert may(standing, action, everything) is (role is ADMINISTRATOR)


def test_a_figure_is_asked_of_ones_own_office_where_only_that_is_seen() -> None:
    confined = Standing("malee", OFFICER, Ground.SERVER_ROLE, "BANSANG", on_server=True, confined=True)
    confined.require_within("BELOW", ["BANSANG", "BELOW"])
    with pytest.raises(NotPossible, match="office-not-yours"):
        confined.require_within("MAIN", ["BANSANG", "BELOW"])
    Standing("somsri", READER, Ground.SERVER_ROLE, on_server=True).require_within("MAIN", [])
