import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createRestClient } from "../../src/client/restClient.ts";
import { findSandbox } from "../../src/tools/sandbox/findSandbox.ts";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { startGateway } from "./gatewayProcess.ts";

const { sandbox } = await findSandbox();

/** What a test of a package tries: one line of its answer for each. */
const TRIES = String.raw`
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { spawn } from "node:child_process";
const [home, port] = process.argv.slice(2);
const said = {};
const attempt = (name, work) => {
  try { said[name] = String(work() ?? "done"); } catch (error) { said[name] = error.code ?? error.message; }
};
attempt("inside", () => writeFileSync("result.txt", "tested"));
attempt("reads a key", () => readFileSync(home + "/.ssh/id_ed25519", "utf8"));
attempt("reads Pincer's token", () => readFileSync(home + "/state/token", "utf8"));
attempt("writes beside", () => writeFileSync(home + "/beside.txt", "x"));
attempt("writes a start file", () => appendFileSync(home + "/.bashrc", "x"));
attempt("a hook of git", () => writeFileSync(".git/hooks/pre-commit", "x"));
attempt("environment", () => Object.keys(process.env).filter((name) => /TOKEN|KEY|SECRET/.test(name) && !name.startsWith("GIT_CONFIG_")).join(" ") || "none");
attempt("kills its gateway", () => process.kill(Number(readFileSync(home + "/pid", "utf8"))));
said.network = await fetch("http://127.0.0.1:" + port).then((answer) => answer.text(), () => "no way");
spawn("sleep", ["4711"], { detached: true, stdio: "ignore" }).unref();
writeFileSync("said.json", JSON.stringify(said));
`;

test.runIf(sandbox?.endsTree)(
  "a job that may run npm test runs it with nobody there, and neither can do more",
  async () => {
    const home = mkdtempSync(join(tmpdir(), "pincer-unattended-"));
    onTestFinished(() => rmSync(home, { recursive: true }));
    const [state, folder] = [join(home, "state"), join(home, "project")];
    for (const made of [state, join(folder, ".git/hooks"), join(home, ".ssh")]) mkdirSync(made, { recursive: true });
    writeFileSync(join(home, ".ssh/id_ed25519"), "a key");
    writeFileSync(join(home, ".bashrc"), "");
    let asked = 0;
    const server = createServer((_request, response) => {
      asked += 1;
      response.end("reached");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    writeFileSync(join(folder, "tries.mjs"), TRIES);
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ scripts: { test: `node tries.mjs ${home} ${port}` } }),
    );
    const models = await startOpenaiChatServer();
    onTestFinished(() => models.close());
    const provider = `providers: { fake: { api: openai-chat, baseUrl: "${models.url}/v1", models: [qwen3] } }`;
    writeFileSync(join(state, "openclaw.yml"), `model: fake/qwen3\n${provider}\n`, { mode: 0o600 });
    const gateway = startGateway(["--state", state, "--port", "0", "--workspace", folder], { HOME: home });
    onTestFinished(async () => {
      gateway.child.kill("SIGTERM");
      await gateway.ended;
    });
    const url = await gateway.serving;
    writeFileSync(join(home, "pid"), String(gateway.child.pid));
    const client = createRestClient({ url, token: readFileSync(join(state, "token"), "utf8").trim() });

    const call = (name: string, input: object) => `tool:${name} ${JSON.stringify(input)}`;
    const message = [
      call("exec", { command: "npm test" }),
      call("exec", { command: "npm test; touch more.txt" }),
      call("exec", { command: "npm test", access: "machine" }),
      call("write", { path: "more.txt", content: "x" }),
      call("web_fetch", { url: `http://127.0.0.1:${port}` }),
    ].join(" ");
    const { job } = await client.post("cron.add", {
      job: {
        name: "Nightly",
        sessionTarget: "isolated",
        schedule: { kind: "every", everyMs: 86_400_000 },
        payload: { kind: "agentTurn", message },
        grants: [{ allow: "exec", command: "npm test" }],
      },
    });
    const { runId } = await client.post("cron.run", { id: job.id });
    // npm in a sandbox takes as long as the machine takes for it.
    const isOver = async () => (await client.get("runs.wait", { runId: runId!, timeoutSeconds: 30 })).status === "ok";
    for (let over = false; !over;) over = await isOver();
    const firings = async () => (await client.get("cron.runs", { id: job.id })).runs;
    await expect.poll(async () => (await firings()).map(({ status }) => status)).toEqual(["ok"]);

    expect(JSON.parse(readFileSync(join(folder, "said.json"), "utf8"))).toEqual({
      inside: "done",
      "reads a key": "ENOENT",
      "reads Pincer's token": "ENOENT",
      "writes beside": "done",
      "writes a start file": "done",
      "a hook of git": "EROFS",
      environment: "none",
      "kills its gateway": "ENOENT",
      network: "no way",
    });
    // What it wrote at home went to a home of its own.
    expect(readFileSync(join(home, ".bashrc"), "utf8")).toBe("");
    expect(existsSync(join(home, "beside.txt"))).toBe(false);
    expect(existsSync(join(folder, "more.txt"))).toBe(false);
    expect(asked).toBe(0);
    const [firing] = await firings();
    expect(firing!.lacked).toEqual([
      "run npm test; touch more.txt: run exactly `npm test`; run exactly `touch more.txt`",
      expect.stringMatching(/^run npm test \(It goes further/),
      "create more.txt",
    ]);
    const { messages } = await client.get("sessions.history", { sessionKey: firing!.sessionKey! });
    expect(messages.at(-1)!.text).toContain("[still running when the command ended, so stopped too: sleep 4711;");
  },
);
