import type { Approval } from "../../src/protocol/approval.ts";
import type { Frame, RequestFrame } from "../../src/protocol/frame.ts";
import type { HostMessage, PanelMessage } from "../../src/protocol/editor.ts";
import type { GatewayEvent, RunEvent, RunFact } from "../../src/protocol/event.ts";
import { isDelta } from "../../src/protocol/event.ts";
import type { StoredMessage, UserMessage } from "../../src/protocol/message.ts";
import type { ModelInfo } from "../../src/protocol/model.ts";
import type { RunOutcome, RunRecord } from "../../src/protocol/run.ts";
import type { Session } from "../../src/protocol/session.ts";
import type { Usage } from "../../src/protocol/usage.ts";
import type { PanelRoutes } from "../../webview-ui/routes.ts";

export type FakeGateway = ReturnType<typeof createFakeGateway>;

const noUsage: Usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0 };

/** The panel's far end: the routes it calls over a store in memory, and the editor's methods, which are only noted down. */
export function createFakeGateway(post: (messages: unknown[]) => Promise<void>) {
  const sessions = new Map<string, Session>();
  const messages = new Map<string, StoredMessage[]>();
  const events: RunEvent[] = [];
  const runs: RunRecord[] = [];
  const calls: { method: string; params: unknown }[] = [];
  const told: PanelMessage[] = [];
  const seqs = new Map<string, number>();
  const waiting: { test(): boolean; resolve(): void }[] = [];
  let approvals: Approval[] = [];
  let models: ModelInfo[] = [model("anthropic/claude-sonnet-5-5")];
  let subscribed: string | undefined;
  let nextId = 1;
  let clock = Date.parse("2026-03-02T09:30:00.000Z");
  const failing = new Map<string, { code: string; message: string }>();

  addSession({ key: "main", kind: "main" });

  const routes: { [Name in keyof PanelRoutes]?: (params: PanelRoutes[Name]["input"]) => PanelRoutes[Name]["output"] } =
    {
      "sessions.list": () => ({ count: sessions.size, sessions: [...sessions.values()] }),
      "sessions.history"({ sessionKey, limit = 50, before = Number.POSITIVE_INFINITY }) {
        const earlier = (messages.get(sessionKey) ?? []).filter(({ seq }) => seq < before);
        const page = earlier.slice(-limit);
        return { sessionKey, messages: page, hasMore: page.length < earlier.length, lastEventId: page.at(-1)?.id ?? 0 };
      },
      "sessions.send"({ message, sessionKey, attachments }) {
        const run = submit(sessionKey, message, { attachments });
        return { status: "accepted", runId: run.id, sessionKey };
      },
      "sessions.abort"({ sessionKey }) {
        for (const run of runs)
          if (run.sessionKey === sessionKey && run.state !== "finished")
            void finish(run.id, { type: "cancelled", reply: "" });
        return {};
      },
      "sessions.create": ({ title }) => ({ session: addSession({ key: `s${sessions.size}`, title }) }),
      "sessions.update"({ sessionKey, title }) {
        Object.assign(sessions.get(sessionKey)!, { title: title ?? undefined });
        return {};
      },
      "session.status": ({ sessionKey }) => {
        const { kind, state, usage, contextTokens } = sessions.get(sessionKey)!;
        const windowTokens = 200_000;
        const context = { usedTokens: contextTokens, windowTokens, percent: (contextTokens / windowTokens) * 100 };
        return { sessionKey, kind, state, usage, model: models[0]?.id ?? "offline/demo", context };
      },
      "events.subscribe"({ sessionKey, after = 0 }) {
        subscribed = sessionKey;
        void tell(...events.filter((event) => event.sessionKey === sessionKey && event.id > after));
        return {};
      },
      "approvals.list": ({ sessionKey }) => ({
        approvals: approvals.filter((approval) => approval.sessionKey === sessionKey),
      }),
      "approvals.answer"({ id, decision }) {
        const approval = approvals.find((other) => other.id === id)!;
        approvals = approvals.filter((other) => other !== approval);
        void emit(approval.runId, {
          type: "approval.answered",
          approvalId: id,
          callId: approval.callId,
          decision,
          by: "panel",
        });
        return {};
      },
      "runs.list": ({ sessionKey }) => ({ runs: runs.filter((run) => run.sessionKey === sessionKey).toReversed() }),
      "models.list": () => ({ models }),
      "editor.pickFiles": () => ({ attachments: [{ name: "notes.md", mediaType: "text/markdown", data: "# Notes" }] }),
      "editor.pickModel": () => ({ model: null }),
    };

  function receive(message: Frame | PanelMessage): void {
    if (message.type === "panel") {
      told.push(message);
      if (message.event === "ready") void say({ event: "gateway", state: "running" });
    } else if (message.type === "req") {
      void answer(message);
    }
    for (const wait of [...waiting]) if (wait.test()) wait.resolve();
  }

  async function answer({ id, method, params }: RequestFrame): Promise<void> {
    calls.push({ method, params });
    const error = failing.get(method);
    if (error) return post([{ type: "res", id, ok: false, error }]);
    const route = routes[method as keyof PanelRoutes] as ((params: unknown) => unknown) | undefined;
    await post([{ type: "res", id, ok: true, payload: route?.(params) ?? null }]);
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
    if (!isDelta(event)) events.push(event);
    if (event.type === "message") store(event);
    if (event.type === "approval.asked") approvals.push(event.approval);
    return event;
  }

  function store({ id, seq, runId, sessionKey, at, message }: Extract<RunEvent, { type: "message" }>): void {
    messages.set(sessionKey, [
      ...(messages.get(sessionKey) ?? []),
      { ...message, id, seq, runId, sessionKey, createdAt: at },
    ]);
  }

  async function tell(...told: GatewayEvent[]): Promise<void> {
    const frames = told
      .filter((event) => !("runId" in event) || event.sessionKey === subscribed)
      .map((event): Frame => ({ type: "event", event: event.type, payload: event }));
    if (frames.length > 0) await post(frames);
  }

  /** Stores the facts of a run and tells them, all in one go. */
  async function emit(runId: string, ...facts: RunFact[]): Promise<void> {
    await tell(...facts.map((fact) => toEvent(runId, fact)));
  }

  /** Starts a run, or queues it behind the one under way. */
  function submit(sessionKey: string, text: string, extra: Partial<UserMessage> = {}): RunRecord {
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
    };
    runs.push(run);
    if (isBusy) void emit(run.id, { type: "run.queued", text, origin });
    else start(run);
    return run;
  }

  function start(run: RunRecord): void {
    run.state = "running";
    void emit(
      run.id,
      { type: "run.started", model: run.model, origin: run.origin },
      { type: "message", message: run.input },
    );
  }

  async function finish(runId: string, outcome: RunOutcome): Promise<void> {
    Object.assign(
      runs.find(({ id }) => id === runId)!,
      { state: "finished", outcome },
    );
    await emit(runId, { type: "run.finished", outcome });
    const next = runs.find(
      ({ state, sessionKey }) => state === "queued" && sessionKey === runs.find(({ id }) => id === runId)?.sessionKey,
    );
    if (next) start(next);
  }

  function addSession(session: Partial<Session> & { key: string }): Session {
    const at = new Date(clock).toISOString();
    const whole: Session = {
      kind: "isolated",
      state: "idle",
      usage: noUsage,
      messageCount: 0,
      contextTokens: 0,
      createdAt: at,
      updatedAt: at,
      ...session,
    };
    sessions.set(session.key, whole);
    return whole;
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
    setModels: (next: ModelInfo[]) => (models = next),
    fail: (method: keyof PanelRoutes, error?: { code: string; message: string }) =>
      error ? failing.set(method, error) : failing.delete(method),
    lastRun: () => runs.at(-1)!,
    callsOf: <Name extends keyof PanelRoutes>(method: Name) =>
      calls.filter((call) => call.method === method).map(({ params }) => params as PanelRoutes[Name]["input"]),
    /** Resolves once the panel has called the route. */
    called(method: keyof PanelRoutes): Promise<void> {
      const test = () => calls.some((call) => call.method === method);
      return test() ? Promise.resolve() : new Promise((resolve) => waiting.push({ test, resolve }));
    },
  };
}

export function model(id: string, more: Partial<ModelInfo> = {}): ModelInfo {
  return {
    id,
    provider: id.split("/")[0]!,
    name: id.split("/")[1]!,
    windowTokens: 200_000,
    ready: true,
    images: true,
    ...more,
  };
}
