import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { tempFolder } from "../toolContext.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();

test.runIf(sandbox?.endsTree).each([
  ["app/.env", "mkdir node_modules; mv app node_modules/app", "node_modules/app"],
  ["app/.env", "mv app node_modules", "node_modules"],
  ["app/.env", "mkdir node_modules; mv app node_modules/app; mkdir -p app/.env", "node_modules"],
  ["app/.env", "mkdir node_modules; mv app node_modules/app; ln -s node_modules app", "node_modules"],
  ["a/.docker/config.json", "mv a/.docker a/other", "a/other"],
])("%s is one also after: %s", async (secret, line, place) => {
  const folder = tempFolder({ [secret]: "KEY=secret" });
  expect(await runCommand(folder, line)).toContain(`It moved ${secret} to where nobody takes it for a secret`);
  expect(await runCommand(folder, `grep -rs KEY ${place}`)).not.toContain("secret");
  expect(readFileSync(join(folder, secret), "utf8")).toBe("KEY=secret");
});

test.runIf(sandbox?.endsTree)("a folder with a secret may be moved where it stays one", async () => {
  const folder = tempFolder({ "app/.env": "KEY=secret" });
  expect(await runCommand(folder, "mv app old; ls old")).toBe("(no output)");
  expect(await runCommand(folder, "cat old/.e*")).toMatch(/Permission denied/);
});
