#!/usr/bin/env bash
# Library:   scipy 1.17.1 (io.loadmat), MAT-files of level 5.
# Guess:     a matrix of class double is read as float64, and a logical one as
#            booleans; so it is when scipy has written the file itself.
# Behaviour: an array comes in the type in which its numbers are stored, and the
#            format lets a writer store doubles that are whole and small as
#            bytes. A double matrix of pixels or of class numbers is uint8, so
#            that a difference below 0 wraps round; a logical array is uint8
#            too, and its negation is 254 and 255.
# Why the guess is wrong: the class stands in the file beside the stored type,
#            and loadmat follows it only with mat_dtype=True, which is off.
# Seen:      class double, stored as bytes 3, 10, 7, 200: uint8; less 5 they are
#            254, 5, 2, 195. With mat_dtype=True: float64, -2, 5, 2, 195; the
#            logical array is bool.
# For a sweep: features are centred or scaled by their own arithmetic before they
#            are saved as arrays, and are garbage where they wrapped; whether they
#            do hangs on whether all numbers of the matrix happen to be whole.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq --no-compile \
    scipy==1.17.1 numpy==2.4.6
cd "$work"
"$work/venv/bin/python" - <<'PY'
import struct

import numpy as np
from scipy.io import loadmat, savemat

UINT8_STORED, UINT32_STORED, INT32_STORED, TEXT_STORED, MATRIX = 2, 6, 5, 1, 14
DOUBLE, UINT8, LOGICAL = 6, 9, 0x200


def element(kind, data):
    """A tag, its data, and zeros up to a multiple of eight bytes."""
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(name, flags, values):
    """One row of numbers, stored as bytes."""
    return element(
        MATRIX,
        element(UINT32_STORED, struct.pack("<II", flags, 0))
        + element(INT32_STORED, struct.pack("<2i", 1, len(values)))
        + element(TEXT_STORED, name)
        + element(UINT8_STORED, bytes(values)),
    )


with open("stored.mat", "wb") as file:
    file.write(b"MATLAB 5.0 MAT-file".ljust(116) + bytes(8) + struct.pack("<H", 0x0100) + b"IM")
    file.write(matrix(b"X", DOUBLE, [3, 10, 7, 200]))
    file.write(matrix(b"seen", UINT8 | LOGICAL, [1, 0, 1]))

usual, stated = loadmat("stored.mat"), loadmat("stored.mat", mat_dtype=True)
savemat("own.mat", {"X": np.array([[3.0, 10.0, 7.0, 200.0]])})
print("as usual:", usual["X"].dtype, (usual["X"] - 5).tolist(), usual["seen"].dtype, (~usual["seen"]).tolist())
print("mat_dtype:", stated["X"].dtype, (stated["X"] - 5).tolist(), stated["seen"].dtype)
print("written by scipy:", loadmat("own.mat")["X"].dtype)
assert usual["X"].dtype == usual["seen"].dtype == np.uint8
assert (usual["X"] - 5).tolist() == [[254, 5, 2, 195]]
assert stated["X"].dtype == np.float64 and stated["seen"].dtype == np.bool_
assert loadmat("own.mat")["X"].dtype == np.float64
PY
