# A list of cells is made for a stacked RNN that then takes a single cell.
# kind: unconnected
# expect: KS201 line 7 upper
import keras
from keras import layers

cells = [layers.GRUCell(8, name="lower"), layers.GRUCell(4, name="upper")]
series = keras.Input(shape=(20, 3))
x = layers.RNN(cells[0])(series)
model = keras.Model(series, layers.Dense(1)(x))
