# Queries and keys meet in scores, and the scores in nothing.
# kind: unconnected
# expect: KS202 line 9 query
# expect: KS202 line 10 key
import keras
from keras import layers

x = keras.Input(shape=(12, 24))
query = layers.Dense(8, name="query")(x)
key = layers.Dense(8, name="key")(x)
value = layers.Dense(8, name="value")(x)
scores = layers.Dot(axes=(2, 2), name="scores")([query, key])
weights = layers.Softmax(name="weights")(scores)
pooled = layers.GlobalAveragePooling1D()(value)
model = keras.Model(x, layers.Dense(1)(pooled))
