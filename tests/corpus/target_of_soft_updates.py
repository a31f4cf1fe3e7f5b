# Actor and critic with target networks that only a function calls; the critic joins two inputs.
# kind: right
# expect: nothing
import keras
from keras import layers


def get_actor(states=3, bound=2.0):
    inputs = layers.Input(shape=(states,))
    out = layers.Dense(16, activation="relu")(inputs)
    out = layers.Dense(1, activation="tanh")(out)
    return keras.Model(inputs, out * bound)


def get_critic(states=3, actions=1):
    state = layers.Input(shape=(states,))
    state_out = layers.Dense(8, activation="relu")(state)
    action = layers.Input(shape=(actions,))
    action_out = layers.Dense(8, activation="relu")(action)
    both = layers.Concatenate()([state_out, action_out])
    return keras.Model([state, action], layers.Dense(1)(both))


actor, critic = get_actor(), get_critic()
target_actor, target_critic = get_actor(), get_critic()
target_actor.set_weights(actor.get_weights())
target_critic.set_weights(critic.get_weights())
