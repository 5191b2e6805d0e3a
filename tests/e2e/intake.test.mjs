// The ways in: a drop anywhere, the button, the paste box; and the way out of a run that takes too long.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { closeBrowser, drop, fixture, open, report, text, verdict } from "./harness.mjs";

after(closeBrowser);

const good = fixture("thessor/good.zip");

test("a drop on any part of the page is taken", async (t) => {
  const { page } = await open(t);
  for (const target of ["body", "h1", "#about"]) {
    await drop(page, [good], target);
    assert.equal(await verdict(page, good.name), "valid", target);
    await page.getByRole("button", { name: `Remove: ${good.name}` }).click();
  }
});

test("the button takes files, and the same file again", async (t) => {
  const { page } = await open(t);
  const input = page.locator("input[type=file]").first();
  for (let round = 1; round <= 2; round++) {
    await input.setInputFiles({ name: good.name, mimeType: "application/zip", buffer: good.bytes });
    await page.locator(`[data-assay-report][data-verdict="valid"] >> nth=${round - 1}`).waitFor();
  }
  assert.equal(await page.locator("[data-assay-report]").count(), 2);
});

test("the paste box takes text, and says so when there is none", async (t) => {
  const { page } = await open(t);
  const send = page.getByRole("button", { name: "Verify this text" });
  await send.click();
  await page.getByRole("alert").filter({ hasText: "empty" }).waitFor();
  await page.locator("#paste").fill('{"hello": "world"}');
  await send.click();
  assert.equal(await verdict(page, "pasted text"), "refused");
  assert.equal(await page.locator("#paste").inputValue(), "");
});

test("a file with an odd name is listed by it and harms nothing", async (t) => {
  const { page, errors } = await open(t);
  const name = "<img src=x onerror=alert(1)>\u202ezip.\u00e9";
  await drop(page, [{ ...good, name }]);
  await page.locator('[data-assay-report][data-verdict="valid"]').waitFor();
  assert.equal(await page.locator("[data-assay-report]").getAttribute("data-file"), name);
  assert.equal(await page.locator("img").count(), 0);
  assert.deepEqual(errors, []);
});

test("a run can be cancelled, judges nothing then, and can be taken up again", async (t) => {
  const { page } = await open(t);
  // Large enough to be caught at work: many lines that have to be read one by one.
  const line = `{"n":"${"x".repeat(1000)}"}\n`;
  await page.evaluate((line) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(Array.from({ length: 400_000 }, () => line), "large.jsonl"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, line);
  await page.getByRole("button", { name: "Cancel: large.jsonl" }).click();
  const article = page.locator('[data-assay-report][data-file="large.jsonl"]');
  await article.getByText("Nothing was judged").waitFor();
  assert.equal(await article.getAttribute("data-verdict"), null);
  // The page is at hand at once for another file.
  await drop(page, [good]);
  assert.equal(await verdict(page, good.name), "valid");
  await page.getByRole("button", { name: "Verify again: large.jsonl" }).click();
  assert.equal(await verdict(page, "large.jsonl"), "refused");
});

test("leaving a run does not spoil the next", async (t) => {
  const { page } = await open(t);
  await drop(page, [good, text("a.json", "{}"), text("b.json", "{}")]);
  await page.getByRole("button", { name: "Remove all" }).click();
  assert.equal(await page.locator("[data-assay-report]").count(), 0);
  await drop(page, [good]);
  assert.equal(await verdict(page, good.name), "valid");
  assert.equal(await report(page, good.name).count(), 1);
});
