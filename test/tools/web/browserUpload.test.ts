import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readUploads } from "../../../src/browser/session/uploads.ts";
import type { Browser } from "../../../src/core/ports/browserPort.ts";
import { browser } from "../../../src/tools/web/browserTool.ts";
import { tempFolder, toolContext } from "../toolContext.ts";

test("a page is given the bytes that were asked for, or nothing", async () => {
  const folder = tempFolder({ a: "shown", b: "shown too" });
  const given: string[] = [];
  const pages = {
    look: async () => ({ url: "https://example.com/", origin: "https://example.com", admitted: new Set<string>() }),
    async act({ action, paths = [] }, { workspace, seen }) {
      const uploads = await readUploads(workspace, paths, { maySecrets: true, seen });
      given.push(...uploads.map(({ buffer }) => buffer.toString()));
      return { action };
    },
  } as Partial<Browser> as Browser;
  const context = toolContext(folder, { browser: pages });
  const ask = () => browser.prepare(browser.input.parse({ action: "upload", ref: "e1", paths: ["a", "b"] }), context);

  const asked = await ask();
  expect(asked.ask?.summary).toBe("upload a, b to https://example.com");
  await asked.run("person");
  expect(given.splice(0)).toEqual(["shown", "shown too"]);

  const stale = await ask();
  writeFileSync(join(folder, "b"), "put there while it waited");
  await expect(stale.run("person")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringContaining("b has"),
  });

  const missing = browser.input.parse({ action: "upload", ref: "e1", paths: ["c"] });
  const early = await browser.prepare(missing, context);
  writeFileSync(join(folder, "c"), "made while it waited");
  await expect(early.run("person")).rejects.toMatchObject({ code: "conflict" });
  expect(given).toEqual([]);
});
