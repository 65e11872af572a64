import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { configure, createWindowsBench, onDrive } from "./windowsGateway.ts";

function bench() {
  const made = createWindowsBench();
  mkdirSync(made.state, { recursive: true });
  return made;
}

/** Another program that has a file open and lets nobody replace it, as cmd has what it reads. */
function hold(file: string) {
  const [mark, script] = [`${file}.held`, `${file}.js`];
  const node = onDrive(process.env["PINCER_WINDOWS_NODE"]!);
  const isThere = `require("fs").existsSync(${JSON.stringify(onDrive(mark))})`;
  writeFileSync(
    script,
    `require("fs").writeFileSync(${JSON.stringify(onDrive(mark))}, ""); setInterval(() => ${isThere} || process.exit(), 50);`,
  );
  writeFileSync(`${file}.cmd`, `@"${node}" "${onDrive(script)}" < "${onDrive(file)}"\r\n`);
  const holder = spawn("wine", ["cmd", "/c", onDrive(`${file}.cmd`)], { stdio: "ignore" });
  onTestFinished(() => void holder.kill("SIGKILL"));
  const ended = once(holder, "exit");
  return {
    begun: expect.poll(() => existsSync(mark), { timeout: 30_000 }).toBe(true),
    async end() {
      rmSync(mark);
      await ended;
    },
  };
}

test("a configuration that Windows PowerShell wrote counts, and folders are known by every spelling", async () => {
  const windows = bench();
  writeFileSync(join(windows.state, "openclaw.yml"), "\uFEFFagent:\r\n  approvals: auto\r\n", "utf16le");
  const gateway = await windows.start();
  expect(await gateway.tool("write", { path: "a.txt", content: "made" })).toContain("a.txt");
  const folder = onDrive(windows.workspace);
  const spellings = [folder, `${folder}\\`, folder.toLowerCase(), folder.replaceAll("\\", "/"), `${folder}\\.\\x\\..`];
  for (const workspace of spellings) {
    const { status, body } = await gateway.call("/api/sessions/create", { workspace });
    expect({ workspace, status, body }).toMatchObject({ status: 200, body: { session: { workspace: folder } } });
  }
  const device = await gateway.call("/api/sessions/create", { workspace: `\\\\?\\${folder}` });
  expect(device).toMatchObject({ status: 200, body: { session: { workspace: folder } } });
  expect(await gateway.tool("read", { path: "A.TXT" })).toBe("made");
});

test("a second gateway says who holds the folder", async () => {
  const windows = bench();
  configure(windows, "agent: { approvals: auto }\n");
  const first = await windows.start();
  await expect(windows.start()).rejects.toThrow(/A gateway already runs on .*: pincer gateway, process \d+/);
  expect((await first.call("/api/sessions/create", {})).status).toBe(200);
});

test("a token file that another program holds is waited for, then named; nothing that runs is lost", async () => {
  const windows = bench();
  configure(windows, "agent: { approvals: auto }\n");
  const gateway = await windows.start();
  const held = hold(join(windows.state, "token"));
  await held.begun;
  const refused = await gateway.call("/api/gateway/token/rotate", {});
  expect(refused).toMatchObject({
    status: 503,
    body: { error: { message: expect.stringMatching(/token was held by another program for 2 s/) } },
  });
  // The old one counts, and once it is let go the file can be had.
  await held.end();
  expect(await gateway.call("/api/gateway/token/rotate", {})).toMatchObject({ status: 200 });
});

test("a gateway.json that another program holds says the new token once it is let go", async () => {
  const windows = bench();
  configure(windows, "agent: { approvals: auto }\n");
  const gateway = await windows.start();
  const told = join(windows.state, "gateway.json");
  const now = () => (JSON.parse(readFileSync(told, "utf8")) as { token: string }).token;
  const held = hold(told);
  await held.begun;
  const { body } = await gateway.call("/api/gateway/token/rotate", {});
  expect(now()).toBe(gateway.token);
  await held.end();
  await expect.poll(now, { timeout: 20_000 }).toBe((body as { token: string }).token);
});

test("a file that an editor holds is waited for and then named, and of a patch nothing is done", async () => {
  const windows = bench();
  configure(windows, "agent: { approvals: auto }\n");
  const gateway = await windows.start();
  const file = join(windows.workspace, "a.txt");
  writeFileSync(file, "one\n");
  const held = hold(file);
  await held.begun;
  const said = [
    await gateway.tool("edit", { path: "a.txt", oldText: "one", newText: "two" }),
    await gateway.tool("apply_patch", {
      patch: "*** Begin Patch\n*** Add File: new.txt\n+hi\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch",
    }),
  ];
  for (const one of said) expect(one).toMatch(/a\.txt was held by another program for 2 s/);
  expect([readFileSync(file, "utf8"), existsSync(join(windows.workspace, "new.txt"))]).toEqual(["one\n", false]);
  expect(await gateway.tool("read", { path: "a.txt" })).toBe("one");
  await held.end();
  expect(await gateway.tool("edit", { path: "a.txt", oldText: "one", newText: "two" })).toContain("line 1");
});

test("what commands have started ends when who started them is killed", async () => {
  const { workspace } = bench();
  const [module, program, rows, beat] = ["watch.mjs", "gateway.mjs", "rows", "beat"].map((name) =>
    join(workspace, name),
  );
  await build({
    entryPoints: ["src/processes/crashWatch.ts"],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: module,
  });
  writeFileSync(
    program!,
    `import { spawn } from "node:child_process";
     import { writeFileSync } from "node:fs";
     import { createCrashWatch } from "./watch.mjs";
     const beat = 'setInterval(() => require("fs").appendFileSync("beat", "."), 50)';
     // Out of our own job, as what a command starts is.
     const grandchild = spawn(process.execPath, ["-e", beat], { detached: true, stdio: "ignore" });
     writeFileSync("rows", grandchild.pid + " 999999 " + Date.now() + " node\\n");
     const list = ["-e", "process.stdout.write(require('fs').readFileSync('rows'))"];
     createCrashWatch(() => [process.execPath, ...list]).add(999999);
     setInterval(() => {}, 1000);`,
  );
  const gateway = spawn("wine", [process.env["PINCER_WINDOWS_NODE"]!, onDrive(program!)], {
    cwd: workspace,
    stdio: "ignore",
  });
  onTestFinished(() => void gateway.kill("SIGKILL"));
  const size = () => statSync(beat!, { throwIfNoEntry: false })?.size ?? 0;
  await expect.poll(() => existsSync(rows!) && size(), { timeout: 60_000 }).toBeGreaterThan(20);
  gateway.kill("SIGKILL");
  const grows = async () => {
    const before = size();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return size() > before;
  };
  await expect.poll(grows, { timeout: 30_000 }).toBe(false);
});
