#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the kubelet: what kube-apiserver dials for pods/portforward, TLS with WebSocket v4.channel.k8s.io.

usage: kubelet.py --listen ADDRESS:PORT --cert FILE --key FILE [--target HOST] [--log FILE]
                  [--bytes N] [--split] [--cut N] [--status CODE]

Any certificate does, kube-apiserver does not verify it without --kubelet-certificate-authority:
    openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=node -keyout key.pem -out cert.pem
With port 0 a free one is chosen; the port is printed. The port asked for is dialed on --target (127.0.0.1), whatever the
pod; only the name "gone" is answered as a kubelet answers for a pod that it does not know. The log (stderr) has one JSON
object for each request: its first line and all headers. Misbehaviour on demand: --bytes N of data in a message at most
(32768); --split messages into fragments, with pings between; --cut the connection after N bytes; --status CODE.
"""
import argparse
import base64
import contextlib
import hashlib
import json
import select
import socket
import ssl
import struct
import threading
import urllib.parse

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def frame(opcode, data, final=0x80):
    size = len(data)
    length = [size] if size < 126 else [126, *size.to_bytes(2, "big")] if size < 65536 else [127, *size.to_bytes(8, "big")]
    return bytes([final | opcode, *length]) + data


class Session:
    """One connection of the API server, in one thread: OpenSSL's must not be read and written at the same time."""

    def __init__(self, options, client):
        self.options, self.client, self.buffer, self.sent = options, client, b"", 0
        self.backends = {}  # socket: which of the ports asked for

    def take(self, size):
        while len(self.buffer) < size:
            more = self.client.recv(1 << 16)
            if not more:
                raise ConnectionError("the client has gone")
            self.buffer += more
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def message(self, channel, data):
        data = frame(BINARY, bytes([channel]) + data) if not self.options.split else (
            frame(BINARY, bytes([channel]) + data[:1], 0) + frame(PING, b"1") + frame(CONTINUATION, data[1:5], 0)
            + frame(PING, b"2") + frame(CONTINUATION, data[5:]) + frame(PING, b"3"))
        self.client.sendall(data)

    def answer(self, status, headers, text=""):
        self.client.sendall("\r\n".join([f"HTTP/1.1 {status} As Asked For", *headers, "", text]).encode())

    def run(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.take(1)
        request, *lines = head.decode("latin-1").strip().split("\r\n")
        print(json.dumps({"request": request, "headers": lines}), file=self.options.log, flush=True)
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        target = urllib.parse.urlsplit(request.split(" ")[1])
        path = target.path.strip("/").split("/")
        ports = ",".join(urllib.parse.parse_qs(target.query).get("port", []))
        protocols = [each.strip() for each in headers.get("sec-websocket-protocol", "").split(",")]
        for wrong, status, text in (
            (self.options.status, self.options.status, "status on demand"),
            (not ports.replace(",", "").isdigit(), 400, 'query parameter "port" is required'),
            (path[0] != "portForward" or len(path) < 3 or path[2] == "gone", 404, "pod does not exist"),
            (headers.get("upgrade") != "websocket" or "v4.channel.k8s.io" not in protocols, 403, ""),
        ):
            if wrong:
                return self.answer(status, [f"Content-Length: {len(text)}", "Connection: close"], text)
        accept = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + GUID).digest()).decode()
        self.answer(101, ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {accept}",
                          "Sec-WebSocket-Protocol: v4.channel.k8s.io"])
        ports = [int(port) for port in ports.split(",")]
        for channel in range(2 * len(ports)):
            self.message(channel, struct.pack("<H", ports[channel // 2]))
        for index, port in enumerate(ports):
            try:
                self.backends[socket.create_connection((self.options.target, port), 10)] = index
            except OSError as error:
                self.message(2 * index + 1, f"error forwarding port {port} to pod {path[2]}, uid : {error}".encode())
        while self.backends and self.step():
            pass
        self.client.sendall(frame(CLOSE, struct.pack(">H", 1000)))
        self.client.settimeout(2)
        while self.client.recv(1 << 16):  # who closes with something unread resets the connection, and data is lost
            pass

    def step(self):
        """Moves data once, in whatever direction it waits; false when the client has closed."""
        waiting = self.client.pending() or self.buffer
        for ready in select.select([self.client, *self.backends], [], [], 0 if waiting else None)[0]:
            if ready is self.client:
                waiting = True
            elif data := ready.recv(self.options.bytes):
                self.message(2 * self.backends[ready], data)
                self.sent += len(data)
                if 0 < self.options.cut <= self.sent:
                    raise ConnectionError("cut")
            else:
                del self.backends[ready]
        return self.receive() if waiting else True

    def receive(self):
        first, size = self.take(2)
        masked, size = size & 0x80, size & 0x7F
        size = size if size < 126 else int.from_bytes(self.take(2 if size == 126 else 8), "big")
        mask = self.take(4 if masked else 0) or b"\0"
        data = bytes(byte ^ mask[i % len(mask)] for i, byte in enumerate(self.take(size)))
        if first & 15 == PING:
            self.client.sendall(frame(PONG, data))
        elif first & 15 in (TEXT, BINARY, CONTINUATION) and data:  # every frame is a message, as in the kubelet
            for backend in [each for each, index in self.backends.items() if 2 * index == data[0]]:
                backend.sendall(data[1:])
        return masked and first & 15 != CLOSE


def main():
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n\n")[0])
    for name, kind, default in (("listen", str, None), ("cert", str, None), ("key", str, None), ("bytes", int, 32768),
                                ("target", str, "127.0.0.1"), ("cut", int, 0), ("status", int, 0),
                                ("log", argparse.FileType("a"), "/dev/stderr")):
        parser.add_argument(f"--{name}", type=kind, default=default, required=default is None)
    parser.add_argument("--split", action="store_true")
    options = parser.parse_args()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(options.cert, options.key)
    listener = socket.create_server((options.listen.rsplit(":", 1)[0], int(options.listen.rsplit(":", 1)[1])))
    print(listener.getsockname()[1], flush=True)

    def serve(connection):
        with contextlib.suppress(OSError), tls.wrap_socket(connection, server_side=True) as client:
            Session(options, client).run()

    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    main()
