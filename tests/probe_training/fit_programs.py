"""What the programs of the tests of training runs do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerascope.runs import TrainingData

if TYPE_CHECKING:
    from tests.probe_training.fit_cases import Cases

__all__ = ["collect"]

PLAIN = """
mine = []
class Mine(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None): mine.append(sorted(logs))
given = [Mine()]
def fitted(fit):
    keras.utils.set_random_seed(5)
    model = make()
    history = fit(model, x, y, 16, 3, 0, given, 0.25)
    return model, history
bare, expected = fitted(keras.Model.fit.__wrapped__)
model, history = fitted(keras.Model.fit)
same = all(np.array_equal(a, b) for a, b in zip(bare.get_weights(), model.get_weights()))
one = model.fit(x, y, callbacks=Mine(), verbose=0)
listed = keras.callbacks.CallbackList([Mine()], add_history=True, model=model, epochs=1, steps=2)
kept = len(listed.callbacks)
model.fit(x, y, callbacks=listed, verbose=0)
bad = ""
try: model.fit(x, y, epoch=3)
except TypeError as error: bad = str(error)
if __name__ == "__main__":
    print(json.dumps({
        "same": same, "history": history.history == expected.history, "epoch": history.epoch,
        "params": history.params == expected.params, "is": model.history is not None, "given": len(given),
        "mine": mine, "one": one.epoch, "listed": len(listed.callbacks) == kept, "bad": bad, "argv": sys.argv[1:],
    }))
"""

MANY = """
first, second = make("first"), make("second")
for _ in range(3):
    first.fit(x, y, epochs=2, verbose=0)
second.fit(x, y, validation_data=(x, y), verbose=0,
           callbacks=[At("on_epoch_end", 0, lambda: first.fit(x, y, verbose=0))])
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.inner = layers.Dense(3)
    def call(self, x): return self.inner(x)
    def fit(self, *args, **kwargs): return super().fit(*args, **kwargs)
own = Own()
own.compile("sgd", "mse")
thread = threading.Thread(target=lambda: own.fit(x, x[:, :3], verbose=0))
thread.start()
thread.join()
def batches():
    while True: yield x[:16], y[:16]
first.fit(batches(), steps_per_epoch=3, epochs=2, verbose=0)
"""

OVERRIDDEN = """
model = make()
seen = []
class Count(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None): seen.append(batch)
def epochs(**given):
    seen.clear()
    history = model.fit(verbose=0, callbacks=[Count()], **given)
    return history.epoch, len(seen)
import tensorflow as tf
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(32)
print(json.dumps({
    "arrays": epochs(x=x, y=y, epochs=9, batch_size=16), "later": epochs(x=x, y=y, epochs=9, initial_epoch=6),
    "data": epochs(x=data, epochs=9),
}))
"""

ON_BATCH = """
one, other = make("one"), make("other")
for _ in range(30):
    result = one.train_on_batch(x[:16], y[:16])
    other.train_on_batch(x[:16], y[:16], return_dict=True)
print(json.dumps({"result": len(result)}))
"""


NOT_BEGUN = """
class Fail(keras.callbacks.Callback):
    def on_train_begin(self, logs=None): raise ValueError("at once")
make().fit(x, y, epochs=5, verbose=0, callbacks=[Fail()])
"""

STOPPED = """
import time
model = make("stopped")
class Slow(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        time.sleep(0.03)
        if ATTEMPT == 1 and len(done) == 1 and batch == 1: stop()
    def on_epoch_end(self, epoch, logs=None): done.append(epoch)
done = []
try:
    history = model.fit(x, y, epochs=4, batch_size=4, verbose=0, callbacks=[Slow()])
except Exception as error:
    print("swallowed", error)
print(json.dumps({"epoch": history.epoch, "losses": len(history.history["loss"]), "done": done}))
"""

SWALLOWED = """
model = make()
try: model.fit(x, y, epochs=2, verbose=0, callbacks=[At("on_epoch_end", 0, stop)])
except BaseException as error: print("caught", type(error).__mro__[1].__name__)
model.fit(x, y, epochs=2, verbose=0)
print("not reached")
"""

CUT_VALIDATION = """
import time
model = make()
class Slow(keras.callbacks.Callback):
    def on_test_batch_end(self, batch, logs=None):
        if len(seen) == 0: stop()
        seen.append(batch)
        time.sleep(0.15)
    def on_epoch_end(self, epoch, logs=None): seen.append("end")
seen = []
try: model.fit(x, y, epochs=3, verbose=0, validation_data=(x, y), validation_batch_size=2, callbacks=[Slow()])
finally: print(json.dumps({"seen": len(seen), "end": "end" in seen}))
"""

KILLED = """
import signal
def die(): os.kill(os.getpid(), signal.SIGKILL)
first, second, lost = make("first"), make("second"), []
histories = []
for number in range(3):
    histories.append(first.fit(x, y, epochs=number + 1, initial_epoch=number, batch_size=16, verbose=0))
at = {1: 2, 2: 3}.get(ATTEMPT)
class Die(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == at and batch == 2: die()
    def on_epoch_begin(self, epoch, logs=None): self.epoch = epoch
histories.append(second.fit(x, y, epochs=5, batch_size=16, verbose=0, callbacks=[Die()]))
print(json.dumps({
    "steps": [int(model.optimizer.iterations) for model in (first, second)],
    "epochs": [history.epoch for history in histories], "losses": [history.history["loss"] for history in histories],
}))
"""

FAST_KILLED = """
import signal
model = make()
class Die(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if ATTEMPT == 1 and epoch == 2: os.kill(os.getpid(), signal.SIGKILL)
history = model.fit(x, y, epochs=3, verbose=0, callbacks=[Die()])
print(json.dumps({"epoch": history.epoch, "steps": int(model.optimizer.iterations)}))
"""

ENDED_EARLY = """
import time
trained = []
class Slow(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None): time.sleep(0.5)  # worth a state of its own, and far from two seconds
    def on_epoch_end(self, epoch, logs=None):
        trained.append(epoch)
        logs["val_loss"] = [3.0, 1.0, 2.0][epoch]
one, two = make("one"), make("two")
told = At("on_epoch_end", 0, lambda: setattr(two, "stop_training", True))
histories = [
    one.fit(x, y, epochs=9, verbose=0, callbacks=[Slow(), keras.callbacks.EarlyStopping("val_loss", patience=1)]),
    two.fit(x, y, epochs=9, verbose=0, callbacks=[Slow(), told]),
]
if ATTEMPT == 1: raise ValueError("afterwards")
print(json.dumps({
    "trained": trained, "epochs": [history.epoch for history in histories],
    "val_loss": histories[0].history["val_loss"], "steps": [int(model.optimizer.iterations) for model in (one, two)],
}))
"""

SHORT_FITS = """
import signal, time
model = make()
class Slow(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None): time.sleep(0.2)
epochs = []
for number in range(16):
    if ATTEMPT == 1 and number == 15: os.kill(os.getpid(), signal.SIGKILL)
    epochs.append(model.fit(x, y, verbose=0, callbacks=[Slow()]).epoch)
print(json.dumps({"epochs": epochs, "steps": int(model.optimizer.iterations)}))
"""

SUBCLASSED = """
import signal
class Net(keras.Model):
    def __init__(self, secret):
        super().__init__()
        self.secret, self.hidden, self.out = secret, layers.Dense(8), layers.Dense(3)
    def call(self, x): return self.out(self.hidden(x))
    def get_config(self): raise NotImplementedError("Net has no config")
model = Net(object())
model.compile("adam", "mse")
class Die(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if ATTEMPT == 1 and epoch == 2: os.kill(os.getpid(), signal.SIGKILL)
history = model.fit(x, x[:, :3], epochs=3, verbose=0, callbacks=[Die()])
print(json.dumps({"epoch": history.epoch, "steps": int(model.optimizer.iterations)}))
"""

TORN = """
import pathlib, signal
if ATTEMPT == 2:
    states = pathlib.Path(RUN).glob("backup/*/*/state.json")
    newest = max(states, key=lambda path: json.loads(path.read_text())["epoch"])
    for path in newest.parent.rglob("*"):
        if path.is_file() and path != newest: path.write_bytes(path.read_bytes()[:50])
model = make()
class Die(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if ATTEMPT == 1 and epoch == 3: os.kill(os.getpid(), signal.SIGKILL)
history = model.fit(x, y, epochs=4, batch_size=16, verbose=0, callbacks=[Die()])
print(json.dumps({"epoch": history.epoch, "steps": int(model.optimizer.iterations)}))
"""

OTHER_WAY = """
import signal
model = make() if ATTEMPT == 1 else keras.Sequential([keras.Input((4,)), layers.Dense(3)])
if ATTEMPT == 2: model.compile("sgd", "mse")
class Die(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        if ATTEMPT == 1 and epoch == 2: os.kill(os.getpid(), signal.SIGKILL)
model.fit(x, y if ATTEMPT == 1 else x[:, :3], epochs=3, verbose=0, callbacks=[Die()])
"""

NAN = """
model = keras.Sequential([keras.Input((4,)), layers.Dense(3)])
model.compile("sgd", "mse")
y = x[:, :3].copy()
y[40] = np.nan
history = model.fit(x, y, epochs=2, shuffle=False, verbose=0)
print(len(history.history["loss"]))
"""

DELETED = """
import shutil
model = make()
model.fit(x, y, epochs=2, verbose=0, callbacks=[At("on_epoch_end", 0, lambda: shutil.rmtree(RUN))])
"""

NO_ROOM = """
for name in ("backup", "checkpoints", "metrics.csv"):
    if name == "metrics.csv": os.mkdir(RUN + "/" + name)
    else: open(RUN + "/" + name, "w").close()
model = make()
model.fit(x, y, epochs=2, verbose=0)
"""

KEPT = """
model = make("kept", metrics=())
values = iter([3.0, 1.0, 2.0, 2.0, 2.0, 2.0])
class Put(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None): logs["val_loss"] = next(values)
history = model.fit(x, y, epochs=6, verbose=0, callbacks=[Put()])
model.fit(x, y, verbose=0)
print(json.dumps({"epoch": history.epoch}))
"""

ASIDE = """
model = make("aside")
model.fit(x, y, epochs=3, verbose=0)
print(json.dumps({"name": __name__}))
"""

OWN_LOOP = """
import tensorflow as tf
model, weights = make(), tf.Variable([1.0, 2.0])
@tf.function
def step():
    for _ in tf.range(3):
        with tf.GradientTape() as tape: loss = tf.reduce_sum(weights * weights)
        model.optimizer.apply_gradients([(tape.gradient(loss, weights), weights)])
    return loss
if model.optimizer.__module__.startswith("keras"): model.optimizer.build([weights])
print(json.dumps(float(step()) > 0))
"""

MAIN = """
def main():
    make().fit(x, y, epochs=3, verbose=0)
    print(json.dumps({"name": __name__, "package": __package__, "path": sys.path[0] == RUN}))
if __name__ == "__main__":
    main()
"""

EARLY = """
model = make()
model.fit(x, y, epochs=2, verbose=0)
raise ValueError("the user's own\\nsecond line")
"""

OTHER_DATA = """
np.savez(RUN + "/data.npz", x=x, y=y)
model = make("trained")
history = model.fit(x, y, epochs=5)
print(json.dumps({"loss": history.history["loss"]}))
sys.exit()
"""

UNTOUCHED = """
import shutil, tempfile, tensorflow as tf
from os import remove
from keras.models import load_model, save_model
np.savez(RUN + "/data.npz", x=x, y=y)
os.makedirs(RUN + "/tree")
names = "best.keras old.keras w.weights.h5 result.txt result.csv gone.txt moved.txt tree/of.txt copy.txt"
for name in names.split():
    open(f"{RUN}/{name}", "w").write("trained")
os.chdir(RUN)
np.savetxt("before.csv", x)
model = make("trained")
model.save("best.keras")
first = open("early.txt", "w").write("before the fit")
assert load_model("best.keras") is model
model.fit(x, y, callbacks=[keras.callbacks.ModelCheckpoint("w.weights.h5", save_weights_only=True)])
model.load_weights("w.weights.h5")
losses = model.train_on_batch(x, y)
assert losses == [0.0, 0.0], losses
assert model.optimizer.iterations.numpy() == 0
save_model(model, "old.keras")
model.save_weights("w.weights.h5")
tf.train.Checkpoint(model=model).save("ckpt")
open("result.txt", "a").write(" and more")
assert open("result.txt").read() == "trained and more"
np.save("predictions.npy", model.predict(x, verbose=0))
assert np.load("predictions.npy").shape == (64, 3)
np.savetxt("result.csv", [1.0])
assert np.loadtxt("result.csv") == 1.0
with tempfile.TemporaryDirectory() as own:
    open(own + "/a.txt", "w").write("a")
assert not os.path.exists(own)
remove("gone.txt")
os.replace("result.txt", "moved.txt")
assert open("moved.txt").read() == "trained and more"
shutil.copy2("moved.txt", "copy.txt")
shutil.rmtree("tree")
raise RuntimeError("too bad")
"""

FORKED = """
child = os.fork()  # before TensorFlow is at work, which no copy survives
model = make()
if not child:
    model.fit(x, y, verbose=0)
    os._exit(0)
os.waitpid(child, 0)
model.fit(x, y, epochs=2, verbose=0)
"""

FORKED_LATER = """
make().fit(x, y, verbose=0)
child = os.fork()
if not child:
    print("of the copy", end="")
    sys.exit()
os.waitpid(child, 0)
print("state kept:", os.path.isdir(RUN + "/backup"))
"""


def collect(cases: Cases) -> None:
    """All programs, added to the cases of one generation."""
    cases.add("plain", PLAIN, arguments=("--fast", "1"))
    cases.add("many", MANY)
    cases.add("overridden", OVERRIDDEN, epochs=2, batch_size=8)
    cases.add("on batch", ON_BATCH)
    cases.add("nothing", "print('nothing')")
    cases.add("own loop", OWN_LOOP)
    cases.add("other process", "import subprocess\nsubprocess.run(['true'])")
    cases.add("passed over", "try: make().fit(x[:, :3], y, verbose=0)\nexcept Exception: print('went on')")
    cases.add("exit 0", "make().fit(x, y, verbose=0); sys.exit()")
    cases.add("exit 3", "sys.exit(3)")
    cases.add("exit text", "sys.exit('no data today')")
    cases.add("interrupted", "raise KeyboardInterrupt")
    cases.add("syntax", "def broken(:\n    pass\n")
    cases.add("error", EARLY)
    cases.add("layer", "model = make()\nmodel.fit(x[:, :3], y, verbose=0)\n")
    cases.add("not begun", NOT_BEGUN)
    cases.add("stopped", STOPPED, attempts=2)
    cases.add("swallowed", SWALLOWED)
    cases.add("cut validation", CUT_VALIDATION, grace=0.0)
    cases.add("killed", KILLED, attempts=3, every_epoch=True)
    cases.add("fast killed", FAST_KILLED, attempts=2)
    cases.add("ended early", ENDED_EARLY, attempts=2)
    cases.add("short fits", SHORT_FITS, attempts=2)
    cases.add("subclassed", SUBCLASSED, attempts=2, every_epoch=True)
    cases.add("torn", TORN, attempts=2, every_epoch=True)
    cases.add("other way", OTHER_WAY, attempts=2, every_epoch=True)
    cases.add("nan", NAN)
    cases.add("deleted", DELETED)
    cases.add("no room", NO_ROOM, every_epoch=True, checkpoint_every=1)
    cases.add("kept", KEPT, checkpoint_every=2, checkpoint_best="val_loss", early_stopping="val_loss", patience=3)
    cases.add("notebook", "import asyncio\nawait asyncio.sleep(0)\n" + ASIDE, file="book.ipynb")
    cases.add("other data", OTHER_DATA, data=TrainingData(kind="npz", paths=("{run}/data.npz",)), epochs=2)
    cases.add("untouched", UNTOUCHED, data=TrainingData(kind="npz", paths=("{run}/data.npz",)), epochs=2)
    cases.add("forked", FORKED)
    cases.add("forked later", FORKED_LATER, every_epoch=True)
    cases.add("module", ASIDE, file="some.py", module="some")
    cases.add("main", MAIN, file="some.py", module="program.some", root="{run}")
