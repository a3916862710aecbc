"""The command `intent`. It has no logic of its own: commands call functions of the stages."""
