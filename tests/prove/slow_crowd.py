"""A crowd of connections that keep a server waiting, from many addresses of 127.0.0.0/8.

The argument is {"kind": "silent", "count": 5000, "port": 3478, "path": "/"}. One that is closed is opened
anew within a second. Each second a line says how many are open, and how many were closed so far:
{"open": 5000, "closed": 0}. Ends with its standard input. The kinds:

  silent     says nothing
  handshake  begins a ClientHello of TLS
  header     sends a byte of an HTTP request's header a second
  reader     asks for more Bindings than a connection holds, and reads a byte of the answers a second
  download   asks for the path, and reads a byte of the answer a second
"""

import json
import resource
import select
import socket
import sys
import time

CONNECTIONS_OF_A_SOURCE = 50
SOURCES_OF_A_NET = 250
RECEIVE_BUFFER_BYTES = 4096
BINDINGS_AT_FIRST = 3000
BINDINGS_A_SECOND = 10
BINDING = bytes.fromhex("000100002112a442") + bytes(12)
CLIENT_HELLO = bytes.fromhex("1603010200010001fc0303")
HEADER = b"GET /api/v1/regions HTTP/1.1\r\nHost: here\r\nX-Slow: "
DOWNLOAD = "GET {path} HTTP/1.1\r\nHost: here\r\n\r\n"


def is_open_after(step, connection):
    """Does a step; a socket that has no room or no bytes is open all the same."""
    try:
        return step(connection) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def look(connection):
    """Whether the other side has closed: there may be bytes, and they are not taken."""
    return connection.recv(1, socket.MSG_PEEK)


def read_a_byte(connection):
    return connection.recv(1)


def send_a_byte(connection):
    look_again = is_open_after(look, connection)
    connection.send(b"x")
    return b"x" if look_again else b""


def ask_and_read_a_byte(connection):
    try:
        connection.send(BINDING * BINDINGS_A_SECOND)
    except BlockingIOError:
        pass
    return connection.recv(1)


KINDS = {
    "silent": (b"", look),
    "handshake": (CLIENT_HELLO, look),
    "header": (HEADER, send_a_byte),
    "reader": (BINDING * BINDINGS_AT_FIRST, ask_and_read_a_byte),
    "download": (DOWNLOAD, read_a_byte),
}


def source_of(number):
    source = number // CONNECTIONS_OF_A_SOURCE
    return f"127.1.{source // SOURCES_OF_A_NET}.{1 + source % SOURCES_OF_A_NET}"


def opened(number, port, opening):
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
    connection.setsockopt(socket.IPPROTO_IP, socket.IP_BIND_ADDRESS_NO_PORT, 1)
    connection.bind((source_of(number), 0))
    connection.settimeout(1)
    try:
        connection.connect(("127.0.0.1", port))
        connection.setblocking(False)
        is_open_after(lambda to: to.send(opening) and b"x" if opening else b"x", connection)
    except OSError:
        connection.close()
        return None
    return connection


def crowd(kind, count, port, path="/"):
    opening, each_second = KINDS[kind]
    if kind == "download":
        opening = opening.format(path=path).encode()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    members = [None] * count
    closed = 0
    while True:
        begin = time.monotonic()
        for number, connection in enumerate(members):
            if connection is None:
                members[number] = opened(number, port, opening)
            elif not is_open_after(each_second, connection):
                connection.close()
                members[number] = None
                closed += 1
        print(json.dumps({"open": sum(each is not None for each in members), "closed": closed}), flush=True)
        left = max(0, begin + 1 - time.monotonic())
        if select.select([sys.stdin], [], [], left)[0]:
            return


crowd(**json.loads(sys.argv[1]))
