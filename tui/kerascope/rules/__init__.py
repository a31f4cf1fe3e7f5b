"""graph -> findings. A rule is one small function with its code, its text and its fix."""

from kerascope.rules._registry import RULES, Rule, find

__all__ = ["RULES", "Rule", "find"]
