"""A small client of Interstream's votes: it signs, votes, changes a vote and tells the
documented errors apart. Standard library only. It knows nothing of the sandbox: base URL
and credentials come from the environment, as they would in production.

    sandbox exec -- python3 examples/python/interstream.py
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import time
import urllib.parse
import urllib.request


class Refused(Exception):
    """The vendor's refusal: error is its class, reason its text."""

    def __init__(self, error, reason):
        super().__init__(f"{error}: {reason}")
        self.error, self.reason = error, reason


class Interstream:
    def __init__(self, base, key, secret):
        self.base, self.key, self.secret = base, key, secret

    def vote(self, user, content, vote, ip=None):
        """Sets or changes a vote. True when it changed anything: the same vote again is
        what we wanted, so that a repeated request after a lost reply does no harm."""
        form = {"contentID": content, "vote": vote}
        if ip is not None:  # an anonymous voter: user 0
            form["ip"] = ip
        try:
            self._call("set_content_vote", {"iq": user}, form)
        except Refused as refused:
            if (refused.error, refused.reason) == ("VOTING_ERROR", "VOTED_ALREADY"):
                return False
            raise
        return True

    def votes(self, users, content):
        """The votes of some users on a clip: 1, 0 for none, -1."""
        return [self._call("get_content_vote", {"iq": user, "contentID": content})["vote"] for user in users]

    def _signed(self, do, query):
        salt, timestamp = secrets.token_hex(16), str(int(time.time()))
        # The secret looks like base64 and is not to be decoded.
        digest = hmac.new(self.secret.encode("ascii"), (salt + timestamp).encode("ascii"), hashlib.sha256).digest()
        return urllib.parse.urlencode(  # which also turns the signature's + into %2B
            {
                "go": "users",
                "do": do,
                **query,
                "key": self.key,
                "timestamp": timestamp,
                "salt": salt,
                "signature": base64.b64encode(digest).decode("ascii"),
            }
        )

    def _call(self, do, query, form=None):
        data = None if form is None else urllib.parse.urlencode(form).encode("utf-8")
        url = f"{self.base}/api.php?{self._signed(do, query)}"
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=30) as response:
            reply = json.load(response)
        if "error" in reply:  # with HTTP 200
            raise Refused(reply["error"], reply["error_long"])
        return reply


def main():
    env = os.environ
    api = Interstream(env["INTERSTREAM_BASE_URL"], env["INTERSTREAM_KEY"], env["INTERSTREAM_SECRET"])

    print("liked:", api.vote(13, 2635, "like"))
    print("liked again:", api.vote(13, 2635, "like"))
    print("changed:", api.vote(13, 2635, "dislike"))
    print("anonymous:", api.vote(0, 2635, "like", ip="2001:db8::1"))
    print("votes of 12, 13:", api.votes([12, 13], 2635))

    mistakes = {
        "vote": lambda: api.vote(13, 2635, "love"),
        "content": lambda: api.vote(13, 0, "like"),
        "user": lambda: api.vote(-1, 2635, "like"),
        "address": lambda: api.vote(0, 2635, "like", ip="nowhere"),
        "secret": lambda: Interstream(api.base, api.key, "wrong").vote(13, 1, "like"),
    }
    for name, make in mistakes.items():
        try:
            make()
        except Refused as refused:
            print(f"{name}: {refused}")
        else:
            print(f"{name}: accepted")


if __name__ == "__main__":
    main()
