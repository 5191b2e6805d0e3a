// Files that belong together: a folder as one artifact or file by file, and files that came at the same time.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { closeBrowser, commandLineOnPath, download, drop, fixture, judge, open, report, verdict } from "./harness.mjs";

after(closeBrowser);

/** The files of a ZIP archive whose directory is sound: [[name, bytes]]. */
function unzip(bytes) {
  const files = [];
  let at = bytes.readUInt32LE(bytes.lastIndexOf("PK\x05\x06") + 16);
  while (bytes.toString("latin1", at, at + 4) === "PK\x01\x02") {
    const [method, packed, name, extra, comment, header] = [[10, 2], [20, 4], [28, 2], [30, 2], [32, 2], [42, 4]].map(([from, size]) => bytes.readUIntLE(at + from, size));
    const data = header + 30 + bytes.readUInt16LE(header + 26) + bytes.readUInt16LE(header + 28);
    const content = bytes.subarray(data, data + packed);
    files.push([bytes.toString("utf8", at + 46, at + 46 + name), method ? inflateRawSync(content) : content]);
    at += 46 + name + extra + comment;
  }
  return files.filter(([name]) => !name.endsWith("/"));
}

/** A folder of these files for as long as the test runs. */
function folder(t, name, files) {
  const parent = mkdtempSync(join(tmpdir(), "assay-folder-"));
  t.after(() => rmSync(parent, { recursive: true }));
  for (const [path, bytes] of files) {
    const file = join(parent, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, bytes);
  }
  return join(parent, name);
}

const chooseFolder = (page, path) => page.locator("input[webkitdirectory]").first().setInputFiles(path);

for (const archive of ["good", "altered", "fips-204"]) {
  test(`an unpacked export is one artifact, with the command line's report (${archive})`, async (t) => {
    const { page, errors } = await open(t);
    const path = folder(t, "export", unzip(fixture(`thessor/${archive}.zip`).bytes));
    await chooseFolder(page, path);
    assert.equal(await verdict(page, "export"), archive === "altered" ? "invalid" : "valid");
    assert.equal(await page.locator("[data-assay-report]").count(), 1);
    assert.equal(await download(page, report(page, "export")), commandLineOnPath(path));
    assert.deepEqual(errors, []);
  });
}

test("a folder of which something cannot be read is not judged by the rest", async (t) => {
  const { page } = await open(t);
  await page.evaluate(() => {
    const file = (name, read) => ({ isDirectory: false, name, fullPath: `/export/${name}`, file: read });
    const entries = [
      file("manifest.json", (resolve) => resolve(new File(["{}"], "manifest.json"))),
      file("added.json", (_, reject) => reject(new DOMException("gone", "NotFoundError"))),
    ];
    const createReader = () => ({ readEntries: (resolve) => resolve(entries.splice(0)) });
    DataTransferItem.prototype.webkitGetAsEntry = () => ({ isDirectory: true, name: "export", fullPath: "/export", createReader });
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([""], "export"));
    window.dispatchEvent(new DragEvent("drop", { dataTransfer }));
  });
  await page.getByText("The browser could not read /export/added.json, so the folder export was not taken.").first().waitFor();
  assert.equal(await page.locator("[data-assay-report]").count(), 0);
});

test("a folder that is no artifact is verified file by file", async (t) => {
  const { page } = await open(t);
  const files = ["thessor/good.zip", "heso/valid/l0.json", "complianceguard/request.json"].map((path) => [path.split("/").pop(), fixture(path).bytes]);
  await chooseFolder(page, folder(t, "mixed", files));
  assert.equal(await verdict(page, "mixed/good.zip"), "valid");
  assert.equal(await verdict(page, "mixed/l0.json"), "valid");
  assert.equal(await verdict(page, "mixed/request.json"), "indeterminate");
  assert.equal(await page.locator("[data-assay-report]").count(), 3);
});

test("a folder answers where a folder is asked for", async (t) => {
  const { page } = await open(t);
  const manifest = fixture("aegis/manifest-alone.json");
  assert.equal(await judge(page, manifest), "indeterminate");
  const path = folder(t, "skill", unzip(fixture("aegis/skill-at-root.zip").bytes));
  await page.locator('[data-assay-ask="files"] input[webkitdirectory]').setInputFiles(path);
  await page.locator('[data-assay-supplied="files"]').waitFor();
  assert.equal(await verdict(page, manifest.name), "valid");
});

test("files that are handed over together are held against each other", async (t) => {
  const { page } = await open(t);
  const [snapshot, events] = ["snapshot.json", "go-chain.ndjson"].map((name) => fixture(`aegis/${name}`));
  assert.equal(await judge(page, snapshot), "indeterminate");
  await page.getByRole("button", { name: `Remove: ${snapshot.name}` }).click();
  await drop(page, [snapshot, events]);
  assert.equal(await verdict(page, events.name), "valid");
  assert.equal(await verdict(page, snapshot.name), "valid");
});
