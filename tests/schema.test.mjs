// Every report that the command line makes has the shape that docs/report.schema.json promises.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import Ajv from "ajv/dist/2020.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const program = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug", "assay");
const schema = JSON.parse(readFileSync(join(root, "docs/report.schema.json"), "utf8"));
const conforms = new Ajv({ allErrors: true, strict: false }).compile(schema);

const files = readdirSync(join(root, "tests/fixtures"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .sort();

function reports(...options) {
  const run = spawnSync(program, ["verify", "--json", ...options], { encoding: "utf8", maxBuffer: 1 << 30 });
  assert.ok([0, 1, 2, 3].includes(run.status), `${program}: ${run.error ?? run.stderr}`);
  return run.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

for (const options of [[], ["--full"], ["--key", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"]]) {
  test(`every fixture's report conforms to the schema (${options[0] ?? "no options"})`, () => {
    const all = reports(...options, ...files);
    assert.equal(all.length, files.length);
    for (const [index, report] of all.entries()) {
      assert.ok(conforms(report), `${files[index]}: ${JSON.stringify(conforms.errors, null, 1)}`);
    }
  });
}

test("a file that cannot be read gets a report as well", () => {
  for (const report of reports(join(root, "no such file"))) {
    assert.ok(conforms(report), JSON.stringify(conforms.errors));
    assert.equal(report.verdict, "refused");
  }
});

test("the schema refuses what a report must never say", () => {
  const [valid] = reports(...files).filter((report) => report.verdict === "valid");
  const fails = (edit) => {
    const copy = structuredClone(valid);
    edit(copy);
    assert.ok(!conforms(copy));
  };
  assert.ok(conforms(valid));
  fails((report) => report.counts.failed++);
  fails((report) => Object.assign(report.checks[0], { status: "fail", reason: "HASH_FAILURE", detail: "No." }));
  fails((report) => Object.assign(report.checks[0], { status: "skip", required: true, reason: "NOT_RUN", detail: "No." }));
  fails((report) => (report.reason = "HASH_FAILURE"));
  fails((report) => (report.limits = []));
  fails((report) => (report.extra = 1));
});
