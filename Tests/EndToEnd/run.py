#!/usr/bin/python3
"""Tests of the built binaries, from outside: through kubectl, flux, shells and a real API server.

usage: Tests/EndToEnd/run.py [--bin DIR] [--release DIR] [--cluster RUN_DIR | --no-cluster] [--verbose] [WORD...]

--bin DIR       the folder of the built binaries (.build/debug). They are installed from there by install.sh, into a
                folder that is removed afterwards: what is tested is what a user has after an installation.
--release DIR   what packaging/release has made: also install that, in every way that there is
--cluster DIR   a cluster that runs already (Tests/cluster/cluster.py start): saves its start while working on a test
--no-cluster    leave out what needs a cluster
WORD            run the tests whose name holds one of the words

Closes with `N passed, M failed, K skipped`. Exit status 1 when one fails.
"""
import argparse
import os
import signal
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)

import support  # noqa: E402


def flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from flatten(test)
        else:
            yield test


class Result(unittest.TextTestResult):
    """Counts tests, not subtests, so that the closing line adds up."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def failed(self):
        return len({getattr(test, "test_case", test).id() for test, _ in self.failures + self.errors})


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--bin", default=os.path.join(support.ROOT, ".build", "debug"))
    parser.add_argument("--release")
    parser.add_argument("--cluster")
    parser.add_argument("--no-cluster", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("words", nargs="*", metavar="WORD")
    options = parser.parse_args()
    for kind in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(kind, lambda number, _: sys.exit(128 + number))

    tests = list(flatten(unittest.defaultTestLoader.discover(HERE, pattern="test_*.py", top_level_dir=HERE)))
    if options.words:
        tests = [test for test in tests if any(word in test.id() for word in options.words)]
    if not tests:
        sys.exit("run.py: no such test")
    chosen = len(tests)
    if options.no_cluster:
        tests = [test for test in tests if not isinstance(test, support.ClusterCase)]
    support.Setting.release = options.release and os.path.abspath(options.release)
    with support.prepared(options.bin, options.cluster, not options.no_cluster):
        runner = unittest.TextTestRunner(verbosity=2 if options.verbose else 1, resultclass=Result)
        result = runner.run(unittest.TestSuite(tests))
    sys.stderr.flush()
    failed, skipped = result.failed(), chosen - len(tests) + len(result.skipped)
    print(f"{result.passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
