"""Measures the command line against the vendors' own verifiers on the same files, on one core, and its peak memory.

    python benches/native.py FOLDER        after benches/evidence.py FOLDER and `cargo build --release`

The two sides take turns within one run, so that a busy machine slows both; their ratio is what counts. The command line's time is that of
the whole process, start and reading included; the vendor's is that of its function alone, in a Python that has already started.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

from heso import _core as heso
from thessor.verifier import verify_package

ROUNDS = 11
ROOT = pathlib.Path(__file__).parent.parent
PROGRAM = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release" / "assay"


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def verify(file):
    """One run of the command line, which must call the file valid."""
    run = subprocess.run([PROGRAM, "verify", "--json", file], capture_output=True)
    assert run.returncode == 0, run.stdout[:500]


def heso_verify(file):
    assert heso.verify_action_receipt_chain(file.read_bytes())["kind"] == "Valid"


def thessor_verify(file):
    assert verify_package(str(file))["passed"]


def peak_bytes(file):
    """The highest resident memory of one run, read from the kernel's own high-water mark while it runs."""
    child = subprocess.Popen([PROGRAM, "verify", "--json", file], stdout=subprocess.DEVNULL)
    peak = 0
    while child.poll() is None:
        try:
            status = pathlib.Path("/proc/{}/status".format(child.pid)).read_text()
        except OSError:
            break
        # Until the program is loaded the process is still a copy of this one.
        if status.startswith("Name:\tassay"):
            for line in status.splitlines():
                if line.startswith("VmHWM:"):
                    peak = max(peak, int(line.split()[1]) * 1024)
        time.sleep(0.0002)
    return peak


def spread(values, digits=3):
    values = sorted(values)
    return "{:.{d}f} / {:.{d}f} / {:.{d}f}".format(values[0], statistics.median(values), values[-1], d=digits)


def main(folder):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    unpacked = json.loads((folder / "unpacked.json").read_text())
    with tempfile.NamedTemporaryFile() as empty:
        idle = max(peak_bytes(pathlib.Path(empty.name)) for _ in range(20))

    print("seconds and ratios as min / median / max of {} rounds\n".format(ROUNDS))
    print("| file | assay | vendor | ratio | peak memory less idle, to the unpacked input |")
    print("|---|---|---|---|---|")
    for name, vendor in (("chain.json", heso_verify), ("export.zip", thessor_verify)):
        file = folder / name
        ours, theirs = [], []
        verify(file), vendor(file)
        for _ in range(ROUNDS):
            ours.append(seconds(lambda: verify(file)))
            theirs.append(seconds(lambda: vendor(file)))
        ratios = [their / our for our, their in zip(ours, theirs)]
        memory = (max(peak_bytes(file) for _ in range(5)) - idle) / unpacked[name]
        print("| {} | {} | {} | {} | {:.2f} |".format(name, spread(ours), spread(theirs), spread(ratios, 2), memory))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
