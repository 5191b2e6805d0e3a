"""Asks the vendor's verifier and ours about thousands of altered export packages, and compares verdicts and every check by name.

    python tests/differential/thessor_packages.py [--cases 2000] [--seed 1] [--assay target/release/assay] [--keep FOLDER]

Needs thessor==0.4.0, cryptography and dilithium-py. Prints how many were compared, by outcome; every disagreement is saved, named and fatal.
"""

import argparse
import collections
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/fixtures/thessor"))

from packages import (  # noqa: E402
    Dilithium3Signer, MlDsaSigner, Package, Signer, SmallOrderSigner, data_offset, non_canonical, pack, patch, sha256,
)
from thessor.verifier import run as verify_path, verify_package  # noqa: E402

BATCH = 250
SPACES = [" ", "\t", "\n", "\u00a0", "\u3000", "\u2028", "\x1c", "\x85", "\u200b", "\ufeff"]
VALUES = [
    "verify.py README.txt", ["verify.py"], ["a", "b"],
    None, True, False, 0, 1, 2, -1, 1.0, 2.0, 0.5, 1e16, -0.0, 10**30, 5e-324, "", "0", "x", " x ", "None", "ed25519", "ml_dsa_65",
    [], {}, [1], [[]], {"a": 1}, {"intact": False}, {"signature_suite": "ed25519"}, "\u00e9", "e\u0301", "\U0001f600",
]
RARE = [float("nan"), float("inf"), "\ud800"]


def containers(document, path=()):
    """Every object and array in a document, with its path."""
    if isinstance(document, (dict, list)):
        yield path, document
        for key, value in document.items() if isinstance(document, dict) else enumerate(document):
            yield from containers(value, path + (key,))


class Mutator:
    """Draws mutations from a seeded source; each says what it did."""

    def __init__(self, rng):
        self.rng = rng

    def spelled(self, value):
        """A value near the one that stands there."""
        rng = self.rng
        if isinstance(value, bool) or value is None:
            return rng.choice([not value, int(bool(value)), str(value), None])
        if isinstance(value, int):
            return rng.choice([float(value), value + 1, value - 1, str(value), bool(value), -value])
        if isinstance(value, float):
            return rng.choice([int(value) if value == value and abs(value) < 1e30 else 0, value + 0.25, repr(value), -value])
        if isinstance(value, str):
            flipped = "0" if value[-1:] != "0" else "1"
            return rng.choice([
                value.upper(), value + rng.choice(SPACES), rng.choice(SPACES) + value, value.strip(), value[:-1] + flipped,
                value[:-1], value * 2, value.replace("a", "b", 1), value[: len(value) // 2] + " " + value[len(value) // 2 :],
            ])
        return rng.choice([[], {}, None, [value], {"x": value}])

    def edit(self, document):
        """Changes one member somewhere in a document, in place."""
        rng = self.rng
        if not isinstance(document, dict):
            return "left alone"
        # The members near the top are the ones that the verifier reads.
        places = [(path, place) for path, place in containers(document) if place and len(path) <= rng.choice([0, 1, 1, 2, 4])]
        path, place = rng.choice(places or [((), document)])
        if not place:
            return "left alone"
        key = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
        where = "/".join(map(str, path + (key,)))
        action = rng.random()
        if action < 0.2:
            del place[key]
            return "deleted " + where
        if action < 0.3 and isinstance(place, dict):
            name = rng.choice(["extra", " extra", "\u00fc", "prev_chain_hash", "signature_suite", "public_key_hex", "intact"])
            place[name] = rng.choice(VALUES)
            return "added {} beside {}".format(name, where)
        if action < 0.6:
            place[key] = self.spelled(place[key])
        elif action < 0.97:
            place[key] = rng.choice(VALUES)
        else:
            place[key] = rng.choice(RARE)
        return "set {} to {!r}".format(where, place[key])[:120]

    def respell(self, text):
        """Another spelling of the same JSON, or one that a strict reader refuses."""
        rng = self.rng
        document = json.loads(text)
        style = rng.choice(["indent", "ascii", "shuffle", "spaces", "number", "pad", "duplicate", "bom", "tail", "overflow", "escape"])
        if style == "indent":
            out = json.dumps(document, indent=rng.choice([1, "\t"]), ensure_ascii=rng.random() < 0.5)
        elif style == "ascii":
            out = json.dumps(document, ensure_ascii=True)
        elif style == "shuffle":
            def shuffled(value):
                if isinstance(value, dict):
                    items = list(value.items())
                    rng.shuffle(items)
                    return {k: shuffled(v) for k, v in items}
                return [shuffled(v) for v in value] if isinstance(value, list) else value
            out = json.dumps(shuffled(document), ensure_ascii=False)
        elif style == "spaces":
            out = "\r\n " + text.decode() + " \t\n"
        elif style == "number":
            old, new = rng.choice([
                ("0.5", "0.50"), ("0.5", "5e-1"), ("0.97", "9.7E-1"), ("1.0", "1e0"), ("1.0", "1"), (":1,", ":1.0,"), (":2,", ":2e0,"),
                ("1e-07", "0.0000001"), ("25000000000000000.0", "25e15"), (":1,", ":-0,"), ("0.5", "0.5000000000000000001"),
            ])
            out = text.decode().replace(old, new, 1)
        elif style == "pad":
            space = rng.choice(SPACES)
            out = text.decode().replace('":"', '":"' + json.dumps(space)[1:-1], rng.randrange(1, 4))
        elif style == "duplicate":
            key = rng.choice(list(document))
            out = "{" + json.dumps(key) + ":" + json.dumps(rng.choice(VALUES)) + "," + text.decode()[1:]
        elif style == "bom":
            out = "\ufeff" + text.decode()
        elif style == "tail":
            out = text.decode() + rng.choice([" ", "\n", "x", "{}", "\x00", ","])
        elif style == "overflow":
            out = text.decode().replace("0.5", rng.choice(["1e999", "-1e999", "NaN", "1" * 4301, "0." + "1" * 5000]), 1)
        else:
            out = text.decode().replace("e", "\\u0065", rng.randrange(1, 9))
        return out.encode(), style

    def files(self, files):
        """Adds, removes, renames, swaps or edits files, in place."""
        rng = self.rng
        names = [name for name in files if name != "manifest.json"]
        name = rng.choice(names)
        action = rng.choice(["remove", "add", "rename", "swap", "edit", "respell", "respell", "empty", "copy"])
        if action == "remove":
            del files[name]
        elif action == "add":
            files[rng.choice(["x.txt", "decisions/x.json", "checkpoints/x.json", "decisions/x/y", "ü.txt", "Manifest.json"])] = rng.choice(
                [b"", b"{}", b"[]", b"null", b"x", b'{"decision":{}}', b'{"decision":[1]}', b'{"checkpoint_id":null}', b'{"checkpoint_id":1.5}',
                 b'{"checkpoint_id":true}', b'{"checkpoint_id":[]}'])
        elif action == "rename":
            files[rng.choice(["decisions/renamed.json", "checkpoints/renamed.json", "renamed"])] = files.pop(name)
        elif action == "swap":
            other = rng.choice(names)
            files[name], files[other] = files[other], files[name]
        elif action == "edit":
            data = bytearray(files[name])
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            files[name] = bytes(data)
        elif action == "empty":
            files[name] = b""
        elif action == "copy":
            files["decisions/copy.json"] = files[name]
        else:
            json_names = [n for n in names if n.endswith(".json")]
            if json_names:
                name = rng.choice(json_names)
                try:
                    files[name], style = self.respell(files[name])
                    action += " as " + style
                except ValueError:
                    action += ", not JSON any more"
        return "{} {}".format(action, name)


def options(rng):
    """What kind of package is made."""
    return {
        "decisions": rng.choice([1, 2, 2, 3, 5]),
        "start": rng.choice([1, 1, 1, 7]),
        "full": rng.random() < 0.25,
        "export_signatures": rng.random() < 0.7,
        "checkpoint": rng.choice(["whole", "whole", "partial", None]),
        "legacy": rng.random() < 0.1,
        "indent": rng.choice([None, None, 2]),
        "ensure_ascii": rng.random() < 0.2,
        "verifier": rng.choice([None, b"# verifier\n"]),
        "digest_signed": rng.random() < 0.03,
        "signer": rng.choices([Signer, SmallOrderSigner, lambda: MlDsaSigner(drawn=True), Dilithium3Signer], [80, 2, 12, 6])[0](),
    }


def case(seed):
    """One altered package: its bytes and what was done to it."""
    rng = random.Random(seed)
    mutator = Mutator(rng)
    made, notes, hooks = options(rng), [], {}

    def hook(name):
        def run(*arguments):
            document = arguments[-1]
            if len(arguments) == 1 or rng.random() < 0.5:
                notes.append("{}: {}".format(name, mutator.edit(document)))
        return run

    kind = rng.choice(["none", "stage", "stage", "stage", "stage", "stages", "late", "resealed", "resealed", "container", "signature"])
    stages = ["envelope", "decision", "packet", "signed_packet", "unsigned_checkpoint", "signed_checkpoint", "manifest", "manifest", "signed_manifest"]
    if kind == "stage":
        stage = rng.choice(stages)
        hooks[stage] = hook(stage)
    elif kind == "stages":
        for stage in rng.sample(stages, 2):
            hooks[stage] = hook(stage)
    elif kind == "signature":
        other = type(made["signer"])(9) if made["signer"].suite == "ml_dsa_65" else Signer(9)
        change = rng.choice(["upper", "lead", "tail", "inner", "scalar", "truncate", "other key", "beyond", "padding", "foreign", "flip"])
        field = rng.choice(["decision", "export", "checkpoint", "manifest"])
        stage, member = {
            "decision": ("decision", "signature"), "export": ("signed_packet", "export_signature"),
            "checkpoint": ("signed_checkpoint", "checkpoint_signature"), "manifest": ("signed_manifest", "manifest_signature"),
        }[field]

        def resign(*arguments):
            document = arguments[-1]
            if member not in document:
                return
            text = document[member]
            if change == "other key":
                if field == "export":
                    document["public_key_hex"] = other.public_hex
                other.seal(document, member)
                return
            document[member] = {
                "upper": text.upper(), "lead": "\n" + text, "tail": text + " ", "inner": text[:2] + "\t" + text[2:],
                "scalar": non_canonical(text) if len(text) == 128 else text, "truncate": text[:-2],
                "beyond": text + rng.choice(["=", "==", "AAAA", "====AAAA", "=A", "A", "\u00e9"]),
                "padding": rng.choice([text.rstrip("="), text.replace("=", "=="), text[:-3] + "=" + text[-3:]]),
                "foreign": text[:9] + rng.choice(["-", "_", "!", ".", "\u2028", "\n\n"]) + text[9:],
                "flip": text[:-4] + rng.choice("ABCDwxyz0189") + text[-3:],
            }[change]
            notes.append("{} of {}".format(change, member))
        hooks[stage] = resign
    try:
        package = Package(**made, **hooks)
    except Exception as error:
        # The change cannot be expressed: the issuer's own functions leave with an exception.
        return case("{}/{}".format(seed, type(error).__name__))
    files = dict(package.files)
    if kind == "late":
        notes.append("late: " + mutator.files(files))
    elif kind == "resealed":
        files = package.reseal(lambda files: notes.append("resealed: " + mutator.files(files)))
        if rng.random() < 0.2:
            files["manifest.json"], style = mutator.respell(files["manifest.json"])
            notes.append("manifest respelled as " + style)
    data = pack(files, rng.choice([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]), rng.random() < 0.2, rng.random() < 0.2)
    if kind == "container":
        data = container(rng, data, files, notes)
    return data, "{}: {}".format(kind, "; ".join(notes))


def container(rng, data, files, notes):
    """A change to the ZIP itself."""
    name = rng.choice(list(files))
    change = rng.choice(["junk before", "junk after", "comment", "bit", "bit", "bit", "cut", "duplicate", "field", "field", "rename", "folder", "utf8", "payload"])
    notes.append("{} at {}".format(change, name))
    if change == "junk before":
        return bytes(rng.randrange(1, 50)) + data
    if change == "junk after":
        return data + rng.choice([b"\n", b"\0" * 30, b"junk"])
    if change == "comment":
        return pack(files, comment=rng.choice([b"x", b"y" * 300]))
    if change == "bit":
        at = rng.randrange(len(data))
        return data[:at] + bytes([data[at] ^ (1 << rng.randrange(8))]) + data[at + 1 :]
    if change == "cut":
        return data[: rng.randrange(len(data))]
    if change == "duplicate":
        return pack([*files.items(), (name, files[name])])
    if change == "folder":
        return pack([("decisions/", b""), ("empty/", b""), *files.items()])
    if change == "rename":
        new = rng.choice(["x", "/", ".", "\\", "\0"]) + name[1:]
        return patch(data, name, where=rng.choice([("local",), ("central",), ("local", "central")]), rename=new)
    if change == "utf8":
        return pack({**files, "größe.txt": b"x"})
    if change == "payload":
        at = data_offset(data, name) + rng.randrange(20)
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
    field, value = rng.choice([
        ("version", 63), ("version", 64), ("version", 45), ("flags", 1), ("flags", 1 << 3), ("flags", 1 << 5), ("flags", 1 << 6), ("flags", 1 << 11),
        ("method", 0), ("method", 8), ("method", 12), ("method", 99), ("crc", 0), ("size", 0), ("size", 10), ("size", 1 << 20), ("compressed", 5),
    ])
    notes.append("{} = {}".format(field, value))
    return patch(data, name, where=rng.choice([("local",), ("central",), ("local", "central")]), **{field: value})


def unpacked(data, folder):
    """Unpacks a package to a folder; whether that could be done and nothing was lost on the way."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        names = [name for name in archive.namelist() if not name.endswith("/")]
        plain = all(name.isascii() and name.isprintable() and ".." not in name and "\\" not in name for name in names)
        if not plain or len(set(names)) < len(names) or "manifest.json" not in names:
            return False
        archive.extractall(folder)
    except Exception:
        return False
    return sorted(names) == sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def oracle(data, key, folder=None):
    """The vendor's outcome, on a package or on the folder it was unpacked to: passed, its checks, or the exception it left with."""
    try:
        result = verify_path(str(folder), key) if folder else verify_package(io.BytesIO(data), key)
    except RecursionError:
        raise
    except Exception as error:
        return None, type(error).__name__
    return result, None


# What this verifier does not read where Python does; what depends on such a file fails with it.
UNREADABLE = [
    "half of a surrogate pair", "characters long", "levels deep", "does not unpack to the length that it declares",
]


def compare(result, raised, report):
    """(class of agreement, or None; what disagrees)."""
    verdict = report["verdict"]
    passed = result is not None and result["passed"]
    failed = [c for c in report["checks"] if c["status"] == "fail"]
    if verdict == "refused":
        code = report["refusal"]["code"]
        if not passed:
            return "refused here, not accepted there", None
        # Over the limit only by declaring sizes that are not so.
        if code in ("OVER_LIMIT", "UNSAFE_ARCHIVE", "UNSUPPORTED_ARCHIVE", "ENCRYPTED_ARCHIVE", "DAMAGED_ARCHIVE"):
            return "stricter: {} ({})".format(code, report["refusal"]["message"][:60]), None
        return None, "refused with {} what the vendor accepts".format(code)
    peer = report["peer"]
    if verdict == "valid" and not passed:
        if any(c["id"] == "signed_text" for c in report["checks"]) and result is not None:
            refused = {c["check"] for c in result["checks"] if c["ok"] is False}
            if all(name.startswith("decision:") and name.endswith(":signature") for name in refused):
                return same_checks(result, peer, "valid by the published specification, signed over the digest")
        return None, "valid here, refused there ({})".format(raised or [c["check"] for c in result["checks"] if c["ok"] is False])
    if raised:
        if peer["passed"] is not False or not peer.get("stopped"):
            return None, "the vendor's verifier raised {}, and the peer does not say so".format(raised)
        return "invalid, the vendor's verifier raised " + raised, None
    if verdict == "indeterminate":
        return None, "indeterminate"
    if passed and verdict == "invalid":
        open_ones = [c for c in failed if "The vendor's verifier accepts it" not in c["detail"]]
        cause = next((words for words in UNREADABLE if words in failed[0]["detail"]), None) if failed else None
        if cause:
            return "stricter: " + cause, None
        if open_ones or not failed:
            return None, "invalid here, accepted there: {}".format([c["detail"] for c in open_ones])
        name = "stricter: {} {}".format(failed[0]["id"], failed[0]["reason"])
        return same_checks(result, peer, name)
    if peer.get("stopped"):
        words = " ".join(c["detail"] for c in failed)
        if any(cause in words for cause in UNREADABLE):
            return "invalid both, the vendor's verifier went on where this one stops", None
        return None, "stopped, and the vendor's verifier did not: " + words
    cause = next((words for words in UNREADABLE for c in failed if words in c["detail"]), None)
    if cause:
        return "invalid both, and stricter: " + cause, None
    backend = result["ml_dsa_backend"]
    if peer["ml_dsa_backend"] != backend:
        return None, "ML-DSA by {} there, by {} here".format(backend, peer["ml_dsa_backend"])
    return same_checks(result, peer, verdict + " both" + (", ML-DSA by {}".format(backend) if backend else ""))


def same_checks(result, peer, name):
    """Agreement only when every check has the same name and outcome, in the same order."""
    theirs = [(c["check"], c["ok"]) for c in result["checks"]]
    ours = [(c["check"], c["ok"]) for c in peer["checks"]]
    if ours == theirs and peer["passed"] == result["passed"]:
        return name, None
    only = [c for c in theirs if c not in ours][:4], [c for c in ours if c not in theirs][:4]
    return None, "checks differ: theirs {}, ours {}".format(*only)


def main():
    """Runs the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--assay", default=str(ROOT / "target/release/assay"))
    parser.add_argument("--keep", default=str(ROOT / "target/disagreements/thessor"))
    arguments = parser.parse_args()
    outcomes, wrong = collections.Counter(), []
    keys = [None, Signer().public_hex, Signer(9).public_hex]
    for start in range(0, arguments.cases, BATCH):
        numbers = range(start, min(start + BATCH, arguments.cases))
        key = keys[start // BATCH % len(keys)] if start else None
        with tempfile.TemporaryDirectory() as folder:
            cases = []
            for number in numbers:
                data, what = case("{}:{}".format(arguments.seed, number))
                path = pathlib.Path(folder) / "{}.zip".format(number)
                if number % 5 == 4 and unpacked(data, path.with_suffix("")):
                    path = path.with_suffix("")
                else:
                    path.write_bytes(data)
                cases.append((path, data, what))
            command = [arguments.assay, "verify", "--json", "--full", *(["--key", key] if key else [])]
            run = subprocess.run([*command, *(str(path) for path, _, _ in cases)], capture_output=True)
            lines = run.stdout.splitlines()
            if len(lines) != len(cases):
                sys.exit("{} reports for {} files: {}".format(len(lines), len(cases), run.stderr.decode()[-500:]))
            for (path, data, what), line in zip(cases, lines):
                packed = path.suffix == ".zip"
                name, problem = compare(*oracle(data, key, None if packed else path), json.loads(line))
                name = name if packed or not name else "unpacked: " + name
                outcomes[name or "DISAGREEMENT"] += 1
                if problem:
                    kept = pathlib.Path(arguments.keep)
                    kept.mkdir(parents=True, exist_ok=True)
                    target = kept / "{}-{}.zip".format(arguments.seed, path.stem)
                    target.write_bytes(data)
                    wrong.append((target, what, problem, key))
    for target, what, problem, key in wrong[:30]:
        print("{}\n    key {}\n    {}\n    {}".format(target, key, what, problem))
    for name, count in sorted(outcomes.items(), key=lambda item: -item[1]):
        print("{:6} {}".format(count, name))
    print("{} cases compared, {} disagreements".format(sum(outcomes.values()), len(wrong)))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
