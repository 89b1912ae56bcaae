"""A stand-in for an API server, on 127.0.0.1, behind every kind of TLS trouble and every kind of proxy.

It knows ConfigMaps and a few paths that only tests ask for, and remembers what it was asked.
"""
import gzip
import json
import os
import socket
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

SHARED = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Support", "server")
sys.path.insert(0, SHARED)

import proxies  # noqa: E402

PREFIX = "/k8s/clusters/c-1"  # a server may live below a path, as Rancher's do

RESOURCES = {
    "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": "v1",
    "resources": [
        {
            "name": f"{singular}s", "singularName": singular, "kind": kind, "namespaced": True, "shortNames": [short],
            "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
        }
        # The second is a kind that nobody knows who has not asked.
        for singular, kind, short in (("configmap", "ConfigMap", "cm"), ("thing", "Thing", "th"))
    ],
}


def status(code, reason, message):
    return {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "code": code, "reason": reason, "message": message,
    }


def config_map(name, namespace):
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": "2025-01-01T00:00:00Z"}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"key": "value"}}


def as_table(objects):
    columns = [("Name", "name", 0), ("Data", "", 0), ("Age", "", 0), ("Wide", "", 1)]
    return {
        "kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": "100"},
        "columnDefinitions": [
            {"name": name, "type": "string", "format": form, "description": "", "priority": priority}
            for name, form, priority in columns
        ],
        "rows": [
            {
                "cells": [each["metadata"]["name"], len(each["data"]), "5m", "w"],
                "object": {
                    "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": each["metadata"],
                },
            }
            for each in objects
        ],
    }


def as_list(objects):
    return {"kind": "ConfigMapList", "apiVersion": "v1", "metadata": {"resourceVersion": "100"}, "items": objects}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "standin"
    sys_version = ""

    def log_message(self, *_):
        pass

    def do_GET(self):
        certificate = getattr(self.connection, "getpeercert", dict)() or {}
        names = dict(pair for part in certificate.get("subject", ()) for pair in part)
        self.server.journal.write(None, {
            "listener": self.server.name,
            "sni": getattr(self.connection, "asked_name", ""),
            "method": self.command,
            "path": self.path,
            "headers": [[name, value] for name, value in self.headers.items()],
            "client_cn": names.get("commonName", ""),
        })
        self.answer(*self.route(urlsplit(self.path)))

    def route(self, address):
        """Status, body, and more headers."""
        path = address.path
        if path.startswith(PREFIX + "/"):
            path = path[len(PREFIX):]
        known = {
            "/x": {"ok": True},
            "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []},
            "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
            "/api/v1": RESOURCES,
        }
        if path in known:
            return 200, known[path], {}
        if path == "/redirect":
            return 302, {}, {"Location": "/x"}
        if path == "/slow":
            time.sleep(float(parse_qs(address.query)["s"][0]))
            return 200, {}, {}
        if path == "/tokens" and self.headers.get("Authorization") != "Bearer good":
            return 401, status(401, "Unauthorized", "Unauthorized"), {}
        if path == "/tokens":
            return 200, {}, {}
        words = path.strip("/").split("/")
        if words[:3] == ["api", "v1", "namespaces"] and words[4:] in (["configmaps"], ["things"]):
            objects = [config_map(name, words[3]) for name in ("one", "two")]
            return 200, (as_table if "as=Table" in self.headers.get("Accept", "") else as_list)(objects), {}
        return 404, status(404, "NotFound", "the server could not find the requested resource"), {}

    def answer(self, code, body, headers):
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name, value)
        if "gzip" in self.headers.get("Accept-Encoding", "") and len(data) > 500:
            data = gzip.compress(data)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Listener(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, name, tls, journal):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name, self.tls, self.journal = name, tls, journal
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def finish_request(self, connection, address):
        # Here, in the connection's own thread, a failing handshake is nobody else's business.
        if self.tls:
            connection.settimeout(10)
            connection = self.tls.wrap_socket(connection, server_side=True)
            connection.settimeout(None)
        with connection:
            Handler(connection, address, self)

    def handle_error(self, *_):
        """A client that hangs up is part of the tests."""


class Journal:
    """What was asked, in order. `proxies` calls `write` too."""

    def __init__(self):
        self.lock = threading.Lock()
        self.records = []

    def write(self, _, record):
        with self.lock:
            self.records.append(record)

    def take(self):
        with self.lock:
            taken, self.records = self.records, []
            return taken


class StandIn:
    """One server with all of its listeners. `ports` has the port of each by the name that cases use."""

    def __init__(self, pki):
        self.pki, self.journal = pki, Journal()
        of_ca1 = self.tls("server-a")
        listeners = {
            "A": self.tls("server-a", client_authority="ca1"),
            "B": self.tls("server-b", client_authority="ca1"),
            "INTERNAL": self.tls("server-internal", client_authority="ca1"),
            "CNONLY": self.tls("server-cnonly"),
            "MTLS": self.tls("server-a", client_authority="ca1", required=True),
            "PLAIN": None,
        }
        self.ports = {
            name: Listener(name, tls, self.journal).server_address[1] for name, tls in listeners.items()
        }
        allowed = set(self.ports.values())
        self.ports["PROXY"] = proxies.listen("PROXY", proxies.http_proxy, None, allowed, self.journal)
        self.ports["PROXYS"] = proxies.listen("PROXYS", proxies.http_proxy, of_ca1, allowed, self.journal)
        self.ports["SOCKS"] = proxies.listen("SOCKS", proxies.socks_proxy, None, allowed, self.journal)
        # Taken, so that nobody else gets it, but refusing connections.
        self.closed = socket.socket()
        self.closed.bind(("127.0.0.1", 0))
        self.ports["CLOSED"] = self.closed.getsockname()[1]

    def tls(self, certificate, client_authority=None, required=False):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.pki}/{certificate}.crt", f"{self.pki}/{certificate}.key")
        context.set_alpn_protocols(["http/1.1"])
        if client_authority:
            context.load_verify_locations(f"{self.pki}/{client_authority}.crt")
            context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL

        def note_name(connection, name, _):
            connection.asked_name = name or ""

        context.sni_callback = note_name
        return context
