# A notebook exported as a script: cells, outputs that nobody keeps, a model made twice.
# kind: right
# expect: nothing

# In[1]:
import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

# In[2]:
model = keras.Sequential([layers.Dense(4, input_shape=(2,)), layers.Dense(1)])
model.summary()

# In[3]:
# wider, second try
model = keras.Sequential([layers.Dense(16, input_shape=(2,)), layers.Dense(1)])
model.compile(optimizer="sgd", loss="mse")
history = model.fit(np.zeros((6, 2)), np.zeros((6, 1)), epochs=2, verbose=0)
history.history["loss"]

# In[4]:
model.predict(np.zeros((2, 2)))
