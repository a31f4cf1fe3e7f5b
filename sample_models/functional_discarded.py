# In the functional API the tensor a layer is called on decides: both input_shape arguments are dropped.
from keras import Input, Model, layers

inputs = Input(shape=(4,))
x = layers.Dense(64, activation="relu", input_shape=(8,))(inputs)
x = layers.Dense(64, activation="relu", input_shape=(16,))(x)
outputs = layers.Dense(10)(x)

model = Model(inputs=inputs, outputs=outputs, name="mnist_model")
model.summary()
