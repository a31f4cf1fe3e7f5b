# input_length of an Embedding that is called on sequences of another length.
# kind: discarded
# expect: KS101 line 8 embedding
import keras
from keras import layers

words = keras.Input(shape=(50,), dtype="int32")
x = layers.Embedding(5000, 16, input_length=100)(words)
x = layers.GlobalMaxPooling1D()(x)
model = keras.Model(words, layers.Dense(1, activation="sigmoid")(x))
