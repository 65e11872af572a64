import type { Disposable } from "../../base/disposable.ts";
import type { McpAnswer, McpPrompt, McpQuestion, McpResource, McpServer } from "../../protocol/mcp.ts";
import type { Attachment } from "../../protocol/message.ts";
import type { Tool } from "./tool.ts";

/** Servers of the Model Context Protocol: one of each for all sessions, started when it is first needed. */
export interface McpServers {
  /** The tools of those that are on, as they are known now. The same objects as long as nothing changes. */
  tools(): Tool[];
  /** Resolves when the tools of every server are known, or it has failed, or it takes longer than a run waits for it. */
  settled(signal: AbortSignal): Promise<void>;
  /** In the order of the configuration. */
  list(): McpServer[];
  /** What a server has written to its standard error, and what happened to it; oldest first. `not_found` for an unknown one. */
  log(name: string, lines: number): string[];
  /** Ends it, forgets its faults and starts it; resolves when it is ready or has failed. */
  restart(name: string): Promise<McpServer>;
  /** Begins to sign in; a person has to open the page. The server connects by itself when they have. */
  signIn(name: string): Promise<{ url: string }>;
  /** Ends it and forgets the tokens. */
  signOut(name: string): Promise<McpServer>;
  /** What those keep for their users that run, or ran: none is started for it. */
  prompts(): Promise<McpPrompt[]>;
  resources(): Promise<McpResource[]>;
  /** What a prompt says with these arguments. */
  getPrompt(prompt: McpPrompt, values: Record<string, string>): Promise<string>;
  /** What a resource is now, marked as the server's words. */
  readResource(server: string, uri: string): Promise<Attachment[]>;
  /** What servers ask of the user, also those of processes that work beside this one. */
  questions(): McpQuestion[];
  /** A question of such a process: resolves with the user's answer. It tells of it itself. */
  adoptQuestion(question: McpQuestion, schema: Record<string, unknown>, signal: AbortSignal): Promise<McpAnswer>;
  /** Such a process has told that this question waits no more. */
  dropQuestion(id: string): void;
  /** `not_found` when it waits no more; `bad_request` for an answer that does not fit. */
  answer(id: string, answer: McpAnswer): Promise<McpQuestion>;
  onDidChange(listener: (server: McpServer) => void): Disposable;
  onDidAsk(listener: (told: Asked) => void): Disposable;
}

/** A question that is new, or one that was answered. */
export type Asked = { question: McpQuestion; action?: McpAnswer["action"] };
