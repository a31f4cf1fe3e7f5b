"""The screens: each owns its workers and hands frozen data down to its widgets."""
