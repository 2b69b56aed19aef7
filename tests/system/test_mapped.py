import subprocess
import sys
import textwrap

import pytest

from sweeper.system.mapped import _clean

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

MAPPING = """\
7f00000000-7f00400000 {rights} 00000000 08:01 {inode} {file}
Size:               4096 kB
Rss:                4096 kB
Anonymous:          {anonymous} kB
VmFlags: rd ex mr mw me sd
"""


@pytest.mark.parametrize(
    ("rights", "inode", "file", "anonymous", "taken"),
    [
        ("r-xp", 12, "/lib/a.so", 0, True),
        ("r--p", 12, "/lib/a.so", 0, True),
        ("r--p", 12, "/lib/a.so", 4, False),  # relocated: as it is in the file it would be wrong
        ("rw-p", 12, "/lib/a.so", 0, False),
        ("r--s", 12, "/data/a.npy", 0, False),
        ("r--p", 0, "", 0, False),
        ("r-xp", 0, "[vdso]", 0, False),
    ],
)
def test_only_what_the_file_still_has_is_let_go(rights, inode, file, anonymous, taken):
    text = MAPPING.format(rights=rights, inode=inode, file=file, anonymous=anonymous)
    assert list(_clean(text + text)) == [(0x7F00000000, 0x400000)] * 2 * taken


def test_a_process_goes_on_with_less_in_memory():
    program = """
        import numpy as np
        import scipy.linalg
        from pathlib import Path
        from sweeper.system.mapped import let_go_of_code

        def of_files():
            return int(Path("/proc/self/statm").read_text().split()[2])

        a = np.random.default_rng(0).normal(size=(50, 50))
        before, held = scipy.linalg.inv(a), of_files()
        let_go_of_code()
        print(of_files() / held)
        assert (scipy.linalg.inv(a) == before).all()
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 0.7
