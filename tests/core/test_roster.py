"""Whom a role means: the people of an office, who stands in for them, and who is above."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.roster import Office, Person, Role, Roster, is_nobody

TODAY = date(2017, 3, 5)
A, S, M = Role.AGENT, Role.SUPERVISOR, Role.MANAGER
# Head office, region, branch.
TREE = [Office("HQ"), Office("REGION", "HQ"), Office("BANSANG", "REGION")]


def roster(*people: Person, offices=TREE) -> Roster:
    return Roster({one.code: one for one in offices}, {one.email: one for one in people})


def who(
    people: Roster, role: str, owner: str | None = None, office: str = "BANSANG", without=()
) -> tuple[str, ...]:
    return people.recipients(role, office, owner, TODAY, without)


SUP, MAN = Person("sup@b", "BANSANG", S), Person("man@b", "BANSANG", M)
UP_SUP, UP_MAN, TOP = Person("sup@r", "REGION", S), Person("man@r", "REGION", M), Person("man@hq", "HQ", M)
OWNER = Person("agent@b", "BANSANG", A)
FULL = roster(SUP, MAN, UP_SUP, UP_MAN, TOP, OWNER)


def test_a_role_means_those_who_have_it_at_the_office():
    assert who(FULL, "supervisor") == ("sup@b",)
    assert who(FULL, "manager") == ("man@b",)
    assert who(FULL, "owner", "agent@b") == ("agent@b",)
    assert who(roster(SUP, Person("anna@b", "BANSANG", S)), "supervisor") == ("anna@b", "sup@b")


def test_parent_means_the_office_above_and_at_the_root_the_root():
    assert who(FULL, "parent:supervisor") == ("sup@r",)
    assert who(FULL, "parent:parent:manager") == ("man@hq",)
    assert who(FULL, "parent:parent:parent:parent:manager") == ("man@hq",)
    assert who(FULL, "parent:manager", office="HQ") == ("man@hq",)


@pytest.mark.parametrize(
    ("people", "supervisor", "manager"),
    [
        ((SUP, MAN, UP_SUP, UP_MAN, TOP), "sup@b", "man@b"),
        ((MAN, UP_SUP, UP_MAN, TOP), "man@b", "man@b"),
        ((SUP, UP_SUP, UP_MAN, TOP), "sup@b", "man@r"),
        ((UP_SUP, UP_MAN, TOP), "sup@r", "man@r"),
        ((SUP, UP_SUP), "sup@b", "role:manager@BANSANG"),
        ((UP_MAN, TOP), "man@r", "man@r"),
        ((OWNER, TOP), "man@hq", "man@hq"),
        ((OWNER,), "role:supervisor@BANSANG", "role:manager@BANSANG"),
    ],
)
def test_a_role_that_nobody_fills_goes_up_the_tree_and_a_managers_never_to_a_supervisor(
    people, supervisor, manager
):
    assert who(roster(*people), "supervisor") == (supervisor,)
    assert who(roster(*people), "manager") == (manager,)


def test_nobody_at_all_is_said_and_never_left_out():
    nobody = roster()
    assert who(nobody, "supervisor") == ("role:supervisor@BANSANG",)
    assert who(nobody, "parent:manager") == ("role:manager@REGION",)
    assert who(nobody, "owner", "agent@b") == ("role:supervisor@BANSANG",)
    assert is_nobody("role:supervisor@BANSANG")
    assert not is_nobody("sup@b")


def test_an_empty_owner_is_skipped_and_an_owner_who_cannot_be_found_is_not():
    assert who(FULL, "owner") == ()
    assert who(FULL, "parent:owner") == ()
    for owner in (
        Person("agent@b", "BANSANG", A, retired=True),
        Person("agent@b", "BANSANG", A, away_until=TODAY),
    ):
        assert who(roster(SUP, owner), "owner", "agent@b") == ("sup@b",)
    assert who(roster(SUP), "owner", "gone@b") == ("sup@b",)


def away(email: str, deputy: str | None, until: date = TODAY) -> Person:
    return Person(email, "BANSANG", S, away_until=until, deputy=deputy)


def test_a_person_away_goes_to_the_deputy_until_the_day_after_the_last_one():
    for until, expected in (
        (TODAY - timedelta(days=1), "sup@b"),
        (TODAY, "dep@r"),
        (TODAY + timedelta(days=9), "dep@r"),
    ):
        people = roster(away("sup@b", "dep@r", until), Person("dep@r", "REGION", A))
        assert who(people, "supervisor") == (expected,)


def test_a_deputy_who_is_away_goes_to_the_deputys_deputy():
    assert who(roster(away("sup@b", "two@b"), away("two@b", "agent@b"), OWNER), "supervisor") == ("agent@b",)


def test_deputies_in_a_circle_lead_nowhere_and_the_role_goes_up():
    circle = (away("sup@b", "two@b"), away("two@b", "sup@b"))
    assert who(roster(*circle, MAN), "supervisor") == ("man@b",)
    assert who(roster(away("sup@b", "sup@b"), MAN), "supervisor") == ("man@b",)
    assert who(roster(away("sup@b", None), MAN), "supervisor") == ("man@b",)
    assert who(roster(away("sup@b", "gone@b"), MAN), "supervisor") == ("man@b",)


def test_two_people_with_one_deputy_make_one_recipient():
    assert who(roster(away("sup@b", "agent@b"), away("two@b", "agent@b"), OWNER), "supervisor") == (
        "agent@b",
    )


def test_one_of_two_supervisors_is_enough():
    assert who(roster(SUP, away("two@b", None), MAN), "supervisor") == ("sup@b",)


@pytest.mark.parametrize(
    "gone", [Person("sup@b", "BANSANG", S, retired=True), Person("sup@b", "BANSANG", S, unreachable=True)]
)
def test_the_retired_and_the_unreachable_are_passed_over_with_their_deputies(gone):
    assert who(roster(gone, MAN), "supervisor") == ("man@b",)


def test_those_whom_mail_did_not_reach_can_be_passed_over():
    assert who(FULL, "supervisor", without={"sup@b"}) == ("man@b",)
    assert who(FULL, "supervisor", without={"sup@b", "man@b", "sup@r", "man@r", "man@hq"}) == (
        "role:supervisor@BANSANG",
    )
    assert who(FULL, "owner", "agent@b", without={"agent@b"}) == ("sup@b",)


def test_several_roles_that_lead_to_one_person_make_one_recipient_with_all_reasons():
    assert FULL.chosen(["owner", "supervisor", "manager"], "BANSANG", "sup@b", TODAY) == {
        "sup@b": ("owner", "supervisor"),
        "man@b": ("manager",),
    }
    assert FULL.chosen(["supervisor", "manager"], "BANSANG", None, TODAY, {"sup@b"}) == {
        "man@b": ("supervisor", "manager")
    }


def test_what_is_meant_for_an_owner_only_is_the_supervisors_where_there_is_none():
    assert FULL.chosen(["owner"], "BANSANG", None, TODAY) == {"sup@b": ("owner",)}
    assert FULL.chosen(["parent:owner"], "BANSANG", None, TODAY) == {"sup@r": ("parent:owner",)}
    assert roster().chosen(["owner"], "BANSANG", None, TODAY) == {"role:supervisor@BANSANG": ("owner",)}
    # Where others are meant too, they hear it.
    assert FULL.chosen(["owner", "manager"], "BANSANG", None, TODAY) == {"man@b": ("manager",)}


def test_during_an_absence_the_deputies_hear_and_where_there_is_none_somebody_above():
    absent = away("sup@b", "dep@r", TODAY)
    assert roster(absent, Person("dep@r", "REGION", A), MAN).hearing_for("sup@b", TODAY) == {"dep@r"}
    assert roster(absent, MAN).hearing_for("sup@b", TODAY) == {"man@b"}
    assert roster(absent).hearing_for("sup@b", TODAY) == set()
    assert roster().hearing_for("sup@b", TODAY) == set()


def test_an_office_and_all_below_it_are_listed_parents_first():
    offices = [*TREE, Office("ANGTHONG", "REGION"), Office("ZONE", "HQ"), Office("KIOSK", "BANSANG")]
    people = roster(offices=offices)
    assert people.below("HQ") == ["HQ", "REGION", "ANGTHONG", "BANSANG", "KIOSK", "ZONE"]
    assert people.below("BANSANG") == ["BANSANG", "KIOSK"]


@given(st.dictionaries(st.sampled_from("ABCDEFG"), st.none() | st.sampled_from("ABCDEFGH"), min_size=1))
def test_whatever_tree_a_hand_has_made_every_walk_ends_and_each_office_appears_once(parents):
    people = roster(offices=[Office(code, parent) for code, parent in parents.items()])
    tree = people.tree()
    assert sorted(tree) == sorted(parents)
    in_circles = {code for circle in people.circles() for code in circle}
    for code, parent in parents.items():
        below = people.below(code)
        assert below[0] == code
        assert len(set(below)) == len(below)
        assert set(who(people, "parent:parent:manager", office=code)) <= {
            f"role:manager@{c}" for c in "ABCDEFGH"
        }
        # In a circle are those that stand below themselves.
        assert (code in in_circles) is (parent in below)
        if parent in parents and code not in in_circles:
            assert tree.index(parent) < tree.index(code)


def test_a_circle_of_offices_is_named_by_its_offices():
    circle = [Office("X", "Z"), Office("Y", "X"), Office("Z", "Y"), Office("BELOW", "X"), Office("ME", "ME")]
    assert roster(offices=[*TREE, *circle]).circles() == [("ME",), ("X", "Y", "Z")]


# --- Properties ------------------------------------------------------------------------------------------------

emails = st.sampled_from([f"p{n}@example.org" for n in range(8)])
persons = st.builds(
    Person,
    email=emails,
    office=st.sampled_from(["HQ", "REGION", "BANSANG"]),
    role=st.sampled_from(Role),
    away_until=st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
    deputy=st.none() | emails,
    retired=st.booleans(),
    unreachable=st.booleans(),
)
roles = st.builds(
    lambda ups, name: "parent:" * ups + name,
    st.integers(0, 3),
    st.sampled_from(["owner", "supervisor", "manager"]),
)


@given(
    st.lists(persons, max_size=10),
    roles,
    st.sampled_from(["HQ", "REGION", "BANSANG"]),
    st.none() | emails,
    st.sets(emails, max_size=3),
)
def test_somebody_is_always_told_and_nobody_who_cannot_be(people, role, office, owner, without):
    staff = roster(*people)
    found = staff.recipients(role, office, owner, TODAY, without)
    assert (found == ()) is (role.endswith("owner") and owner is None)
    assert len(set(found)) == len(found)
    for one in found:
        if is_nobody(one):
            assert len(found) == 1
            assert one.partition("@")[2] in staff.offices
        else:
            person = staff.people[one]
            assert not person.retired
            assert not person.unreachable
            assert person.away_until is None or person.away_until < TODAY
            assert one not in without


@given(st.lists(persons, max_size=10), st.lists(roles, max_size=4), st.none() | emails)
def test_every_role_that_leads_to_somebody_is_named(people, asked, owner):
    staff = roster(*people)
    chosen = staff.chosen(asked, "BANSANG", owner, TODAY)
    for role in asked:
        for recipient in staff.recipients(role, "BANSANG", owner, TODAY):
            assert role in chosen[recipient]
