# From a configuration and back: nothing is declared anew.
# kind: right
# expect: nothing
import keras
from keras import layers

model = keras.Sequential([layers.Dense(3, input_shape=(2,)), layers.Dense(1)])
config = model.get_config()
same = keras.Sequential.from_config(config)
text = model.to_json()
again = keras.models.model_from_json(text)
