# An encoder for MNIST in which four of the layers declare an input shape that has nothing to do with what they get.
# It trains all the same: Keras drops all four.
import keras
from keras import layers

encoder_input = keras.Input(shape=(28, 28, 1), name="img")
x = layers.Conv2D(16, 3, activation="relu", input_shape=[32, 32, 3])(encoder_input)
x = layers.Conv2D(32, 3, activation="relu", input_shape=[64, 64, 3])(x)
x = layers.MaxPooling2D(3)(x)
x = layers.Conv2D(32, 3, activation="relu", input_shape=[224, 321, 3])(x)
x = layers.Conv2D(16, 3, activation="relu", input_shape=[420, 32, 3])(x)
x = layers.GlobalMaxPooling2D()(x)
encoder_output = layers.Dense(10, activation="softmax")(x)

encoder = keras.Model(encoder_input, encoder_output, name="encoder")
encoder.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["categorical_accuracy"])

(x_train, y_train), _ = keras.datasets.mnist.load_data()
x_train = x_train.reshape(60000, 28, 28, 1).astype("float32") / 255
y_train = keras.utils.to_categorical(y_train, 10)
encoder.fit(x_train, y_train, batch_size=256, epochs=1)
