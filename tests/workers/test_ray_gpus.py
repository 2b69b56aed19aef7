"""GPUs that Ray only counts, as there are none here: each worker sees those that it asked for, and no others."""

import os
from functools import partial
from pathlib import Path

import pytest
import targets
from helpers import drain, results, spec
from on_ray import all_there, skip_unless_asked

from sweeper.errors import InputError
from sweeper.workers.cluster import AUTO, Cluster

# A Ray that takes too long to start on a busy machine is left to itself, and another one started.
pytestmark = pytest.mark.filterwarnings(
    "ignore:subprocess .* is still running:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture(scope="module", autouse=True)
def two_gpus():
    skip_unless_asked()
    from sweeper.workers.ray.connection import ONE_MACHINE, QUIET

    with pytest.MonkeyPatch.context() as patch:
        path = os.pathsep.join(filter(None, [str(Path(targets.__file__).parent), os.environ.get("PYTHONPATH")]))
        for name, value in (QUIET | ONE_MACHINE | {"PYTHONPATH": path}).items():
            patch.setenv(name, value)
        import ray

        ray.init(num_cpus=4, num_gpus=2, include_dashboard=False, log_to_driver=False, logging_level="CRITICAL")
        yield
        ray.shutdown()


def seen(size, gpus):
    """The GPUs that each of so many workers sees."""
    from sweeper.workers.ray.pool import RayPool

    with all_there(RayPool(size, Cluster(AUTO, gpus=gpus), 2, target=partial(targets.place, pause=1.0))) as pool:
        for number in range(size):
            pool.submit([spec(number)])
        return sorted(result.failure.message.split()[3] for result in results(drain(pool, size)).values())


def test_each_worker_has_a_gpu_of_its_own():
    assert seen(2, 1.0) == ["0", "1"]


def test_two_workers_share_one():
    assert seen(4, 0.5) == ["0", "0", "1", "1"]


def test_who_asks_for_none_sees_none():
    assert seen(2, 0.0) == ["-1", "-1"]


def test_more_than_there_are_are_refused():
    with pytest.raises(InputError, match="--gpus-per-worker 3: no node of the cluster has so many GPUs; the most is 2"):
        seen(1, 3.0)
