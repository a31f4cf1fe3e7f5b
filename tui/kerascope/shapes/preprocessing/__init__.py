"""The rules of layers that prepare data: images, categories, texts, signals; and why some layers have none."""

from kerascope.shapes.preprocessing import _categories, _images, _numbers, _texts, _unruled

__all__ = ["_categories", "_images", "_numbers", "_texts", "_unruled"]
