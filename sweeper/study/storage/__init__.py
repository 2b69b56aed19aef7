"""Where a study's trials are kept: places, connections, leases, and Optuna's storage in memory."""
