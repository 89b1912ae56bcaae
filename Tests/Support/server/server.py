#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A loopback server that misbehaves on request, for tests of the HTTP client.

usage: server.py DIRECTORY

DIRECTORY/pki holds the certificates (see make-pki). The server listens on 127.0.0.1 only, writes the ports that it got to
DIRECTORY/ports.json, and serves until its standard input is closed.

A test owns a case: the folder DIRECTORY/cases/NAME. Requests to /NAME/... are answered by NAME/script.json and logged, one JSON
object a line, in NAME/log.jsonl. What belongs to no case (proxies, failed handshakes) is logged in DIRECTORY/log.jsonl.

script.json is a list of rules; the first whose conditions hold answers:

    {"method": "GET", "path": "/api", "query": "limit=1", "listener": "A", "header": "Authorization: Bearer x", "answers": [ANSWER, ...]}

Each request to a rule takes its next answer; the last one repeats. An answer:

    status, headers ([[name, value], ...]), body        an answer with Content-Length; @CASE@ in a value is the case
    base64                                              the body, as base64, instead of body
    gzip: true                                          the body is compressed if the client accepts that
    chunks: [text, ...], pause: seconds                 a chunked body, with a pause before each chunk but the first
    repeat: [text, count]                               a chunked body of one text many times; %d becomes the number of the round
    length: number                                      what Content-Length announces, whatever is sent
    raw: text                                           these bytes and nothing else
    wait: seconds                                       before anything is sent
    echo: true                                          the body is the log record of the request
    upgrade: echo | half | flood | slow | reset         switches protocols (101), with body behind the header, and goes on as upgraded.py says
    then: close | reset | hang                          what happens to the connection; hang waits for the client to leave
"""

import base64
import gzip
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import http2
import proxies
import upgraded
from journal import Journal

ROOT = sys.argv[1]
PKI = os.path.join(ROOT, "pki")
journal = Journal(ROOT)


class Cases:
    """The scripts, each read once, and which answer of a rule is next."""

    def __init__(self):
        self.lock = threading.Lock()
        self.scripts = {}
        self.taken = {}

    def answer(self, case, request):
        with self.lock:
            if case not in self.scripts:
                path = os.path.join(ROOT, "cases", case, "script.json")
                self.scripts[case] = json.load(open(path)) if os.path.exists(path) else None
            rules = self.scripts[case]
            if rules is None:
                return {"status": 404, "body": "no such case\n"}
            for number, rule in enumerate(rules):
                if matches(rule, request):
                    turn = self.taken.get((case, number), 0)
                    self.taken[case, number] = turn + 1
                    return rule["answers"][min(turn, len(rule["answers"]) - 1)]
        return {"status": 404, "body": "404 page not found\n", "headers": [["Content-Type", "text/plain"]]}


def matches(rule, request):
    address = urlsplit(request["path"])
    return (
        rule.get("method", request["method"]) == request["method"]
        and rule.get("path", address.path) == address.path
        and rule.get("query", "") in address.query
        and rule.get("without", "\0") not in address.query
        and rule.get("listener", request["listener"]) == request["listener"]
        and rule.get("header", "").lower() in "\n".join(": ".join(h) for h in request["headers"]).lower()
    )


cases = Cases()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "loopback"
    sys_version = ""

    def log_message(self, *_):
        pass

    def read_body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def handle_any(self):
        body = self.read_body()
        _, _, rest = self.path.partition("/")
        case, slash, rest = rest.partition("/")
        certificate = self.connection.getpeercert() if hasattr(self.connection, "getpeercert") else None
        request = {
            "listener": self.server.name,
            "connection": self.client_address[1],
            "method": self.command,
            "path": slash + rest,
            "headers": [[name, value] for name, value in self.headers.items()],
            "body": body.decode("utf8", "replace"),
            "serverName": getattr(self.connection, "asked_name", ""),
            "client": common_name(certificate),
            "time": time.time(),
        }
        journal.write(case, request)
        self.send_answer(case, request, cases.answer(case, request))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def send_answer(self, case, request, answer):
        time.sleep(answer.get("wait", 0))
        if "upgrade" in answer:
            self.close_connection = True
            upgraded.serve(self, case, answer, journal)
        elif "raw" in answer:
            self.wfile.write(answer["raw"].encode("latin-1"))
        elif "status" in answer:
            self.send_http(case, request, answer)
        self.wfile.flush()
        if end := answer.get("then"):
            self.close_connection = True
            if end == "hang":
                self.wait_for_client()
                journal.write(case, {"event": "left", "path": request["path"], "time": time.time()})
            elif end == "reset":
                reset(self.connection)

    def send_http(self, case, request, answer):
        self.send_response(answer["status"])
        headers = answer.get("headers", [])
        if not any(name.lower() == "content-type" for name, _ in headers):
            self.send_header("Content-Type", "application/json")
        for name, value in headers:
            self.send_header(name, value.replace("@CASE@", case))
        if "chunks" in answer or "repeat" in answer:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            return self.send_chunks(answer)
        body = answer.get("body", "").encode()
        if "base64" in answer:
            body = base64.b64decode(answer["base64"])
        if answer.get("echo"):
            body = json.dumps(request).encode()
        if answer.get("gzip") and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(answer.get("length", len(body))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_chunks(self, answer):
        for number, chunk in enumerate(answer.get("chunks", [])):
            if number:
                self.wfile.flush()
                time.sleep(answer.get("pause", 0))
            self.send_chunk(chunk.encode())
        if "repeat" in answer:
            text, count = answer["repeat"]
            for start in range(0, count, 500):
                rounds = range(start, min(start + 500, count))
                self.send_chunk("".join(text.replace("%d", str(number)) for number in rounds).encode())
        if "then" not in answer:
            self.wfile.write(b"0\r\n\r\n")

    def send_chunk(self, chunk):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        self.wfile.flush()

    def wait_for_client(self):
        # Without a limit: on a loaded machine it may take long until the client's turn comes.
        try:
            while self.connection.recv(4096):
                pass
        except OSError:
            pass


def common_name(certificate):
    for part in (certificate or {}).get("subject", ()):
        for name, value in part:
            if name == "commonName":
                return value
    return ""


def reset(connection):
    """Makes the close a reset instead of an orderly end, below TLS."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    socket.close(connection.detach())


class Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, name, tls):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.tls = tls
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def finish_request(self, connection, address):
        # In the worker's thread, so that a client that never shakes hands holds nobody up.
        if self.tls:
            try:
                connection.settimeout(10)
                connection = self.tls.wrap_socket(connection, server_side=True)
                connection.settimeout(None)
            except (OSError, ValueError) as problem:
                journal.write(None, {"listener": self.name, "handshake": str(problem)})
                connection.close()
                return
        try:
            Handler(connection, address, self)
        except OSError:
            pass
        try:
            connection.close()
        except OSError:
            pass

    def handle_error(self, *_):
        pass

    def shutdown_request(self, request):
        # Handlers close what they own; a reset connection is already gone.
        try:
            request.close()
        except OSError:
            pass


def tls_context(certificate, client_authority=None, required=False, protocols=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(os.path.join(PKI, certificate + ".crt"), os.path.join(PKI, certificate + ".key"))
    if client_authority:
        context.load_verify_locations(os.path.join(PKI, client_authority + ".crt"))
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
    if protocols:
        context.set_alpn_protocols(protocols)

    def note_name(connection, name, _):
        connection.asked_name = name or ""

    context.sni_callback = note_name
    return context


def silent_listener():
    """Accepts connections and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0))
    held = []

    def accept():
        while True:
            held.append(listener.accept())

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def closed_port():
    """A port that is taken but refuses connections."""
    global taken
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    return taken.getsockname()[1]


def main():
    server_a = lambda **more: tls_context("server-a", "ca1", **more)
    ports = {
        "A": Listener("A", server_a()).port,
        "B": Listener("B", tls_context("server-b", "ca1")).port,
        "INTERNAL": Listener("INTERNAL", tls_context("server-internal", "ca1")).port,
        "CNONLY": Listener("CNONLY", tls_context("server-cnonly")).port,
        "CNONLY_NAME": Listener("CNONLY_NAME", tls_context("server-cnonly-name")).port,
        "EXPIRED": Listener("EXPIRED", tls_context("server-expired")).port,
        "MTLS": Listener("MTLS", server_a(required=True)).port,
        "PLAIN": Listener("PLAIN", None).port,
        "SILENT": silent_listener(),
        "CLOSED": closed_port(),
    }
    for name, behaviour in http2.BEHAVIOURS.items():
        ports[name] = http2.listen(name, behaviour, server_a(protocols=["h2"]), journal)
    allowed = set(ports.values())
    ports["PROXY"] = proxies.listen("PROXY", proxies.http_proxy, None, allowed, journal)
    ports["PROXY_TLS"] = proxies.listen("PROXY_TLS", proxies.http_proxy, server_a(), allowed, journal)
    ports["PROXY_DENYING"] = proxies.listen("PROXY_DENYING", proxies.denying_proxy, None, allowed, journal)
    ports["SOCKS"] = proxies.listen("SOCKS", proxies.socks_proxy, None, allowed, journal)
    with open(os.path.join(ROOT, "ports.json.new"), "w") as file:
        json.dump(ports, file)
    os.rename(os.path.join(ROOT, "ports.json.new"), os.path.join(ROOT, "ports.json"))
    sys.stdin.read()


main()
