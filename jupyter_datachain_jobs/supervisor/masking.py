"""Replaces secrets in a stream of bytes, also where a chunk's border cuts one.

Masked are each secret as it is, URL-quoted, as in a JSON text, and inside base64 at each of its three alignments
(`user:password` in a header). What could be the beginning of a secret is held back until the next bytes decide.
"""

import binascii

MASK = b"***"
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
# A quoted text may leave these alone, depending on who quotes.
_SAFE_SETS = (_UNRESERVED, _UNRESERVED | frozenset(b"/"))
_JSON_ESCAPES = {
    0x22: '\\"',
    0x5C: "\\\\",
    0x08: "\\b",
    0x0C: "\\f",
    0x0A: "\\n",
    0x0D: "\\r",
    0x09: "\\t",
}


def _quoted(raw: bytes, safe: frozenset[int]) -> bytes:
    return b"".join(bytes((byte,)) if byte in safe else b"%%%02X" % byte for byte in raw)


def _json(text: str, ascii_only: bool) -> bytes:
    parts = []
    for char in text:
        code = ord(char)
        if code in _JSON_ESCAPES:
            parts.append(_JSON_ESCAPES[code])
        elif code < 0x20 or (ascii_only and code > 0x7E):
            units = char.encode("utf-16-be", "surrogatepass")
            parts += [f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2)]
        else:
            parts.append(char)
    return "".join(parts).encode("utf-8", "surrogateescape")


def _base64(raw: bytes) -> list[bytes]:
    """The base64 characters that depend on nothing but the secret, for each alignment."""
    found = []
    for before in range(3):
        text = binascii.b2a_base64(bytes(before) + raw, newline=False).rstrip(b"=")
        # The first and last characters also carry bits of the neighbours.
        start = (before * 8 + 5) // 6
        end = (before + len(raw)) * 8 // 6
        found += [text[start:end], text[start:end].translate(bytes.maketrans(b"+/", b"-_"))]
    return found


def forms(secret: str) -> set[bytes]:
    """The byte strings that give a secret away."""
    raw = secret.encode("utf-8", "surrogateescape")
    found = {raw, _json(secret, True), _json(secret, False), *_base64(raw)}
    for safe in _SAFE_SETS:
        quoted = _quoted(raw, safe)
        found |= {quoted, quoted.replace(b"%20", b"+")}
    return found


class Masker:
    """Masks one stream."""

    def __init__(self, secrets: list[str]) -> None:
        self._forms = sorted({form for secret in secrets for form in forms(secret)}, key=len, reverse=True)
        self.longest = len(self._forms[0]) if self._forms else 0
        """Bytes of the longest form, 0 without secrets."""
        self._begins: dict[int, tuple[bytes, ...]] = {}
        for length in range(1, self.longest):
            self._begins[length] = tuple({form[:length] for form in self._forms if len(form) > length})
        self._held = b""
        self.count = 0
        """How many times something was masked."""

    def feed(self, data: bytes) -> bytes:
        """The bytes that are decided now."""
        if not self._forms:
            return data
        data = self._held + data
        spans = self._spans(data)
        cut = self._hold(data)
        # A match that reaches into what is held may be part of a longer one: held whole. Bounded, so that a text that
        # matches without end does not pile up.
        floor = max(0, len(data) - 2 * self.longest)
        for start, end in reversed(spans):
            if start < cut < end:
                cut = max(start, floor)
        self._held = data[cut:]
        spans = [span for span in spans if span[0] < cut]
        self.count += len(spans)
        return _masked(data[:cut], spans)

    def hide(self, data: bytes) -> bytes:
        """A text of its own, masked, apart from the stream and from its count."""
        return _masked(data, self._spans(data))

    def flush(self) -> bytes:
        """The bytes still held, at the end of the stream."""
        data, self._held = self._held, b""
        spans = self._spans(data)
        self.count += len(spans)
        return _masked(data, spans)

    def _hold(self, data: bytes) -> int:
        """Where the longest suffix begins that a secret begins with."""
        for length in range(min(self.longest - 1, len(data)), 0, -1):
            if data.endswith(self._begins[length]):
                return len(data) - length
        return len(data)

    def _spans(self, data: bytes) -> list[tuple[int, int]]:
        """Every match, those that overlap joined, in order."""
        found = []
        for form in self._forms:
            at = data.find(form)
            while at >= 0:
                found.append((at, at + len(form)))
                at = data.find(form, at + 1)
        joined: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def _masked(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    if not spans:
        return data
    parts, done = [], 0
    for start, end in spans:
        parts += [data[done:start], MASK]
        done = end
    return b"".join([*parts, data[done:]])
