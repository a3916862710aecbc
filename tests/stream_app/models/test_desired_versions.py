"""The versions that the registry's aliases ask for."""

import pytest

from stream_app.models.desired_versions import DesiredVersion, Role, desired_versions

CHAMPION = DesiredVersion(Role.CHAMPION, "4")


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
def test_shadow_is_the_challenger_or_else_the_previous_champion(
    aliases: dict[str, str], shadow: str | None
) -> None:
    versions = desired_versions({"champion": "4", **aliases}, shadow_enabled=True)
    assert versions[Role.CHAMPION] == CHAMPION
    assert versions.get(Role.SHADOW) == (DesiredVersion(Role.SHADOW, shadow) if shadow else None)


def test_disabled_shadow_is_not_desired() -> None:
    versions = desired_versions({"champion": "4", "challenger": "5"}, shadow_enabled=False)
    assert versions == {Role.CHAMPION: CHAMPION}


def test_without_a_champion_no_other_version_takes_its_role() -> None:
    assert desired_versions({"previous": "3"}, shadow_enabled=True) == {
        Role.SHADOW: DesiredVersion(Role.SHADOW, "3")
    }
