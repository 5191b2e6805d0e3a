"""Asks the vendor's functions and ours about signed content and lone envelopes, altered in thousands of ways, ML-DSA signatures byte by byte.

    python tests/differential/thessor_direct.py [--cases 2000] [--seed 1] [--assay target/release/assay] [--keep FOLDER]

Needs thessor==0.4.0, cryptography and dilithium-py. The oracle is `thessor.verifier.verify_raw` over the canonical bytes, and over their hex
digest as the published specification has it. Prints how many were compared, by outcome; every disagreement is saved, named and fatal.
"""

import argparse
import base64
import collections
import json
import pathlib
import random
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fixtures/thessor"))

from packages import Dilithium3Signer, MlDsaSigner, Signer, SmallOrderSigner, non_canonical, raw_envelope, sha256  # noqa: E402
from thessor.verifier import canonicalize, verify_raw  # noqa: E402
from thessor_packages import Mutator, UNREADABLE  # noqa: E402

BATCH = 250
SIGNERS = [Signer(), SmallOrderSigner(), MlDsaSigner(drawn=True), Dilithium3Signer()]
HINT = 61


def altered_bytes(rng, raw):
    """A change to a signature's bytes, often where the formats are strict."""
    raw = bytearray(raw)
    if not raw:
        return bytes(raw)
    change = rng.choice(["flip", "flip", "hint", "hint", "repeat", "cut", "grow", "zero", "other length"])
    start = len(raw) - HINT
    if change == "flip" or start < 0:
        raw[rng.randrange(len(raw))] ^= 1 << rng.randrange(8)
    elif change == "hint":
        raw[start + rng.randrange(HINT)] = rng.choice([0, 1, 54, 55, 56, 255, rng.randrange(256)])
    elif change == "repeat":
        # A position of the hint written once more, the ends moved along.
        positions, ends = list(raw[start:start + 55]), list(raw[start + 55:])
        used = ends[-1]
        if 0 < used < 55:
            at = rng.randrange(used)
            positions = (positions[:at] + [positions[at]] + positions[at:])[:55]
            ends = [min(end + (end > at), 255) for end in ends]
            raw[start:] = bytes(positions + ends)
    elif change == "cut":
        del raw[-rng.randrange(1, 20):]
    elif change == "grow":
        raw += bytes(rng.randrange(1, 20))
    elif change == "other length":
        raw = (raw + bytes(16))[:3309 if len(raw) == 3293 else 3293]
    else:
        at = rng.randrange(len(raw))
        raw[at:at + 8] = bytes(len(raw[at:at + 8]))
    return bytes(raw)


def respelled(rng, text):
    """Another spelling of a hexadecimal or base64 text."""
    at = rng.randrange(len(text) + 1) if text else 0
    return rng.choice([
        text.upper(), text + "\n", " " + text, text[:at] + " " + text[at:], text[:at] + "-" + text[at:], text + "=", text.rstrip("="), text + "AAAA",
        text[:-1], text[:at] + "\u00e9" + text[at:], text[:-3] + "=" + text[-3:], text.lower(), "", text + "==x",
    ])


def case(seed):
    """One object: what it is, its bytes, and the two answers of the vendor's function."""
    rng = random.Random(seed)
    mutator = Mutator(rng)
    signer = rng.choices(SIGNERS, [50, 3, 30, 17])[0]
    content = raw_envelope(rng.randrange(40), rng.randrange(1, 9), sha256(b"link"), rng.random() < 0.3, signer.suite)
    if rng.random() < 0.2:
        content.pop("signature_suite")
    notes = []
    if rng.random() < 0.3:
        notes.append("before: " + str(mutator.edit(content)))
    lone = rng.random() < 0.4
    try:
        covered = canonicalize(content)
    except UnicodeEncodeError:
        # The issuer's own function leaves with an exception.
        return case(seed + "/")
    digest_signed = rng.random() < 0.3
    signature = signer.sign(sha256(covered).encode() if digest_signed else covered)
    key, recorded = signer.public_hex, sha256(covered)
    kind = rng.choice(["none", "content", "content", "bytes", "bytes", "bytes", "spelling", "key", "suite", "swap"])
    if kind == "content":
        notes.append("after: " + str(mutator.edit(content)))
    elif kind == "bytes":
        ml_dsa = signer.suite == "ml_dsa_65"
        raw = base64.b64decode(signature) if ml_dsa else bytes.fromhex(signature)
        raw = altered_bytes(rng, raw)
        signature = base64.b64encode(raw).decode() if ml_dsa else raw.hex()
        if not ml_dsa and rng.random() < 0.2 and len(raw) == 64:
            signature = non_canonical(signature)
    elif kind == "spelling":
        signature = respelled(rng, signature)
    elif kind == "key":
        raw = bytes.fromhex(key)
        key = rng.choice([lambda: altered_bytes(rng, raw).hex(), lambda: respelled(rng, key), lambda: raw[:-1].hex(), lambda: key + "00"])()
    elif kind == "swap":
        key = rng.choice([s for s in SIGNERS if s is not signer]).public_hex
    if lone:
        suite = rng.choice(["ed25519", "ml_dsa_65", "ed448", None, ""]) if kind == "suite" else signer.suite
        document = {
            "envelope_id": "e", "raw_envelope": content, "canonical_hash": recorded, "signature": signature, "signature_suite": suite, "public_key_hex": key,
        }
        suite = suite or "ed25519"
    else:
        document = {"payload": content, "signature_hex": signature, "public_key_hex": key}
        if kind == "suite":
            document["signature_suite"] = rng.choice(["ed25519", "ml_dsa_65", "ed448", ""])
        try:
            length = len(bytes.fromhex(key))
        except ValueError:
            length = 0
        missing = "ml_dsa_65" if length == 1952 else "ed25519"
        suite = document["signature_suite"] if "signature_suite" in document else content.get("signature_suite", missing)
    try:
        canonical = canonicalize(content)
        answers = [verify_raw(text, signature, key, suite)[0] for text in (canonical, sha256(canonical).encode())]
        hashes = recorded == sha256(canonical)
    except Exception:
        answers, hashes = [False, False], False
    data = json.dumps(document, ensure_ascii=rng.random() < 0.5, indent=rng.choice([None, 1])).encode("utf-8", "surrogatepass")
    return data, lone, hashes, answers, "{}: {}".format(kind, "; ".join(notes))


def compare(lone, hashes, answers, report):
    """(class of agreement, or None; what disagrees)."""
    verdict, failed = report["verdict"], [c for c in report["checks"] if c["status"] == "fail"]
    accepted = any(answers) and (hashes or not lone)
    if verdict == "refused":
        message = report["refusal"]["message"]
        return ("stricter: " + message[:60], None) if not accepted or any(words in message for words in UNREADABLE) else (None, "refused: " + message)
    if verdict == "valid":
        if not accepted:
            return None, "valid here, refused there"
        if not lone and report["peer"]["passed"] != answers[0]:
            return None, "peer {} where the vendor says {}".format(report["peer"]["passed"], answers[0])
        if lone:
            return "valid both, envelope", None
        return "valid both, by {}".format("the canonical bytes" if answers[0] else "the digest"), None
    if verdict == "indeterminate":
        if not accepted and report["reason"] == "KEY_NEEDED":
            return "undecided for want of a key, refused there", None
        return None, "indeterminate: " + report["summary"]
    if not accepted:
        return "invalid both", None
    cause = next((words for words in UNREADABLE for c in failed if words in c["detail"]), None)
    open_ones = [c["detail"] for c in failed if "The vendor's verifier accepts it" not in c["detail"]]
    if open_ones and not cause and answers[0]:
        return None, "invalid here, accepted there: {}".format(open_ones)
    if not answers[0]:
        # What holds over the digest holds by the specification alone, which takes no other spelling than its own.
        spelled = any(words in c["detail"] for c in failed for words in ("white space", "does not verify"))
        return ("stricter than the specification's rule", None) if spelled or not open_ones else (None, "invalid here: {}".format(open_ones))
    return "stricter: {} {}".format(failed[0]["id"], failed[0]["reason"]), None


def main():
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--assay", default=str(ROOT / "target/release/assay"))
    parser.add_argument("--keep", default=str(ROOT / "target/disagreements/thessor-direct"))
    arguments = parser.parse_args()
    outcomes, wrong = collections.Counter(), []
    for start in range(0, arguments.cases, BATCH):
        with tempfile.TemporaryDirectory() as folder:
            cases = []
            for number in range(start, min(start + BATCH, arguments.cases)):
                path = pathlib.Path(folder) / "{}.json".format(number)
                made = case("{}:{}".format(arguments.seed, number))
                path.write_bytes(made[0])
                cases.append((path, *made))
            # One run a file: files that come together are looked up in one another.
            for path, data, lone, hashes, answers, what in cases:
                run = subprocess.run([arguments.assay, "verify", "--json", "--full", str(path)], capture_output=True)
                name, problem = compare(lone, hashes, answers, json.loads(run.stdout))
                outcomes[name or "DISAGREEMENT"] += 1
                if problem:
                    kept = pathlib.Path(arguments.keep)
                    kept.mkdir(parents=True, exist_ok=True)
                    target = kept / "{}-{}".format(arguments.seed, path.name)
                    target.write_bytes(data)
                    wrong.append((target, what, problem))
    for target, what, problem in wrong[:30]:
        print("{}\n    {}\n    {}".format(target, what, problem))
    for name, count in sorted(outcomes.items(), key=lambda item: -item[1]):
        print("{:6} {}".format(count, name))
    print("{} cases compared, {} disagreements".format(sum(outcomes.values()), len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
