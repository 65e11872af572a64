import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { protectedScan } from "../../../src/tools/sandbox/protectedScan.ts";
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

test.runIf(sandbox?.endsTree && process.geteuid)(
  "a folder that a command shuts is shut for the next one, too",
  async () => {
    const folder = tempFolder({ "app/.env": "KEY=secret", "a.txt": "" });
    const user = process.geteuid!();
    if (user === 0) {
      // Root may look into every folder.
      execFileSync("chown", ["-R", "12345", folder]);
      process.seteuid!(12345);
      onTestFinished(() => process.seteuid!(user));
    }
    chmodSync(join(folder, "app"), 0o000);
    onTestFinished(() => chmodSync(join(folder, "app"), 0o700));
    const found = await protectedScan.find(folder);
    expect(found?.secrets).toEqual([{ path: join(folder, "app"), as: "folder" }]);
    if (user === 0) process.seteuid!(user);
    // Who could give themselves the right finds another folder there.
    expect(await runCommand(folder, "chmod 755 app; cat app/.e*; grep -r KEY .")).not.toContain("KEY=");
  },
);
