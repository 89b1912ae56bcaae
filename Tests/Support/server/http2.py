# SPDX-License-Identifier: Apache-2.0
"""A server that speaks just enough HTTP/2 (RFC 9113) to misbehave in it.

Requests are not decoded: a listener has one behaviour, and every request of it is one to /. What arrived is logged as
{"listener", "connection", "stream"} in the server's own log.
"""

import socket
import struct
import threading

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, END_HEADERS, ACK = 1, 4, 1
NO_ERROR, INTERNAL_ERROR, REFUSED_STREAM = 0, 2, 7

# HPACK, without compression: `:status: 200` from the static table, then a literal content-type.
STATUS_200 = b"\x88" + b"\x0f\x10" + b"\x10" + b"application/json"


class Connection:
    def __init__(self, connection, number):
        self.socket = connection
        self.number = number
        self.lock = threading.Lock()

    def send(self, kind, flags, stream, payload=b""):
        with self.lock:
            self.socket.sendall(struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload)

    def read(self, count):
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
            if not piece:
                raise OSError("closed")
            data += piece
        return data

    def frames(self):
        self.read(24)  # the client's preface
        self.send(SETTINGS, 0, 0)
        while True:
            head = self.read(9)
            payload = self.read(int.from_bytes(head[:3], "big"))
            yield head[3], head[4], int.from_bytes(head[5:], "big") & 0x7FFFFFFF, payload

    def answer(self, stream, body=b'{"ok":true}'):
        self.send(HEADERS, END_HEADERS, stream, STATUS_200)
        self.send(DATA, END_STREAM, stream, body)

    def go_away(self, last_stream, code=NO_ERROR):
        self.send(GOAWAY, 0, 0, struct.pack(">II", last_stream, code))


# Each behaviour gets (connection, stream, what is kept for the listener) when a request has arrived whole. True ends the connection.


def well_behaved(connection, stream, _):
    connection.answer(stream)


def together(connection, stream, kept):
    """Answers when three requests are open on one connection, the last first."""
    waiting = kept.setdefault(connection.number, [])
    waiting.append(stream)
    if len(waiting) == 3:
        for one in reversed(waiting):
            connection.answer(one, b'{"open":3}')


def going_away(connection, stream, _):
    """The first connection says that it took no request, and ends."""
    if connection.number == 1:
        connection.go_away(0)
        return True
    connection.answer(stream)


def going_away_late(connection, stream, _):
    """The first connection took the request, and ends in the middle of the answer."""
    if connection.number == 1:
        connection.send(HEADERS, END_HEADERS, stream, STATUS_200)
        connection.go_away(stream, INTERNAL_ERROR)
        return True
    connection.answer(stream)


def stream_reset(connection, stream, kept):
    """The first request is reset, its connection lives on."""
    if kept.setdefault("resets", 0) == 0:
        kept["resets"] = 1
        connection.send(RST_STREAM, 0, stream, struct.pack(">I", INTERNAL_ERROR))
    else:
        connection.answer(stream)


def always_reset(connection, stream, _):
    connection.send(RST_STREAM, 0, stream, struct.pack(">I", INTERNAL_ERROR))


BEHAVIOURS = {
    "H2": well_behaved,
    "H2_TOGETHER": together,
    "H2_GOAWAY": going_away,
    "H2_GOAWAY_LATE": going_away_late,
    "H2_RESET": stream_reset,
    "H2_ALWAYS_RESET": always_reset,
}


def listen(name, behaviour, tls, journal):
    listener = socket.create_server(("127.0.0.1", 0))
    kept = {}

    def serve(client, number):
        try:
            connection = Connection(tls.wrap_socket(client, server_side=True), number)
            for kind, flags, stream, payload in connection.frames():
                if kind == SETTINGS and not flags & ACK:
                    connection.send(SETTINGS, ACK, 0)
                elif kind == PING and not flags & ACK:
                    connection.send(PING, ACK, 0, payload)
                elif kind in (HEADERS, DATA) and flags & END_STREAM:
                    journal.write(None, {"listener": name, "connection": number, "stream": stream})
                    if behaviour(connection, stream, kept):
                        break
            connection.socket.shutdown(socket.SHUT_RDWR)
            connection.socket.close()
        except (OSError, ValueError):
            client.close()

    def accept():
        number = 0
        while True:
            client, _ = listener.accept()
            number += 1
            threading.Thread(target=serve, args=(client, number), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]
