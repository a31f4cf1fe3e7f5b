"""kerascope: see what Keras really made of your model, in the terminal."""

__all__ = ["__version__"]

__version__ = "0.1.0"
