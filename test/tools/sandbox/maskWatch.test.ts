import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { confine } from "../../../src/tools/sandbox/confine.ts";
import { watchMasks } from "../../../src/tools/sandbox/maskWatch.ts";
import { tempFolder, toolContext } from "../toolContext.ts";
import { createKeptTexts } from "../../../src/base/files/keptTexts.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { runCommand } from "./runCommand.ts";

const { sandbox } = await findSandbox();
const begun = async (folder: string) => await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);

/** As editors and git save a file. */
function replace(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, "new.tmp"), text);
  renameSync(join(folder, "new.tmp"), join(folder, name));
}

test.runIf(sandbox?.endsTree).each([
  [".env", "for e in e; do cat .${e}nv; done; sleep 0.2"],
  ["AGENTS.md", "n=AGENTS; sleep 0.5; echo evil > $n.md"],
])("a command ends when %s is replaced from outside, which would open it", async (name, line) => {
  const folder = tempFolder({ ".env": "KEY=1", "AGENTS.md": "good" });
  const running = runCommand(folder, `touch begun; for i in $(seq 100); do ${line}; done`);
  await begun(folder);
  replace(folder, name, "KEY=better");
  const text = await running;
  expect(text).toContain(`[stopped: ${name} was replaced from outside while it ran`);
  expect(text).not.toContain("better");
  expect(readFileSync(join(folder, name), "utf8")).toBe("KEY=better");
});

test.runIf(sandbox?.endsTree)("nothing that it printed is told when it may have read what was replaced", async () => {
  const folder = tempFolder({ ".env": "KEY=1" });
  const running = runCommand(
    folder,
    "echo hello; touch begun; while :; do for e in e; do cat .${e}nv; done; done 2>/dev/null",
  );
  await begun(folder);
  replace(folder, ".env", "KEY=better");
  const text = await running;
  expect(text).toContain("[stopped: .env was replaced from outside while it ran");
  expect(text).not.toMatch(/hello|KEY/);
});

test.runIf(sandbox?.endsTree)("nor does it tell how to read on in what was too long to be shown", async () => {
  const folder = tempFolder({ ".env": "KEY=1" });
  const policy = { approvals: "auto", sandbox: "auto", rules: [], grants: [], allowances: [] } as const;
  const outputs = createKeptTexts(tempFolder(), Date.now);
  const context = toolContext(folder, { commands: { ...policy, rules: [], grants: [], allowances: [] }, outputs });
  const command = "seq 20000; touch begun; while :; do sleep 0.1; done";
  const running = (await exec.prepare(exec.input.parse({ command }), context)).run("mode");
  await begun(folder);
  replace(folder, ".env", "KEY=better");
  const { text } = await running;
  expect(text).toContain("what it printed is withheld");
  expect(text).not.toContain("reads on");
});

test.runIf(sandbox?.endsTree)(
  "what is saved in a folder that may not be changed ends nothing, and is seen",
  async () => {
    const folder = tempFolder({ ".vscode/settings.json": "old" });
    const line =
      "touch begun; while [ ! -e go ]; do sleep 0.05; done; cat .vscode/*; n=vscode; echo evil > .$n/settings.json";
    const running = runCommand(folder, line);
    await begun(folder);
    replace(join(folder, ".vscode"), "settings.json", "better\n");
    writeFileSync(join(folder, "go"), "");
    expect(await running).toMatch(/^better\n.*Read-only file system/);
  },
);

test.runIf(sandbox?.endsTree)("what is replaced before a command is looked at for the first time ends it", async () => {
  const folder = tempFolder({ ".env": "KEY=1" });
  let pid = 0;
  const { program, masked, mounts } = await confine(
    { file: "/bin/sh", args: ["-c", "touch begun; sleep 60"] },
    { strength: "working", network: { allowed: [], denied: [] }, seen: "" },
    { sandbox: sandbox!, workspace: folder, env: { PATH: "/usr/bin:/bin" } },
  );
  const child = spawn(program.file, program.args, { stdio: "ignore" });
  onTestFinished(() => void child.kill("SIGKILL"));
  pid = child.pid!;
  await begun(folder);
  replace(folder, ".env", "KEY=better");
  const name = await new Promise((resolve) => watchMasks(pid, { masked, mounts }, folder, resolve));
  expect(name).toBe(".env");
});

test.runIf(sandbox?.endsTree)("what a command does itself, and what is saved in place, ends nothing", async () => {
  const folder = tempFolder({ "app/.env": "KEY=1", "AGENTS.md": "good" });
  const running = runCommand(
    folder,
    "touch begun; mv app old; while [ ! -e go ]; do sleep 0.05; done; cat old/.e*; echo done",
    "person",
  );
  await begun(folder);
  writeFileSync(join(folder, "AGENTS.md"), "better");
  for (let count = 0; count < 20; count += 1) replace(folder, "other.txt", String(count));
  writeFileSync(join(folder, "go"), "");
  expect(await running).toMatch(/Permission denied\ndone$/);
});

test.runIf(sandbox?.endsTree)(
  "who listens in the workspace is reached with the network only, and pipes are not read",
  async () => {
    const folder = tempFolder({
      "ask.cjs": 'require("net").connect("dev.sock").on("data", (d) => console.log(String(d)))',
    });
    const server = createServer((socket) => socket.end("hello from outside"));
    await new Promise<void>((resolve) => server.listen(join(folder, "dev.sock"), resolve));
    onTestFinished(() => void server.close());
    execFileSync("mkfifo", [join(folder, "pipe")]);
    const ask = "if true; then node ask.cjs; fi";
    expect(await runCommand(folder, ask, "harmless")).toContain("ECONNREFUSED");
    expect(await runCommand(folder, "if true; then echo x > pipe; fi", "harmless")).toMatch(/Permission denied/);
    expect(await runCommand(folder, ask)).toContain("ECONNREFUSED");
    expect(await runCommand(folder, ask, "person")).toBe("hello from outside");
    expect(await runCommand(folder, "cat pipe & echo through > pipe; wait")).toBe("through");
  },
);
