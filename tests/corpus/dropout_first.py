# Dropout on the inputs comes first and decides; the Dense behind it declares twice the columns.
# kind: discarded
# infos: KS102 line 10 dense
# expect: KS101 line 11 dense_1
import keras
from keras.layers import Dense, Dropout

sonar = keras.Sequential()
sonar.add(Dropout(0.2, input_shape=(60,)))
sonar.add(Dense(60, activation="relu", input_dim=60))
sonar.add(Dense(30, activation="relu", input_dim=120))
sonar.add(Dense(1, activation="sigmoid"))
