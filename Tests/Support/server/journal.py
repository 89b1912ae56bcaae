# SPDX-License-Identifier: Apache-2.0
"""What the server saw, as JSON lines."""

import json
import os
import threading


class Journal:
    def __init__(self, root):
        self.root = root
        self.lock = threading.Lock()

    def write(self, case, record):
        """Into the log of a case; of the server itself for None and for folders that no test made."""
        folder = os.path.join(self.root, "cases", case) if case else self.root
        if not os.path.isdir(folder):
            folder = self.root
        with self.lock, open(os.path.join(folder, "log.jsonl"), "a") as file:
            file.write(json.dumps(record) + "\n")
