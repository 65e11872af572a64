import { expect, test } from "vitest";
import { firstFault } from "../../../src/vscode/host/configFault.ts";

test("a fault of a configuration is said in a line, with its place", () => {
  const one = { path: "/home/me/.pincer/openclaw.yml:3:5", message: 'Unknown key "prot"' };
  const two = { path: "C:\\Users\\me\\openclaw.yml:9:1", message: "Expected a number" };
  expect(firstFault([one])?.sentence).toBe('openclaw.yml, line 3: Unknown key "prot"');
  expect(firstFault([two, one])).toMatchObject({
    file: "C:\\Users\\me\\openclaw.yml",
    line: 9,
    column: 1,
    sentence: "openclaw.yml, line 9: Expected a number (and 1 more)",
  });
  expect(firstFault(undefined)).toBeUndefined();
  expect(firstFault([{ path: "gateway.port", message: "x" }])).toBeUndefined();
});
