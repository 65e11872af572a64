import type { Attachment } from "./message.ts";

/** A tool that the client of a request runs itself. */
export interface ClientTool {
  name: string;
  description: string;
  /** JSON Schema of an object. */
  inputSchema: Record<string, unknown>;
}

/** The tools that a client brings with a request. They take the place of the agent's own of the same name. */
export interface ClientTools {
  tools: ClientTool[];
  /** Whether one must be called before the run may end otherwise: any, or the one of that name. */
  must?: { name?: string };
  /** Only one call at a time is handed over. */
  single?: true;
}

/** What a client's tool gave, for a call that was handed over to it. */
export interface ClientAnswer {
  callId: string;
  text: string;
  images?: Attachment[];
}

/** How each answer of the model is to be made, as far as its provider takes that. */
export interface Sampling {
  maxOutputTokens?: number;
  /** The answer ends before the first of these. */
  stop?: string[];
  temperature?: number;
  topP?: number;
  seed?: number;
}
