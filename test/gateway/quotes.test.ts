import { expect, test } from "vitest";
import { describeJsonFault } from "../../src/gateway/http/jsonFault.ts";
import { openGatewayBench, TOKEN } from "./bench.ts";

test.each([
  ["{“message”: 1}", 'line 1, column 2: “ is a typographic quote; use "'],
  ['{\n  "message": ‘hi’ }', 'line 2, column 14: ‘ is a typographic quote; use "'],
  ['{"a": "“fine” here", “b”: 1}', 'line 1, column 22: “ is a typographic quote; use "'],
  ['{"a": "say \\"“\\"", b: 1}', 'line 1, column 20: "b" is not expected here'],
  ["{'a': 1}", `line 1, column 2: ' is no quote in JSON; use "`],
  ['{"a": 1,}', 'line 1, column 9: "}" is not expected here'],
  ['{"a": 1', "line 1, column 8: the text ends too early"],
  ['{"a": "x', "line 1, column 9: the text ends too early"],
  ['{"a": 1}}', 'line 1, column 9: "}" is not expected here'],
  ["", "line 1, column 1: the text ends too early"],
  ['{"a":\u00a01}', "line 1, column 6: \\u{a0}, which looks like nothing or a blank, is not expected here"],
  ['{"a": 1}\u200b', "line 1, column 9: \\u{200b}, which looks like nothing or a blank, is not expected here"],
  ['{\n\u2003"a": 1}', "line 2, column 1: \\u{2003}, which looks like nothing or a blank, is not expected here"],
  ['{"a": 😀}', 'line 1, column 7: "😀" is not expected here'],
])("a fault in JSON has its place: %s", (text, expected) => {
  let fault: unknown;
  try {
    JSON.parse(text);
  } catch (error) {
    fault = error;
  }
  expect(describeJsonFault(text, fault)).toBe(expected);
});

test("the place is in the answer, and no more of the body than one character", async () => {
  const { gateway, auth } = await openGatewayBench();
  const send = (path: string, body: string) =>
    fetch(gateway.url + path, { method: "POST", headers: { ...auth, "content-type": "application/json" }, body });
  for (const path of ["/api/sessions/send", "/v1/chat/completions", "/tools/invoke"]) {
    const response = await send(path, '{"apiKey": "sk-secret", “message”: "hi"}');
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).toContain("line 1, column 25: “ is a typographic quote");
    expect(text).not.toContain("sk-secret");
  }
});

test.each<[value: string | Buffer, sentence: string]>([
  [`Bearer “${TOKEN}”`, '“ is a typographic quote; use "'],
  [`Bearer ‘${TOKEN}’`, "‘ is a typographic quote"],
  [`“Bearer ${TOKEN}”`, "“ is a typographic quote"],
  [`Bearer "${TOKEN}"`, "send the token without quotes"],
  [`Bearer '${TOKEN}'`, "send the token without quotes"],
  [`Bearer ${TOKEN}\u00a0`, "looks like nothing or a blank (U+00A0)"],
  [`Bearer\u00a0${TOKEN}`, "looks like nothing or a blank (U+00A0)"],
  [`Bearer ${TOKEN}\u200b`, "looks like nothing or a blank (U+200B)"],
  [`Bearer tök`, "ö (U+00F6) stands in it"],
  // The same in the bytes of Windows-1252, as a console of Windows sends it.
  [latin1(`Bearer \x93${TOKEN}\x94`), '“ is a typographic quote; use "'],
  [latin1(`Bearer \x91${TOKEN}\x92`), "‘ is a typographic quote; use '"],
  [latin1(`\x93Bearer ${TOKEN}\x94`), "“ is a typographic quote"],
  [latin1(`Bearer ${TOKEN}\xa0`), "looks like nothing or a blank (U+00A0)"],
  [latin1(`Bearer\xa0${TOKEN}`), "looks like nothing or a blank (U+00A0)"],
  [latin1(`Bearer t\xf6k`), "ö (U+00F6) stands in it"],
])("quotes and odd blanks in the Authorization header are named: %s", async (value, sentence) => {
  const { get } = await openGatewayBench();
  const header = Buffer.from(value as string).toString("latin1");
  const { status, body } = await get("/api/models/list", { Authorization: header });
  expect(status).toBe(401);
  expect(body.error.message).toContain(sentence);
});

function latin1(value: string): Buffer {
  return Buffer.from(value, "latin1");
}
