import { expect, test } from "vitest";
import type { Rule } from "../../src/protocol/rule.ts";
import { fitsHost, sharedHosts, toHost } from "../../src/rules/hostPattern.ts";
import { type GivenRules, reaches, reachOf } from "../../src/rules/reach.ts";

const network = (...hosts: string[]): Rule[] => hosts.map((host) => ({ allow: "network", host }));
const ci = (host?: string): Rule => ({ allow: "exec", command: "npm ci", ...(host === undefined ? {} : { host }) });
const reach = (line: string, given: Partial<GivenRules>) =>
  reachOf(line, { rules: [], grants: [], allowances: [], ...given }).allowed;

test("what any command may reach, and what only some may", () => {
  const rules = [...network("a.example"), ci("registry.example"), ci("mirror.example"), ci()];
  expect(reach("ls", { rules })).toEqual(["a.example"]);
  expect(reach("npm ci", { rules })).toEqual(["a.example", "registry.example", "mirror.example"]);
  // One command of a line has no right to what another may reach.
  expect(reach("npm ci && curl x", { rules })).toEqual(["a.example"]);
  expect(reach("npm ci; npm ci", { rules })).toEqual(["a.example", "registry.example", "mirror.example"]);
  expect(reach("npm $X", { rules })).toEqual(["a.example"]);
});

test("of grants, what each list allows", () => {
  expect(reach("ls", { grants: [network("*.example.org", "b.example")] })).toEqual(["*.example.org", "b.example"]);
  const grants = [network("*.example.org", "b.example"), network("a.example.org", "c.example")];
  expect(reach("ls", { grants })).toEqual(["a.example.org"]);
  expect(reach("ls", { grants: [network("*"), []] })).toEqual([]);
});

test("who allowed a command for longer without a host was told that it may use the network", () => {
  expect(reach("npm ci", { allowances: [ci()] })).toEqual(["*"]);
  expect(reach("npm ci", { allowances: [ci("registry.example")] })).toEqual(["registry.example"]);
  expect(reach("ls", { allowances: [ci()] })).toEqual([]);
  expect(reach("npm ci", { rules: [ci()] })).toEqual([]);
});

test("what is denied counts before what is allowed", () => {
  const { denied } = reachOf("ls", {
    rules: [{ deny: "network", host: "x.example" }],
    grants: [[{ deny: "network" }]],
    allowances: [],
  });
  expect(denied).toEqual(["x.example", "*"]);
  const some = { allowed: ["*"], denied: ["*.bad.example"] };
  expect(reaches(some, { name: "good.example", port: "443" })).toBe(true);
  expect(reaches(some, { name: "very.bad.example", port: "443" })).toBe(false);
  // What is denied by name has an address, too.
  for (const name of ["93.184.216.34", "2606:2800:21f::1"]) expect(reaches(some, { name, port: "443" })).toBe(false);
  expect(reaches({ ...some, allowed: ["*", "93.184.216.34"] }, { name: "93.184.216.34", port: "443" })).toBe(true);
  expect(reaches({ allowed: [], denied: [] }, { name: "good.example", port: "443" })).toBe(false);
});

test.each([
  ["example.org", "example.org:443", true],
  ["example.org", "example.org:22", true],
  ["example.org:443", "example.org:22", false],
  ["example.org:0443", "example.org:443", true],
  ["EXAMPLE.org.", "example.org:443", true],
  ["*.example.org", "a.example.org:443", true],
  ["*.example.org", "a.b.example.org:443", true],
  ["*.example.org", "example.org:443", false],
  ["*.example.org", ".example.org:443", false],
  ["*.example.org", "badexample.org:443", false],
  ["example.org", "example.org.evil.example:443", false],
  ["*", "93.184.216.34:80", true],
  ["example.org", "93.184.216.34:80", false],
])("the pattern %s and %s: %s", (pattern, host, expected) => {
  expect(fitsHost(pattern, toHost(host))).toBe(expected);
});

test("what two lists share is the narrower of each two", () => {
  expect(sharedHosts(["*"], ["a.example", "*.example.org"])).toEqual(["a.example", "*.example.org"]);
  expect(sharedHosts(["a.example"], ["a.example:443"])).toEqual(["a.example:443"]);
  expect(sharedHosts(["a.example:80"], ["a.example:443"])).toEqual([]);
});
