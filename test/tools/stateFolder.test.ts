import { join } from "node:path";
import { expect, test } from "vitest";
import { protectState } from "../../src/rules/protectedState.ts";
import { exec } from "../../src/tools/execTool.ts";
import { grep } from "../../src/tools/search/grepTool.ts";
import { read } from "../../src/tools/readTool.ts";
import { askOf, call, tempFolder, toolContext } from "./toolContext.ts";

test("a state folder in the workspace is asked about, and left out of searches", async () => {
  const folder = tempFolder({ "kept/gateway.json": '{"token": "TOKEN"}', "a.txt": "no TOKEN here" });
  protectState(join(folder, "kept"), () => [folder]);
  const context = toolContext(folder, {
    commands: { approvals: "auto", sandbox: "off", rules: [], grants: [], allowances: [] },
  });
  expect(await askOf(read, { path: "kept/gateway.json" }, context)).toMatchObject({ protected: true });
  expect(await askOf(exec, { command: "cat ./kept/gateway.json" }, context)).toMatchObject({ protected: true });
  expect(await askOf(exec, { command: "rg TOKEN" }, context)).toMatchObject({ safe: false });
  const { text } = await call(grep, { pattern: "TOKEN" }, context);
  expect(text).toContain("a.txt");
  expect(text).not.toContain('"token"');
});
