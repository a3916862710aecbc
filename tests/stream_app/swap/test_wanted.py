"""Which versions the registry's aliases ask for."""

import pytest

from stream_app.swap.wanted import Part, Role, wanted

CHAMPION = Part(Role.CHAMPION, "4")


@pytest.mark.parametrize(
    ("aliases", "shadow"),
    [
        ({}, None),
        ({"challenger": "5"}, "5"),
        ({"previous": "3"}, "3"),
        ({"challenger": "5", "previous": "3"}, "5"),
        ({"challenger": "4", "previous": "3"}, "3"),
        ({"challenger": "4", "previous": "4"}, None),
        ({"somebody's": "9"}, None),
    ],
    ids=str,
)
def test_challenger_is_shadowed_and_without_one_the_champion_before(
    aliases: dict[str, str], shadow: str | None
) -> None:
    found = wanted({"champion": "4", **aliases}, shadow_enabled=True)
    assert found[Role.CHAMPION] == CHAMPION
    assert found.get(Role.SHADOW) == (Part(Role.SHADOW, shadow) if shadow else None)


def test_nothing_is_shadowed_where_that_is_switched_off() -> None:
    found = wanted({"champion": "4", "challenger": "5"}, shadow_enabled=False)
    assert found == {Role.CHAMPION: CHAMPION}


def test_without_a_champion_nobody_is_asked_for_in_its_place() -> None:
    assert wanted({"previous": "3"}, shadow_enabled=True) == {Role.SHADOW: Part(Role.SHADOW, "3")}
