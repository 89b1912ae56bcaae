#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A server of one file that misbehaves by the path that it is asked for.

usage: misbehaving.py ADDRESS:PORT FILE

/cut       half of the file, and the end        /reset     half of the file, and a reset
/stall     half of the file, and nothing more   /silent    nothing at all
/redirect  to another server                    /missing   404
/chunked   the file, in chunks                  /unsized   the file, without a length
/lie       another file of the same size        /longer    the file and more
Prints `ready`, and then a line for each request: the path, and which of the headers that nobody should see came along.
"""
import contextlib
import socket
import struct
import sys
import threading
import time

with open(sys.argv[2], "rb") as file:
    CONTENT = file.read()
HALF = CONTENT[: len(CONTENT) // 2]


def head(status, *headers):
    return "\r\n".join([f"HTTP/1.1 {status} X", "Content-Type: application/gzip", *headers, "", ""]).encode()


def sized(body, size=None):
    return head(200, f"Content-Length: {len(body) if size is None else size}") + body


def until_gone(client):
    with contextlib.suppress(OSError):
        while client.recv(1000):
            pass


def serve(client):
    with contextlib.suppress(OSError), client:
        request = b""
        while b"\r\n\r\n" not in request:
            more = client.recv(65536)
            if not more:
                return
            request += more
        path = request.split(b" ")[1].decode()
        secret = [name for name in ("authorization", "cookie") if f"\r\n{name}:".encode() in request.lower()]
        print(path, *secret, flush=True)
        whole = len(CONTENT)
        answers = {
            "/cut": sized(HALF, whole), "/reset": sized(HALF, whole), "/stall": sized(HALF, whole), "/silent": b"",
            "/redirect": head(302, f"Location: http://{sys.argv[1]}/followed", "Content-Length: 0"),
            "/chunked": head(200, "Transfer-Encoding: chunked") + b"%x\r\n" % whole + CONTENT + b"\r\n0\r\n\r\n",
            "/unsized": head(200, "Connection: close") + CONTENT,
            "/lie": sized(CONTENT[::-1]), "/longer": sized(CONTENT + b"more"),
        }
        client.sendall(answers.get(path, head(404, "Content-Length: 0")))
        if path in ("/stall", "/silent"):
            until_gone(client)
        elif path == "/reset":
            time.sleep(0.3)  # what was sent should arrive first
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


host, port = sys.argv[1].rsplit(":", 1)
listener = socket.create_server((host, int(port)))
print("ready", flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
