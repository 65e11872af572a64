import { TOKEN } from "../clientBench.ts";

const now = Date.now();
/** Half an hour from where it would be told otherwise: what is made here is printed a while later. */
export const ago = (ms: number) => new Date(now - ms).toISOString();
export const usage = { inputTokens: 1200, outputTokens: 30, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: null };
export const job = {
  id: "job_1",
  name: "Morning",
  schedule: { kind: "cron", expr: "0 9 * * *", tz: "Europe/Berlin" },
  enabled: true,
  nextRunAt: new Date(now + 9_000_000).toISOString(),
  lastRunAt: ago(5_400_000),
  lastStatus: "ok",
};
const session = {
  key: "main",
  kind: "main",
  state: "idle",
  title: "A \u001b[31mred\u001b[0m title",
  messageCount: 4,
  updatedAt: ago(12_600_000),
  model: null,
};
export const ok = { status: "ok", runId: "run_1", sessionKey: "main", reply: "five" };

/** A command line, what it asks of the gateway, and what it prints of the answer. */
export interface Asked {
  args: string[];
  asks: string;
  body?: unknown;
  answer: unknown;
  prints: string;
}

export const verbsAsked: Asked[] = [
  {
    args: ["send", "2+3?"],
    asks: "POST /api/sessions/send",
    body: { message: "2+3?", sessionKey: "main", timeoutSeconds: 120 },
    answer: ok,
    prints: "five\n",
  },
  {
    args: ["send", "hi", "-s", "abc", "-m", "openai/gpt-6-luna", "-t", "5"],
    asks: "POST /api/sessions/send",
    body: { message: "hi", sessionKey: "abc", timeoutSeconds: 5, model: "openai/gpt-6-luna" },
    answer: ok,
    prints: "five\n",
  },
  {
    args: ["send", "hi", "-t", "0"],
    asks: "POST /api/sessions/send",
    body: { message: "hi", sessionKey: "main", timeoutSeconds: 0 },
    answer: { status: "accepted", runId: "run_2", sessionKey: "main", reply: null },
    prints: "run_2\n",
  },
  {
    args: ["spawn", "count files", "--timeout", "9", "--label", "Count"],
    asks: "POST /api/sessions/spawn",
    body: { task: "count files", runTimeoutSeconds: 9, wait: true, label: "Count" },
    answer: ok,
    prints: "five\n",
  },
  {
    args: ["spawn", "count files", "--no-wait"],
    asks: "POST /api/sessions/spawn",
    body: { task: "count files", runTimeoutSeconds: 300, wait: false },
    answer: { ...ok, status: "accepted", reply: null },
    prints: "run_1\n",
  },
  {
    args: ["sessions"],
    asks: "GET /api/sessions/list?limit=50&archived=false",
    answer: {
      sessions: [session, { ...session, key: "s_2", title: null, state: "running", updatedAt: ago(5_400_000) }],
    },
    prints:
      "KEY   KIND  STATE    MESSAGES  UPDATED  TITLE\n" +
      "main  main  idle     4         3h ago   A \\u{1b}[31mred\\u{1b}[0m title\n" +
      "s_2   main  running  4         1h ago   -\n",
  },
  {
    args: ["sessions", "list", "--kinds", "main,isolated", "--search", "a b", "-n", "5"],
    asks: "GET /api/sessions/list?kinds=main%2Cisolated&limit=5&search=a+b&archived=false",
    answer: { sessions: [] },
    prints: "KEY  KIND  STATE  MESSAGES  UPDATED  TITLE\n",
  },
  {
    args: ["sessions", "create", "Notes"],
    asks: "POST /api/sessions/create",
    body: { title: "Notes" },
    answer: { sessionKey: "s_3" },
    prints: "s_3\n",
  },
  {
    args: ["sessions", "rename", "s_3", "New"],
    asks: "POST /api/sessions/rename",
    body: { sessionKey: "s_3", title: "New" },
    answer: {},
    prints: 's_3 is now "New"\n',
  },
  {
    args: ["sessions", "set", "s_3", "--model", "openai/gpt-6-luna", "--effort", "high"],
    asks: "POST /api/sessions/update",
    body: { sessionKey: "s_3", model: "openai/gpt-6-luna", effort: "high" },
    answer: {},
    prints: "s_3 has model openai/gpt-6-luna and effort high now\n",
  },
  {
    args: ["sessions", "set", "s_3", "--effort", "default"],
    asks: "POST /api/sessions/update",
    body: { sessionKey: "s_3", effort: null },
    answer: {},
    prints: "s_3 has effort default now\n",
  },
  {
    args: ["rules"],
    asks: "GET /api/rules/list",
    answer: {
      rules: [
        {
          from: "configuration",
          rule: { allow: "edit", path: "src/**" },
          words: "change files under src/",
          last: { at: ago(12_600_000), what: "edit", sessionKey: "main" },
        },
        { from: "job", rule: { deny: "exec" }, words: "run nothing", job: { id: "j", name: "Rake" }, last: null },
      ],
    },
    prints: [
      "FROM          RULE                     LET RUN LAST  AS JSON",
      'openclaw.yml  change files under src/  edit, 3h ago  {"allow":"edit","path":"src/**"}',
      'job Rake      run nothing              -             {"deny":"exec"}',
      "",
    ].join("\n"),
  },
  {
    args: ["rules", "add", '{"allow":"exec","command":"npm test"}'],
    asks: "POST /api/rules/add",
    body: { rule: { allow: "exec", command: "npm test" } },
    answer: { added: true },
    prints: "Added\n",
  },
  {
    args: ["rules", "remove", '{"allow":"exec"}', "--session", "main"],
    asks: "POST /api/rules/remove",
    body: { rule: { allow: "exec" }, sessionKey: "main" },
    answer: { removed: true },
    prints: "Removed\n",
  },
  {
    args: ["sessions", "delete", "s_3"],
    asks: "POST /api/sessions/delete",
    body: { sessionKey: "s_3" },
    answer: { deleted: true },
    prints: "s_3 is deleted\n",
  },
  {
    args: ["sessions", "delete", "s_3", "--undo", "10"],
    asks: "POST /api/sessions/delete",
    body: { sessionKey: "s_3", undoSeconds: 10 },
    answer: { deleted: true, erasedAt: "2026-11-22T12:00:10.000Z" },
    prints: "s_3 is deleted; until 2026-11-22T12:00:10.000Z it comes back with: pincer sessions restore s_3\n",
  },
  {
    args: ["sessions", "restore", "s_3"],
    asks: "POST /api/sessions/restore",
    body: { sessionKey: "s_3" },
    answer: { session },
    prints: "s_3 is back; what it was at stays cancelled\n",
  },
  {
    args: ["sessions", "pin", "s_3"],
    asks: "POST /api/sessions/update",
    body: { sessionKey: "s_3", pinned: true },
    answer: { session: { ...session, title: "Notes" } },
    prints: "s_3 is pinned: Notes\n",
  },
  {
    args: ["sessions", "unarchive", "s_3"],
    asks: "POST /api/sessions/update",
    body: { sessionKey: "s_3", archived: false },
    answer: { session: { ...session, title: null } },
    prints: "s_3 is among the others again\n",
  },
  {
    args: ["sessions", "delete", "main"],
    asks: "POST /api/sessions/delete",
    body: { sessionKey: "main" },
    answer: { deleted: false },
    prints: "main is reset\n",
  },
  {
    args: ["sessions", "reset", "s_3"],
    asks: "POST /api/sessions/reset",
    body: { sessionKey: "s_3" },
    answer: {},
    prints: "s_3 is reset\n",
  },
  {
    args: ["sessions", "abort", "s_3"],
    asks: "POST /api/sessions/abort",
    body: { sessionKey: "s_3" },
    answer: { aborted: 2 },
    prints: "2 cancelled\n",
  },
  {
    args: ["history", "--tools", "-n", "2"],
    asks: "GET /api/sessions/history?sessionKey=main&limit=2&includeTools=true",
    answer: {
      hasMore: false,
      messages: [
        { role: "assistant", text: "Let me see", toolCalls: [{ name: "read" }], createdAt: ago(5_400_000) },
        { role: "tool", name: "read", text: "5\n", createdAt: ago(12_600_000) },
      ],
    },
    prints: "assistant (1h ago)\nLet me see\n[read]\n\nread (3h ago)\n5\n\n",
  },
  {
    args: ["status"],
    asks: "GET /api/gateway/status",
    answer: {
      url: "http://127.0.0.1:3000",
      version: "1.2.3",
      pid: 7,
      startedAt: ago(129_600_000),
      runs: { active: 1, queued: 0 },
      approvals: 2,
      store: { bytes: 3_000_000, freeBytes: 4096, checkedAt: ago(5_400_000) },
    },
    prints:
      "address    http://127.0.0.1:3000\nversion    1.2.3\nprocess    7\nstarted    1d ago\nruns       1 active, 0 queued\napprovals  2 waiting\nstore      3.0 MB, 4.1 kB of it free, looked over 1h ago\n",
  },
  {
    args: ["status", "main"],
    asks: "GET /api/session/status?sessionKey=main",
    answer: {
      sessionKey: "main",
      kind: "main",
      state: "idle",
      model: "openai/gpt-6-luna",
      workspace: null,
      updatedAt: ago(5_400_000),
      usage,
      context: { usedTokens: 4200, windowTokens: 200_000, percent: 2.1 },
      runs: { total: 3, active: 0, queued: 0, failed: 1 },
      subagents: [],
      budgets: [],
    },
    prints:
      "session     main\nkind        main\nstate       idle\nmodel       openai/gpt-6-luna\nworkspace   -\nupdated     1h ago\n" +
      "runs        3 in all, 0 active, 0 queued, 1 failed\ncontext     4.2k of 200.0k tokens (2 %)\nusage       1.2k in, 30 out, ?\nsub-agents  -\n",
  },
  {
    args: ["instructions", "s_1"],
    asks: "GET /api/instructions/list?sessionKey=s_1",
    answer: {
      count: 1,
      instructions: [{ path: "/w/AGENTS.md", name: "AGENTS.md", from: "workspace", beneath: ".", text: "Use tabs." }],
    },
    prints:
      "NAME       FROM       CHARACTERS  PROBLEM  PATH\nAGENTS.md  workspace  9           -        /w/AGENTS.md\n",
  },
  {
    args: ["undo", "--before", "4", "--dry-run"],
    asks: "POST /api/checkpoints/restore",
    body: { sessionKey: "main", beforeSeq: 4, messages: false, force: false, dryRun: true },
    answer: {
      restored: ["a.txt"],
      kept: [{ path: "b.txt", why: "it changed" }],
      undo: null,
      commands: [],
      unseen: [],
      sessionKey: null,
    },
    prints: "would restore  a.txt\nleft as it is  b.txt: it changed\n",
  },
  {
    args: ["models"],
    asks: "GET /api/models/list",
    answer: {
      default: "a/b",
      models: [
        {
          id: "a/b",
          provider: "a",
          ready: true,
          windowTokens: 200_000,
          price: { inputPerMTok: 3, outputPerMTok: 15 },
        },
        { id: "c/d", provider: "c", ready: false, reason: "No key is set" },
      ],
    },
    prints:
      "MODEL          READY  WINDOW  IN $/M  OUT $/M\na/b (default)  yes    200.0k  3       15\nc/d            no     -       -       -        No key is set\n",
  },
  {
    args: ["usage", "--days", "7"],
    asks: "GET /api/usage/cost?days=7",
    answer: {
      days: 7,
      total: { ...usage, costUsd: 0.0123, requests: 3 },
      rows: [{ day: "2026-11-22", model: "a/b", requests: 3, ...usage, costUsd: 0.0123, unpriced: 1 }],
      budgets: [{ title: "The day (UTC)", percent: 80, usd: { used: 4, limit: 5, raised: 5 }, tokens: null }],
    },
    prints:
      "DAY         MODEL  REQUESTS  IN    OUT  COST\n2026-11-22  a/b    3         1.2k  30   $0.0123 + ?\ntotal       -      3         1.2k  30   $0.0123\nThe day (UTC): 80 % of its budget: $4.00 of $5.00 + $5.00 allowed\n",
  },
  { args: ["token", "show"], asks: "", answer: {}, prints: `${TOKEN}\n` },
  {
    args: ["token", "rotate"],
    asks: "POST /api/gateway/token/rotate",
    body: {},
    answer: { token: "fresh" },
    prints: "fresh\n",
  },
];
