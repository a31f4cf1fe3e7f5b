# Functional API: input_dim on layers that are called on a tensor anyway.
# kind: discarded
# infos: KS102 line 10 dense
# expect: KS101 line 12 dense_1
# expect: KS101 line 13 dense_2
import keras
from keras.layers import Dense, Dropout, Input

features = Input(shape=(30,), name="features")
x = Dense(16, input_dim=30, activation="relu")(features)
x = Dropout(0.3)(x)
x = Dense(8, input_dim=30, activation="relu")(x)
risk = Dense(1, activation="sigmoid", input_dim=16)(x)
model = keras.Model(inputs=features, outputs=risk)
model.compile("adam", "binary_crossentropy")
