# Augmentation and a second network are used by train_step only, which looking does not run.
# kind: right
# infos: KS301 line 12
import keras
import numpy as np
from keras import layers


class Contrastive(keras.Model):
    def __init__(self):
        super().__init__()
        self.augment = keras.Sequential([layers.RandomFlip(), layers.RandomTranslation(0.1, 0.1)])
        self.encode = keras.Sequential([layers.Conv2D(4, 3), layers.GlobalAveragePooling2D()])
        self.project = layers.Dense(8)
        self.probe = layers.Dense(10)

    def call(self, x):
        return self.project(self.encode(x))

    def train_step(self, data):
        x, y = data
        views = self.augment(x, training=True)
        features = self.encode(views)
        return {"loss": self.compiled_loss(y, self.probe(features))}


model = Contrastive()
model.compile("adam", "mse")
model.fit(np.zeros((4, 16, 16, 3), "float32"), np.zeros((4, 10), "float32"))
