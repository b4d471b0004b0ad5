"""An identity provider on this machine, as small as OpenID Connect allows: discovery, keys, code, token."""

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT = "counterpoise"
SECRET = "known to both"  # noqa: S105  # of a provider that lives as long as a test


class Provider(ThreadingHTTPServer):
    """Whoever comes chooses who they are."""

    def __init__(self, people: Mapping[str, Mapping[str, object]]) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.people = people
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig", "alg": "RS256"})
        self.issuer = f"http://127.0.0.1:{self.server_address[1]}"

    def id_token(self, code: str) -> str:
        name, nonce = json.loads(base64.urlsafe_b64decode(code))
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce}
        return jwt.encode({"alg": "RS256", "kid": "1"}, {**claims, **self.people[name]}, self.key)


class _Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        issuer = self.server.issuer
        if place.path == "/.well-known/openid-configuration":
            self._json(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "jwks_uri": f"{issuer}/jwks",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
            )
        elif place.path == "/jwks":
            self._json({"keys": [self.server.key.as_dict(private=False)]})
        elif place.path == "/authorize":
            self._choose({name: values[0] for name, values in parse_qs(place.query).items()})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        token = self.server.id_token(sent["code"][0])
        self._json({"access_token": "unused", "token_type": "Bearer", "id_token": token})

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _choose(self, asked: Mapping[str, str]) -> None:
        links = []
        for name in self.server.people:
            code = base64.urlsafe_b64encode(json.dumps([name, asked["nonce"]]).encode()).decode()
            query = urlencode({"code": code, "state": asked["state"]})
            links.append(f'<a href="{asked["redirect_uri"]}?{query}">{name}</a>')
        self._send("text/html", "<br>".join(links))

    def _json(self, content: object) -> None:
        self._send("application/json", json.dumps(content))

    def _send(self, kind: str, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())


@contextmanager
def providing(people: Mapping[str, Mapping[str, object]]) -> Iterator[Provider]:
    """A provider that knows these people, by what it claims of each."""
    provider = Provider(people)
    thread = threading.Thread(target=provider.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.shutdown()
        provider.server_close()
        thread.join()
