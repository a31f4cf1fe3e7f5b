"""Arithmetic on the shapes of tensors, for layers, operations of Keras 3 and functions of TensorFlow."""
