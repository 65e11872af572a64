import { expect, onTestFinished, test } from "vitest";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRedactor } from "../../../src/base/redact.ts";
import { followAnnouncements } from "../../../src/vscode/approvals/announcements.ts";
import { createChannelLog } from "../../../src/vscode/host/logChannel.ts";
import { TerminalEnvironment } from "../../../src/vscode/host/terminalEnvironment.ts";
import { needGateway } from "../../../src/vscode/host/window.ts";
import { dataCommands } from "../../../src/vscode/settings/dataCommands.ts";
import { ConfigFaults } from "../../../src/vscode/status/configFaults.ts";
import { followContextKeys } from "../../../src/vscode/status/contextKeys.ts";
import { gatewayCommands } from "../../../src/vscode/status/gatewayCommands.ts";
import { offerRestarts } from "../../../src/vscode/status/restartOffer.ts";
import { StatusBar } from "../../../src/vscode/status/statusBar.ts";
import { createEdgeGateway, createEdgeWindow, quiet, toGateway } from "../editor/edge.ts";
import { changeSetting, env, openScreen, screen, window } from "../editor/vscode.ts";
import { readTree } from "../../house/tree.ts";

const { contributes } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

test("the one item's tooltip says where the gateway is and what it uses, and leads to what one can do", () => {
  openScreen();
  const gateway = createEdgeGateway();
  const bar = new StatusBar(toGateway(gateway), () => ({ busy: 0, waiting: 0 }));
  bar.setModel("anthropic/claude");
  bar.setDetails({ today: "12 tokens, $0.01", sandbox: "bubblewrap", store: "1 MB" });
  const tip = () => (screen.bars[0]!["tooltip"] as { value: string }).value;
  for (const words of ["http://127.0.0.1:3000", "This window runs", "anthropic/claude", "12 tokens", "bubblewrap"])
    expect(tip()).toContain(words);
  const commands: string[] = contributes.commands.map(({ command }: { command: string }) => command);
  const linked = () => [...tip().matchAll(/command:([\w.]+)/g)].map(([, id]) => id!);
  expect(linked()).toEqual(expect.arrayContaining(["pincer.stopGateway", "pincer.showLog", "pincer.copyBaseUrl"]));
  for (const id of linked()) expect([...commands, "workbench.trust.manage"]).toContain(id);
  gateway.become({ state: "error", message: "The port 3000 is taken by nginx." });
  expect(tip()).toContain("taken by nginx");
  expect(linked()).toContain("pincer.restartGateway");
  expect(screen.bars).toHaveLength(1);
  bar.dispose();
});

test("with the gateway stopped a command offers to start it, and goes on once it runs", async () => {
  openScreen();
  const gateway = createEdgeGateway({}, { state: "stopped" });
  const window = { gateway: toGateway(gateway) };
  expect(await needGateway(window)).toBeUndefined();
  expect(screen.asked).toMatchObject([{ text: "The Pincer gateway is not running.", choices: ["Start gateway"] }]);
  expect(gateway.status.state).toBe("stopped");
  screen.answers.push([/not running/, "Start gateway"]);
  expect(await needGateway(window)).toBeDefined();
  expect(gateway.status.state).toBe("running");
});

test("each step of the walkthrough ticks on what really happened, and each state of the gateway is a key of views", async () => {
  openScreen();
  const gateway = createEdgeGateway({
    "models.list": { models: [{ provider: "offline", ready: true }] },
    "cron.list": { jobs: [] },
    "session.status": { model: "offline/demo", usage: { outputTokens: 0 } },
  });
  const keys = () =>
    Object.fromEntries(screen.commands.filter(([id]) => id === "setContext").map(([, name, value]) => [name, value]));
  const { context } = createEdgeWindow(gateway).window;
  const follow = () => followContextKeys({ gateway: toGateway(gateway), context, log: quiet, onModel() {} });
  const held = follow();
  const ticked = () => screen.commands.filter(([id]) => id === "welcome.markStepComplete").map(([, step]) => step);
  await expect.poll(keys).toEqual({ "pincer.state": "running", "pincer.modelReady": false, "pincer.hasJobs": false });
  gateway.tell({ type: "session.changed", session: { key: "a", parentKey: null } });
  gateway.tell({ type: "run.finished", outcome: { type: "failed" } });
  expect(Object.values(keys()).filter((value) => value === true)).toEqual([]);
  gateway.tell({ type: "session.changed", session: { key: "b", parentKey: "a" } });
  gateway.tell({ type: "run.finished", outcome: { type: "done" } });
  gateway.tell({ type: "job.changed", job: {} });
  const { steps } = contributes.walkthroughs[0];
  const events: string[] = steps.flatMap(({ completionEvents }: { completionEvents: string[] }) => completionEvents);
  const contexts = events.filter((one) => one.startsWith("onContext:")).map((one) => one.slice("onContext:".length));
  expect(contexts.toSorted()).toEqual(["pincer.hasJobs", "pincer.modelReady", "pincer.replied", "pincer.spawned"]);
  for (const name of contexts) expect(keys()).toHaveProperty([name]);
  // Also where the editor has not read the walkthrough yet; once, so that who takes the tick away keeps it so.
  await gatewayCommands["pincer.copyToken"]!(createEdgeWindow(gateway, { context }).window);
  const again = follow();
  gateway.tell({ type: "run.finished", outcome: { type: "done" } });
  again.dispose();
  const stepOf = ({ id }: { id: string }) => `pincer-dev.pincer#${contributes.walkthroughs[0].id}#${id}`;
  const isReady = (step: string) => step.endsWith(".model");
  expect(ticked().toSorted()).toEqual(
    steps
      .map(stepOf)
      .filter((step: string) => !isReady(step))
      .toSorted(),
  );
  expect(keys()).toMatchObject({ "pincer.spawned": true, "pincer.replied": true, "pincer.hasJobs": true });
  // To run a command and to leave it again is no step: only copying is done when the command is.
  expect(events.filter((one) => one.startsWith("onCommand:"))).toEqual([
    "onCommand:pincer.copyBaseUrl",
    "onCommand:pincer.copyToken",
  ]);
  for (const state of ["stopped", "starting", "error"] as const) {
    gateway.become({ state });
    expect(keys()["pincer.state"]).toBe(state);
  }
  held.dispose();
});

test("a fault of openclaw.yml is marked at its line, as an error or a warning, and the mark goes with it", () => {
  openScreen();
  const gateway = createEdgeGateway();
  const faults = [
    { path: "/w/openclaw.yml", line: 3, column: 5, message: "prot is not known", severity: "error" },
    { path: "/w/openclaw.yml", line: 7, column: 1, message: "a key in plain words", severity: "warning" },
  ];
  const held = new ConfigFaults(toGateway(gateway), quiet);
  gateway.app.diagnostics = () => faults;
  gateway.announce();
  expect(screen.faults.get("/w/openclaw.yml")).toMatchObject([
    { range: { start: { line: 2, character: 4 } }, message: "prot is not known", severity: 0, source: "Pincer" },
    { range: { start: { line: 6, character: 0 } }, severity: 1 },
  ]);
  gateway.app.diagnostics = () => [];
  gateway.announce();
  expect(screen.faults.size).toBe(0);
  held.dispose();
});

test("a gateway that a fault kept from starting is started once the file is mended, by whatever program", async () => {
  openScreen();
  const folder = mkdtempSync(join(tmpdir(), "pincer-faults-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "openclaw.yml");
  writeFileSync(path, "prot: 1\n");
  const gateway = createEdgeGateway({}, { state: "starting" });
  const starts: string[] = [];
  gateway.start = async () => {
    starts.push(readFileSync(path, "utf8"));
    if (starts.at(-1) === "port: 3000\n") gateway.become({ state: "running" });
  };
  const held = new ConfigFaults(toGateway(gateway), quiet);
  Object.assign(gateway, { app: undefined });
  const details = [{ path: `${path}:1:1`, message: "prot is not known" }];
  gateway.become({ state: "error", message: "openclaw.yml has a fault", details });
  // Half of it, and the rest a little later, as a program writes it.
  writeFileSync(path, "po");
  writeFileSync(path, "port: 3000\n");
  await expect.poll(() => gateway.status.state).toBe("running");
  expect(starts).toEqual(["port: 3000\n"]);
  held.dispose();
});

test.each(["pincer.gateway.port", "pincer.configFile", "pincer.stateFolder"])(
  "a changed %s offers a restart where a gateway runs",
  async (name) => {
    openScreen([[/takes effect/, "Restart gateway"]]);
    const gateway = createEdgeGateway();
    const held = offerRestarts(toGateway(gateway), quiet);
    changeSetting("pincer.edits.save", false);
    expect(screen.asked).toEqual([]);
    changeSetting(name, "other");
    await expect.poll(() => gateway.calls).toEqual([["restart", {}]]);
    gateway.become({ state: "stopped" });
    changeSetting(name, "another");
    expect(screen.asked).toHaveLength(1);
    held.dispose();
  },
);

test("terminals get a new token as soon as there is one, and none when the gateway or the user ends it", async () => {
  openScreen();
  const gateway = createEdgeGateway();
  const variables = new Map<string, string>();
  const collection = {
    replace: (name: string, value: string) => void variables.set(name, value),
    prepend: (name: string, value: string) => void variables.set(name, value),
    clear: () => variables.clear(),
  };
  type Given = ConstructorParameters<typeof TerminalEnvironment>[1];
  const held = new TerminalEnvironment(toGateway(gateway), collection as unknown as Given, async () => "/bin", quiet);
  expect(variables.get("PINCER_TOKEN")).toBe("the-token");
  gateway.app.token = () => "a-new-token";
  gateway.announce();
  expect([variables.get("PINCER_URL"), variables.get("PINCER_TOKEN")]).toEqual([
    "http://127.0.0.1:3000",
    "a-new-token",
  ]);
  changeSetting("pincer.terminal.environment", false);
  expect(variables.size).toBe(0);
  changeSetting("pincer.terminal.environment", true);
  expect(variables.get("PINCER_TOKEN")).toBe("a-new-token");
  await gateway.stop();
  expect(variables.size).toBe(0);
  held.dispose();
});

test.each([
  [undefined, 1, "Copied http://127.0.0.1:3000"],
  ["ssh-remote", 1, "Copied http://127.0.0.1:3000, which holds on the machine that Pincer runs on"],
  [undefined, 2, "Copied http://127.0.0.1:3000, which holds on the machine that Pincer runs on"],
])("the address that is copied says where it holds (remote %s, kind %i)", async (remoteName, uiKind, said) => {
  openScreen();
  Object.assign(env, { remoteName, uiKind });
  const { window } = createEdgeWindow(createEdgeGateway());
  await gatewayCommands["pincer.copyBaseUrl"]!(window);
  expect([screen.clipboard, screen.said]).toEqual(["http://127.0.0.1:3000", [said]]);
});

test("Report issue opens the editor's own form for this extension", async () => {
  openScreen();
  const { window } = createEdgeWindow(createEdgeGateway());
  Object.assign(window.context, { extension: { id: "pincer-dev.pincer" } });
  await dataCommands["pincer.reportIssue"]!(window);
  expect(screen.commands).toEqual([["workbench.action.openIssueReporter", { extensionId: "pincer-dev.pincer" }]]);
});

test("one log: each line has its level, which the editor goes by, and no secret; nothing else writes one", () => {
  const lines: string[] = [];
  const channel = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [level, (line: string) => lines.push(`${level}: ${line}`)]),
  );
  const redactor = createRedactor();
  redactor.add("a-secret-of-mine");
  const log = createChannelLog(channel as unknown as Parameters<typeof createChannelLog>[0], redactor);
  for (const level of ["debug", "info", "warn", "error"] as const)
    log[level]("told a-secret-of-mine", { key: "a-secret-of-mine" });
  expect(lines.map((line) => line.split(":")[0])).toEqual(["debug", "info", "warn", "error"]);
  expect(lines.join()).not.toContain("a-secret-of-mine");
  const source = readTree(["src"], [".ts"]);
  const edge = [...source].filter(([file]) => file.startsWith("src/vscode/") || file === "src/extension.ts");
  expect(
    edge.filter(([, text]) => /\bconsole\.(?:log|debug|info|warn|error)\b/.test(text)).map(([file]) => file),
  ).toEqual([]);
  const channels = edge.filter(([, text]) => text.includes("createOutputChannel("));
  expect(channels.map(([file]) => file)).toEqual(["src/extension.ts"]);
  expect(source.get("src/extension.ts")).toContain('createOutputChannel("Pincer", { log: true })');
});

test("a hook that fails each time is told once, and again when it fails otherwise", () => {
  openScreen();
  const gateway = createEdgeGateway();
  const { chat } = createEdgeWindow(gateway);
  type Chat = Parameters<typeof followAnnouncements>[1];
  const held = followAnnouncements(toGateway(gateway), chat as unknown as Chat);
  for (const reason of ["it ended with 1", "it ended with 1", "it ended with 2"])
    gateway.tell({ type: "hook.ended", hook: "format", outcome: "failed", reason });
  expect(screen.asked.map(({ text }) => text)).toEqual([
    "The hook format failed: it ended with 1",
    "The hook format failed: it ended with 2",
  ]);
  held.dispose();
});

test("a job that fails in the same words each time is told once, until it has succeeded or fails otherwise", () => {
  openScreen();
  const gateway = createEdgeGateway();
  const { chat } = createEdgeWindow(gateway);
  type Chat = Parameters<typeof followAnnouncements>[1];
  const held = followAnnouncements(toGateway(gateway), chat as unknown as Chat);
  const fire = (status: "ok" | "error", text: string) =>
    gateway.tell({ type: "job.announced", jobId: "j", name: "Water", status, text });
  for (let minute = 0; minute < 60; minute += 1) fire("error", "No network");
  fire("error", "No key");
  fire("ok", "Done");
  fire("ok", "Done");
  fire("error", "No key");
  const told = ["Water: No network", "Water: No key", "Water: Done", "Water: Done", "Water: No key"];
  expect(screen.asked.map(({ text }) => text)).toEqual(told);
  held.dispose();
});

test("where no window leads each tells, and of others only the one that is looked at and the one that leads", () => {
  openScreen();
  const [service, led] = [createEdgeGateway(), createEdgeGateway()];
  for (const gateway of [service, led]) gateway.become({ state: "running", role: "client" });
  service.app.leader = "pincer gateway --standby";
  window.state.focused = false;
  const { chat } = createEdgeWindow(led);
  type Chat = Parameters<typeof followAnnouncements>[1];
  const held = [service, led].map((gateway) => followAnnouncements(toGateway(gateway), chat as unknown as Chat));
  const fail = { type: "job.announced", jobId: "j", name: "Water", status: "error", text: "No key" };
  const events = [
    fail,
    { type: "hook.ended", hook: "format", outcome: "failed", reason: "it ended with 1" },
    { type: "budget.warned", text: "Half of today's budget is used" },
  ];
  const told = ["Water: No key", "The hook format failed: it ended with 1", "Half of today's budget is used"];
  for (const event of events) led.tell(event);
  expect(screen.asked).toEqual([]);
  for (const event of events) service.tell(event);
  expect(screen.asked.map(({ text }) => text)).toEqual(told);
  // What was told elsewhere is news here.
  window.state.focused = true;
  for (const event of events) led.tell(event);
  expect(screen.asked.map(({ text }) => text)).toEqual([...told, ...told]);
  for (const one of held) one.dispose();
});
