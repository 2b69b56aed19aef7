"""The example notebook in a kernel, and a sweep that the kernel's interrupt ends."""

import time
from pathlib import Path

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "docs" / "tutorial" / "notebook.ipynb"
PATIENCE = 120
"""Seconds for one cell on a busy machine."""

pytestmark = [
    pytest.mark.tensorflow,
    pytest.mark.slow,
    pytest.mark.usefixtures("warm"),
    pytest.mark.filterwarnings("ignore"),  # of the client's message loop; nothing of sweeper runs in this process
]


@pytest.fixture(autouse=True)
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("SWEEPER_RUNS", raising=False)


def test_the_example_notebook_runs_and_shows_tables_figures_and_no_noise(tmp_path):
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)
    NotebookClient(notebook, timeout=PATIENCE, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    assert [output.text for output in outputs if output.output_type == "stream" and output.name == "stderr"] == []
    shown = [output.data for output in outputs if output.output_type == "execute_result"]
    pictured = [data for data in shown if "image/png" in data]
    assert len(pictured) == 4  # run, study, comparison, test
    assert all("<table>" in data["text/html"] and "data:image/png;base64," in data["text/html"] for data in pictured)
    progress = [output.data for output in outputs if output.output_type == "display_data"]
    assert len(progress) == 4
    assert all("<progress" not in data["text/html"] for data in progress)  # gone when the work is done
    (mistake,) = [output.text for output in outputs if output.output_type == "stream"]
    assert mistake.startswith("lerning_rate: no such key; did you mean learning_rate?")
    assert mistake.count("\n") == 1
    assert (tmp_path / "runs" / "mlflow.db").exists()


class Kernel:
    """A kernel of its own, cell by cell."""

    def __init__(self, folder):
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=PATIENCE)

    def begin(self, code):
        return self.client.execute(code, stop_on_error=False)

    def until(self, kind, *, reply=None):
        """The first message of a kind; with `reply`, the end of that cell."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            message = self.client.get_iopub_msg(timeout=PATIENCE)
            if message["msg_type"] == kind and (reply is None or message["parent_header"].get("msg_id") == reply):
                return message["content"]
        raise TimeoutError(kind)

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(tmp_path):
    started = Kernel(tmp_path)
    yield started
    started.end()


SWEEP = """
import sweeper
study = sweeper.tune(dataset="digits", steps=3000, hidden=[20], activation="relu,tanh,elu,selu", space="none",
                     trials=4, study="mine", confirm=0, pruner="none", workers=1)
"""


def test_an_interrupt_of_the_kernel_ends_a_sweep_that_then_goes_on(kernel, tmp_path):
    kernel.begin(SWEEP)
    while "of 4 trials" not in kernel.until("update_display_data")["data"]["text/plain"]:
        pass
    kernel.manager.interrupt_kernel()
    error = kernel.until("error")
    assert error["ename"] == "InterruptedRunError"
    told = kernel.begin("print(type(study).__name__ if 'study' in globals() else 'none')")
    assert kernel.until("stream", reply=told)["text"] == "none\n"
    assert (tmp_path / "runs" / "studies" / "mine.db").exists()

    again = kernel.begin(f"{SWEEP}\nprint(study.trials['finished'])")
    assert kernel.until("stream", reply=again)["text"] == "4\n"
