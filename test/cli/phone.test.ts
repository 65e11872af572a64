import { expect, test } from "vitest";
import decode from "qr/decode.js";
import { bench, useClientBench } from "./clientBench.ts";
import { pincer } from "./pincer.ts";

useClientBench();

const scopes = ["read", "approvals"];
const offered = {
  code: "ACDEFGHJ",
  expiresAt: "2026-11-26T08:10:00.000Z",
  scopes,
  selfSigned: false,
  urls: ["https://box.example.org:3000/phone/#ACDEFGHJ", "https://192.168.1.5:3000/phone/#ACDEFGHJ"],
};

/** What a camera sees of a code in blocks of half a line, with room around each. */
function readQr(lines: string[]): string {
  const rows = lines.flatMap((line) => [
    [...line].map((sign) => sign === "█" || sign === "▀"),
    [...line].map((sign) => sign === "█" || sign === "▄"),
  ]);
  const [scale, width] = [4, rows[0]!.length];
  const data = new Uint8Array(width * scale * rows.length * scale * 4).fill(255);
  for (let y = 0; y < rows.length * scale; y++)
    for (let x = 0; x < width * scale; x++)
      if (!rows[Math.floor(y / scale)]![Math.floor(x / scale)])
        data.fill(0, (y * width * scale + x) * 4, (y * width * scale + x) * 4 + 3);
  return decode({ width: width * scale, height: rows.length * scale, data });
}

test("a phone is paired by a code that a camera can read", async () => {
  bench.gateway.answers["POST /api/phones/pair"] = { json: offered };
  const { code, stdout } = await pincer(["phone", "pair", "--send"], bench.env);
  expect([code, bench.gateway.seen.at(-1)!.body]).toEqual([0, { send: true }]);
  const lines = stdout.trimEnd().split("\n");
  const words = lines.slice(lines.findIndex((line) => line.startsWith("https://")));
  expect(words).toEqual([
    offered.urls[0],
    "Code ACDEFGHJ, until 2026-11-26T08:10:00.000Z. The phone may: read, approvals",
    "Also at https://192.168.1.5:3000/phone/",
  ]);
  expect(readQr(lines.slice(0, -words.length))).toBe(offered.urls[0]);
  const chosen = await pincer(["phone", "pair", "--host", "192.168.1.5"], bench.env);
  expect(chosen.stderr).toBe("");
  expect(chosen.stdout).toContain(`\n${offered.urls[1]}\n`);
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ send: false });
  const spelt = await pincer(["phone", "pair", "--host", "Box.example.org"], bench.env);
  expect([spelt.stderr, spelt.stdout.includes(`\n${offered.urls[0]}\n`)]).toEqual(["", true]);
  const elsewhere = await pincer(["phone", "pair", "--host", "nowhere.example"], bench.env);
  expect(elsewhere.stderr).toContain('The gateway is at no "nowhere.example"');
  expect(JSON.parse((await pincer(["phone", "pair", "--json"], bench.env)).stdout)).toEqual(offered);
  bench.gateway.answers["POST /api/phones/pair"] = { json: { ...offered, selfSigned: true } };
  const warned = await pincer(["phone", "pair"], bench.env);
  expect(warned.stderr).toContain("Nobody else has signed the gateway's certificate: the phone warns of it");
});

test("paired phones are listed, and removed", async () => {
  const phone = { id: "iPhone-0a1b2c3d", name: "iPhone", scopes, push: true, by: "cli:default" };
  const pending = [{ id: "code_1", scopes, expiresAt: "2026-11-26T08:10:00.000Z", by: "cli:default" }];
  const phones = [{ ...phone, pairedAt: new Date(Date.now() - 5_400_000).toISOString() }];
  bench.gateway.answers["GET /api/phones/list"] = { json: { on: false, count: 1, phones, pending } };
  const { stdout } = await pincer(["phone"], bench.env);
  expect(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.trimEnd().replaceAll(/ {2,}/g, " | ")),
  ).toEqual([
    "ID | NAME | MAY | PUSH | PAIRED",
    expect.stringMatching(/^iPhone-0a1b2c3d \| iPhone \| read, approvals \| yes \| 1h ago$/),
    "code_1: a code waits for its phone (read, approvals), until 2026-11-26T08:10:00.000Z",
    "No page for phones is served: gateway.remote is off",
  ]);
  const pushFault = "push.example.net answered with status 403";
  const faulty = { on: true, count: 1, phones: [{ ...phones[0], pushFault }], pending: [] };
  bench.gateway.answers["GET /api/phones/list"] = { json: faulty };
  const listed = await pincer(["phone"], bench.env);
  expect(listed.stdout).toMatch(/approvals +fails +/);
  expect(listed.stderr).toContain(`iPhone-0a1b2c3d was not told the last time: ${pushFault}`);
  bench.gateway.answers["POST /api/phones/remove"] = { json: { id: phone.id } };
  expect((await pincer(["phone", "remove", phone.id], bench.env)).stdout).toBe(
    "iPhone-0a1b2c3d is not paired any more\n",
  );
  expect(bench.gateway.seen.at(-1)!.body).toEqual({ id: phone.id });
});
