# A webhook receiver in plain Python, without any package:
#   WEBHOOK_SECRET=whsec_… python3 webhook-receiver.py
import base64, hashlib, hmac, json, os, sys, time
from http.server import BaseHTTPRequestHandler, HTTPServer

SECRET = os.environ.get("WEBHOOK_SECRET", "")
TOLERANCE_SECONDS = 5 * 60
MAX_BODY_BYTES = 64 * 1024
seen = set()


def verify(body, headers, secret=SECRET):
    """Checks the signature over the exact bytes, and that the message is not older than five minutes. Raises ValueError."""
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        raise ValueError("too old, or from the future")
    key = base64.b64decode(secret.replace("whsec_", "", 1))
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    # Several signatures while the secret is being changed: any of them will do.
    if not any(hmac.compare_digest(expected, given) for given in headers["webhook-signature"].split(" ")):
        raise ValueError("not signed with this secret")
    return json.loads(body)


def on_message(message):
    data = message["data"]
    if message["type"] == "abandonment.created":
        print(f"write to {data['email'] or data['visitor']}: {data['resumeUrl']}", flush=True)
    if message["type"] == "abandonment.recovered":
        print(f"stop writing about {data['id']}", flush=True)


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        try:
            body = self.rfile.read(min(int(self.headers["content-length"]), MAX_BODY_BYTES))
            message = verify(body, self.headers)
        except (KeyError, TypeError, ValueError, AttributeError):
            return self.answer(401)
        # The id is the same over all attempts: a message can come twice, and must count once.
        if self.headers["webhook-id"] not in seen:
            on_message(message)
        seen.add(self.headers["webhook-id"])
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    if not SECRET:
        sys.exit("Set WEBHOOK_SECRET to the secret of the endpoint.")
    server = HTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Receiver)
    print(f"listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
