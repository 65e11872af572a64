import { Emitter } from "../../../src/base/emitter.ts";
import { createRedactor } from "../../../src/base/redact.ts";
import type { GatewayEvent } from "../../../src/protocol/event.ts";
import type { Window } from "../../../src/vscode/host/window.ts";
import type { Gateway, GatewayStatus } from "../../../src/vscode/host/windowGateway.ts";

type Answers = Record<string, unknown>;

export const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A gateway that answers calls by their name: with a value, or with what a function makes of the input. */
export function createEdgeGateway(answers: Answers = {}, status: GatewayStatus = RUNNING) {
  const changes = new Emitter<GatewayStatus>();
  const events = new Emitter<GatewayEvent>();
  const calls: [name: string, input: unknown][] = [];
  const made = {
    status,
    app: {
      leader: "Editor",
      token: () => "the-token",
      diagnostics: () => [] as unknown[],
      refuseGone() {},
      rules: () => [] as unknown[],
    },
    calls,
    onDidChange: (listener: (status: GatewayStatus) => void) => changes.on(listener),
    onEvent: (listener: (event: GatewayEvent) => void) => events.on(listener),
    async start() {
      if (made.status.state !== "running") made.become(RUNNING);
    },
    async stop() {
      made.become({ state: "stopped" });
    },
    async restart() {
      calls.push(["restart", {}]);
    },
    announce: () => changes.emit(made.status),
    become(next: GatewayStatus) {
      made.status = next;
      changes.emit(next);
    },
    tell: (event: object) => events.emit(event as GatewayEvent),
    client: () => ({
      async call(name: string, input: unknown) {
        calls.push([name, input]);
        if (!(name in answers)) throw new Error(`${name} was not expected`);
        const answer = answers[name];
        return typeof answer === "function" ? (answer as (given: unknown) => unknown)(input) : answer;
      },
    }),
  };
  return made;
}

const RUNNING: GatewayStatus = { state: "running", role: "leader", url: "http://127.0.0.1:3000" };

export const toGateway = (made: ReturnType<typeof createEdgeGateway>) => made as unknown as Gateway;

/** A window with a secret storage and a state of its own; `parts` are what a test looks at. */
export function createEdgeWindow(gateway: ReturnType<typeof createEdgeGateway>, parts: object = {}) {
  const secrets = new Map<string, string>();
  const state = new Map<string, unknown>();
  const context = {
    extension: { id: "pincer-dev.pincer" },
    secrets: {
      keys: async () => [...secrets.keys()],
      get: async (name: string) => secrets.get(name),
      store: async (name: string, value: string) => void secrets.set(name, value),
      delete: async (name: string) => void secrets.delete(name),
    },
    globalState: {
      keys: () => [...state.keys()],
      get: (name: string, fallback: unknown) => state.get(name) ?? fallback,
      update: async (name: string, value: unknown) =>
        void (value === undefined ? state.delete(name) : state.set(name, value)),
    },
  };
  const chat = { shown: 0, show: async () => void (chat.shown += 1), reveal: async () => {} };
  const window = { gateway, context, chat, log: quiet, redactor: createRedactor(), ...parts };
  return { window: window as unknown as Window, secrets, state, chat };
}
