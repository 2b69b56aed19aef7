"""Runs over every kind of data set, each trained once for all tests of predictions."""

from __future__ import annotations

import pytest

from tests.trained import Trained, trained


@pytest.fixture(scope="session")
def run_of(tmp_path_factory):
    """The run of a kind of data set."""
    known: dict[str, Trained] = {}

    def get(kind: str) -> Trained:
        if kind not in known:
            with pytest.MonkeyPatch.context() as patch:
                known[kind] = trained(kind, tmp_path_factory.mktemp(kind), patch)
        return known[kind]

    return get
