import { formQuestion, pageQuestion } from "./sceneQuestions.ts";
import { budgetApproval, commandApproval, editApproval } from "./sceneApprovals.ts";
import type { AssistantMessage, Attachment } from "../../src/protocol/message.ts";
import type { RunFact } from "../../src/protocol/event.ts";
import type { FakeGateway } from "./fakeGateway.ts";
import { model, toFileRef } from "./told.ts";
import type { PanelPage } from "./harness.ts";
import { nearby } from "./nearby.ts";

/** A state of the panel worth looking at, and to check for accessibility. */
export interface Scene {
  prepare?: (gateway: FakeGateway) => void;
  act?: (panel: PanelPage) => Promise<void>;
}

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC";

export const answer = `The loop lives in \`src/core/runs/runLoop.ts\`. It does three things, in this order:

1. asks the model for the next step,
2. runs the tools it calls, **side by side**,
3. stores what came of it before it goes on.

\`\`\`ts
export async function runLoop(run: Run, ports: Ports): Promise<RunOutcome> {
  for (let step = 1; step <= ports.settings.maxSteps; step++) {
    const message = await ask(run, ports); // streams as it arrives
    if (message.toolCalls.length === 0) return { type: "done", reply: message.text };
    await Promise.all(message.toolCalls.map((call) => runTool(call, ports)));
  }
  throw new AppError("budget_exhausted", "Too many steps");
}
\`\`\`

| Part | Stored | Told |
| --- | --- | --- |
| message | yes | yes |
| delta | no | yes |

> A delta may be lost; a message never is.

See [the guide](https://example.com/guide) or [runLoop.ts](src/core/runs/runLoop.ts#L12).`;

const longText = "Every message is stored before it is told, so what you read here is what the store holds. ";

export function putPrompts(gateway: FakeGateway): void {
  const prompt = { kind: "prompt" as const, from: "workspace" as const, confirmed: true, notes: [] };
  gateway.setPrompts([
    { ...prompt, name: "pdf", kind: "skill", path: "/w/pdf", description: "Fills forms in PDF files", inputs: [] },
    {
      ...{ ...prompt, name: "release-notes", path: "/w/n.md", description: "Writes the notes of a release" },
      inputs: [{ name: "from", placeholder: "a tag" }, { name: "to" }],
    },
    {
      ...prompt,
      name: "review",
      path: "/w/r.md",
      description: "Looks at a change",
      inputs: [],
      argumentHint: "a path",
    },
    { ...prompt, name: "broken", path: "/w/b.md", description: "", inputs: [], problem: "It says nothing" },
  ]);
}

export function say(text: string, more: Partial<AssistantMessage> = {}): RunFact {
  return {
    type: "message",
    message: { role: "assistant", text, toolCalls: [], model: "anthropic/claude-sonnet-5-5", ...more },
  };
}

export function callTool(id: string, name: string, input: unknown): RunFact[] {
  return [say("", { toolCalls: [{ id, name, input }] }), { type: "tool.started", callId: id, name, input }];
}

export function endTool(
  callId: string,
  name: string,
  text: string,
  more: { isError?: boolean; images?: Attachment[]; durationMs?: number } = {},
): RunFact[] {
  const { isError = false, durationMs = 120, images } = more;
  return [
    { type: "tool.finished", callId, name, isError, durationMs },
    { type: "message", message: { role: "tool", callId, name, text, isError, durationMs, images } },
  ];
}

function exchange(gateway: FakeGateway, sessionKey: string, question: string, reply: string): void {
  const run = gateway.submit(sessionKey, question);
  void gateway.emit(run.id, say(reply));
  void gateway.finish(run.id, { type: "done", reply });
}

export function fill(gateway: FakeGateway, count: number): void {
  for (let index = 1; index <= count / 2; index++) {
    exchange(
      gateway,
      "main",
      `Question ${index}: what is stored?`,
      `Answer ${index}. ${longText.repeat((index % 5) + 1)}`,
    );
  }
}

function useTokens(gateway: FakeGateway): void {
  Object.assign(gateway.sessions.get("main")!, {
    usage: { inputTokens: 8123, outputTokens: 2400, cacheReadTokens: 31_000, cacheWriteTokens: 2000, costUsd: 0.0712 },
    contextTokens: 43_500,
  });
}

export const scenes: Record<string, Scene> = {
  empty: {},
  noModel: { prepare: (gateway) => gateway.setModels([model("anthropic/claude-sonnet-5-5", { ready: false })]) },
  demo: { prepare: (gateway) => gateway.setModels([model("offline/demo")]) },
  answered: {
    prepare(gateway) {
      useTokens(gateway);
      exchange(gateway, "main", "How does the agent's loop work?", answer);
    },
  },
  streaming: {
    async act({ gateway }) {
      const run = gateway.submit("main", "How does the agent's loop work?");
      await gateway.emit(
        run.id,
        { type: "thinking.delta", text: "The user asks about the loop. " },
        { type: "thinking.delta", text: "I should read it first." },
      );
      await gateway.emit(run.id, { type: "text.delta", text: answer.slice(0, 620) });
    },
  },
  tools: {
    prepare(gateway) {
      const usage = { inputTokens: 8123, outputTokens: 2400, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.01 };
      gateway.addSession({ key: "child-1", title: "Find uses of add", parentKey: "main", state: "running", usage });
      gateway.setActivity("child-1", "grep add\\(");
    },
    async act({ gateway, page }) {
      const run = gateway.submit("main", "Run the tests and look at the page", {
        origin: { via: "cron", id: "nightly check" },
      });
      await gateway.emit(
        run.id,
        say("I'll read the test first, then run it.", { thinking: "Two steps." }),
        ...callTool("c0", "todo", {
          items: [
            { text: "Read the failing test", status: "done" },
            { text: "Run it and look at the page", status: "in_progress" },
            { text: "Mend add()", status: "pending" },
          ],
        }),
        ...endTool("c0", "todo", "[x] Read the failing test", { durationMs: 1 }),
        ...callTool("c1", "read", { path: "test/calculator/add.test.ts" }),
        ...endTool(
          "c1",
          "read",
          "1  import { add } from './add.ts';\n2  test('adds', () => expect(add(2, 2)).toBe(4));",
          { durationMs: 45 },
        ),
        ...callTool("c2", "grep", { pattern: "function add", path: "src" }),
        ...endTool("c2", "grep", "src/calculator/add.ts:1: export function add(a, b) {", { durationMs: 214 }),
        ...callTool("c3", "exec", { command: "npm test -- add" }),
        ...endTool(
          "c3",
          "exec",
          "\u001b[31mFAIL\u001b[0m test/calculator/add.test.ts\n  expected 0 to be 4\n\nexit code 1",
          { isError: true, durationMs: 4210 },
        ),
        ...callTool("c4", "browser", { action: "screenshot" }),
        ...endTool("c4", "browser", "A screenshot of http://localhost:5173", {
          durationMs: 830,
          images: [{ name: "screenshot.png", mediaType: "image/png", data: PNG }],
        }),
        ...callTool("c5", "sessions_spawn", { task: "Look for other uses of add", label: "Find uses of add" }),
        ...endTool("c5", "sessions_spawn", '{"status":"accepted","childSessionKey":"child-1"}', { durationMs: 12 }),
        ...callTool("c6", "exec", { command: "npx vitest run --coverage" }),
      );
      await page.locator(".tool-toggle", { hasText: "npm test -- add" }).click();
    },
  },
  approval: {
    async act({ gateway }) {
      const run = gateway.submit("main", "Fix add()");
      await gateway.emit(
        run.id,
        say("`add` subtracts. This is the change:"),
        ...callTool("call-edit", "edit", { path: "src/calculator/add.ts", oldText: "a - b", newText: "a + b" }),
        { type: "approval.asked", approval: editApproval(run.id) },
      );
    },
  },
  command: {
    async act({ gateway }) {
      const run = gateway.submit("main", "Test it and commit");
      const { subject } = commandApproval(run.id);
      await gateway.emit(
        run.id,
        ...callTool("call-exec", "exec", { command: (subject as { command: string }).command }),
        {
          type: "approval.asked",
          approval: commandApproval(run.id),
        },
      );
    },
  },
  budget: {
    async act({ gateway }) {
      const run = gateway.submit("main", "Fix every failing test");
      await gateway.emit(
        run.id,
        { type: "run.notice", text: "The run has used 81 % of its budget: $4.05 of $5" },
        { type: "approval.asked", approval: budgetApproval(run.id) },
      );
    },
  },
  waiting: {
    async act({ gateway }) {
      const run = gateway.submit("main", "Fix add(), test it and commit");
      await gateway.emit(
        run.id,
        { type: "approval.asked", approval: editApproval(run.id) },
        { type: "approval.asked", approval: commandApproval(run.id) },
      );
    },
  },
  question: {
    async act({ gateway, page }) {
      gateway.submit("main", "Book a room for my trip");
      await gateway.ask(formQuestion());
      await page.getByRole("button", { name: /Send(?! \()/ }).click();
    },
  },
  page: {
    act: ({ gateway }) => gateway.ask(pageQuestion()),
  },
  failed: {
    async act({ gateway }) {
      const run = gateway.submit("main", "Hello");
      const message = "anthropic refused the API key (401). Set a new key for anthropic.";
      await gateway.finish(run.id, { type: "failed", error: { code: "provider_error", message } });
    },
  },
  stopped: {
    async act({ gateway }) {
      const run = gateway.submit("main", "Write a long poem", { origin: { via: "cli" } });
      await gateway.emit(run.id, say("Once upon a midnight dreary, while I", { ended: "stopped" }));
      await gateway.finish(run.id, { type: "cancelled", reply: "" });
      const next = gateway.submit("main", "And now?");
      await gateway.finish(next.id, { type: "interrupted", reply: "" });
    },
  },
  long: { prepare: (gateway) => fill(gateway, 400) },
  sessions: {
    prepare(gateway) {
      exchange(gateway, "main", "How does the agent's loop work?", answer);
      gateway.addSession({ key: "fix", title: "Fix the failing test in calculator", state: "running" });
      gateway.addSession({ key: "child-1", title: "Find uses of add", parentKey: "fix", state: "waiting" });
      gateway.addSession({
        key: "child-2",
        title: "Read the documentation of the whole project",
        parentKey: "fix",
        state: "queued",
      });
      gateway.addSession({ key: "nightly", title: "Nightly dependency check", state: "failed" });
      gateway.addSession({ key: "old", title: "Explain the build" });
    },
    act: ({ page, t }) => page.getByRole("button", { name: t("Main session") }).click(),
  },
  sessionMenu: {
    prepare(gateway) {
      exchange(gateway, "main", "How does the agent's loop work?", answer);
      gateway.addSession({ key: "fix", title: "Fix the failing test in calculator", state: "running", pinned: true });
      gateway.addSession({ key: "old", title: "Explain the build" });
      gateway.addSession({ key: "gone", title: "Try the other parser" });
    },
    async act({ page, t }) {
      await page.getByRole("button", { name: t("Main session") }).click();
      const other = page.getByRole("option", { name: /other parser/ });
      await other.click({ button: "right" });
      await page.getByRole("menuitem", { name: t("Delete") }).click();
      await other.waitFor({ state: "detached" });
      await page.getByRole("option", { name: /Explain the build/ }).click({ button: "right" });
    },
  },
  find: {
    prepare: (gateway) => fill(gateway, 400),
    async act({ page, t }) {
      await page.getByText("Answer 200.").waitFor();
      await page.getByRole("textbox", { name: t("Message") }).press("Control+f");
      await page.getByRole("textbox", { name: t("Find in this session") }).fill("stored");
      await page.locator(".find-count", { hasText: "800" }).waitFor();
    },
  },
  finding: {
    prepare(gateway) {
      exchange(gateway, "main", "How does the agent's loop work?", answer);
      gateway.addSession({ key: "fix", title: "Mend the loop" });
    },
    async act({ page, t }) {
      await page.getByRole("button", { name: t("Main session") }).click();
      await page.getByRole("combobox").fill("loop");
      await page.locator(".session-snippet").first().waitFor();
    },
  },
  composing: {
    prepare: (gateway) => exchange(gateway, "main", "Hi", "Hello. What shall we do?"),
    async act({ gateway, page, t }) {
      await gateway.say({
        event: "attach",
        attachment: { name: "src/calculator/add.ts", mediaType: "text/plain", data: "x" },
      });
      await gateway.say({ event: "attach", attachment: { name: "screenshot.png", mediaType: "image/png", data: PNG } });
      await page
        .getByRole("textbox", { name: t("Message") })
        .fill("Fix this function,\nand explain what was wrong with it.\nThen write a test.");
    },
  },
  mentioning: {
    prepare(gateway) {
      exchange(gateway, "main", "Hi", "Hello. What shall we do?");
      gateway.setContext(nearby);
    },
    async act({ gateway, page, t }) {
      await gateway.say({ event: "mention", ref: toFileRef("src/calculator/add.ts", 10, 24) });
      await page.getByRole("textbox", { name: t("Message") }).pressSequentially("Why does this fail? @");
      await page.getByRole("option").first().waitFor();
    },
  },
  instructed: {
    prepare(gateway) {
      gateway.setStatus({
        instructions: [
          { path: "/work/AGENTS.md", name: "AGENTS.md", from: "workspace", beneath: "." },
          {
            path: "/home/me/.pincer/AGENTS.md",
            name: "the user's AGENTS.md",
            from: "user",
            beneath: ".",
            problem: "Only its first 32000 characters are told, 812 are not",
          },
          {
            path: "/work/packages/api/AGENTS.md",
            name: "packages/api/AGENTS.md",
            from: "workspace",
            beneath: "packages/api",
          },
        ],
      });
      exchange(gateway, "main", "Hi", "Hello. What shall we do?");
    },
    act: ({ page }) => page.locator(".instructions summary").click(),
  },
  prompts: {
    prepare: (gateway) => {
      putPrompts(gateway);
      const prompt = { name: "review", kind: "prompt" as const, text: "Look at src with care, and say what is wrong." };
      const run = gateway.submit("main", "/review src", { prompt });
      void gateway.emit(run.id, say("Nothing is wrong."));
    },
    async act({ page, t }) {
      await page.getByText(t("What the model reads")).click();
      await page.getByRole("textbox", { name: t("Message") }).fill("/");
      await page.getByRole("option").nth(2).waitFor();
    },
  },
  prompt: {
    prepare: putPrompts,
    async act({ page, t }) {
      await page.getByRole("textbox", { name: t("Message") }).fill("/review src/core/runs");
      await page.getByRole("button", { name: t("What is sent") }).click();
      await page.getByText("with care.").waitFor();
    },
  },
  misconfigured: {
    act: ({ gateway }) =>
      gateway.say({
        event: "gateway",
        state: "error",
        isConfigFault: true,
        message: 'openclaw.yml, line 3: Unknown key "prot"; did you mean "port"? (and 1 more)',
      }),
  },
  restricted: { act: ({ gateway }) => gateway.say({ event: "gateway", state: "restricted" }) },
  down: {
    prepare: (gateway) => exchange(gateway, "main", "Hi", "Hello. What shall we do?"),
    act: ({ gateway }) => gateway.say({ event: "gateway", state: "stopped" }),
  },
};
