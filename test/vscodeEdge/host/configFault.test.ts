import { expect, test } from "vitest";
import { english } from "../../fakes/english.ts";
import { faultSentence, toConfigFaults } from "../../../src/vscode/host/configFault.ts";

test("a fault of a configuration is said in a line, with its place", () => {
  const one = { path: "/home/me/.pincer/openclaw.yml:3:5", message: 'Unknown key "prot"' };
  const two = { path: "C:\\Users\\me\\openclaw.yml:9:1", message: "Expected a number" };
  expect(faultSentence(toConfigFaults([one]), english)).toBe('openclaw.yml, line 3: Unknown key "prot"');
  expect(toConfigFaults([two, one])[0]).toMatchObject({ path: "C:\\Users\\me\\openclaw.yml", line: 9, column: 1 });
  expect(faultSentence(toConfigFaults([two, one]), english)).toBe(
    "openclaw.yml, line 9: Expected a number (and 1 more)",
  );
  expect(faultSentence(toConfigFaults(undefined), english)).toBeUndefined();
  expect(faultSentence(toConfigFaults([{ path: "gateway.port", message: "x" }]), english)).toBeUndefined();
});
