import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
  ["app/.env", "mkdir node_modules; mv app node_modules/app; n=env; mkdir -p app/.$n", "node_modules"],
  ["app/.env", "mkdir node_modules; mv app node_modules/app; ln -s node_modules app", "node_modules"],
  ["a/.docker/config.json", "mv a/.docker a/other", "a/other"],
])("%s stays where it is, and one that somebody let be moved is one also after: %s", async (secret, line, place) => {
  const folder = tempFolder({ [secret]: "KEY=secret" });
  expect(await runCommand(folder, line)).toMatch(/Device or resource busy/);
  expect(readFileSync(join(folder, secret), "utf8")).toBe("KEY=secret");
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  expect(await runCommand(folder, line, "person")).toContain(
    `It moved ${secret} to where nobody takes it for a secret`,
  );
  expect(await runCommand(folder, `grep -rs KEY ${place}`)).not.toContain("secret");
  expect(readFileSync(join(folder, secret), "utf8")).toBe("KEY=secret");
});

test.runIf(sandbox?.endsTree)("one command brings a secret to no place where another would read it", async () => {
  const folder = tempFolder({ "app/.env": "KEY=secret", "app/b.txt": "b", "lib/c.txt": "c" });
  const wait = "touch begun; while [ ! -e go ]; do sleep 0.05; done";
  const moving = runCommand(folder, `mkdir node_modules; mv app node_modules/app; ${wait}`);
  await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);
  for (const consent of ["mode", "harmless"] as const)
    expect(await runCommand(folder, "if true; then grep -rs KEY .; fi", consent)).not.toContain("secret");
  writeFileSync(join(folder, "go"), "");
  expect(await moving).toMatch(/Device or resource busy/);
  // All else in there may be moved.
  expect(await runCommand(folder, "mv app/b.txt lib; mv lib other; ls other")).toBe("b.txt\nc.txt");
});

test.runIf(sandbox?.endsTree)("a folder with a secret may be moved where it stays one", async () => {
  const folder = tempFolder({ "app/.env": "KEY=secret" });
  expect(await runCommand(folder, "mv app old; ls old", "person")).toBe("(no output)");
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
