# A target network is cloned from the online network; the clone's layers were declared by nobody.
# kind: right
# expect: nothing
import keras
from keras import layers

online = keras.Sequential([layers.Dense(16, activation="relu", input_dim=4), layers.Dense(2)])
target = keras.models.clone_model(online)
target.set_weights(online.get_weights())
ensemble = [keras.models.clone_model(online) for _ in range(3)]
