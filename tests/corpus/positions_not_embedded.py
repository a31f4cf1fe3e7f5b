# A positional embedding is made beside the token embedding and never applied.
# kind: unconnected
# expect: KS201 line 9 embedding_1
import keras
from keras import layers

length, vocabulary, width = 32, 800, 16
token_embedding = layers.Embedding(vocabulary, width)
position_embedding = layers.Embedding(input_dim=length, output_dim=width)
tokens = keras.Input(shape=(length,), dtype="int64")
x = token_embedding(tokens)
x = layers.MultiHeadAttention(2, 8)(x, x)
x = layers.GlobalAveragePooling1D()(x)
model = keras.Model(tokens, layers.Dense(2)(x))
