"""The driver: asks, hands out, tells and records; the only home of Optuna."""
