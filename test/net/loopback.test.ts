import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { isAppError } from "../../src/base/appError.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { toAddressKey } from "../../src/net/loopback.ts";
import { openGatewayBench, type GatewayBench } from "../gateway/bench.ts";

const HOME = [
  "127.0.0.1",
  "localhost",
  "LOCALHOST",
  "localhost.",
  "::1",
  "[::1]",
  "0:0:0:0:0:0:0:1",
  "::ffff:127.0.0.1",
  "[::FFFF:7f00:1]",
];
const ABROAD = [
  "0.0.0.0",
  "::",
  "[::]",
  "192.168.1.5",
  "::ffff:192.168.1.5",
  "64:ff9b::127.0.0.1",
  "127.0.0.999",
  "127.0.0.1.example.com",
  "localhost.example.com",
  "my-127.0.0.1",
];

/** What a check of openclaw.yml says of a host, and what the start of a gateway does. */
async function judge(host: string): Promise<{ file: string; start: string; bench?: GatewayBench }> {
  const { problems } = loadConfig(JSON.stringify({ gateway: { host } }), "openclaw.yml", { env: {} });
  const file = problems.map(({ key, message }) => `${key}: ${message}`).join("\n") || "ok";
  try {
    return { file, start: "ok", bench: await openGatewayBench({ gateway: { host } }) };
  } catch (error) {
    if (!isAppError(error)) throw error;
    return { file, start: `gateway.host: ${error.message}` };
  }
}

describe("what is loopback to a check is loopback at the start, and is served", () => {
  // Elsewhere than on Linux only 127.0.0.1 is set up.
  const hosts = process.platform === "linux" ? [...HOME, "127.0.0.2"] : HOME;
  const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === "::1"));

  test.each(hosts)("%s", async (host) => {
    const { file, start, bench } = await judge(host);
    expect({ file, start }).toEqual({ file: "ok", start: "ok" });
    const { gateway, get } = bench!;
    expect((await get("/api/models/list")).status).toBe(200);
    if (host === "127.0.0.2") return expect(gateway.url).toBe(`http://127.0.0.2:${gateway.port}`);
    expect(gateway.url).toBe(`http://127.0.0.1:${gateway.port}`);
    if (hasIPv6) expect((await fetch(`http://[::1]:${gateway.port}/health`)).status).toBe(200);
  });
});

test("all addresses of this machine are one caller, and so is an IPv6 network", () => {
  const keys = ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"].map(toAddressKey);
  expect(new Set(keys)).toEqual(new Set(["loopback"]));
  expect(toAddressKey("::ffff:203.0.113.9")).toBe("203.0.113.9");
  expect(toAddressKey("2001:db8::1")).toBe(toAddressKey("2001:db8:0:0:9::2"));
  expect(toAddressKey("2001:db8::1")).not.toBe(toAddressKey("2001:db8:0:1::1"));
});

test.each(ABROAD)("%s is refused by both, in the same words", async (host) => {
  const { file, start } = await judge(host);
  expect(file).toBe(
    `gateway.host: Listening on ${host} lets other machines in, which needs gateway.tls: a certificate and its key, or selfSigned`,
  );
  expect(start).toBe(file);
});
