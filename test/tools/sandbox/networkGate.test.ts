import { existsSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { CommandPolicy } from "../../../src/core/ports/commandPolicy.ts";
import type { Consent, ToolContext } from "../../../src/core/ports/tool.ts";
import type { Rule } from "../../../src/protocol/rule.ts";
import { createExec } from "../../../src/tools/execTool.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { backgroundCommands } from "../../../src/tools/shell/backgroundCommands.ts";
import { tempFolder, toolContext, toolSession } from "../toolContext.ts";

const { sandbox } = await findSandbox();
const hasGate = sandbox?.gate === "socketFile";

/** Every name of this world leads to this machine, but for one that leads into a network that is nobody's to see. */
const asked: string[] = [];
const exec = createExec({
  resolve: async (host) => {
    asked.push(host);
    return host === "inner.example"
      ? ["10.0.0.1"]
      : host === "mixed.example"
        ? ["127.0.0.1", "10.0.0.1"]
        : ["127.0.0.1"];
  },
});

const seen: string[] = [];
const web = createHttpServer((request: IncomingMessage, response) => {
  seen.push(`${request.headers.host} ${request.url}`);
  if (request.url === "/away") return response.writeHead(302, { Location: `http://other.example:${port()}/` }).end();
  response.end("hello from outside\n");
});
const raw = createServer((socket) => {
  socket.on("error", () => {});
  socket.on("data", (bytes) => socket.write(`echo ${String(bytes)}`));
});
const port = () => (web.address() as AddressInfo).port;
const rawPort = () => (raw.address() as AddressInfo).port;
// Gates are counted there, and other tests have theirs.
const own = realpathSync(mkdtempSync(join(tmpdir(), "pincer-gates-")));
const usual = process.env.TMPDIR;
beforeAll(async () => {
  process.env.TMPDIR = own;
  for (const server of [web, raw]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
beforeEach(() => {
  seen.length = 0;
  asked.length = 0;
});
afterAll(() => {
  if (usual === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = usual;
  rmSync(own, { recursive: true, force: true });
  web.closeAllConnections();
  for (const server of [web, raw]) server.close();
});

interface Own extends Partial<CommandPolicy> {
  consent?: Consent;
  hosts?: string[];
  background?: boolean;
  folder?: string;
  context?: Partial<ToolContext>;
}

async function run(command: string, { consent = "mode", hosts, background, folder, context, ...own }: Own) {
  const commands = {
    approvals: "auto",
    sandbox: "auto",
    rules: [],
    grants: [],
    allowances: [],
    ...own,
  } as CommandPolicy;
  const place = toolContext(folder ?? tempFolder({ "a.txt": "a\n" }), { commands, allowLoopback: true, ...context });
  const prepared = await exec.prepare(exec.input.parse({ command, hosts, background }), place);
  return { ask: prepared.ask!, ...(await prepared.run(consent)) };
}

const granted: Rule[] = [{ allow: "network", host: "granted.example" }];

/** What a client of no kindness says to the proxy, and what it hears. */
const say = (words: string, hear = "timeout 2 cat") =>
  `exec 5<>/dev/tcp/127.0.0.1/8118; printf '%b' '${words}' >&5; ${hear} <&5; true`;
const connect = (target: string) => say(`CONNECT ${target} HTTP/1.1\\r\\nHost: ${target}\\r\\n\\r\\n`);
const gates = () => readdirSync(own).filter((name) => name.startsWith("pincer-gate-"));

test.runIf(hasGate)("a granted host is reached, by the names that programs know a proxy by", async () => {
  const fetched = await run(`curl -s http://granted.example:${port()}/x`, { rules: granted });
  expect(fetched).toMatchObject({ text: "hello from outside" });
  const tunnelled = await run(`curl -sp http://granted.example:${port()}/y`, { rules: granted });
  expect(tunnelled).toMatchObject({ text: "hello from outside" });
  expect(seen).toEqual([`granted.example:${port()} /x`, `granted.example:${port()} /y`]);
  expect(asked).toEqual(["granted.example", "granted.example"]);

  const told = await run("env; git config http.proxy", { rules: granted });
  const proxy = "http://127.0.0.1:8118";
  for (const name of ["HTTP_PROXY", "https_proxy", "ALL_PROXY", "npm_config_https_proxy", "YARN_HTTPS_PROXY"])
    expect(told.text).toContain(`${name}=${proxy}\n`);
  expect(told.text.slice(-200)).toMatch(new RegExp(`(^|\\n)${proxy}$`));
  expect(told.text).toContain("NO_PROXY=localhost,127.0.0.1,::1\n");
});

test.runIf(hasGate)("git, npm and Node find their way through it", async () => {
  const url = `http://granted.example:${port()}`;
  await run(`git ls-remote ${url}/repo.git`, { rules: granted });
  await run(`npm view left-pad --registry ${url}/ --fetch-retries 0 --no-update-notifier`, { rules: granted });
  const node = `'${process.execPath}' -e 'fetch("${url}/node").then(r => r.text()).then(console.log)'`;
  expect((await run(node, { rules: granted })).text).toContain("hello from outside");
  expect(seen.map((line) => line.split(" ")[1])).toEqual([
    "/repo.git/info/refs?service=git-upload-pack",
    "/left-pad",
    "/node",
  ]);
});

test.runIf(hasGate)("another host is refused before its name is looked up, and the model may ask for it", async () => {
  const { text } = await run(`curl -s http://other.example:${port()}/; curl -s https://third.example/`, {
    rules: granted,
  });
  expect(text).toContain(
    '[The network was refused: other.example is not granted; third.example is not granted. To ask for it, call again with access "network" and hosts ["other.example", "third.example"].]',
  );
  expect([asked, seen]).toEqual([[], []]);
});

test.runIf(hasGate)("a redirect to another host is not followed there", async () => {
  const { text } = await run(`curl -sL http://granted.example:${port()}/away`, { rules: granted });
  expect(text).toContain("other.example is not granted");
  expect(seen).toEqual([`granted.example:${port()} /away`]);
});

test.runIf(hasGate)("addresses, odd spellings and tricks with names lead nowhere", async () => {
  const targets = [
    `127.0.0.1:${port()}`,
    `127.1:${port()}`,
    `2130706433:${port()}`,
    `0x7f000001:${port()}`,
    `[::1]:${port()}`,
    `[::ffff:127.0.0.1]:${port()}`,
    `localhost:${port()}`,
    `granted.example.evil.example:${port()}`,
    `evilgranted.example:${port()}`,
    `sub.granted.example:${port()}`,
    `granted.example@other.example:${port()}`,
    `other.example#granted.example:${port()}`,
    `other.example/granted.example:${port()}`,
    `other.example?granted.example:${port()}`,
    `other.example\\tgranted.example:${port()}`,
    `granted.example%00.other.example:${port()}`,
  ];
  const all = targets.map((target) => `(${connect(target)}) 2>/dev/null; echo "after ${target}"`).join("; ");
  const heard = (await run(all, { rules: granted })).text;
  expect(heard).toContain(`after ${targets.at(-1)}`);
  expect(heard).not.toMatch(/ 200 |hello/);
  const { text } = await run(`curl -s --noproxy '*' http://127.0.0.1:${port()}/; true`, { rules: granted });
  expect(text).toBe("(no output)");
  // Two names for one site: the server is told the one that was granted.
  const fronted = `GET http://granted.example:${port()}/f HTTP/1.1\\r\\nHost: other.example\\r\\nConnection: close\\r\\n\\r\\n`;
  expect((await run(say(fronted, "cat"), { rules: granted })).text).toContain("hello");
  expect(seen).toEqual([`granted.example:${port()} /f`]);
});

test.runIf(hasGate)(
  "a granted name that leads into a private network is refused, also by one of its addresses",
  async () => {
    const rules: Rule[] = [{ allow: "network", host: "*.example" }];
    for (const host of ["inner.example", "mixed.example"]) {
      const { text } = await run(`curl -s http://${host}:${port()}/`, { rules });
      expect(text).toContain(`${host} is at 10.0.0.1, which is not on the public internet`);
      expect(text).not.toContain("To ask for it");
    }
    const own = await run(`curl -s http://granted.example:${port()}/`, { rules, context: { allowLoopback: false } });
    expect(own.text).toContain("granted.example is at 127.0.0.1, which is not on the public internet");
    expect(seen).toEqual([]);
  },
);

test.runIf(hasGate)("patterns, ports, denials and all lists of grants count", async () => {
  const fetch = (host: string) => `curl -s http://${host}:${port()}/`;
  const allows = async (host: string, own: Own) => (await run(fetch(host), own)).text === "hello from outside";
  const rules = (...hosts: string[]): Rule[] => hosts.map((host) => ({ allow: "network", host }));
  expect(await allows("a.granted.example", { rules: rules("*.granted.example") })).toBe(true);
  expect(await allows("granted.example", { rules: rules("*.granted.example") })).toBe(false);
  expect(await allows("granted.example", { rules: rules(`granted.example:${port()}`) })).toBe(true);
  expect(await allows("granted.example", { rules: rules("granted.example:443") })).toBe(false);
  const denied: Rule = { deny: "network", host: "bad.example" };
  expect(await allows("good.example", { rules: [...rules("*"), denied] })).toBe(true);
  expect(await allows("bad.example", { rules: [...rules("*"), denied] })).toBe(false);
  expect(await allows("good.example", { rules: [denied], consent: "person" })).toBe(true);
  expect(await allows("bad.example", { rules: [denied], consent: "person" })).toBe(false);
  expect(await allows("granted.example", { grants: [granted, rules("*")] })).toBe(true);
  expect(await allows("granted.example", { grants: [granted, rules("x.example")] })).toBe(false);
  expect(await allows("granted.example", { allowances: granted })).toBe(true);
  const own: Rule = { allow: "exec", command: fetch("granted.example"), host: "granted.example" };
  expect(await allows("granted.example", { allowances: [own], consent: "allowance" })).toBe(true);
  expect((await run(`true; ${fetch("granted.example")}`, { rules: [own] })).isError).toBe(true);
});

test.runIf(hasGate)("who is asked sees the hosts, and allows those", async () => {
  const hosts = ["granted.example"];
  const all = `curl -s http://granted.example:${port()}/; curl -s http://other.example:${port()}/`;
  const { ask, text } = await run(all, { consent: "person", hosts });
  expect(ask.reason).toMatch(/; in the sandbox: it may write in the workspace and reach granted\.example$/);
  expect(ask.effects).toEqual([
    { kind: "run", place: all },
    { kind: "connect", place: "tcp://granted.example" },
  ]);
  expect(text).toMatch(/^hello from outside\nNot opened by Pincer: other\.example is not granted\n+\[The network was/);
});

test.runIf(hasGate)("the reading sandbox has no network, whatever is granted", async () => {
  const { text } = await run(`for x in 1; do curl -s http://granted.example:${port()}/; done`, {
    approvals: "auto-safe",
    consent: "harmless",
    rules: granted,
  });
  expect(text).not.toContain("hello");
  expect(seen).toEqual([]);
});

test.runIf(hasGate)("the gate is gone with its command, and so is what went through it", async () => {
  const before = gates();
  const folder = tempFolder();
  const held = `exec 6<>/dev/tcp/127.0.0.1/8118; printf 'CONNECT granted.example:${rawPort()} HTTP/1.1\\r\\n\\r\\n' >&6; head -n 2 <&6; setsid sleep 754.25 <&6 >&6 2>/dev/null & sleep 0.5; cp -a /dev/network-gate ./kept; true`;
  const connections = () => new Promise<number>((resolve) => raw.getConnections((_, count) => resolve(count)));
  const { text } = await run(held, { rules: granted, folder });
  expect(text).toContain("200 Connection Established");
  expect(text).not.toContain("network-gate");
  await expect.poll(connections).toBe(0);
  expect(gates()).toEqual(before);
  // A copy of the socket is a name without anybody behind it.
  const again = `'${process.execPath}' -e 'require("net").connect("kept").on("error", e => console.log(e.code)).on("connect", () => console.log("in"))'`;
  if (existsSync(`${folder}/kept`)) expect((await run(again, { rules: granted, folder })).text).toMatch(/ECONNREFUSED/);
});

test.runIf(hasGate)("what runs in the background keeps its gate until it is stopped", async () => {
  const before = gates().length;
  const session = toolSession("gate");
  const line = `while sleep 0.1; do curl -s http://granted.example:${port()}/; done`;
  const started = await run(line, { rules: granted, background: true, consent: "rule", context: { session } });
  expect(started.text).toContain("bg");
  await expect.poll(() => seen.length).toBeGreaterThan(2);
  expect(gates().length).toBe(before + 1);
  await backgroundCommands.stop("gate");
  await expect.poll(() => gates().length).toBe(before);
});

test.runIf(hasGate)("a command cannot use up what the gateway may have open", async () => {
  const many = `for n in $(seq 400); do exec {fd}<>/dev/tcp/127.0.0.1/8118 2>/dev/null; done; sleep 0.3; true`;
  const open = () => process.getActiveResourcesInfo().filter((kind) => kind === "PipeWrap").length;
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, open())), 20);
  await run(many, { rules: granted });
  clearInterval(timer);
  expect(most).toBeLessThan(300);
  expect((await run(`curl -s http://granted.example:${port()}/`, { rules: granted })).text).toBe("hello from outside");
});
