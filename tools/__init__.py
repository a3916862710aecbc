"""What maintainers run: page generators, compatibility check, scenarios. Not in the wheel."""
