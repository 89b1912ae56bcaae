# SPDX-License-Identifier: Apache-2.0
"""Proxies that dial nothing but the ports of the server itself, on 127.0.0.1, whatever host they are asked for."""

import select
import socket
import struct
import threading
from urllib.parse import urlsplit


def listen(name, serve, tls, allowed, journal):
    listener = socket.create_server(("127.0.0.1", 0))

    def handle(client):
        try:
            if tls:
                client = tls.wrap_socket(client, server_side=True)
            serve(name, client, lambda host, port: dial(port, allowed), journal)
        except (OSError, ValueError) as problem:
            journal.write(None, {"proxy": name, "problem": str(problem)})
            client.close()

    def accept():
        while True:
            client, _ = listener.accept()
            threading.Thread(target=handle, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def dial(port, allowed):
    if int(port) not in allowed:
        raise OSError("port %s is none of ours" % port)
    return socket.create_connection(("127.0.0.1", int(port)), 5)


def read_head(client):
    head = b""
    while b"\r\n\r\n" not in head:
        piece = client.recv(4096)
        if not piece:
            raise OSError("closed before the end of the header")
        head += piece
    return head


def http_proxy(name, client, dial_target, journal):
    head = read_head(client)
    line, *headers = head.split(b"\r\n\r\n")[0].decode().split("\r\n")
    journal.write(None, {"proxy": name, "line": line, "headers": [h.split(": ", 1) for h in headers]})
    method, target, _ = line.split()
    if method == "CONNECT":
        host, port = target.rsplit(":", 1)
        server = dial_target(host, port)
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    else:
        address = urlsplit(target)
        server = dial_target(address.hostname, address.port or 80)
        path = address.path + ("?" + address.query if address.query else "")
        server.sendall(head.replace(target.encode(), path.encode(), 1))
    pass_on(client, server)


def denying_proxy(name, client, _, journal):
    line = read_head(client).split(b"\r\n")[0].decode()
    journal.write(None, {"proxy": name, "line": line, "headers": []})
    client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
    client.close()


def socks_proxy(name, client, dial_target, journal):
    _, count = read(client, 2)
    user = ""
    if 2 in read(client, count):
        client.sendall(b"\x05\x02")
        read(client, 1)
        user = read(client, read(client, 1)[0]).decode() + ":" + read(client, read(client, 1)[0]).decode()
        client.sendall(b"\x01\x00")
    else:
        client.sendall(b"\x05\x00")
    kind = read(client, 4)[3]
    if kind == 3:
        host = read(client, read(client, 1)[0]).decode()
    else:
        host = socket.inet_ntop(socket.AF_INET if kind == 1 else socket.AF_INET6, read(client, 4 if kind == 1 else 16))
    port = struct.unpack(">H", read(client, 2))[0]
    journal.write(None, {"proxy": name, "line": "SOCKS5 %s:%d" % (host, port), "kind": kind, "user": user, "headers": []})
    server = dial_target(host, port)
    client.sendall(b"\x05\x00\x00\x01\0\0\0\0\0\0")
    pass_on(client, server)


def read(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise OSError("closed too early")
        data += piece
    return data


def pass_on(one, other):
    """Carries bytes both ways until either side ends."""
    try:
        while True:
            ready = select.select([one, other], [], [], 30)[0]
            # A TLS connection may hold decrypted bytes that select does not see.
            if not ready:
                break
            for source in ready:
                data = source.recv(65536)
                if not data:
                    return
                (other if source is one else one).sendall(data)
                while getattr(source, "pending", int)():
                    (other if source is one else one).sendall(source.recv(65536))
    except OSError:
        pass
    finally:
        one.close()
        other.close()
