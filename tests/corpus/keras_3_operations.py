# keras.ops as nodes of the graph, and a layer whose result only they use.
# kind: right
# only: 3
# expect: nothing
import keras
from keras import layers, ops

inputs = keras.Input(shape=(6, 8))
q, k, v = (layers.Dense(8)(inputs) for _ in range(3))
scores = ops.softmax(ops.matmul(q, ops.transpose(k, (0, 2, 1))) / 8**0.5)
model = keras.Model(inputs, ops.mean(ops.matmul(scores, v), axis=1))
