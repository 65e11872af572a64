import { execFileSync, spawn } from "node:child_process";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { protectState } from "../../../src/rules/protectedState.ts";
import { settleLeft } from "../../../src/tools/sandbox/after/unsettled.ts";
import type { CommandPolicy } from "../../../src/core/ports/commandPolicy.ts";
import type { Files } from "../../../src/core/ports/files.ts";
import type { Consent } from "../../../src/core/ports/tool.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { createDiskFiles } from "../../../src/tools/files/diskFiles.ts";
import { asOwnFiles, noteSaved } from "../../../src/tools/files/ownWrites.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { askOf, tempFolder, toolContext } from "../toolContext.ts";

const { sandbox: found } = await findSandbox();
const scripts = (script: string) => JSON.stringify({ scripts: { test: script } });
const evil = scripts("evil");
const CHANGED = "It changed the scripts of package.json, which decide";

const jsonOf = (folder: string, name = "package.json") =>
  JSON.parse(readFileSync(join(folder, name), "utf8")) as unknown;

function contextOf(folder: string, sandbox: CommandPolicy["sandbox"]) {
  const commands: CommandPolicy = { approvals: "auto", sandbox, rules: [], grants: [], allowances: [] };
  return toolContext(folder, { commands });
}

/** As an editor has them. */
const editor = (files: Files) => asOwnFiles({ ...files, onSave: () => ({ dispose: () => {} }) });

describe.each([
  { where: "in the sandbox", sandbox: "auto" },
  { where: "without one", sandbox: "off" },
] as const)("$where", ({ sandbox }) => {
  const tested = test.skipIf(sandbox === "auto" && !found);

  /** What a command says that nobody looks at. */
  async function run(folder: string, command: string, consent: Consent = "mode"): Promise<string> {
    const prepared = await exec.prepare(exec.input.parse({ command }), contextOf(folder, sandbox));
    return (await prepared.run(consent)).text;
  }

  tested.each(["mode", "rule", "allowance"] as const)(
    "a package.json keeps its scripts when nobody looked at the command that changes it, let run by a %s",
    async (consent) => {
      const before = { scripts: { test: "vitest" }, dependencies: {} };
      const folder = tempFolder({ "package.json": JSON.stringify(before, null, 2), "web/package.json": "{}" });
      const change = `sed -i 's/vitest/evil/; s/"dependencies": {}/"dependencies": {"a": "1"}/' package.json`;
      const more = `echo '{"scripts": {"postinstall": "evil"}}' > web/package.json`;
      expect(await run(folder, `${change}; ${more}`, consent)).toMatch(
        /It changed the scripts of (package\.json, web\/package\.json|web\/package\.json, package\.json), which decide/,
      );
      expect(jsonOf(folder)).toEqual({ ...before, dependencies: { a: "1" } });
      expect(jsonOf(folder, "web/package.json")).toEqual({});
      // It may have been the user who changed it meanwhile.
      const [aside = ""] = readdirSync(folder).filter((name) => name.startsWith("package.json.set-aside-"));
      expect(jsonOf(folder, aside)).toMatchObject({ scripts: { test: "evil" } });
      expect(await run(folder, change, "person")).toBe("(no output)");
      expect(jsonOf(folder)).toMatchObject({ scripts: { test: "evil" } });
    },
  );

  tested("a package.json that can no longer be read is as it was, and one that was gone is no new one", async () => {
    const before = scripts("vitest");
    for (const change of [
      `echo '${evil}' > e.txt; rm package.json; ln -s e.txt package.json`,
      `{ echo '{"scripts":{"test":"evil"},"x":"'; head -c 60000000 /dev/zero | tr '\\0' a; echo '"}'; } > package.json`,
      `echo '{"husky":{"hooks":{"pre-commit":"evil"}},"scripts":{"test":"vitest"}}' > package.json`,
      "rm package.json; mkdir package.json",
    ]) {
      const folder = tempFolder({ "package.json": before });
      expect(await run(folder, change)).toContain(CHANGED);
      expect(jsonOf(folder)).toEqual(JSON.parse(before));
    }
    const folder = tempFolder({ "package.json": before });
    expect(await run(folder, "rm package.json")).toBe("(no output)");
    expect(await run(folder, `echo '${evil}' > package.json`)).toContain("It changed the scripts");
    expect(jsonOf(folder)).toEqual(JSON.parse(before));
  });

  tested("no link above a package.json leads to other scripts", async () => {
    const folder = tempFolder({ "web/package.json": scripts("vitest") });
    expect(
      await run(folder, `mv web was; mkdir other; echo '${evil}' > other/package.json; ln -s other web`),
    ).toContain("It changed the scripts of web, which decide");
    expect(existsSync(join(folder, "web"))).toBe(false);
    expect(await run(folder, `mkdir web; echo '${evil}' > web/package.json`)).toContain("It changed the scripts");
    expect(readFileSync(join(folder, "web/package.json"), "utf8")).toContain("vitest");
  });

  tested.each([
    [
      "a program in the line",
      "node -e \"const f = 'package' + '.json'; fs.writeFileSync(f, JSON.stringify({scripts: {test: 'evil'}}))\"",
    ],
    ["a script", "sh change.sh"],
    ["an archive", "tar -xf all.tar"],
    ["a variable", `F=package; echo '${evil}' > $F.json`],
    ["npm", "npm pkg set scripts.test=evil"],
    ["another name of it", `echo '${evil}' > hard`],
  ])("they stay whatever changes them: %s", async (_what, command) => {
    const folder = tempFolder({ "package.json": scripts("vitest"), "change.sh": `echo '${evil}' > package.json` });
    const made = tempFolder({ "package.json": evil });
    execFileSync("tar", ["-cf", join(folder, "all.tar"), "-C", made, "package.json"]);
    linkSync(join(folder, "package.json"), join(folder, "hard"));
    expect(await run(folder, command)).toContain(CHANGED);
    expect(jsonOf(folder)).toEqual(JSON.parse(scripts("vitest")));
  });

  tested.each([
    ["writes", (files: Files, path: string) => files.writeText(path, scripts("mine"))],
    [
      "saves",
      async (_files: Files, path: string) => (writeFileSync(path, scripts("mine")), noteSaved(path, scripts("mine"))),
    ],
  ])("what somebody %s in an editor while a command runs stays", async (_what, change) => {
    const folder = tempFolder({ "package.json": scripts("vitest") });
    const path = join(folder, "package.json");
    const line = "touch begun; while [ ! -e go ]; do sleep 0.05; done";
    const running = run(folder, line);
    await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);
    await change(editor(createDiskFiles()), path);
    writeFileSync(join(folder, "go"), "");
    expect(await running).toBe("(no output)");
    expect(jsonOf(folder)).toEqual(JSON.parse(scripts("mine")));
  });

  tested("what an editor was given and did not save is nobody's word", async () => {
    const folder = tempFolder({ "package.json": scripts("vitest") });
    const running = run(folder, `touch begun; while [ ! -e go ]; do sleep 0.05; done; echo '${evil}' > package.json`);
    await expect.poll(() => existsSync(join(folder, "begun"))).toBe(true);
    await editor({ ...createDiskFiles(), writeText: async () => {} }).writeText(join(folder, "package.json"), evil);
    writeFileSync(join(folder, "go"), "");
    expect(await running).toContain(CHANGED);
    expect(jsonOf(folder)).toEqual(JSON.parse(scripts("vitest")));
  });

  tested("what only reads them, or changes all else, is told nothing", async () => {
    const folder = tempFolder({ "package.json": scripts("vitest") });
    mkdirSync(join(folder, "dist"));
    for (const command of [
      "cat package.json | grep -c vitest",
      "cp package.json dist/",
      `out=deps.csv; node -e "require('./package.json'); fs.writeFileSync('$out', '')"`,
      "npm pkg set description=x",
    ])
      expect(await run(folder, command)).not.toContain("scripts of");
  });

  tested("a command that names them is asked about no more than another", async () => {
    const folder = tempFolder({ "package.json": "{}" });
    const ask = await askOf(exec, { command: "sed -i s/a/b/ package.json" }, contextOf(folder, sandbox));
    expect(ask).toMatchObject({ protected: false });
  });
});

test("a command in the background is told of it when it has ended, and so is what it was given as input", async () => {
  const folder = tempFolder({ "package.json": scripts("vitest") });
  const context = contextOf(folder, "off");
  const call = async (input: object) => {
    const prepared = await exec.prepare(exec.input.parse(input), context);
    return (await prepared.run("mode")).text;
  };
  const begun = await call({ command: "sh", background: true, input: "" });
  const id = /bg\d+/.exec(begun)![0];
  await call({ id, input: `echo '${evil}' > package.json; exit\n` });
  await expect.poll(async () => await call({ id })).toContain(CHANGED);
  expect(jsonOf(folder)).toEqual(JSON.parse(scripts("vitest")));
});

// A process that runs one command without a sandbox and is killed in the middle of it.
const RUNNER = `
const [state, folder, command] = process.argv.slice(1);
const { protectState } = await import(${JSON.stringify(new URL("../../../src/rules/protectedState.ts", import.meta.url).href)});
const { leaveUnbound } = await import(${JSON.stringify(new URL("../../../src/tools/sandbox/confine.ts", import.meta.url).href)});
const { execFileSync } = await import("node:child_process");
protectState(state, () => []);
const bounds = { strength: "unbound", isUnseen: true };
await leaveUnbound({ file: "/bin/sh", args: ["-c", command] }, bounds, { workspace: folder, env: process.env });
execFileSync("/bin/sh", ["-c", command], { cwd: folder, stdio: "ignore" });
setInterval(() => {}, 1000);
`;

test("those of a command without a sandbox whose gateway was killed are put back by the next one", async () => {
  const state = tempFolder();
  const folder = tempFolder({ "package.json": scripts("vitest") });
  const line = `echo '${evil}' > package.json; touch made`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", RUNNER, state, folder, line], {
    stdio: "inherit",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await expect.poll(() => existsSync(join(folder, "made"))).toBe(true);
  protectState(state, () => []);
  expect(await settleLeft()).toBe("");
  const gone = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGKILL");
  await gone;
  expect(await settleLeft()).toContain(CHANGED);
  expect(jsonOf(folder)).toEqual(JSON.parse(scripts("vitest")));
});
