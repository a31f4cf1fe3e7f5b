"""Arithmetic on the shapes of tensors, for operations of Keras 3 and functions of TensorFlow."""
