# One shared encoder reads a question and a longer text: its declaration is right for one of them.
# kind: discarded
# expect: KS101 line 9 encoder
import keras
from keras import layers

question = keras.Input(shape=(10, 32), name="question")
text = keras.Input(shape=(80, 32), name="text")
encoder = layers.GRU(24, input_shape=(10, 32), name="encoder")
together = layers.Concatenate()([encoder(question), encoder(text)])
answer = layers.Dense(2, activation="softmax")(together)
model = keras.Model([question, text], answer)
