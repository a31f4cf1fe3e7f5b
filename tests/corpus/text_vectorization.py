# A vectorizer outside the model: its vocabulary is asked for, its calls are on strings.
# kind: right
# expect: nothing
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

vectorize = layers.TextVectorization(max_tokens=50, output_sequence_length=6)
vectorize.adapt(np.array(["the cat sat", "the dog ran"]))
vocabulary = vectorize.get_vocabulary()

ids = keras.Input(shape=(6,), dtype="int64")
x = layers.Embedding(len(vocabulary) + 1, 8, mask_zero=True)(ids)
x = layers.LSTM(4)(x)
model = keras.Model(ids, layers.Dense(1)(x))
