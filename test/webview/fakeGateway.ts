import type { Approval } from "../../src/protocol/approval.ts";
import type { ContextFound } from "../../src/protocol/panel/contextRef.ts";
import type { Frame, RequestFrame } from "../../src/protocol/frame.ts";
import type { HostMessage, PanelMessage } from "../../src/protocol/panel/editor.ts";
import type { GatewayEvent, RunEvent, RunFact } from "../../src/protocol/event.ts";
import { isDelta } from "../../src/protocol/eventKind.ts";
import { createLiveDeltas } from "../../src/core/state/liveDeltas.ts";
import type { McpAnswer, McpQuestion } from "../../src/protocol/mcp.ts";
import type { StoredMessage, UserMessage } from "../../src/protocol/message.ts";
import type { ModelInfo } from "../../src/protocol/model.ts";
import { carriedBy, type RunOutcome, type RunRecord } from "../../src/protocol/run.ts";
import type { Session } from "../../src/protocol/session.ts";
import { toMessage } from "../../src/gateway/calls/toMessage.ts";
import { toSnippet } from "../../src/store/sqlite/search/snippet.ts";
import { toRun } from "../../src/gateway/calls/toRun.ts";
import { model, notes, noUsage, toFileRef, toSession, toStatus } from "./told.ts";
import { createFakeSubscriptions } from "./fakeSubscriptions.ts";
import type { PanelRoutes } from "../../webview-ui/state/panelRoutes.ts";

export type FakeGateway = ReturnType<typeof createFakeGateway>;

/** The panel's far end: the routes it calls over a store in memory, and the editor's methods, which are only noted down. */
export function createFakeGateway(post: (messages: unknown[]) => Promise<void>) {
  const sessions = new Map<string, Session>();
  const messages = new Map<string, StoredMessage[]>();
  let events: RunEvent[] = [];
  const deltas = createLiveDeltas();
  const runs: RunRecord[] = [];
  const calls: { method: string; params: unknown }[] = [];
  const told: PanelMessage[] = [];
  const seqs = new Map<string, number>();
  const waiting: { test(): boolean; resolve(): void }[] = [];
  let approvals: Approval[] = [];
  let questions: McpQuestion[] = [];
  let opensLinks = true;
  let models: ModelInfo[] = [model("anthropic/claude-sonnet-5-5")];
  let isHeld = false;
  const subscriptions = createFakeSubscriptions();
  let nextId = 1;
  let clock = Date.now() - 60_000;
  const deleted = new Map<string, Session>();
  const failing = new Map<string, { code: string; message: string }>();
  const delayed = new Map<string, Promise<void>>();
  const lost = new Set<string>();
  const activities = new Map<string, string>();
  let context: ContextFound[] = [];
  let unreadable: string[] = [];
  let folders: string[] = [];
  let prompts: PanelRoutes["prompts.list"]["output"]["prompts"] = [];
  let status: Partial<PanelRoutes["session.status"]["output"]> = {};
  addSession({ key: "main", kind: "main" });

  const routes: { [Name in keyof PanelRoutes]?: (params: PanelRoutes[Name]["input"]) => PanelRoutes[Name]["output"] } =
    {
      "sessions.list"({ pinned }) {
        const listed = [...sessions.values()].filter((one) => pinned === undefined || one.pinned === pinned);
        return { count: listed.length, sessions: listed };
      },
      "sessions.delete"({ sessionKey }) {
        deleted.set(sessionKey, sessions.get(sessionKey)!);
        sessions.delete(sessionKey);
        void tell({ type: "session.deleted", sessionKey, ...stateEvent() });
        return { sessionKey, deleted: true };
      },
      "sessions.restore"({ sessionKey }) {
        const session = deleted.get(sessionKey)!;
        sessions.set(sessionKey, session);
        void tell({ type: "session.changed", session, ...stateEvent() });
        return { sessionKey, session };
      },
      "editor.exportSession": () => null,
      "sessions.search"({ query }) {
        const results = [...sessions.values()].flatMap((session) => {
          const said = (messages.get(session.key) ?? []).filter(({ text }) =>
            text.toLowerCase().includes(query.toLowerCase()),
          );
          const matches = said.toReversed().map(({ seq, role, createdAt, text }) => ({
            seq,
            role: role as "user",
            createdAt,
            ...toSnippet(text, [query.toLowerCase()]),
          }));
          return matches.length > 0 ? [{ session, matchCount: matches.length, matches }] : [];
        });
        return { count: results.length, results };
      },
      "sessions.history"({ sessionKey = "main", limit = 50, before = Number.POSITIVE_INFINITY }) {
        const earlier = (messages.get(sessionKey) ?? []).filter(({ seq }) => seq < before);
        const page = earlier.slice(-limit);
        const shown = page.map((message) => toMessage(message, true));
        return {
          sessionKey,
          messages: shown,
          hasMore: page.length < earlier.length,
          lastEventId: page.at(-1)?.id ?? 0,
        };
      },
      "prompts.list": () => ({ count: prompts.length, prompts }),
      "prompts.expand": ({ prompt: name, arguments: given = "" }) => ({
        ...{ name, kind: "prompt", typed: `/${name} ${String(given)}`, text: `Look at ${String(given)} with care.` },
      }),
      "sessions.send"({ message, prompt, arguments: given, sessionKey = "main", attachments, mode }) {
        const run = submit(sessionKey, message ?? `/${prompt} ${String(given)}`.trim(), { attachments }, mode && true);
        return { status: "accepted", runId: run.id, sessionKey, reply: null };
      },
      "sessions.abort"({ sessionKey }) {
        const open = runs.filter((run) => run.sessionKey === sessionKey && run.state !== "finished");
        for (const run of open) void finish(run.id, { type: "cancelled", reply: "" });
        return { sessionKey, aborted: open.length };
      },
      "sessions.create"({ title, workspace }) {
        const session = addSession({ key: `session-${sessions.size}`, title, workspace: workspace ?? undefined });
        return { sessionKey: session.key, session: session };
      },
      "runs.cancel"({ runId }) {
        const run = runs.find((other) => other.id === runId && other.state !== "finished");
        if (run) void finish(run.id, { type: "cancelled", reply: "" });
        return { runId, cancelled: run !== undefined };
      },
      "sessions.update"({ sessionKey, ...fields }) {
        const session = { ...sessions.get(sessionKey)!, ...fields };
        sessions.set(sessionKey, session);
        void tell({ type: "session.changed", session, ...stateEvent() });
        return { sessionKey, session: session };
      },
      "session.status": ({ sessionKey = "main" }) => ({
        ...toStatus(sessions.get(sessionKey)!, models[0]?.id ?? "offline/demo"),
        ...status,
      }),
      "events.subscribe"({ sessionKey, after = 0, stateOnly }) {
        const answer = { subscriptionId: subscriptions.add(sessionKey), lastEventId: nextId - 1 };
        if (stateOnly) return answer;
        void tell(
          ...[...events.filter((event) => event.sessionKey === sessionKey), ...deltas.of(sessionKey)]
            .filter(({ id }) => id > after)
            .sort((a, b) => a.id - b.id),
        );
        return answer;
      },
      "subagents.list": ({ sessionKey = "main" }) => {
        const below = [...sessions.values()].filter(({ parentKey }) => parentKey === sessionKey);
        const told = below.map((session) => ({
          ...session,
          depth: 1,
          run: null,
          activity: activities.get(session.key) ?? null,
          detached: false,
        }));
        return { sessionKey, count: told.length, subagents: told };
      },
      "subagents.cancel": ({ sessionKey }) => ({ sessionKey, cancelled: 1 }),
      "events.unsubscribe": ({ subscriptionId }) => subscriptions.remove(subscriptionId),
      "approvals.list"({ sessionKey }) {
        const own = approvals.filter((approval) => approval.sessionKey === sessionKey);
        return { count: own.length, approvals: own };
      },
      "approvals.answer"({ id, decision }) {
        const approval = approvals.find((other) => other.id === id)!;
        approvals = approvals.filter((other) => other !== approval);
        const { runId, callId } = approval;
        void emit(runId, { type: "approval.answered", approvalId: id, callId, decision, by: "panel" });
        return { id, decision, approval };
      },
      "mcp.questions": () => ({ count: questions.length, questions }),
      "mcp.answer"({ id, action }) {
        const question = questions.find((other) => other.id === id)!;
        void settleQuestion(id, action);
        return { question, action };
      },
      "editor.openLink": () => ({ opened: opensLinks }),
      "runs.get"({ runId }) {
        const run = runs.find(({ id }) => id === runId)!;
        return { run: toRun(run), attachments: run.input.role === "user" ? run.input.attachments : undefined };
      },
      "runs.list"({ sessionKey, states }) {
        const own = runs.filter((run) => run.sessionKey === sessionKey && (states?.includes(run.state) ?? true));
        return { count: own.length, runs: own.toReversed().map(toRun) };
      },
      "models.list": () => ({ count: models.length, models, default: models[0]?.id ?? null }),
      "editor.pickFiles": () => ({ attachments: [notes], refused: unreadable }),
      "editor.findContext": ({ query }) => ({ found: context.filter(({ label }) => label.includes(query)) }),
      "editor.readContext": ({ refs }) => ({
        attachments: refs.map(({ label }) => ({ name: label, mediaType: "text/plain", data: `what ${label} is now` })),
        refused: unreadable,
      }),
      "editor.readDropped": ({ uris }) => ({
        refs: uris
          .filter((uri) => uri.startsWith("file:///work/"))
          .map((uri) => toFileRef(uri.slice("file:///work/".length))),
        attachments: uris
          .filter((uri) => !uri.startsWith("file:///work/"))
          .map((uri) => ({ name: uri, mediaType: "text/plain", data: "far away" })),
        refused: unreadable,
      }),
      "editor.pickFolder": () => ({ folder: folders.at(-1) ?? null }),
      "editor.openDocumentation": () => null,
      "editor.pickModel": () => ({ model: null }),
      "editor.acceptPlan"() {
        status = { ...status, plan: null };
        return null;
      },
    };

  function receive(message: Frame | PanelMessage): void {
    if (message.type === "panel") {
      told.push(message);
      if (message.event === "ready" && !isHeld) void say({ event: "gateway", state: "running", folders });
    } else if (message.type === "req") {
      void answer(message);
    }
    for (const wait of [...waiting]) if (wait.test()) wait.resolve();
  }

  async function answer({ id, method, params }: RequestFrame): Promise<void> {
    calls.push({ method, params });
    await delayed.get(method);
    const error = failing.get(method) ?? refuse(method, params);
    if (error) return post([{ type: "res", id, ok: false, error }]);
    const route = routes[method as keyof PanelRoutes] as ((params: unknown) => unknown) | undefined;
    const payload = route?.(params) ?? null;
    if (!lost.has(method)) await post([{ type: "res", id, ok: true, payload }]);
  }

  function refuse(method: string, params: unknown): { code: string; message: string } | undefined {
    const { sessionKey } = (params ?? {}) as { sessionKey?: string };
    const isKnown = sessionKey === undefined || sessions.has(sessionKey) || method === "sessions.restore";
    if (isKnown) return subscriptions.refuse(method, params);
    return { code: "not_found", message: `No session "${sessionKey}" exists` };
  }

  function toEvent(runId: string, fact: RunFact): RunEvent {
    const { sessionKey } = runs.find((run) => run.id === runId)!;
    const seq = (seqs.get(sessionKey) ?? 0) + 1;
    seqs.set(sessionKey, seq);
    const event: RunEvent = {
      ...fact,
      id: nextId++,
      seq,
      runId,
      sessionKey,
      at: new Date((clock += 50)).toISOString(),
    };
    deltas.follow(event);
    if (!isDelta(event)) events.push(event);
    if (event.type === "message") store(event);
    if (event.type === "approval.asked") approvals.push(event.approval);
    return event;
  }

  function store({ id, seq, runId, sessionKey, at, message }: Extract<RunEvent, { type: "message" }>): void {
    const stored = messages.get(sessionKey) ?? [];
    stored.push({ ...message, id, seq, runId, sessionKey, createdAt: at });
    messages.set(sessionKey, stored);
  }

  async function tell(...told: GatewayEvent[]): Promise<void> {
    const frames = told
      .filter((event) => !("runId" in event) || subscriptions.tells(event.sessionKey))
      .map((event): Frame => ({ type: "event", event: event.type, payload: event }));
    if (frames.length > 0) await post(frames);
  }

  /** Stores the facts of a run and tells them, all in one go. */
  async function emit(runId: string, ...facts: RunFact[]): Promise<void> {
    await tell(...facts.map((fact) => toEvent(runId, fact)));
  }

  /** Starts a run, or queues it behind the one under way. */
  function submit(sessionKey: string, text: string, extra: Partial<UserMessage> = {}, plan?: true): RunRecord {
    const origin = extra.origin ?? { via: "panel" };
    const isBusy = runs.some((run) => run.sessionKey === sessionKey && run.state === "running");
    const run: RunRecord = {
      id: `run-${runs.length + 1}`,
      sessionKey,
      state: "queued",
      origin,
      input: { role: "user", text, ...extra, origin },
      model: models[0]?.id ?? "offline/demo",
      usage: noUsage,
      createdAt: new Date(clock).toISOString(),
      ...(plan && { plan }),
    };
    runs.push(run);
    if (isBusy) void emit(run.id, { type: "run.queued", text, carries: carriedBy(run), origin, ...(plan && { plan }) });
    else start(run);
    return run;
  }

  function start(run: RunRecord): void {
    run.state = "running";
    void emit(
      run.id,
      { type: "run.started", model: run.model, origin: run.origin, ...(run.plan && { plan: true }) },
      { type: "message", message: run.input },
    );
  }

  async function finish(runId: string, outcome: RunOutcome): Promise<void> {
    Object.assign(
      runs.find(({ id }) => id === runId)!,
      { state: "finished", outcome },
    );
    await emit(runId, { type: "run.finished", outcome });
    const { sessionKey } = runs.find(({ id }) => id === runId)!;
    const own = runs.filter((run) => run.sessionKey === sessionKey);
    const next = own.some(({ state }) => state === "running") ? undefined : own.find(({ state }) => state === "queued");
    if (next) start(next);
  }

  async function settleQuestion(questionId: string, action: McpAnswer["action"]): Promise<void> {
    questions = questions.filter(({ id }) => id !== questionId);
    await tell({ type: "mcp.answered", questionId, action, ...stateEvent() });
  }

  function addSession(session: Partial<Session> & { key: string }): Session {
    const whole = toSession(session, new Date(clock).toISOString());
    sessions.set(session.key, whole);
    return whole;
  }

  function stateEvent() {
    return { id: nextId - 1, at: new Date(clock).toISOString() };
  }

  function say(message: Omit<HostMessage, "type"> & Record<string, unknown>): Promise<void> {
    return post([{ type: "host", ...message }]);
  }

  return {
    calls,
    told,
    sessions,
    messages,
    receive,
    emit,
    submit,
    finish,
    addSession,
    say,
    async deleteSession(key: string) {
      sessions.delete(key);
      messages.delete(key);
      await tell({ type: "session.deleted", sessionKey: key, ...stateEvent() });
    },
    async emptySession(key: string) {
      const session = Object.assign(sessions.get(key)!, { messageCount: 0 });
      messages.delete(key);
      events = events.filter((event) => event.sessionKey !== key);
      await tell({ type: "session.changed", session, ...stateEvent() });
    },
    /** An MCP server asks. */
    async ask(question: McpQuestion) {
      questions = [...questions, question];
      await tell({ type: "mcp.asked", question, ...stateEvent() });
    },
    /** A question of an MCP server is answered elsewhere. */
    settleQuestion,
    /** The user says no where the editor asks whether to open a page. */
    keepLinksShut: () => void (opensLinks = false),
    /** Does not say that it runs: the test does. */
    hold: () => (isHeld = true),
    /** The folders of the window around the panel. */
    setFolders: (next: string[]) => (folders = next),
    setPrompts: (those: typeof prompts) => (prompts = those),
    /** What the gateway tells of the shown session beside what is stored of it. */
    setStatus: (told: typeof status) => void (status = { ...status, ...told }),
    /** What a sub-agent is doing. */
    setActivity: (key: string, words: string) => activities.set(key, words),
    /** What the editor offers after @, and what of it may not be read. */
    setContext: (next: ContextFound[], refused: string[] = []) => ([context, unreadable] = [next, refused]),
    setModels: (next: ModelInfo[]) => (models = next),
    fail: (method: keyof PanelRoutes, error?: { code: string; message: string }) =>
      error ? failing.set(method, error) : failing.delete(method),
    /** Answers no more calls of a route until they may arrive. */
    /** What is called is done, and the answer never comes. */
    loseAnswer: (method: keyof PanelRoutes) => void lost.add(method),
    delay(method: keyof PanelRoutes) {
      const { promise, resolve } = Promise.withResolvers<void>();
      delayed.set(method, promise);
      return {
        arrive() {
          delayed.delete(method);
          resolve();
        },
      };
    },
    /** Tells everything stored once more. */
    repeat: () => tell(...events),
    /** What the panel had subscribed to is forgotten, as when the gateway goes away. */
    loseWire: () => subscriptions.clear(),
    subscriptions: () => subscriptions.count(),
    callsOf: <Name extends keyof PanelRoutes>(method: Name) =>
      calls.filter((call) => call.method === method).map(({ params }) => params as PanelRoutes[Name]["input"]),
    /** Resolves once the panel has called the route. */
    called(method: keyof PanelRoutes): Promise<void> {
      const test = () => calls.some((call) => call.method === method);
      return test() ? Promise.resolve() : new Promise((resolve) => waiting.push({ test, resolve }));
    },
  };
}
