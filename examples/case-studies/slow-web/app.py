"""The shop: python3 app.py PORT. GET /cart answers with the sum of a cart; each answer is numbered in an audit log."""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ITEMS = [{"price": 3 + i % 7, "count": i % 5} for i in range(200)]
AUDIT = "audit.log"
audit_lock = threading.Lock()


def price(item):
    return item["price"] * item["count"]


def cart_sum(items):
    return sum(price(item) for item in items)


def next_number():
    with open(AUDIT) as log:
        return len(log.read().splitlines()) + 1


def audit(total):
    with audit_lock:
        number = next_number()
        with open(AUDIT, "a") as log:
            log.write(f"{number} {total}\n")
    return number


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        total = cart_sum(ITEMS)
        answer = json.dumps({"sum": total, "number": audit(total)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Shop).serve_forever()
