"""Asks the vendor's decrypt_event and ours about thousands of altered events, and compares.

    python tests/differential/complianceguard_events.py [--cases 3000] [--seed 1] [--assay target/release/assay] [--keep FOLDER]

Needs complianceguard==0.1.5 and cryptography. An event is expected to be valid when decrypt_event gives its content, the content
hashes to the references, and none of the classes applies in which this verifier is stricter (docs/strictness.md); `stricter` states them.
The word `decrypted` of every report is held against decrypt_event itself. Every disagreement is saved, named and fatal.
"""

import argparse
import base64
import collections
import copy
import hashlib
import json
import math
import pathlib
import random
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fixtures/complianceguard"))

import complianceguard.client as sdk  # noqa: E402
from events import FIELDS, KEY, KEY_ID, OTHER_KEY, Sender, decrypts, seal, stored  # noqa: E402

BATCH = 200
# One case in so many is about components beside their event, the others about altered events.
SHARE = 10
COMPONENTS = ("input", "output", "metadata")
STRINGS = ["", "x", "Prüfung", "e\u0301", "\U0001f600", "\u2028", "\x7f", "\x00\x1f\b\f", "<&>", "\\\"/", "\ufeff", "\uffff", "a" * 90]
NUMBERS = [0, 1, -1, 1.0, -0.0, 0.1, 1e16, 1e-5, 123456789012345678901234567890, 5e-324, 1.7976931348623157e308, 1e22, 9007199254740993]
SERVER = {"environmentId", "sequenceNumber", "ingestedAtUtc", "eventHash", "receiptId"}
ANSWER = {"event_id", "system_id", "environment_id", "sequence_number", "ingested_at_utc", "event_hash", "receipt_id"}
RECORD = {"id", "workspaceId", "tenantId", "organizationId", "systemProfileId", "previousEventHash", "previousHash", "hashAlgorithm",
          "schemaVersion", "status", "createdAtUtc", "receivedAtUtc", "storedAtUtc", "updatedAtUtc"}
OPTIONAL = ["correlationId", "idempotencyKey", "humanOversight", "referenceData", "systemState", "dataSubjects", "actor"]
REQUIRED = ["eventId", "systemId", "occurredAtUtc"]
DECISION = ["modelId", "version", "decisionClassification"]
REFERENCES = ["inputReference", "outputReference", "metadataReference"]
MARKS = REFERENCES + ["occurredAtUtc", "decisionClassification", *FIELDS.values()]


def value(rng, depth=0):
    """Any JSON value."""
    kind = rng.random()
    if depth < 3 and kind < 0.25:
        return {rng.choice(STRINGS) + rng.choice(["", "k", "\uff5e", "\U00010000"]): value(rng, depth + 1) for _ in range(rng.randrange(4))}
    if depth < 3 and kind < 0.4:
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    return rng.choice([None, True, False, rng.choice(STRINGS), rng.choice(NUMBERS), rng.uniform(-1e6, 1e6), rng.randrange(-10**6, 10**6)])


def component(rng):
    """What a caller gives as input, output or metadata."""
    return rng.choice([None, {}, value(rng), {"prompt": rng.choice(STRINGS), "score": rng.choice(NUMBERS)}])


def event(rng, sender, number):
    """An encrypted event of the SDK in either form, with some of what it may carry."""
    given = {name: component(rng) for name in COMPONENTS}
    if rng.random() < 0.3:
        given["occurred_at_utc"] = rng.choice(["2026-05-01T12:00:00Z", "", "soon", "12:00\u2028"])
    if rng.random() < 0.3:
        given["system_id"] = rng.choice(STRINGS)
    if rng.random() < 0.4:
        given["correlation_id"] = "req-%d" % rng.randrange(3)
    if rng.random() < 0.3:
        given["actor"] = {"id": rng.choice(STRINGS)}
    if rng.random() < 0.3:
        with sdk.trace_call() as trace:
            pass
        given["system_state"] = trace.system_state()
    if rng.random() < 0.3:
        given.pop("metadata")
        original, final = given.pop("input"), given.pop("output")
        given.pop("correlation_id", None)
        body = sender.send(number, KEY, override=True, request_id="req-1", user_id="u", reason="r", original_output=original,
                           final_output=final, **given)
    elif rng.random() < 0.1:
        # As the SDK itself seals it: on Python before 3.12 with empty components.
        sender.send(number, payload_key=KEY, payload_key_id=KEY_ID, **given)
        body = copy.deepcopy(sender.body)
    else:
        body = sender.send(number, KEY, **given)
    if rng.random() < 0.5:
        return stored(body, sender.receipt if rng.random() < 0.5 else None)
    return body


def spelled(rng, found):
    """A value near the one that stands there."""
    if isinstance(found, str):
        at = rng.randrange(len(found) + 1)
        return rng.choice([
            found.upper(), found.lower(), found + "=", found + "==", found + "\n", found[:at] + " " + found[at:], found[:-1],
            found[: len(found) // 2], found.replace("-", "+").replace("_", "/"), found[:at] + rng.choice("Aa0-_=") + found[at + 1 :],
            found[:-1] + rng.choice("AQgwBRhx0"), "", None, 7, [found], base64.urlsafe_b64encode(found.encode()).decode(),
        ])
    if isinstance(found, bool) or found is None:
        return rng.choice([True, False, None, "None", 0])
    if isinstance(found, (int, float)):
        return rng.choice([found + 1, str(found), -found, None, float(found)])
    return rng.choice([{}, [], None, "x", [found], {"x": found}])


def altered(rng, body):
    """The text of an event changed in one way, and what was done."""
    body = copy.deepcopy(body)
    action = rng.random()
    inner = body["payload"] if isinstance(body.get("payload"), dict) and rng.random() < 0.5 else body
    name = rng.choice(list(inner))
    if action < 0.12:
        what = "as it is"
    elif action < 0.5:
        what = "respelled " + name
        inner[name] = spelled(rng, inner[name])
    elif action < 0.62:
        what = "removed " + name
        del inner[name]
    elif action < 0.7:
        what = "added a member"
        inner[rng.choice(["smuggled", "eventID", "Payload", "status", "humanOversight", "idempotencyKey"])] = rng.choice([None, "x", {}, 1])
    elif action < 0.78:
        what = "swapped two members"
        other = rng.choice(list(inner))
        inner[name], inner[other] = inner[other], inner[name]
    elif action < 0.8:
        what = "gave it both envelopes"
        other = stored(body) if isinstance(body.get("payload"), dict) else body
        body = {**other, **body, "payload": {name: other.get(field) for name, field in FIELDS.items()}}
        if rng.random() < 0.5:
            body[rng.choice(list(FIELDS.values()))] = rng.choice([None, "AAAA", 7])
    elif action < 0.84:
        what = "sealed something else"
        request = {k: v for k, v in body.items() if k not in FIELDS.values() and k != "payload"}
        if all(isinstance(request.get(k), str) for k in REQUIRED):
            plaintext = rng.choice([
                b"", b"[]", b"null", b"{}", b'{"input":{}}', b'{"input":1,"input":{},"output":{},"metadata":{}}', b"\xff", b'{"input":NaN}',
                b"\xef\xbb\xbf{}", b"{} x", b'{"input":null,"output":null,"metadata":null}', b'{"extra":1,"input":{}}',
            ])
            nonce = rng.choice([None, None, bytes(12), bytes(16), bytes(8)])
            sealed = seal(request, {}, plaintext=plaintext, nonce=nonce)
            body = stored(sealed) if any(k in body for k in FIELDS.values()) else sealed
    elif action < 0.9:
        what = "changed a block"
        block = rng.choice(["humanOversight", "systemState"])
        body[block] = rng.choice([
            {"decision": "override", "reviewerType": "human", "reviewerId": "u", "interventionType": "override", "notes": "n"},
            {"decision": "override"}, {"reviewer_type": "human", "intervention_type": "override", "notes": "n"}, {"notes": 1}, [], "x", {},
            {"performance": {"latency_ms": rng.choice([0, 5, -1, 1.5, True, "5", None])}},
            {"performance": {"provider_status": rng.choice(["success", "500", 500]), "provider_error_message": "0" * 64}},
            {"performance": rng.choice([[], None, {}, "x"])},
        ])
    else:
        what = "sent the text otherwise"
    text = json.dumps(body, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, None, 2]))
    if action >= 0.9:
        text = rng.choice([
            "\ufeff" + text, text + " x", text.replace("{", '{"eventId": "other", ', 1), text.replace("{", '{"modelId": NaN, ', 1),
            "  " + text + "\n\n", text.replace('"', "'", 1), text[:-1],
        ])
    return text, what


def duplicates(pairs):
    """An object, or an error where a key stands twice."""
    if len({key for key, _ in pairs}) != len(pairs):
        raise KeyError("duplicate key")
    return dict(pairs)


def finite(text):
    """A number, or an error where JSON has none."""
    raise ArithmeticError(text)


def stricter_envelope(found):
    """The class of an envelope's four fields."""
    if any(isinstance(field, (list, dict)) for field in [found[0], found[2], found[3]]):
        return "type"
    if len(sdk._b64u_decode(str(found[2]))) != 12:
        return "nonce"
    return None


def stricter_blocks(body):
    """The class of the oversight and performance blocks."""
    if body.get("humanOversight") is not None and not isinstance(body["humanOversight"], dict):
        return "oversight"
    state = body.get("systemState")
    performance = state.get("performance") if isinstance(state, dict) else None
    if isinstance(performance, dict) and performance.get("provider_status") == "success" and performance.get("provider_error_message") is not None:
        return "performance"
    return None


def stricter(text, plaintext):
    """The class in which this verifier does not follow decrypt_event; None when in none."""
    try:
        body = json.loads(text, object_pairs_hook=duplicates, parse_constant=finite)
        json.loads(plaintext, object_pairs_hook=duplicates, parse_constant=finite)
    except KeyError:
        return "duplicate key"
    except ArithmeticError:
        return "not a number"
    is_stored = any(name in body for name in [*FIELDS.values(), *SERVER, *ANSWER])
    if any(body[name] is None or isinstance(body[name], (list, dict)) for name in REQUIRED):
        return "type"
    if not all(isinstance(body.get(name), str) and re.fullmatch("[0-9A-Fa-f]{64}", body[name]) for name in REFERENCES):
        return "reference"
    if not is_stored and any(name in body and body[name] is None for name in [*OPTIONAL, "payload"]):
        return "null"
    if isinstance(body.get("payload"), dict):
        both = [body.get(name) for name in FIELDS.values()]
        if any(field is not None for field in both) and both != [body["payload"].get(name) for name in FIELDS]:
            return "envelope"
        if set(body["payload"]) - set(FIELDS):
            return "envelope"
        found = [body["payload"].get(name) for name in FIELDS]
    else:
        found = [body.get(name) for name in FIELDS.values()]
        if body.get("payload") is not None:
            return "envelope"
    shape = stricter_envelope(found) or stricter_blocks(body)
    if shape:
        return shape
    known = {*REQUIRED, *DECISION, *REFERENCES, *OPTIONAL, "payload"}
    if is_stored:
        known |= {*FIELDS.values(), *SERVER, *ANSWER, *RECORD}
    if {name for name in body if not is_stored or body[name] is not None} - known:
        return "undecided" if is_stored else "unknown member"
    return None


def expected(text):
    """(the verdicts that are right, the word of decrypt_event, why)."""
    try:
        body = json.loads(text)
    except ValueError:
        return {"invalid", "refused"}, None, "not JSON"
    word = decrypts(body, KEY)
    if not word:
        verdicts = {"invalid"} if word is False else {"invalid", "indeterminate", "refused"}
        return verdicts, word, "not decrypted"
    event = stored(body) if "payload" in body and not any(name in body for name in FIELDS.values()) else body
    aad = sdk._build_aad(*(str(event[name]) for name in REQUIRED))
    nonce, ciphertext = (sdk._b64u_decode(str(event[name])) for name in ("payloadNonce", "payloadCiphertext"))
    plaintext = sdk.AESGCM(KEY).decrypt(nonce, ciphertext, aad)
    content = sdk.decrypt_event(event, KEY)
    reason = stricter(text, plaintext)
    absent = {name: {} if content.get(name) is None else content[name] for name in COMPONENTS}
    hashes = [hashlib.sha256(sdk._canonical_json(absent[name])).hexdigest() for name in COMPONENTS]
    references = [str(event.get(name)).lower() for name in REFERENCES]
    if reason == "undecided":
        return {"indeterminate"} if hashes == references else {"invalid"}, word, reason
    if reason is None and hashes != references:
        reason = "references"
    return ({"valid"} if reason is None else {"invalid"}), word, reason or "decrypted"


def tried(text):
    """Whether this verifier tells what decrypt_event says: its nonce is 12 bytes long, and what it reads are no arrays or objects."""
    try:
        body = json.loads(text)
    except ValueError:
        return True
    in_payload = isinstance(body.get("payload"), dict) and not any(name in body for name in FIELDS.values())
    place, names = (body["payload"], FIELDS) if in_payload else (body, FIELDS.values())
    found = [place.get(name) for name in names]
    found[1] = None
    try:
        simple = not any(isinstance(field, (list, dict)) for field in [*found, *(body.get(name) for name in REQUIRED)])
        return simple and len(sdk._b64u_decode(str(found[2]))) == 12
    except (ValueError, TypeError):
        return True


def reports(assay, files, *options):
    """Our reports on files."""
    run = subprocess.run([assay, "verify", "--json", *options, *map(str, files)], capture_output=True, text=True)
    lines = [json.loads(line) for line in run.stdout.split("\n") if line]
    assert len(lines) == len(files), run.stderr
    return lines


def compare_events(arguments, rng, folder, tally):
    """Altered events, with the key."""
    sender, cases, wrong = Sender(), [], []
    for number in range(arguments.cases - arguments.cases // SHARE):
        text, what = altered(rng, event(rng, sender, number))
        path = folder / ("%05d.json" % number)
        path.write_text(text, encoding="utf-8", newline="")
        cases.append((path, text, what))
    for start in range(0, len(cases), BATCH):
        batch = cases[start : start + BATCH]
        for (path, text, what), report in zip(batch, reports(arguments.assay, [path for path, _, _ in batch], "--payload-key", KEY.hex())):
            verdicts, word, why = expected(text)
            found = report["verdict"]
            peer = (report.get("peer") or {}).get("decrypted")
            tally[f"{found}: {why}"] += 1
            claimed = report["artifact"]["system"] == "complianceguard"
            if found not in verdicts or (claimed and peer != word and tried(text)):
                wrong.append(f"{path.name} ({what}; {why}): {found}, expected {verdicts}; decrypted {peer}, expected {word}: {report['summary']}")
                if arguments.keep:
                    (arguments.keep / path.name).write_text(text, encoding="utf-8", newline="")
    return wrong


def written(rng, found):
    """A companion's text: the same value, laid out anyhow."""
    indent = rng.choice([None, 1, 4])
    return json.dumps(found, ensure_ascii=rng.random() < 0.5, indent=indent, separators=rng.choice([None, (",", ":"), (" , ", " : ")]))


def compare_companions(arguments, rng, folder, tally):
    """Components beside their event, and others."""
    sender, wrong = Sender(), []
    for number in range(arguments.cases // SHARE):
        given = {name: value(rng) for name in COMPONENTS}
        path = folder / ("plain-%d.json" % number)
        path.write_text(json.dumps(sender.send(number, **given)), encoding="utf-8")
        altered_one = rng.choice([None, *COMPONENTS])
        options, right = [], "valid"
        for name in COMPONENTS:
            content = given[name]
            if name == altered_one:
                content = value(rng)
                known, other = ({} if found is None else found for found in (given[name], content))
                if sdk._canonical_json(known) != sdk._canonical_json(other):
                    right = "invalid"
            companion = folder / f"{name}-{number}.json"
            companion.write_text(written(rng, content), encoding="utf-8")
            options += ["--with", f"{name}={companion}"]
        found = reports(arguments.assay, [path], *options)[0]
        tally[f"{found['verdict']}: companions"] += 1
        if found["verdict"] != right:
            wrong.append(f"{path.name}: {found['verdict']}, expected {right}: {found['summary']} {given}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--assay", default=str(ROOT / "target/release/assay"))
    parser.add_argument("--keep", type=pathlib.Path)
    arguments = parser.parse_args()
    rng, tally = random.Random(arguments.seed), collections.Counter()
    assert math.isnan(float("nan")) and OTHER_KEY != KEY
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        wrong = compare_events(arguments, rng, folder, tally) + compare_companions(arguments, rng, folder, tally)
    for outcome, count in sorted(tally.items()):
        print(f"{count:6} {outcome}")
    for line in wrong[:40]:
        print("DISAGREEMENT", line)
    print(f"{arguments.cases} cases compared, {len(wrong)} disagreements")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
