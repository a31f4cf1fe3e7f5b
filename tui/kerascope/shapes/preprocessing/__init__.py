"""The rules of layers that prepare data: images, categories, texts, signals."""

from kerascope.shapes.preprocessing import _categories, _images, _numbers, _texts

__all__ = ["_categories", "_images", "_numbers", "_texts"]
