# Layers that only a tf.data map calls.
# kind: right
# expect: nothing
import keras
import tensorflow as tf
from keras import layers

rescale = layers.Rescaling(1.0 / 255)
resize = layers.Resizing(16, 16)


def prepare(image, label):
    return resize(rescale(image)), label


images, labels = tf.zeros((8, 32, 32, 3)), tf.zeros((8,), tf.int32)
data = tf.data.Dataset.from_tensor_slices((images, labels)).map(prepare).batch(4)
flip = layers.RandomFlip("horizontal")
data = data.map(lambda x, y: (flip(x, training=True), y))

model = keras.Sequential([keras.Input((16, 16, 3)), layers.Flatten(), layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(data, epochs=1)
