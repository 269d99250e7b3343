"""python3 stock.py: GET /stock/ITEM, from a store that takes 20 ms."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Stock(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.02)
        answer = str(len(self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", 8083), Stock).serve_forever()
