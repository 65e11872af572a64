import { join } from "node:path";
import { expect, test } from "vitest";
import { protectedReason } from "../../src/rules/protectedPath.ts";
import { protectState } from "../../src/rules/protectedState.ts";

test("a state folder is protected under any name, for reading too, but for the agent's notes", () => {
  const folder = join(import.meta.dirname, "state-of-a-test");
  protectState(folder, () => [join(folder, "work")]);
  for (const path of [folder, join(folder, "gateway.json"), join(folder, "logs", "gateway.log")])
    for (const use of ["read", "write"] as const)
      expect([path, use, protectedReason(path, use)]).toEqual([path, use, expect.stringContaining("own state")]);
  expect(protectedReason(join(folder, "memory.md"), "read")).toBeUndefined();
  expect(protectedReason(join(folder, "work", "token"), "read")).toBeUndefined();
  expect(protectedReason(`${folder}-of-another`, "read")).toBeUndefined();
});
