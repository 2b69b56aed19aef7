"""The trainer: one compiled loop; the only home of TensorFlow."""
