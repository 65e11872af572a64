import type { ContextFound, ContextRef } from "./contextRef.ts";
import type { FoundAt } from "./foundAt.ts";
import type { Attachment } from "../message.ts";

/**
 * What the panel asks of the editor around it, over the same wire and in the same request frames as routes. Answered by
 * the host of the panel, never by the gateway.
 */
export type EditorMethods = {
  /** Opens an http, https or mailto address outside; anything else is refused. Not opened where the user says no. */
  "editor.openLink": { input: { url: string }; output: { opened: boolean } };
  /** Opens the page that this extension names as its own. */
  "editor.openDocumentation": { input: Record<string, never>; output: null };
  /** Opens a file; `path` is absolute or relative to the workspace, `line` counts from 1. */
  "editor.openFile": { input: { path: string; line?: number }; output: null };
  /** Shows the change of an open approval in the editor's own diff view. */
  "editor.openDiff": { input: { approvalId: string }; output: null };
  /** Shows an image in a tab of the editor; `data` is base64. */
  "editor.openImage": { input: Attachment; output: null };
  "editor.copy": { input: { text: string }; output: null };
  /** Puts the text at the cursor of the active editor. */
  "editor.insert": { input: { text: string }; output: null };
  /** Offers the text as a change, shown as a diff: of `path`, or of the active editor. */
  "editor.apply": { input: { text: string; language?: string; path?: string }; output: null };
  /** Asks for a provider's key and keeps it as a secret. */
  "editor.setApiKey": { input: { provider?: string }; output: null };
  /** Lets the user choose what answers. */
  "editor.setUpModel": { input: Record<string, never>; output: null };
  /** Lets the user choose files or images; empty when cancelled. `refused` has a sentence for each that cannot be attached. */
  "editor.pickFiles": { input: Record<string, never>; output: { attachments: Attachment[]; refused: string[] } };
  /** What a message can carry that fits some words, best first; without words, what lies nearest. */
  "editor.findContext": { input: { query: string; sessionKey: string }; output: { found: ContextFound[] } };
  /** Reads what chips mean, as it is now. `refused` has a sentence for each that may not or cannot be read. */
  "editor.readContext": { input: { refs: ContextRef[] }; output: { attachments: Attachment[]; refused: string[] } };
  /** What was dropped on the panel, by its addresses: chips for what lies in the workspace, the rest as it is now, or refused. */
  "editor.readDropped": {
    input: { uris: string[] };
    output: { refs: ContextRef[]; attachments: Attachment[]; refused: string[] };
  };
  /** Lets the user choose one of the window's folders; null when cancelled. */
  "editor.pickFolder": { input: Record<string, never>; output: { folder: string | null } };
  /** Writes a session with all its messages into a file that the user names; without a format, asks for it. */
  "editor.exportSession": { input: { sessionKey: string; format?: "markdown" | "json" }; output: null };
  /** Has the session's earlier messages summarised; says so when they are too few. */
  "editor.compact": { input: { sessionKey: string }; output: null };
  /** Lets the user choose a run of the shown session, and puts files back as they were before it. */
  "editor.undoRun": { input: Record<string, never>; output: null };
  /** Lets the user choose the session's model and sets it; null when cancelled. */
  "editor.pickModel": { input: { sessionKey: string }; output: { model: string | null } };
  /** Lets the user choose what is done unasked in the session, and sets it. */
  "editor.pickMode": { input: { sessionKey: string }; output: null };
  /** Opens the plan that a run wrote as a Markdown file. */
  "editor.editPlan": { input: { sessionKey: string; runId: string }; output: null };
  /** Has that plan done, as it is in its file by now. */
  "editor.acceptPlan": { input: { sessionKey: string; runId: string }; output: null };
  /** Shows what going back to before a message would put back, and does it when the user says so. */
  "editor.goBack": { input: { sessionKey: string; beforeSeq: number }; output: null };
  /** Starts the gateway, or restarts it after an error. */
  "editor.startGateway": { input: Record<string, never>; output: null };
  /** Opens openclaw.yml, at its first fault when it has one. */
  "editor.openConfiguration": { input: Record<string, never>; output: null };
  /** Opens the editor's page about workspace trust. */
  "editor.manageTrust": { input: Record<string, never>; output: null };
};

/** starting: not answering yet. restricted: the workspace is not trusted, so nothing runs. */
export type GatewayState = "running" | "stopped" | "starting" | "error" | "restricted";

/** What the host tells the panel by itself, as plain messages beside the frames. Safe to send before any `ready`. */
export type HostMessage = { type: "host" } &
  /** `folders` are those of this window, absolute; new sessions work in the first. */
  (
    | {
        event: "gateway";
        state: GatewayState;
        message?: string;
        folders?: string[];
        /** openclaw.yml keeps it from starting. */
        isConfigFault?: boolean;
      }
    /** Shows a session; with `found`, at that message, which the keyboard goes to. */
    | { event: "open"; sessionKey: string; found?: FoundAt }
    /** Puts text into the composer, after what is there, and focuses it. */
    | { event: "prefill"; text: string; attachments?: Attachment[] }
    /** Adds a chip to the composer. */
    | { event: "attach"; attachment: Attachment }
    /** Adds a chip for something that is read when the message is sent. */
    | { event: "mention"; ref: ContextRef }
    /** Puts the cursor into the first form that an MCP server waits for. */
    | { event: "answer" }
    | { event: "focus" }
  );

/**
 * What the panel tells the host by itself, as plain messages beside the frames. After `ready` the host sends the gateway's
 * state, and from then on at each change. `selected` says which session is shown, to start with and after each change.
 */
export type PanelMessage = { type: "panel" } & ({ event: "ready" } | { event: "selected"; sessionKey: string });
