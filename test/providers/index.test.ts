import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import * as kinds from "../../src/providers/index.ts";

test("loads no package before the first request", async () => {
  const code = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
    await import(process.argv[1]);
    console.log(JSON.stringify(urls));`;
  const index = new URL("../../src/providers/index.ts", import.meta.url).href;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", code, index]);
  const urls = JSON.parse(stdout) as string[];
  expect(urls.some((url) => url.endsWith("/providers/openai.ts"))).toBe(true);
  expect(urls.filter((url) => url.includes("node_modules"))).toEqual([]);
});

test.each([
  ["claude-sonnet-5-5", "anthropic"],
  ["claude-opus-4-8", "anthropic"],
  ["gpt-6.1-terra", "openai"],
  ["o3", "openai"],
  ["gemini-3.8-flash", "google"],
  ["demo", "offline"],
  ["qwen3", undefined],
  ["opus", undefined],
])("the bare name %s belongs to %s", (name, api) => {
  expect(
    Object.values(kinds)
      .filter((kind) => kind.matches(name))
      .map((kind) => kind.api),
  ).toEqual(api ? [api] : []);
});
