import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startOpenaiChatServer } from "../fakes/openaiChatServer.ts";
import { type AppBench, call, createAppBench } from "./bench.ts";
import { posixTest } from "../posix.ts";

/** A folder that is reached by a link, as macOS reaches /tmp and many a home. */
function makeLinked(): { real: string; link: string } {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "pincer-link-")));
  onTestFinished(() => rmSync(top, { recursive: true, force: true }));
  const [real, link] = [join(top, "real"), join(top, "link")];
  mkdirSync(join(real, "src"), { recursive: true });
  writeFileSync(join(real, "hello.txt"), "hello from the file\n");
  symlinkSync(real, link);
  return { real, link };
}

async function openOn(bench: AppBench, folders: string[], agent = "{ approvals: auto }") {
  const model = await startOpenaiChatServer();
  onTestFinished(() => model.close());
  bench.configure(
    `model: local/qwen3\nagent: ${agent}\nproviders: { local: { api: openai-chat, baseUrl: "${model.url}/v1", models: [qwen3] } }\n`,
  );
  return bench.open({ host: bench.host({ workspaces: () => folders }) });
}

posixTest("a workspace that is reached by a link keeps every file tool, and its name", async () => {
  const { real, link } = makeLinked();
  const app = await openOn(createAppBench(), [link]);
  const send = async (message: string) => (await call(app, "/api/sessions/send", { message })).body.reply;
  expect(await send("read hello.txt")).toContain("hello from the file");
  expect(await send("list the files")).toContain("hello.txt");
  expect(await send(`tool:find {"pattern":"*.txt"}`)).toContain("hello.txt");
  expect(await send(`tool:grep {"pattern":"hello"}`)).toContain("hello from the file");
  expect(await send("write src/new.txt saying made")).not.toContain("Failed");
  expect(readFileSync(join(real, "src/new.txt"), "utf8")).toBe("made");
  expect(await send(`tool:edit {"path":"hello.txt","oldText":"hello","newText":"bye"}`)).not.toContain("Failed");
  expect(readFileSync(join(real, "hello.txt"), "utf8")).toBe("bye from the file\n");
  expect(await send("run cat hello.txt")).toContain("bye from the file");
  // Both spellings of an absolute path lead to it; the way out is closed as ever.
  expect(await send(`tool:read {"path":"${link}/hello.txt"}`)).toContain("bye");
  expect(await send(`tool:read {"path":"${real}/hello.txt"}`)).toContain("bye");
  expect(await send(`tool:read {"path":"../../etc/passwd"}`)).toContain("outside the workspace");
  expect((await call(app, "/api/session/status")).body.workspace).toBe(link);
});

posixTest("a folder is the same by every way it can be called", async () => {
  const { real, link } = makeLinked();
  const app = await openOn(createAppBench(), [link]);
  const spellings = [
    link,
    real,
    `${link}/`,
    join(real, "src/.."),
    `${real}/./`,
    `${link}/src/../../${relative(join(real, ".."), link)}`,
  ];
  for (const workspace of spellings) {
    const { status, body } = await call(app, "/api/sessions/create", { workspace });
    expect({ workspace, status, body }).toMatchObject({ status: 200, body: { session: { workspace: link } } });
  }
  const job = {
    name: "j",
    schedule: { kind: "every", everyMs: 60_000 },
    payload: { kind: "agentTurn", message: "hi" },
    sessionTarget: "isolated",
  };
  const added = await call(app, "/api/cron/add", { job: { ...job, workspace: `${real}/` } });
  expect(added.body).toMatchObject({ job: { workspace: link } });
  expect((await call(app, "/api/sessions/create", { workspace: join(real, "src") })).status).toBe(400);
  expect((await call(app, "/api/sessions/spawn", { task: "hi", workspace: real, wait: true })).status).toBe(200);
});

posixTest("one folder under two names is one folder", async () => {
  const { real, link } = makeLinked();
  const app = await openOn(createAppBench(), [link, real, `${real}/`]);
  expect((await call(app, "/api/workspaces/list")).body.folders).toEqual([link]);
});

posixTest("a link that leads elsewhere by now leads there: the folder is looked at afresh", async () => {
  const { link } = makeLinked();
  const other = realpathSync(mkdtempSync(join(tmpdir(), "pincer-moved-")));
  onTestFinished(() => rmSync(other, { recursive: true, force: true }));
  writeFileSync(join(other, "hello.txt"), "from the other place\n");
  const app = await openOn(createAppBench(), [link]);
  expect((await call(app, "/api/sessions/send", { message: "read hello.txt" })).body.reply).toContain("from the file");
  rmSync(link);
  symlinkSync(other, link);
  expect((await call(app, "/api/sessions/send", { message: "read hello.txt" })).body.reply).toContain("other place");
});

posixTest(
  "links to links, with rules of paths; a folder that is gone is named, and found again when it is back",
  async () => {
    const { real, link } = makeLinked();
    const [second, third] = [`${link}2`, `${link}3`];
    symlinkSync("link", second);
    symlinkSync(second, third);
    mkdirSync(join(real, ".vscode"));
    const rules = '[{ allow: edit, path: "src/**" }, { allow: exec, command: "ls *" }]';
    const app = await openOn(createAppBench(), [`${third}/`], `{ approvals: deny, rules: ${rules} }`);
    const send = async (message: string) => (await call(app, "/api/sessions/send", { message })).body.reply;
    const write = (path: string) => send(`tool:write ${JSON.stringify({ path, content: "made" })}`);
    for (const path of ["src/a.txt", `${third}/src/b.txt`, `${second}/src/../src/c.txt`, join(real, "src/d.txt")])
      expect(await write(path)).toContain("Created src/");
    for (const path of ["other.txt", `${second}/.vscode/settings.json`]) expect(await write(path)).toContain("deny");
    expect(await send("run ls src")).toContain("d.txt");

    renameSync(real, `${real}.aside`);
    const calls = ['read {"path":"src/a.txt"}', "list {}", 'grep {"pattern":"x"}', 'find {"pattern":"*"}'];
    for (const one of [
      "run ls src",
      ...calls.map((words) => `tool:${words}`),
      'tool:write {"path":"src/new.txt","content":"x"}',
    ])
      expect(await send(one)).toMatch(/The folder .* is not there/);
    writeFileSync(real, "no folder");
    for (const one of ["run ls", ...calls.map((words) => `tool:${words}`)])
      expect(await send(one)).toMatch(/The folder .* is not there/);
    rmSync(real);
    mkdirSync(join(real, "src"), { recursive: true });
    writeFileSync(join(real, "src/back.txt"), "back again");
    expect(await send("run ls src")).toContain("back.txt");
    expect(await send("read src/back.txt")).toContain("back again");
  },
);

test("a folder that is not told as a whole path is refused at every door, with the reason", async () => {
  const bench = createAppBench();
  const app = await openOn(bench, [bench.workspace]);
  const job = {
    ...{ name: "j", schedule: { kind: "every", everyMs: 60_000 }, sessionTarget: "isolated" },
    payload: { kind: "agentTurn", message: "hi" },
  };
  // The first leads to the very folder from where this process works.
  for (const workspace of [relative(process.cwd(), bench.workspace), "src", ".", "~/site", "file:///srv/site"]) {
    const doors: [path: string, body: object][] = [
      ["/api/sessions/create", { workspace }],
      ["/api/sessions/spawn", { task: "hi", workspace }],
      ["/api/sessions/spawn", { task: "hi", workspace, agent: "reviewer" }],
      ["/api/cron/add", { job: { ...job, workspace } }],
      ["/api/agents/confirm", { name: "reviewer", hash: "0".repeat(64), workspace }],
    ];
    for (const [path, body] of doors)
      expect({ workspace, path, ...(await call(app, path, body)) }).toMatchObject({
        ...{ workspace, path, status: 400 },
        body: { error: { message: expect.stringMatching(/The folder ".*" is no whole path/) } },
      });
    const listed = await call(app, `/api/agents/list?workspace=${encodeURIComponent(workspace)}`);
    expect(listed).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining("no whole path") } },
    });
  }
});
