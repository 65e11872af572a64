import { expect, test } from "vitest";
import { formatProblem } from "../../src/config/configProblem.ts";
import { loadConfig } from "../../src/config/loadConfig.ts";
import { mergeWorkspace } from "../../src/config/mergeWorkspace.ts";

const load = (gateway: string) => loadConfig(`gateway: ${gateway}\n`, "o.yml", { env: {} });
const said = (gateway: string) => load(gateway).problems.map(formatProblem);

test("the page for phones is off, and on only where phones can reach it over TLS", () => {
  expect(load("{}").config!.gateway.remote).toBe("off");
  expect(load("{ remote: on, host: 0.0.0.0, tls: selfSigned }").config!.gateway.remote).toBe("on");
  expect(said("{ remote: on }")).toEqual([
    "o.yml:1:12: error: gateway.remote: The page for phones (gateway.remote: on) needs gateway.tls: a certificate and its key, or selfSigned",
    "o.yml:1:12: error: gateway.remote: The page for phones (gateway.remote: on) needs a gateway.host that phones can reach; 127.0.0.1 is this machine alone",
  ]);
  for (const host of ["localhost", "127.0.0.1", '"::1"', '"[::1]"'])
    expect(said(`{ remote: on, tls: selfSigned, host: ${host} }`).join("\n")).toMatch(/is this machine alone/);
  expect(said("{ remote: maybe }").join("\n")).toMatch(/gateway\.remote/);
});

test("a workspace's file serves no page for phones, whoever confirms it, and is told so", () => {
  const user = load("{ host: 0.0.0.0, tls: selfSigned }").config!;
  const theirs = loadConfig("gateway: { remote: on, host: 0.0.0.0, tls: selfSigned }", "w.yml", { env: undefined });
  expect(theirs.problems.map(formatProblem)).toContainEqual(
    expect.stringMatching(/warning: gateway\.remote: A workspace's file opens no door: its page for phones/),
  );
  const asked = mergeWorkspace(user, theirs.given!, theirs.config!, {
    file: "w.yml",
    confirmed: new Set(),
  }).needsConfirmation;
  expect(asked).toBeUndefined();
  const { config } = mergeWorkspace(user, theirs.given!, theirs.config!, {
    file: "w.yml",
    confirmed: new Set([asked?.hash ?? ""]),
  });
  expect(config.gateway.remote).toBe("off");
});
