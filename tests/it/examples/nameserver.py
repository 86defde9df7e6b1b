"""A name server that knows one name, and the server behind that name. Both say who came."""

import socket
import sys
import threading

NAME = b"\x08database\x07example\x00"


def answer(query):
    end = query.index(b"\0", 12) + 5
    question = query[12:end]
    known, wants_address = question[:-4] == NAME, question[-4:-2] == b"\0\x01"
    found = known and wants_address
    # No error, or no such name; one question, and one answer or none.
    head = query[:2] + (b"\x81\x80" if known else b"\x81\x83") + b"\0\1" + (b"\0\1" if found else b"\0\0") + b"\0\0\0\0"
    address = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\x7f\0\0\1"
    return head + question + (address if found else b"")


def serve_names(names):
    while True:
        query, asker = names.recvfrom(512)
        names.sendto(answer(query), asker)


names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
names.bind(("127.0.53.53", 53))
server = socket.create_server(("127.0.0.1", 5432))
threading.Thread(target=serve_names, args=[names], daemon=True).start()
print("listening", flush=True)
server.accept()
print("somebody came", flush=True)
