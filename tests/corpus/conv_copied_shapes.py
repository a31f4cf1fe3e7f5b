# Every convolution was copied together with the input_shape of the first one.
# kind: discarded
# expect: KS101 line 12 conv2d_1
# expect: KS101 line 14 conv2d_2
from tensorflow.keras import models
from tensorflow.keras.layers import Conv2D, Dense, Flatten, MaxPooling2D

model = models.Sequential(
    [
        Conv2D(32, (3, 3), activation="relu", input_shape=(64, 64, 3)),
        MaxPooling2D((2, 2)),
        Conv2D(64, (3, 3), activation="relu", input_shape=(64, 64, 3)),
        MaxPooling2D((2, 2)),
        Conv2D(
            128,
            (3, 3),
            activation="relu",
            input_shape=(64, 64, 3),
        ),
        Flatten(),
        Dense(5, activation="softmax"),
    ]
)
