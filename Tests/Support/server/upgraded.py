# SPDX-License-Identifier: Apache-2.0
"""What happens on a connection after 101 Switching Protocols."""

import hashlib
import socket
import struct
import time

FLOOD = 64 << 20


def serve(handler, case, answer, journal):
    connection = handler.connection
    protocol = handler.headers.get("Upgrade", "")
    head = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: %s\r\n\r\n" % protocol
    # In one piece: the header and what follows it may share a segment and a TLS record.
    connection.sendall(head.encode() + answer.get("body", "").encode())
    note = lambda event, **more: journal.write(case, {"event": event, **more})
    try:
        BEHAVIOURS[answer["upgrade"]](connection, note)
    finally:
        note("left")


def echo(connection, _):
    """Sends back what it gets."""
    while data := connection.recv(65536):
        connection.sendall(data)


def half(connection, note):
    """Ends its own direction at once, and reads on."""
    connection.shutdown(socket.SHUT_WR)
    body = b""
    while data := connection.recv(65536):
        body += data
    note("got", body=body.decode())


def flood(connection, note):
    """Sends 64 MiB and says how much was taken when it first had to wait for a second."""
    connection.settimeout(1)
    piece, sent, has_stalled = bytes(range(256)) * 256, 0, False
    while sent < FLOOD:
        try:
            # send, not sendall: after a time-out that one does not know how much has gone.
            sent += connection.send(piece[sent % 65536:])
        except TimeoutError:
            if not has_stalled:
                note("stalled", body=str(sent))
            has_stalled = True
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(None)
    while connection.recv(65536):
        pass


def slow(connection, note):
    """Reads nothing for a second, then everything, and tells its digest."""
    time.sleep(1)
    note("reading")
    digest, count = hashlib.sha256(), 0
    while count < FLOOD and (data := connection.recv(1 << 20)):
        digest.update(data)
        count += len(data)
    note("got", body="%d %s" % (count, digest.hexdigest()))


def reset(connection, _):
    """Vanishes at the first byte: a reset before would take the answer along."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(connection.detach())


BEHAVIOURS = {"echo": echo, "half": half, "flood": flood, "slow": slow, "reset": reset}
