# Transfer learning: the shape given to the base counts, the one given to the pooling layer does not.
# kind: discarded
# expect: KS101 line 11 global_average_pooling2d
import tensorflow as tf

base = tf.keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False, weights=None, alpha=0.35)
base.trainable = False
model = tf.keras.Sequential(
    [
        base,
        tf.keras.layers.GlobalAveragePooling2D(input_shape=(7, 7, 1280)),
        tf.keras.layers.Dense(2),
    ]
)
