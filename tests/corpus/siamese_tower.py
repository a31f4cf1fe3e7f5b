# Two pictures through one tower; a layer of the tower declares the picture again.
# kind: discarded
# expect: KS101 line 10 conv2d_1
import keras
from keras import layers

tower = keras.Sequential(name="tower")
tower.add(layers.Conv2D(4, 3, input_shape=(32, 32, 1)))
tower.add(layers.MaxPooling2D())
tower.add(layers.Conv2D(8, 3, input_shape=(32, 32, 1)))
tower.add(layers.GlobalAveragePooling2D())

left, right = keras.Input((32, 32, 1)), keras.Input((32, 32, 1))
distance = layers.Subtract()([tower(left), tower(right)])
model = keras.Model([left, right], layers.Dense(1, activation="sigmoid")(distance))
