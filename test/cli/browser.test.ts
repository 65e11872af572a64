import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

test("asks for one action with its fields, as text and as JSON, and prints the page", async () => {
  bench.gateway.answers["POST /api/browser"] = {
    json: {
      action: "open",
      tab: { id: "t1", url: "https://a.example/", title: "A" },
      snapshot: { text: '- heading "Hi" [ref=e1]' },
    },
  };
  const args = ["browser", "open", "url=https://a.example/?x=1", "width:=800", "-s", "abc"];
  expect(await pincer(args, bench.env)).toEqual({
    code: 0,
    stdout: 't1  https://a.example/  A\n- heading "Hi" [ref=e1]\n',
    stderr: "",
  });
  expect(bench.gateway.seen[0]?.body).toEqual({
    action: "open",
    url: "https://a.example/?x=1",
    width: 800,
    sessionKey: "abc",
  });
});

test("writes a picture where it is told", async () => {
  bench.gateway.answers["POST /api/browser"] = {
    json: {
      action: "screenshot",
      image: { mediaType: "image/png", data: Buffer.from("png").toString("base64"), width: 1, height: 1 },
    },
  };
  const out = join(bench.home, "page.png");
  expect((await pincer(["browser", "screenshot", "--out", out], bench.env)).stdout).toBe(`Written to ${out}\n`);
  expect(readFileSync(out, "utf8")).toBe("png");
});

test.each([
  ["noSign", "Write name=text or name:=json."],
  ["width:=wide", "What follows width:= must be JSON."],
])("refuses the field %s", async (field, sentence) => {
  const { code, stderr } = await pincer(["browser", "act", field], bench.env);
  expect(code).toBe(2);
  expect(stderr).toContain(sentence);
  expect(bench.gateway.seen).toEqual([]);
});
