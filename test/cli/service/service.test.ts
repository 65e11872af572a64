import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { STANDBY_NAME } from "../../../src/cli/service/gatewayService.ts";
import { writeGatewayFile } from "../../../src/config/stateFolder.ts";
import { createFakeMachine } from "./fakeMachine.ts";

const running = { url: "http://127.0.0.1:3000", started: "", token: "t".repeat(43), version: "0.1.0" };

describe("with systemd", () => {
  test("install writes a unit without a secret, starts it, and says when it runs and what it lacks", async () => {
    const machine = createFakeMachine("linux");
    mkdirSync(machine.state, { mode: 0o700 });
    writeFileSync(join(machine.state, "openclaw.yml"), "providers: { x: { apiKey: '${X_KEY}' } }\n");
    machine.env["X_KEY"] = "x-secret";
    const said = await machine.pincer("install", "--workspace", machine.home, "--port", "3210");
    const unit = join(machine.home, ".config/systemd/user/pincer.service");
    expect(said).toBe(
      [
        `pincer is installed with systemd, as ${unit}, and started.`,
        "It runs while you are logged in; to have it run from the start of the machine: loginctl enable-linger ada",
        `It does not have ANTHROPIC_API_KEY, X_KEY of this shell: put each as NAME=value into ${machine.state}/service.env, readable by you alone (mode 600), and install it again.`,
        "How it does: pincer service status",
        "",
      ].join("\n"),
    );
    const text = readFileSync(unit, "utf8");
    const words = [process.execPath, machine.program.cli, "gateway", "--standby", "--state", machine.state];
    const more = ["--variables", join(machine.state, "service.env"), "--workspace", machine.home, "--port", "3210"];
    expect(text).toContain(`ExecStart=:${[...words, ...more].map((word) => `"${word}"`).join(" ")}\n`);
    expect(text).toContain('Environment="PATH=/usr/bin:/opt/tools"\nEnvironment="LANG=de_DE.UTF-8"\n');
    expect(text).toContain('Environment="MALLOC_ARENA_MAX=2"\n');
    expect(text).not.toContain("secret");
    expect(machine.ran).toEqual([
      "systemctl --user show-environment",
      "systemctl --user daemon-reload",
      "systemctl --user enable pincer.service",
      "systemctl --user restart pincer.service",
      "systemctl --user show pincer.service --property=ActiveState,SubState,Result,MainPID",
    ]);
  });

  test("a company's certificate that this shell trusts is trusted by the service, too", async () => {
    const machine = createFakeMachine("linux");
    machine.env["NODE_EXTRA_CA_CERTS"] = "/etc/ssl/company.pem";
    await machine.pincer("install");
    const unit = join(machine.home, ".config/systemd/user/pincer.service");
    expect(readFileSync(unit, "utf8")).toContain('Environment="NODE_EXTRA_CA_CERTS=/etc/ssl/company.pem"\n');
  });

  test("a key that the service's own file has is not missed", async () => {
    const machine = createFakeMachine("linux");
    mkdirSync(machine.state, { mode: 0o700 });
    writeFileSync(join(machine.state, "service.env"), "ANTHROPIC_API_KEY=sk-ant-other\n", { mode: 0o600 });
    expect(await machine.pincer("install")).not.toContain("ANTHROPIC_API_KEY");
  });

  test("another state folder has a service of its own", async () => {
    const machine = createFakeMachine("linux");
    await machine.pincer("install");
    await machine.pincer("install", "--state", join(machine.home, "other"));
    expect(readdirSync(join(machine.home, ".config/systemd/user"))).toEqual([
      expect.stringMatching(/^pincer-[0-9a-f]{8}\.service$/),
      "pincer.service",
    ]);
  });

  test("status tells what runs, who leads, and what is not there any more", async () => {
    const machine = createFakeMachine("linux");
    const status = async () => (await machine.pincer("status")).replaceAll(machine.home, "~").split("\n");
    machine.answers["systemctl --user show "] = "MainPID=0\nResult=success\nActiveState=inactive\nSubState=dead";
    expect(await status()).toEqual([
      "service    pincer, with systemd",
      "installed  no; install it with: pincer service install",
      "running    no",
      "gateway    none runs",
      "log        ~/.pincer/logs/gateway.log",
      "",
    ]);
    const workspace = join(machine.home, "work");
    mkdirSync(workspace);
    await machine.pincer("install", "--workspace", workspace);
    rmSync(workspace, { recursive: true });
    await writeGatewayFile(machine.state, { ...running, pid: process.pid, owner: "VS Code" });
    machine.answers["systemctl --user show "] = "MainPID=77\nResult=success\nActiveState=active\nSubState=running";
    expect(await status()).toEqual([
      "service    pincer, with systemd",
      "installed  ~/.config/systemd/user/pincer.service",
      "running    yes, active (running), process 77",
      `gateway    VS Code (process ${process.pid}) leads, at http://127.0.0.1:3000; the service waits for its turn`,
      "log        ~/.pincer/logs/gateway.log",
      "It runs while you are logged in; to have it run from the start of the machine: loginctl enable-linger ada",
      "It is started with ~/work, which is not there any more; install it again.",
      "",
    ]);
    machine.answers["systemctl --user show "] = `MainPID=${process.pid}\nActiveState=active\nSubState=running`;
    expect(await status()).toContain("gateway    the service leads, at http://127.0.0.1:3000");
    machine.answers["systemctl --user show "] =
      "MainPID=0\nResult=exit-code\nActiveState=activating\nSubState=auto-restart";
    expect(await status()).toContain("running    no, activating (auto-restart, last ended by exit-code)");
    expect(JSON.parse(await machine.pincer("status", "--json"))).toMatchObject({
      installed: true,
      running: false,
      leader: { pid: process.pid, owner: "VS Code", isService: false },
      missing: [workspace],
    });
  });

  test("uninstall takes the unit and leaves the state", async () => {
    const machine = createFakeMachine("linux");
    await machine.pincer("install");
    writeFileSync(join(machine.state, "pincer.db"), "");
    machine.ran.length = 0;
    expect(await machine.pincer("uninstall")).toBe(
      `pincer is stopped and taken out. Sessions, jobs and settings stay in ${machine.state}.\n`,
    );
    expect(machine.ran.slice(1)).toEqual([
      "systemctl --user show-environment",
      "systemctl --user disable --now pincer.service",
      "systemctl --user daemon-reload",
    ]);
    expect(existsSync(join(machine.home, ".config/systemd/user/pincer.service"))).toBe(false);
    expect(readdirSync(machine.state)).toEqual(["pincer.db"]);
    expect(await machine.pincer("uninstall")).toBe("not_found: No service pincer is installed with systemd");
  });

  test("what cannot be is refused in a sentence, and nothing is made", async () => {
    const refused = async (uid: number, change: (machine: ReturnType<typeof createFakeMachine>) => void) => {
      const machine = createFakeMachine("linux", uid);
      change(machine);
      const said = await machine.pincer("install");
      expect(existsSync(join(machine.home, ".config"))).toBe(false);
      return said.replaceAll(machine.home, "~");
    };
    const silent = { code: 1, output: "Failed to connect to bus: No medium found\n" };
    expect(await refused(0, () => {})).toMatch(/^unavailable: A gateway that runs as root could change all/);
    expect(await refused(1000, ({ answers }) => (answers["systemctl"] = { code: 127, output: "" }))).toBe(
      "unavailable: There is no systemd here to keep a service; start it in another way, as by a line of crontab: @reboot pincer gateway --standby",
    );
    expect(await refused(1000, ({ answers }) => (answers["systemctl"] = silent))).toMatch(
      /^unavailable: No systemd answers for this user \(Failed to connect to bus: No medium found\); log in at the machine/,
    );
    expect(
      await refused(1000, ({ answers, env }) => ([answers["systemctl"], env["WSL_DISTRO_NAME"]] = [silent, "Ubuntu"])),
    ).toContain("systemd=true into /etc/wsl.conf");
    expect(await refused(1000, ({ program, home }) => (program.node = join(home, "gone/node")))).toBe(
      "unavailable: Node.js is not at ~/gone/node any more; start pincer anew",
    );
    expect(
      await refused(1000, ({ program, home }) => {
        program.cli = join(home, "_npx/1/cli.mjs");
        mkdirSync(join(home, "_npx/1"), { recursive: true });
        writeFileSync(program.cli, "");
      }),
    ).toBe("unavailable: Pincer runs from ~/_npx/1/cli.mjs, which is gone when it ends; install it first");
    expect(await refused(1000, ({ env }) => (env["PATH"] = "/usr/bin:/opt/a\nb"))).toBe(
      'unavailable: "/usr/bin:/opt/a\\nb" has a control character, which no service can be given',
    );
  });

  test("an editor's own Node.js is started through the command that the extension keeps", async () => {
    const machine = createFakeMachine("linux");
    machine.program.isEditor = true;
    const unit = join(machine.home, ".config/systemd/user/pincer.service");
    await machine.pincer("install");
    expect(readFileSync(unit, "utf8")).toContain('Environment="ELECTRON_RUN_AS_NODE=1"\n');
    const command = join(machine.state, "bin/pincer");
    mkdirSync(join(machine.state, "bin"));
    writeFileSync(command, "");
    await machine.pincer("install");
    expect(readFileSync(unit, "utf8")).toContain(`ExecStart=:"${command}" "gateway" "--standby"`);
    expect(readFileSync(unit, "utf8")).not.toContain("ELECTRON_RUN_AS_NODE");
  });
});

test("with launchd an agent is put in the place of an earlier one, and told by its process", async () => {
  const machine = createFakeMachine("darwin", 501);
  machine.answers["launchctl bootout"] = { code: 3, output: "Boot-out failed: 3: No such process" };
  const plist = join(machine.home, "Library/LaunchAgents/dev.pincer.pincer.plist");
  expect(await machine.pincer("install")).toContain(`pincer is installed with launchd, as ${plist}, and started.`);
  expect(readFileSync(plist, "utf8")).toContain(`<string>${machine.state}/logs/service.log</string>`);
  expect(readFileSync(plist, "utf8")).not.toContain("secret");
  expect(machine.ran.slice(0, 3)).toEqual([
    "launchctl bootout gui/501/dev.pincer.pincer",
    "launchctl enable gui/501/dev.pincer.pincer",
    `launchctl bootstrap gui/501 ${plist}`,
  ]);
  machine.answers["launchctl print"] =
    "gui/501/dev.pincer.pincer = {\n\tactive count = 1\n\tstate = running\n\n\tpid = 4711\n\tlast exit code = 1\n}\n";
  expect(await machine.pincer("status")).toContain("running    yes, running (last exit code 1), process 4711\n");
  machine.answers["launchctl bootstrap"] = { code: 5, output: "Bootstrap failed: 5: Input/output error" };
  expect(await machine.pincer("install")).toBe(
    "unavailable: launchctl bootstrap gui/501 failed: Bootstrap failed: 5: Input/output error; over ssh, log in at the screen first",
  );
  machine.answers["launchctl bootout"] = "";
  expect(await machine.pincer("uninstall")).toContain("pincer is stopped and taken out.");
  expect(existsSync(plist)).toBe(false);
});

test("with launchd an agent is put in only when the earlier one is gone, which takes a while to stop", async () => {
  const machine = createFakeMachine("darwin", 501);
  machine.patienceMs = 6000;
  const looks = () => machine.ran.filter((line) => line.startsWith("launchctl print")).length;
  Object.defineProperty(machine.answers, "launchctl print", {
    enumerable: true,
    get: () => (looks() < 3 ? "state = SIGTERMed" : { code: 113, output: "Could not find service" }),
  });
  await machine.pincer("install");
  const words = machine.ran.map((line) => line.split(" ")[1]);
  expect(words.slice(0, 6)).toEqual(["bootout", "print", "print", "print", "enable", "bootstrap"]);
});

test("with the Task Scheduler a task is made from UTF-16, and told in no language of its user", async () => {
  const machine = createFakeMachine("win32", undefined);
  machine.env["USERDOMAIN"] = "PC";
  machine.answers["schtasks /query /tn"] = { code: 1, output: "FEHLER: Das System kann die Datei nicht finden." };
  expect(await machine.pincer("uninstall")).toBe("not_found: No service pincer is installed with Task Scheduler");
  machine.ran.length = 0;
  await machine.pincer("install");
  expect(machine.ran.map((line) => line.replace(/\S+\.xml/, "FILE"))).toEqual([
    "schtasks /?",
    "schtasks /query /tn \\Pincer\\pincer",
    "schtasks /create /tn \\Pincer\\pincer /xml FILE /f",
    "schtasks /run /tn \\Pincer\\pincer",
    "schtasks /query /tn \\Pincer\\pincer",
  ]);
  expect(machine.files).toEqual([expect.stringMatching(/^\uFEFF<\?xml version="1.0" encoding="UTF-16"\?>\n/)]);
  expect(machine.files[0]).toContain("<UserId>PC\\ada</UserId>");
  expect(machine.files[0]).not.toContain("secret");
  machine.answers = { "WindowsPowerShell\\v1.0\\powershell": "Running\r\n" };
  await writeGatewayFile(machine.state, { ...running, pid: process.pid, owner: STANDBY_NAME });
  const said = await machine.pincer("status");
  expect(said).toContain("running    yes, Running\n");
  expect(said).toContain("gateway    the service leads, at http://127.0.0.1:3000\n");
  machine.ran.length = 0;
  // It is this very process, which stays.
  expect(await machine.pincer("uninstall")).toContain(`Its process ${process.pid} has not ended`);
  expect(machine.ran.slice(-2)).toEqual([
    "schtasks /end /tn \\Pincer\\pincer",
    "schtasks /delete /tn \\Pincer\\pincer /f",
  ]);
});

test("a system that keeps services in no known way says what can be done", async () => {
  const said = await createFakeMachine("freebsd").pincer("install");
  expect(said).toBe("unavailable: How services are kept on freebsd is not known here; start: pincer gateway --standby");
});
