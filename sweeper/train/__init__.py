"""The trainer, and the only home of TensorFlow and Keras.

``plan``, ``batches`` and ``decay`` are NumPy alone, so that whoever only needs to know what will be
done imports no TensorFlow. The way through the rest: ``loop.train`` takes a group of trials, asks
``program`` for the compiled loop of their structure, and hands the trained members to ``export``.

Shape letters: R members trained together, B examples in a batch, F features, I and J units on either
side of a layer, C classes, N examples, K steps of one call of the compiled loop.
"""
