#!/usr/bin/python3
"""A server over TLS that answers as no API server should.

usage: server.py FOLDER

FOLDER holds tls.crt and tls.key, and `mode`, the word that says how requests are answered; it is read for each request.
Prints the port, and serves until standard input ends.
"""
import gzip
import json
import os
import socket
import ssl
import sys
import threading

FOLDER = sys.argv[1]
MODES = {}
count = 0


def mode(function):
    MODES[function.__name__.rstrip("_")] = function
    return function


def item(number):
    return {
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGenerator",
        "metadata": {"name": f"ag{number}", "namespace": "apps", "resourceVersion": str(number)}, "spec": {}, "status": {},
    }


def listing(items, **metadata):
    return json.dumps({
        "apiVersion": "source.extensions.fluxcd.io/v1beta1", "kind": "ArtifactGeneratorList",
        "metadata": {"resourceVersion": "5", **metadata}, "items": items,
    }).encode()


def failure(code, **fields):
    return json.dumps({
        "apiVersion": "v1", "kind": "Status", "status": "Failure", "code": code, "reason": "X", "message": "m", **fields
    }).encode()


ONE = listing([item(1)])


def answer(peer, code, body, *lines):
    head = [f"HTTP/1.1 {code} X", "Content-Type: application/json", f"Content-Length: {len(body)}", *lines, "", ""]
    peer.sendall("\r\n".join(head).encode() + body)


def begin(peer, *lines):
    peer.sendall("\r\n".join(["HTTP/1.1 200 OK", "Content-Type: application/json", *lines, "", ""]).encode())


def chunk(peer, data):
    peer.sendall(b"%x\r\n" % len(data) + data + b"\r\n")


# Each takes the connection, the path and what follows the colon of the word; a true result ends the connection.


@mode
def code(peer, path, rest):
    number, _, line = rest.partition("|")
    answer(peer, int(number), failure(int(number)), *([line] if line else []))


@mode
def codedetail(peer, path, rest):
    number, _, seconds = rest.partition("|")
    answer(peer, int(number), failure(int(number), details={"retryAfterSeconds": json.loads(seconds)}))


@mode
def cont(peer, path, rest):
    answer(peer, 200, listing([item(1)], **{"continue": "same"}))


@mode
def contexp(peer, path, rest):
    global count
    count += 1
    if "continue=" in path:
        answer(peer, 410, failure(410, reason="Expired"))
    else:
        answer(peer, 200, listing([item(count)], **{"continue": f"token{count}"}))


@mode
def clshort(peer, path, rest):
    begin(peer, "Content-Length: 100000")
    peer.sendall(ONE)
    return True


@mode
def clhuge(peer, path, rest):
    begin(peer, "Content-Length: 99999999999999999999999")
    peer.sendall(ONE)
    return True


@mode
def gzbad(peer, path, rest):
    begin(peer, "Content-Encoding: gzip", "Content-Length: 5")
    peer.sendall(b"hello")


@mode
def gznest(peer, path, rest):
    body = gzip.compress(gzip.compress(ONE))
    begin(peer, "Content-Encoding: " + ", ".join(["gzip"] * 7), f"Content-Length: {len(body)}")
    peer.sendall(body)


@mode
def badchunk(peer, path, rest):
    begin(peer, "Transfer-Encoding: chunked")
    peer.sendall(b"ZZZ\r\nhello\r\n")
    return True


@mode
def hugechunk(peer, path, rest):
    begin(peer, "Transfer-Encoding: chunked")
    peer.sendall(b"FFFFFFFFFFFFFFFFF\r\nhello\r\n")
    return True


@mode
def hdrline(peer, path, rest):
    peer.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        peer.sendall(b"a" * 65536)


@mode
def interim(peer, path, rest):
    while True:
        peer.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


@mode
def nothttp(peer, path, rest):
    peer.sendall(b"SSH-2.0-foo\r\n\x1b[31mhi" * 50)
    return True


@mode
def http09(peer, path, rest):
    peer.sendall(ONE)
    return True


@mode
def garbage(peer, path, rest):
    peer.sendall(os.urandom(10000))
    return True


@mode
def closenow(peer, path, rest):
    return True


@mode
def watch(peer, path, rest):
    if "watch=true" not in path:
        return answer(peer, 200, ONE)
    begin(peer, "Transfer-Encoding: chunked")
    if rest.startswith("error"):
        chunk(peer, b'{"type":"ERROR","object":' + rest[len("error"):].encode() + b"}\n")
    elif rest == "giant":
        while True:
            chunk(peer, b"a" * 65536)
    else:
        chunk(peer, {
            "deep": b'{"type":"ADDED","object":' + b"[" * 50000 + b"\n",
            "missing": b"{}\n",
            "wrongtypes": b'{"type":1,"object":[]}\n',
            "objnull": b'{"type":"ADDED","object":null}\n',
            "objstr": b'{"type":"ADDED","object":"x"}\n{"type":"DELETED","object":{"metadata":[]}}\n',
            "unknown": b'{"type":"FOO","object":{}}\n',
            "junk": b"not json\n",
        }[rest])
    chunk(peer, b"")
    return None


def serve(context, plain):
    try:
        with context.wrap_socket(plain, server_side=True) as peer:
            data = b""
            while piece := peer.recv(65536):
                data += piece
                while b"\r\n\r\n" in data:
                    head, _, data = data.partition(b"\r\n\r\n")
                    path = head.decode("latin1").split(" ")[1]
                    with open(f"{FOLDER}/mode") as file:
                        word, _, rest = file.read().partition(":")
                    if MODES[word](peer, path, rest):
                        return
    except OSError:
        pass  # the client has left


def accept(context, listener):
    while True:
        plain, _ = listener.accept()
        threading.Thread(target=serve, args=(context, plain), daemon=True).start()


def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{FOLDER}/tls.crt", f"{FOLDER}/tls.key")
    listener = socket.create_server(("127.0.0.1", 0), backlog=50)
    print(listener.getsockname()[1], flush=True)
    threading.Thread(target=accept, args=(context, listener), daemon=True).start()
    sys.stdin.read()


main()
