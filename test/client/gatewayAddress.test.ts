import { once } from "node:events";
import { createServer } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { findGateway } from "../../src/client/gatewayAddress.ts";
import { createGatewayFetch } from "../../src/client/gatewayFetch.ts";
import { createRestClient } from "../../src/client/restClient.ts";
import { type GatewayFile, writeGatewayFile } from "../../src/config/stateFolder.ts";
import { pincer } from "../cli/pincer.ts";
import { openGatewayBench, TOKEN } from "../gateway/bench.ts";

let home: string;
const here: GatewayFile = {
  url: "http://127.0.0.1:3000",
  pid: process.pid,
  started: "",
  token: "of-here",
  version: "1",
  nonce: "n",
};

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), "pincer-client-"));
  await writeGatewayFile(home, here);
});
afterEach(() => rmSync(home, { recursive: true }));

const found = (env: Record<string, string>, url?: string) => {
  try {
    return findGateway(url === undefined ? {} : { url }, { PINCER_HOME: home, ...env });
  } catch (error) {
    return (error as Error).message;
  }
};
const proved = (token: string) => ({ url: here.url, token, nonce: "n" });

test.each<[string, Record<string, string>, string | undefined, unknown]>([
  ["the gateway here", {}, undefined, proved("of-here")],
  ["the terminal's token, to the gateway here", { PINCER_TOKEN: "of-env" }, undefined, proved("of-env")],
  ["an empty token is none", { PINCER_TOKEN: "" }, undefined, proved("of-here")],
  ["nor is a blank one", { PINCER_TOKEN: " \n", PINCER_URL: " " }, undefined, proved("of-here")],
  [
    "the terminal's gateway",
    { PINCER_URL: "https://far.example/", PINCER_TOKEN: "of-env" },
    undefined,
    { url: "https://far.example", token: "of-env" },
  ],
  [
    "a path of the terminal's gateway",
    { PINCER_URL: "https://far.example", PINCER_TOKEN: "of-env" },
    "https://far.example/pincer",
    { url: "https://far.example/pincer", token: "of-env" },
  ],
  [
    "the token of a far gateway stays away from the one here",
    { PINCER_URL: "https://far.example", PINCER_TOKEN: "of-env" },
    "http://localhost:3000",
    proved("of-here"),
  ],
  [
    "a page is no gateway",
    { PINCER_TOKEN: "of-env" },
    "https://site.example",
    "No token for https://site.example: PINCER_TOKEN goes only to PINCER_URL, so set that to https://site.example, or name a file with --token-file",
  ],
  [
    "nor is one on another port of the terminal's gateway",
    { PINCER_URL: "https://far.example", PINCER_TOKEN: "of-env" },
    "https://far.example:8443",
    "No token for https://far.example:8443: PINCER_TOKEN is for https://far.example; name a file with --token-file",
  ],
  [
    "nor without TLS",
    { PINCER_URL: "https://far.example", PINCER_TOKEN: "of-env" },
    "http://far.example",
    "No token for http://far.example: PINCER_TOKEN is for https://far.example; name a file with --token-file",
  ],
  [
    "another address of this machine is not the gateway here",
    {},
    "http://127.0.0.2:3000",
    "No token for http://127.0.0.2:3000: set PINCER_URL and PINCER_TOKEN, or name a file with --token-file",
  ],
  // Its own address is asked, whichever name was given: what else listens under the other names must not pass the question on.
  ["localhost is the gateway here", {}, "http://localhost:3000", proved("of-here")],
  ["and so is ::1", { PINCER_TOKEN: "of-env" }, "http://[::1]:3000/", proved("of-env")],
])("%s", (_name, env, url, expected) => {
  expect(found(env, url)).toEqual(expected);
});

test("a gateway.json without a nonce is no address: whoever has the port now could not be told apart", async () => {
  const { nonce: _, ...unproved } = here;
  await writeGatewayFile(home, unproved);
  expect(found({})).toBe(`Process ${process.pid} at ${here.url} left nothing to know it by; start it again`);
});

test("an empty token file is an error, not a request without a token", () => {
  const file = join(home, "t");
  writeFileSync(file, "\n");
  expect(() => findGateway({ tokenFile: file }, { PINCER_HOME: home })).toThrow(`The token file ${file} is empty`);
});

test("https://localhost is trusted by our own certificate, with the terminal's token or our own", async () => {
  const { gateway } = await openGatewayBench({ gateway: { tls: "selfSigned", nonce: "a-nonce-of-some-length" } });
  const { url, certificate } = gateway;
  const file = { ...here, url, certificate: certificate!, token: TOKEN, nonce: "a-nonce-of-some-length" };
  await writeGatewayFile(home, file);
  const local = url.replace("127.0.0.1", "localhost");
  const envs: Record<string, string>[] = [{}, { PINCER_TOKEN: TOKEN, PINCER_URL: local }, { PINCER_TOKEN: "" }];
  for (const env of envs) {
    const { code, stderr } = await pincer(["status", "--url", local], { PINCER_HOME: home, ...env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  }
});

test.each<[how: string, bytes: string, encoding: BufferEncoding, said: string]>([
  ["quotes of a page", "“tok”", "utf8", '“ is a typographic quote; use ", or none'],
  ["the same in Windows-1252", "\x93tok\x94", "latin1", '“ is a typographic quote; use ", or none'],
  ["a no-break space", "a\u00a0b", "utf8", "a character that looks like nothing or a blank (U+00A0) stands in it"],
  [
    "the same in Windows-1252",
    "a\xa0b",
    "latin1",
    "a character that looks like nothing or a blank (U+00A0) stands in it",
  ],
  ["a letter", "tök", "utf8", "ö (U+00F6) stands in it, which no token or key holds"],
  ["two words", "tok en", "utf8", "a blank stands in it"],
])("a token that no header holds is a sentence, not a crash: %s", (_how, bytes, encoding, said) => {
  const file = join(home, "my-token");
  writeFileSync(file, Buffer.from(`${bytes}\n`, encoding));
  expect(() => findGateway({ tokenFile: file }, { PINCER_HOME: home })).toThrow(
    `The token in ${file} is not as it is written: ${said}`,
  );
  if (encoding === "utf8")
    expect(found({ PINCER_TOKEN: bytes })).toBe(`The token in PINCER_TOKEN is not as it is written: ${said}`);
});

test("a token file's blanks at the ends, mark and UTF-16 are none of it", () => {
  const file = join(home, "my-token");
  for (const bytes of [
    Buffer.from("\ufefftok \r\n"),
    Buffer.from("\ufefftok\r\n", "utf16le"),
    Buffer.from("\u00a0tok\u00a0\n"),
  ]) {
    writeFileSync(file, bytes);
    expect(findGateway({ tokenFile: file }, { PINCER_HOME: home }).token).toBe("tok");
  }
});

test("a program on another port that passes the question on to the gateway proves nothing", async () => {
  const nonce = "a-nonce-of-some-length";
  const { gateway } = await openGatewayBench({ gateway: { nonce } });
  const seen: string[] = [];
  const relay = createServer((request, response) => {
    seen.push(request.headers.authorization ?? "");
    void fetch(gateway.url + request.url).then(async (answer) => response.end(await answer.text()));
  });
  relay.listen(0, "127.0.0.1");
  await once(relay, "listening");
  onTestFinished(() => void relay.close());
  const url = `http://127.0.0.1:${(relay.address() as { port: number }).port}`;
  const call = createRestClient({ url, token: TOKEN, nonce }).get("models.list");
  await expect(call).rejects.toThrow(`What answers at ${url} is not the gateway that was started there`);
  expect(seen).toEqual([""]);
  expect(await createRestClient({ url: gateway.url, token: TOKEN, nonce }).get("models.list")).toBeDefined();
});

test("whoever takes the port between two calls is sent no token", async () => {
  const nonce = "a-nonce-of-some-length";
  const { gateway } = await openGatewayBench({ gateway: { nonce } });
  const address = { url: gateway.url, token: TOKEN, nonce };
  const client = createRestClient(address);
  const fetchOne = createGatewayFetch(address);
  await client.get("models.list");
  await (await fetchOne(`${gateway.url}/api/models/list`)).text();
  await gateway.close();
  const seen: string[] = [];
  const other = createServer((request, response) => {
    seen.push(request.headers.authorization ?? "");
    response.end("{}");
  });
  other.listen(Number(new URL(gateway.url).port), "127.0.0.1");
  await once(other, "listening");
  onTestFinished(() => void other.close());
  const said = `What answers at ${gateway.url} is not the gateway that was started there`;
  await expect(client.get("models.list")).rejects.toThrow(said);
  await expect(fetchOne(`${gateway.url}/api/models/list`)).rejects.toThrow(said);
  expect(seen).toEqual(["", ""]);
});
