"""A guestbook: what is posted to a page of it is kept in a database, and shown to whoever gets the page."""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg2

PORT = 8000

# Threads take turns on it; every statement is a transaction.
database = psycopg2.connect(os.environ["DATABASE"])
database.autocommit = True


def ask(statement, *values):
    """The first column of what is found."""
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return [first for (first,) in cursor.fetchall()] if cursor.description else []


class Guest(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        words = self.rfile.read(int(self.headers["Content-Length"]))
        ask("INSERT INTO entries (page, words) VALUES (%s, %s)", self.path, words)
        self.answer(201, b"written\n")

    def do_GET(self):
        found = ask("SELECT words FROM entries WHERE page = %s ORDER BY id", self.path)
        self.answer(200, b"\n".join(map(bytes, found)))

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing: the database is the record."""


class Guestbook(ThreadingHTTPServer):
    # Of connections that wait to be accepted.
    request_queue_size = 128


ask("CREATE TABLE IF NOT EXISTS entries (id serial PRIMARY KEY, page text, words bytea)")
ask("CREATE INDEX IF NOT EXISTS entries_by_page ON entries (page)")
print(f"the guestbook is open on port {PORT}")
Guestbook(("", PORT), Guest).serve_forever()
